import {registry} from "@web/core/registry";

/** A strategy from an example: read before it is made, archived afterwards. */
registry.category("web_tour.tours").add("contact_strategy_starter", {
    steps: () => [
        {
            content: "An empty list offers examples",
            trigger: ".o_view_nocontent:contains('Start from an Example')",
        },
        {
            trigger: "button:contains('Start from an Example'):visible",
            run: "click",
        },
        {
            content: "What it says is there before anything is made",
            trigger: ".modal li:contains('At most 4 e-mails in any 7 days')",
        },
        {
            content: "Another trade says something else",
            trigger: ".modal label:contains('Travel')",
            run: "click",
        },
        {
            trigger: ".modal b:contains('Travel: everybody')",
        },
        {
            trigger: ".modal-footer button[name=action_make]:visible",
            run: "click",
        },
        {
            content: "There they are, to look at and switch on",
            trigger: ".o_data_row:contains('Travel: limits for all')",
        },
    ],
});
