import {Component, onMounted, onWillUnmount, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {formatInteger} from "@web/views/fields/formatters";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {ProgressLine} from "./progress_line";

/**
 * Of very many recipients one part is asked about after the other, so that it can be seen
 * how far it has come; whoever closes the dialog stops the asking.
 */
export class PreflightProgress extends Component {
    static template = "mass_mailing_contact_strategy.PreflightProgress";
    static components = {ProgressLine};
    static props = {...standardWidgetProps};

    setup() {
        this.orm = useService("orm");
        this.state = useState({count: 0, total: 0});
        onMounted(() => this.ask());
        onWillUnmount(() => (this.isGone = true));
    }

    async ask() {
        const {resModel, resId} = this.props.record;
        for (let more = true; more && !this.isGone; ) {
            const answer = await this.orm.silent.call(resModel, "ask_next", [[resId]]);
            Object.assign(this.state, {count: answer.count, total: answer.total});
            more = answer.is_asking;
        }
        if (!this.isGone) {
            await this.props.record.load();
        }
    }

    get percent() {
        const {count, total} = this.state;
        return total ? Math.round((100 * count) / total) : 0;
    }

    get text() {
        const {count, total} = this.state;
        if (!total) {
            return _t("Looking for the recipients …");
        }
        return _t("%(count)s of %(total)s recipients asked about …", {
            count: formatInteger(count),
            total: formatInteger(total),
        });
    }
}

registry.category("view_widgets").add("contact_preflight_progress", {
    component: PreflightProgress,
});
