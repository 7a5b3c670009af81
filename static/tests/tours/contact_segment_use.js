import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";

/** A mailing to a segment alone. */
registry.category("web_tour.tours").add("contact_segment_mailing", {
    steps: () => [
        {
            content: "Say which of them",
            trigger: ".o_field_widget[name=segment_ids] input",
            run: "edit Reads us",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('Reads us')",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=segment_ids] .o_tag:contains('Reads us')",
        },
        ...stepUtils.saveForm(),
    ],
});

/** The segment broke: the mailing says so, is not sent, and leads nowhere else. */
registry.category("web_tour.tours").add("contact_segment_broken", {
    steps: () => [
        {
            content: "The mailing says that it cannot be sent",
            trigger:
                ".o_form_view:contains('The segment “Reads us” cannot be asked who is in it')",
        },
        {
            trigger: "button[name=action_launch]:visible",
            run: "click",
        },
        {
            content: "Yes, send it",
            trigger: ".modal footer .btn-primary",
            run: "click",
        },
        {
            content: "It is stopped, with the reason",
            trigger: ".modal:contains('Reads us') .modal-body",
        },
        {
            trigger: ".modal footer .btn-primary",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal))",
        },
    ],
});

/** The segment itself says what is wrong with it. */
registry.category("web_tour.tours").add("contact_segment_mend", {
    steps: () => [
        {
            content: "Nobody is in it, and why",
            trigger: ".alert[name=problem]:contains('Nobody is in it until')",
        },
        {
            content: "The line says it, too",
            trigger: ".o_contact_outline_line .text-danger",
        },
        {
            content: "Take the line away",
            trigger:
                ".o_field_widget[name=condition_ids] .o_data_row:nth-child(2) .o_list_record_remove button",
            run: "click",
        },
        {
            content: "There are numbers again, at once",
            trigger: ".o_contact_segment_count:contains('2 people of 3')",
        },
        ...stepUtils.saveForm(),
        {
            trigger: ".o_form_view:not(:has(.alert[name=problem]))",
        },
    ],
});

/** Nobody has a segment yet: the table says what it is for, and leads to the first. */
registry.category("web_tour.tours").add("contact_segment_first", {
    steps: () => [
        {
            content: "What will be seen here",
            trigger: ".o_contact_card:contains('As soon as there are segments')",
        },
        {
            content: "The first step",
            trigger: ".o_contact_card .btn:contains('Create your first segment')",
            run: "click",
        },
        {
            content: "A new segment",
            trigger: ".o_form_view .o_field_widget[name=name] :is(input, textarea)",
            run: "edit The first",
        },
        ...stepUtils.saveForm(),
    ],
});

/** Whoever may not make segments is not asked to. */
registry.category("web_tour.tours").add("contact_segment_none", {
    steps: () => [
        {
            content: "What will be seen here, and no button",
            trigger:
                ".o_contact_card:contains('As soon as there are segments'):not(:has(.btn))",
        },
    ],
});
