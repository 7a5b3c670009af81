import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {toLocaleDateTimeString} from "@web/core/l10n/dates";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {formatInteger} from "@web/views/fields/formatters";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

const KINDS = {
    later: {label: _t("later"), color: "info"},
    not: {label: _t("not"), color: "warning"},
};

/**
 * Who does not get a mailing now, as a bar for each reason, with what the rule costs and
 * what one step looser would bring. Each number leads to the people behind it.
 */
export class PreflightLines extends Component {
    static template = "mass_mailing_contact_strategy.PreflightLines";
    static props = {...standardFieldProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
    }

    get lines() {
        const {records} = this.props.record.data[this.props.name];
        const most = Math.max(...records.map(({data}) => data.count), 1);
        return records.map(({resId, resModel, data}) => ({
            id: resId,
            resModel,
            ...KINDS[data.kind],
            text: formatInteger(data.count),
            reason: data.label,
            width: (100 * data.count) / most,
            details: this.describe(data),
        }));
    }

    describe({next_allowed, cost, looser, looser_gain}) {
        const details = [];
        if (next_allowed) {
            details.push(
                _t(
                    "The first is free on %s.",
                    toLocaleDateTimeString(next_allowed, {showSeconds: false})
                )
            );
        }
        if (cost) {
            details.push(_t("Without this rule: %s more now.", formatInteger(cost)));
        }
        if (looser) {
            const gain = formatInteger(looser_gain);
            details.push(_t("With “%(looser)s”: %(gain)s.", {looser, gain}));
        }
        return details;
    }

    async open({id, resModel}) {
        const action = await this.orm.call(resModel, "action_view_recipients", [[id]]);
        await this.action.doAction(action);
    }
}

registry.category("fields").add("contact_preflight_lines", {
    component: PreflightLines,
    displayName: _t("Reasons with bars"),
    supportedTypes: ["one2many"],
    relatedFields: [
        {name: "kind", type: "selection"},
        {name: "label", type: "char"},
        {name: "count", type: "integer"},
        {name: "next_allowed", type: "datetime"},
        {name: "cost", type: "integer"},
        {name: "looser", type: "char"},
        {name: "looser_gain", type: "integer"},
    ],
});
