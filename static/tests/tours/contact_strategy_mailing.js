import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";

const openMailing = () => [
    stepUtils.showAppsMenuItem(),
    {
        content: "Open Email Marketing",
        trigger: ".o_app[data-menu-xmlid='mass_mailing.mass_mailing_menu_root']",
        run: "click",
    },
    {
        content: "Open the mailing",
        trigger: ".o_data_row td[name=subject]:contains('Spring offer')",
        run: "click",
    },
];

/** Before sending: see how many get it now, ask why not all, send. */
registry.category("web_tour.tours").add("contact_strategy_launch", {
    url: "/odoo",
    steps: () => [
        ...openMailing(),
        {
            content: "Two of three get it now",
            trigger: "[name=contact_preflight] [data-kind=now]:contains('2')",
        },
        {
            content: "One gets it later",
            trigger: "[name=contact_preflight] [data-kind=later]:contains('1')",
        },
        {
            content: "Why?",
            trigger: "[name=contact_preflight] button[name=action_preflight]:visible",
            run: "click",
        },
        {
            content: "The rule is named",
            trigger:
                ".modal .o_contact_reason:contains('Everybody: At most 1 e-mail in any 7 days')",
        },
        {
            trigger: ".modal footer .btn-primary:contains('Close')",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal))",
        },
        {
            content: "Send",
            trigger: ".o_form_view button[name=action_launch]",
            run: "click",
        },
        {
            trigger: ".modal footer .btn-primary:contains('Send to all')",
            run: "click",
        },
        {
            content: "It waits for the queue",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('In Queue')",
        },
    ],
});

/** Before sending: who gets it later, why, and on which day would most get it? */
registry.category("web_tour.tours").add("contact_strategy_best_moment", {
    url: "/odoo",
    steps: () => [
        ...openMailing(),
        {
            content: "Who gets it later?",
            trigger: "[name=contact_preflight] [data-kind=later] button:contains('1')",
            run: "click",
        },
        {
            content: "Anna does, and nobody else",
            trigger:
                ".o_list_view:not(:has(.o_data_row + .o_data_row)):contains('Anna Berg')",
        },
        {
            content: "Back to the mailing",
            trigger: ".o_breadcrumb .o_back_button",
            run: "click",
        },
        {
            content: "Why, and when is better?",
            trigger: "[name=contact_preflight] button[name=action_preflight]:visible",
            run: "click",
        },
        {
            content: "What the rule costs, and one step looser",
            trigger:
                ".modal .o_contact_reason:contains('Without this rule: 1 more now.'):contains('With “At most 2 e-mails'):contains(': 1.')",
        },
        {
            content: "In four days Anna is free again",
            trigger:
                ".modal .o_contact_best [role=status]:contains('Best day'):contains(', 1 more than now')",
        },
        {
            content: "Two weeks of bars, the best one chosen",
            trigger:
                ".modal .o_contact_days:has(li:nth-child(14)) button[aria-pressed=true]:has(.bg-success)",
        },
        {
            content: "One click sets the schedule",
            trigger: ".modal .o_contact_schedule:contains('Send it on')",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal))",
        },
        {
            content: "The form shows it",
            trigger: ".o_mails_in_queue:contains('This mailing is scheduled for')",
        },
    ],
});

/** After sending: read why somebody is still waiting. */
registry.category("web_tour.tours").add("contact_strategy_why", {
    url: "/odoo",
    steps: () => [
        ...openMailing(),
        {
            content: "The outcome adds up: two sent ...",
            trigger: "[name=contact_outcome] [data-kind=sent]:contains('2')",
        },
        {
            content: "... one deferred",
            trigger: "[name=contact_outcome] [data-kind=deferred]:contains('1')",
        },
        {
            content: "Who is it?",
            trigger: "button.oe_stat_button[name=action_view_deferred]",
            run: "click",
        },
        {
            content: "They are listed by rule",
            trigger: ".o_group_header:contains('At most 1 e-mail in any 7 days')",
            run: "click",
        },
        {
            content: "The reason names the message that used the allowance up",
            trigger:
                ".o_data_row:contains('Anna Berg') td[name=reason]:contains('Newsletter')",
            run: "click",
        },
        {
            content: "And says when the person is free again",
            trigger:
                ".o_form_view .o_field_widget[name=reason]:contains('Free again on')",
        },
        {
            trigger:
                ".o_form_view .o_field_widget[name=headline]:contains('Anna Berg gets “Spring offer” later.')",
        },
        {
            content: "From here to the person",
            trigger: ".o_form_view .o_field_widget[name=profile_id] a",
            run: "click",
        },
        {
            content: "May we write now?",
            trigger: ".o_contact_allowance tr:contains('E-mail'):contains('Later')",
        },
    ],
});

/** A message that was sent: why? */
registry.category("web_tour.tours").add("contact_strategy_why_sent", {
    steps: () => [
        {
            content: "Beside each message",
            trigger: ".o_data_row button[name=action_why]:contains('Why?')",
            run: "click",
        },
        {
            content: "What became of it",
            trigger:
                ".modal [name=headline]:contains('Anna Berg was sent “Spring offer” on')",
        },
        {
            content: "What the policy said then",
            trigger:
                ".modal [name=reason]:contains('Everybody, version 1: At most 1 e-mail in any 7 days')",
        },
        {
            trigger: ".modal footer .btn-primary:contains('Close')",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal))",
        },
    ],
});
