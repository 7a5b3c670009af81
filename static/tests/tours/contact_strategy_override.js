import {registry} from "@web/core/registry";

/** A manager lets a mailing through, against the rules: with a reason, and signed. */
registry.category("web_tour.tours").add("contact_strategy_override", {
    steps: () => [
        {
            content: "From the mailing to its overrides",
            trigger: ".oe_stat_button:contains('Overrides'):visible",
            run: "click",
        },
        {
            content: "There are none yet",
            trigger: ".o_view_nocontent:contains('Nobody has overridden')",
        },
        {
            content: "A new one",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "What it does is said before",
            trigger: ".o_form_view:contains('They count')",
        },
        {
            content: "The mailing is chosen already",
            trigger: "[name=mailing_id] input:value('Recall')",
        },
        {
            content: "Why?",
            trigger: "[name=reason] textarea",
            run: "edit Everybody who bought it must know",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "It is signed, in force, and can be taken back",
            trigger: "button[name=action_revoke]:visible",
        },
    ],
});
