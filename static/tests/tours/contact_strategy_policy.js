import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";

/** Write a policy with one rule, as a sentence, and find it in the list. */
registry.category("web_tour.tours").add("contact_strategy_policy", {
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
            content: "Open the policies",
            trigger:
                "[data-menu-xmlid='mass_mailing_contact_strategy.contact_policy_menu']",
            run: "click",
        },
        {
            content: "The first screen says what a policy is for",
            trigger:
                ".o_view_nocontent:contains('Say how often people may be contacted')",
        },
        {
            content: "Write a policy",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "Name it",
            trigger: ".o_field_widget[name=name] input",
            run: "edit Everybody",
        },
        {
            content: "Add a rule",
            trigger: ".o_field_widget[name=rule_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            content: "A new rule reads as a sentence from the start",
            trigger:
                ".modal .o_contact_rule_read:contains('At most 2 touches in any 7 days, otherwise wait until free')",
        },
        {
            content: "At most three...",
            trigger: ".modal .o_field_widget[name=max_touches] input",
            run: "edit 3",
        },
        {
            content: "... e-mails ...",
            trigger: ".modal .o_field_widget[name=channel_ids] input",
            run: "edit E-mail",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('E-mail')",
            run: "click",
        },
        {
            trigger:
                ".modal .o_field_widget[name=channel_ids] .o_tag:contains('E-mail')",
        },
        {
            content: "... in any five days",
            trigger: ".modal .o_field_widget[name=window_value]:visible input",
            run: "edit 5",
        },
        {
            content: "Leave the field",
            trigger: ".modal .o_field_widget[name=max_touches] input",
            run: "click",
        },
        {
            content: "The sentence follows what is chosen",
            trigger:
                ".modal .o_contact_rule_read:contains('At most 3 e-mails in any 5 days, otherwise wait until free')",
        },
        {
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal))",
        },
        {
            content: "The rule stands in the policy",
            trigger:
                ".o_field_widget[name=rule_ids] .o_data_row:contains('At most 3 e-mails in any 5 days')",
        },
        ...stepUtils.saveForm(),
        {
            content: "Back to the list",
            trigger: ".breadcrumb-item.o_back_button a",
            run: "click",
        },
        {
            content: "The list says who it is for and what it says",
            trigger:
                ".o_data_row:contains('Everybody'):contains('everybody'):contains('At most 3 e-mails in any 5 days')",
        },
        {
            content: "What it does comes when the list is there: nobody was held back",
            trigger:
                ".o_data_row:contains('Everybody') td[name=held_later]:contains('0')",
        },
        {
            content: "Where nothing was sent there is no rate",
            trigger:
                ".o_data_row:contains('Everybody') td[name=opted_out_later]:contains('–')",
        },
    ],
});
