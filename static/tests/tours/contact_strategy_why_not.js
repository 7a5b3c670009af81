import {registry} from "@web/core/registry";

/** Somebody may not be written to: which policy says so, and why? */
registry.category("web_tour.tours").add("contact_strategy_why_not", {
    steps: () => [
        {
            content: "Not now, says the page",
            trigger: ".o_contact_allowance .badge:contains('Later')",
        },
        {
            content: "Why?",
            trigger: "button:contains('Which policy applies, and why?'):visible",
            run: "click",
        },
        {
            content: "The policy that applies",
            trigger: ".modal [name=answer_html]:contains('Everybody applies')",
        },
        {
            content: "The rule, and what used it up",
            trigger: ".modal [name=answer_html] li:contains('Used up by “Newsletter”')",
        },
        {
            content: "Text messages are another matter",
            trigger: ".modal [name=channel_id] input",
            run: "edit SMS",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('SMS')",
            run: "click",
        },
        {
            content: "Nothing is in their way",
            trigger: ".modal [name=answer_html] .badge:contains('Yes')",
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
