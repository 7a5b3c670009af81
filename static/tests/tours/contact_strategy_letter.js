import {registry} from "@web/core/registry";

/** Make a print run, read what is in it, and say that all was posted. */
registry.category("web_tour.tours").add("contact_strategy_letter", {
    url: "/odoo/contact-letters",
    steps: () => [
        {
            content: "Open the letter",
            trigger: ".o_data_row td[name=subject]:contains('Spring letter')",
            run: "click",
        },
        {
            content: "Two of three get it, one has no address",
            trigger: "[name=contact_preflight] [data-kind=now]:contains('2')",
        },
        {
            content: "Nobody speaks of e-mails here",
            trigger: ".o_form_view:not(:has(button[name=action_test]))",
        },
        {
            content: "Make the print run",
            trigger: ".o_form_view button[name=action_launch]",
            run: "click",
        },
        {
            trigger: ".modal footer .btn-primary:contains('Make it')",
            run: "click",
        },
        {
            content: "It waits for the queue",
            trigger: "[name=contact_paper]:contains('This mailing is in the queue')",
        },
    ],
});

registry.category("web_tour.tours").add("contact_strategy_letter_posted", {
    url: "/odoo/contact-letters",
    steps: () => [
        {
            trigger: ".o_data_row td[name=subject]:contains('Spring letter')",
            run: "click",
        },
        {
            content: "Who was left out is said",
            trigger: "[name=contact_paper] [name=canceled]:contains('1')",
        },
        {
            content: "Open the print run",
            trigger: "button[name=action_view_print_runs]",
            run: "click",
        },
        {
            content: "Two letters are at the printer",
            trigger: ".o_field_widget[name=waiting_count]:contains('2')",
        },
        {
            content: "The printer's file is asked for",
            trigger: "button[name=action_take_back]",
            run: "click",
        },
        {
            trigger: ".modal footer button:contains('Discard')",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal))",
        },
        {
            content: "All were posted",
            trigger: "button[name=action_all_posted]",
            run: "click",
        },
        {
            trigger: ".modal footer .btn-primary:contains('All posted')",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=posted_count]:contains('2')",
        },
    ],
});
