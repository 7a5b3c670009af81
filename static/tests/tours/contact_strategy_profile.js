import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";

const stage = (name) => `.o_statusbar_status .o_arrow_button:contains('${name}')`;
const current = (name) =>
    `.o_statusbar_status .o_arrow_button_current:contains('${name}')`;

/**
 * From the first screen to a person: tag, see the evidence, move on, and be refused on
 * the way back.
 */
registry.category("web_tour.tours").add("contact_strategy_profile", {
    url: "/odoo",
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "Open the app",
            trigger:
                ".o_app[data-menu-xmlid='mass_mailing_contact_strategy.mass_mailing_contact_strategy_menu_root']",
            run: "click",
        },
        {
            content: "Who is where? Anna is a sailor, and a lead",
            trigger:
                "tr[data-persona='Sailor'] td[data-stage='Lead'] button:contains('1')",
            run: "click",
        },
        {
            content: "The number leads to the people behind it",
            trigger: ".o_data_row td[name=name]:contains('Anna Berg')",
            run: "click",
        },
        {
            content: "What was concluded says how, and how sure it is",
            trigger:
                ".o_field_widget[name=implicit_tag_ids] [data-tag='Boats']:contains('80')",
        },
        {
            content: "Tag her",
            trigger: ".o_field_widget[name=explicit_tag_ids] input",
            run: "edit Tents",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('Tents')",
            run: "click",
        },
        {
            trigger:
                ".o_field_widget[name=explicit_tag_ids] [data-tag$='Tents']:contains('not saved yet')",
        },
        ...stepUtils.saveForm(),
        {
            content: "It is known from whom, and since when",
            trigger:
                ".o_field_widget[name=explicit_tag_ids] [data-tag='Tents']:contains('by Strategist')",
        },
        {
            content: "The timeline has it at once",
            trigger: ".o_contact_event[data-source=tag]:contains('Tents')",
        },
        {
            content: "Where does that come from?",
            trigger:
                ".o_field_widget[name=implicit_tag_ids] [data-tag='Boats'] .o_contact_evidence",
            run: "click",
        },
        {
            content: "From this record",
            trigger: ".o_breadcrumb:contains('Evidence of Anna')",
        },
        {
            trigger: ".breadcrumb-item a:contains('Anna Berg')",
            run: "click",
        },
        {
            content: "Move her on",
            trigger: stage("Opportunity"),
            run: "click",
        },
        {
            trigger: current("Opportunity"),
        },
        {
            content: "The move is in the timeline",
            trigger: ".o_contact_event[data-source=move]:contains('Opportunity')",
        },
        {
            content: "And back?",
            trigger: stage("Lead"),
            run: "click",
        },
        {
            content: "Not without a reason",
            trigger: ".modal:contains('Say why Anna Berg goes back')",
        },
        {
            trigger: ".modal footer .btn-primary",
            run: "click",
        },
        {
            content: "She stays where she was",
            trigger: current("Opportunity"),
        },
        {
            trigger: "body:not(:has(.o_form_button_save:visible))",
        },
    ],
});
