import {registry} from "@web/core/registry";

const column = (stage) =>
    `.o_kanban_group:has(.o_kanban_header_title:contains('${stage}'))`;
const card = (stage) => `${column(stage)} .o_kanban_record:contains('Anna Berg')`;

/** Drag forward, be refused backward, move back with a reason. */
registry.category("web_tour.tours").add("contact_strategy_journey", {
    url: "/odoo/contact-journey",
    steps: () => [
        {
            content: "Anna is a lead, and late",
            trigger: `${card("Lead")}:contains('Overdue')`,
        },
        {
            content: "Drag her forward",
            trigger: card("Lead"),
            run: `drag_and_drop(${column("Opportunity")})`,
        },
        {
            content: "The column has counted her",
            trigger: `${column("Opportunity")}:has(.o_animated_number:contains('1')) .o_kanban_record:contains('Anna Berg')`,
        },
        {
            content: "Drag her back",
            trigger: card("Opportunity"),
            run: `drag_and_drop(${column("Lead")})`,
        },
        {
            content: "That needs a reason",
            trigger: ".modal:contains('Say why Anna Berg goes back')",
        },
        {
            trigger: ".modal footer .btn-primary",
            run: "click",
        },
        {
            content: "She stays where she was",
            trigger: card("Opportunity"),
            run: "hover",
        },
        {
            content: "Open the menu of her card",
            trigger: `${card("Opportunity")} .o_dropdown_kanban button:not(:visible)`,
            run: "click",
        },
        {
            trigger: ".o-dropdown--menu .dropdown-item:contains('Move Back')",
            run: "click",
        },
        {
            content: "Back to which stage?",
            trigger: ".modal .o_field_widget[name=stage_id] input",
            run: "click",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('Lead')",
            run: "click",
        },
        {
            content: "Why?",
            trigger: ".modal .o_field_widget[name=reason] input",
            run: "edit The order was cancelled",
        },
        {
            trigger: ".modal footer button[name=action_move]",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal))",
        },
        {
            content: "She is a lead again, since today",
            trigger: `${card("Lead")}:not(:contains('Overdue'))`,
        },
    ],
});
