import {registry} from "@web/core/registry";

/**
 * A visitor leaves a list because it is too much, is offered less often, says so, and
 * takes it back.
 */
registry.category("web_tour.tours").add("contact_strategy_preferences", {
    steps: () => [
        {
            content: "Too many messages",
            trigger:
                ".form-check:has(.o_contact_less_often) .o_mailing_subscription_opt_out_reason",
            run: "click",
        },
        {
            content: "Less often instead",
            trigger: ".o_contact_less_often a",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "One a week is fine",
            trigger: "input[name=often][value='week-1']",
            run: "click",
        },
        {
            content: "No offers",
            trigger: ".form-check:contains('Promotion') input[name=category]",
            run: "click",
        },
        {
            content: "Save",
            trigger: "button[value=save]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It says what was saved; not that",
            trigger:
                "#preferences_said:contains('At most 1 message in any 7 days. Not wanted: Promotion') button[value=undo]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Taken back",
            trigger: "input[name=often][value='']:checked",
        },
    ],
});
