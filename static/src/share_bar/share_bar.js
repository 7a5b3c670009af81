import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {formatInteger} from "@web/views/fields/formatters";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

/**
 * What may become of a recipient: the word, and the colour of its share.
 * Red stays for what went wrong; to be held back is not a failure.
 */
const KINDS = {
    now: {label: _t("now"), color: "success"},
    later: {label: _t("later"), color: "info"},
    not: {label: _t("not"), color: "warning"},
};

/**
 * Shares of a whole in one bar, with the numbers in words under it:
 * "10,766 now · 900 later · 334 not". Which field holds which number is said in the
 * view: options="{'parts': {'now': 'now_count', ...}}".
 */
export class ContactShareBar extends Component {
    static template = "mass_mailing_contact_strategy.ShareBar";
    static props = {
        ...standardWidgetProps,
        parts: {type: Object},
    };

    get shares() {
        const shares = Object.entries(this.props.parts).map(([kind, fieldName]) => ({
            kind,
            ...KINDS[kind],
            value: this.props.record.data[fieldName] || 0,
        }));
        const total = shares.reduce((sum, share) => sum + share.value, 0);
        return shares.map((share) => ({
            ...share,
            text: formatInteger(share.value),
            width: total ? (100 * share.value) / total : 0,
        }));
    }
}

export const contactShareBar = {
    component: ContactShareBar,
    extractProps: ({options}) => ({parts: options.parts}),
};

registry.category("view_widgets").add("contact_share_bar", contactShareBar);
