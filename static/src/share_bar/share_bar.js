import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {formatInteger} from "@web/views/fields/formatters";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

/**
 * What may become of a recipient: the word, and the colour of its share. Red stays
 * for what went wrong: to be held back is not a failure.
 */
const KINDS = {
    now: {label: _t("now"), color: "success"},
    later: {label: _t("later"), color: "info"},
    not: {label: _t("not"), color: "warning"},
    sent: {label: _t("sent"), color: "success"},
    queued: {label: _t("being sent"), color: "primary"},
    deferred: {label: _t("deferred"), color: "info"},
    held: {label: _t("held back"), color: "warning"},
    expired: {label: _t("expired"), color: "secondary"},
    uncertain: {label: _t("uncertain"), color: "dark-subtle"},
    failed: {label: _t("failed"), color: "danger"},
    cancelled: {label: _t("cancelled"), color: "dark"},
};

/**
 * Shares of a whole in one bar, with the numbers in words:
 * "10,766 now · 900 later · 334 not". Which fields hold the number of a kind is said in
 * the view: options="{'parts': {'now': ['now_count'], ...}}". With 'open', the name of a
 * method that takes the kind and returns an action, numbers lead to the people.
 */
export class ContactShareBar extends Component {
    static template = "mass_mailing_contact_strategy.ShareBar";
    static props = {
        ...standardWidgetProps,
        parts: {type: Object},
        hideZero: {type: Boolean, optional: true},
        open: {type: String, optional: true},
    };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
    }

    async open(kind) {
        const {record, open} = this.props;
        if (await record.save()) {
            const args = [[record.resId], kind];
            const action = await this.orm.call(record.resModel, open, args);
            await this.action.doAction(action);
        }
    }

    get shares() {
        const data = this.props.record.data;
        const shares = Object.entries(this.props.parts).map(([kind, fieldNames]) => ({
            kind,
            ...KINDS[kind],
            value: fieldNames.reduce((sum, name) => sum + (data[name] || 0), 0),
        }));
        const total = shares.reduce((sum, share) => sum + share.value, 0);
        return shares
            .filter((share) => share.value || !this.props.hideZero)
            .map((share) => ({
                ...share,
                text: formatInteger(share.value),
                width: total ? (100 * share.value) / total : 0,
            }));
    }
}

export const contactShareBar = {
    component: ContactShareBar,
    extractProps: ({options}) => ({
        parts: options.parts,
        hideZero: Boolean(options.hide_zero),
        open: options.open,
    }),
};

registry.category("view_widgets").add("contact_share_bar", contactShareBar);
