import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";

const lines = ".o_field_widget[name=condition_ids]";
const choose = (within, name, label) => [
    {
        trigger: `${within} .o_field_widget[name=${name}] .o_select_menu_toggler`,
        run: "click",
    },
    {
        trigger: `.o_select_menu_item:contains('${label}')`,
        run: "click",
    },
];
const row = (place) => `${lines} .o_data_row:nth-child(${place})`;

/** Build a segment of something people did and a limit; see whom it finds. */
registry.category("web_tour.tours").add("contact_segment_build", {
    url: "/odoo/contact-segments",
    steps: () => [
        {
            content: "The first screen says what a segment is for",
            trigger: ".o_view_nocontent:contains('Say once which people you mean')",
        },
        {
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=name] input",
            run: "edit Two latest letters",
        },
        {
            content: "Without a line it is everybody",
            trigger: ".o_contact_segment_count:contains('3 people of 3')",
        },
        {
            content: "Add something they did",
            trigger: `${lines} .o_field_x2many_list_row_add a:contains('Add a line')`,
            run: "click",
        },
        ...choose(".modal", "ready_source", "Joined a list"),
        {
            content: "Where that is written need not be known",
            trigger: ".modal .o_field_widget[name=person_path]:contains('Contact')",
        },
        {
            content: "Within 30 days",
            trigger: ".modal .o_field_widget[name=window_value] input",
            run: "edit 30",
        },
        {
            trigger: ".modal .o_field_widget[name=threshold] input",
            run: "edit 1",
        },
        {
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal))",
        },
        {
            content: "The line says how many it leaves, before anything is saved",
            trigger: `${lines} .o_data_row .o_contact_outline_left:contains('2')`,
        },
        {
            content: "And who they are, with what was found",
            trigger: ".o_contact_examples li:contains('Anna'):contains(': 1, last')",
        },
        {
            content: "Only one of them",
            trigger: ".o_field_widget[name=max_members] input",
            run: "edit 1 && click body",
        },
        ...choose(".o_form_view", "rank_by", "chance"),
        {
            content: "The limit counts at once",
            trigger: ".o_contact_segment_count:contains('1 person of 3')",
        },
        {
            content: "And says what it does",
            trigger: ".o_contact_fit:contains('2 fit the conditions')",
        },
        ...stepUtils.saveForm(),
        {
            trigger: ".o_back_button a",
            run: "click",
        },
        {
            content: "The list has it, with its number",
            trigger:
                ".o_data_row:contains('Two latest letters') td[name=people_later]:contains('1')",
        },
        {
            content: "The number has a heading",
            trigger: ".o_list_table th[data-name=people_later]:contains('People')",
        },
    ],
});

/** A line below a group goes into it, and one below a line stands right after it. */
registry.category("web_tour.tours").add("contact_segment_add_below", {
    steps: () => [
        {
            content: "Into the group",
            trigger: `${row(1)} .o_contact_add_below[title*='to this group']`,
            run: "click",
        },
        ...choose(".modal", "kind", "Random share"),
        {
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            trigger: `${row(2)} .o_contact_outline_line[data-level='1']:contains('%')`,
        },
        {
            content: "Below a line, by the keyboard",
            trigger: `${row(2)} .o_contact_outline_text`,
            async run({anchor, press}) {
                anchor.focus();
                await press("ctrl+Enter");
            },
        },
        ...choose(".modal", "kind", "Random share"),
        {
            trigger: ".modal .o_field_widget[name=share_to] input",
            run: "edit 50",
        },
        {
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            trigger: `${row(3)} .o_contact_outline_line[data-level='1']:contains('50')`,
        },
        {
            content: "What stood there stands below",
            trigger: `${row(4)} .o_contact_outline_line[data-level='1']:contains('Cy')`,
        },
        {
            content: "And the lines are counted",
            trigger: `${row(5)} .o_contact_outline_left:contains(/[0-9]/)`,
        },
        ...stepUtils.saveForm(),
    ],
});

/** A group by the keyboard alone, once it is there. */
registry.category("web_tour.tours").add("contact_segment_outline", {
    steps: () => [
        {
            content: "Lines that must all be true leave nobody",
            trigger: `${row(4)} .o_contact_outline_left:contains('0')`,
        },
        {
            content: "A line goes into the group above it",
            trigger: `${row(3)} .o_contact_indent`,
            run: "click",
        },
        {
            trigger: `${row(3)} .o_contact_outline_line[data-level='1']`,
        },
        {
            content: "The next by Ctrl and an arrow key",
            trigger: `${row(4)} .o_contact_outline_text`,
            async run({anchor, press}) {
                anchor.focus();
                await press("ctrl+ArrowRight");
            },
        },
        {
            content: "One of them: three people",
            trigger: `${row(4)} .o_contact_outline_left:contains('3')`,
        },
        {
            content: "The line is still the one that keys are for",
            trigger: `${row(4)} .o_contact_outline_text:focus`,
            run: "press ctrl+ArrowUp",
        },
        {
            content: "It stands before the other, and still is",
            trigger: `${row(3)} .o_contact_outline_text:focus`,
        },
        ...stepUtils.saveForm(),
    ],
});
