import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/** One small column for each of the last weeks; the number is in the title. */
export class WeeksField extends Component {
    static template = "mass_mailing_contact_strategy.WeeksField";
    static props = {...standardFieldProps};

    get weeks() {
        const counts = this.props.record.data[this.props.name] || [];
        const most = Math.max(...counts, 1);
        return counts.map((count, index) => ({
            index,
            count,
            height: count ? Math.max((100 * count) / most, 15) : 4,
        }));
    }

    get title() {
        const counts = this.props.record.data[this.props.name] || [];
        return _t("Responses in the last %(weeks)s weeks: %(counts)s", {
            weeks: counts.length,
            counts: counts.join(", "),
        });
    }
}

registry.category("fields").add("contact_weeks", {
    component: WeeksField,
    displayName: _t("Responses by week"),
    supportedTypes: ["json"],
});
