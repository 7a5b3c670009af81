import {Component, useState} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {KeepLast} from "@web/core/utils/concurrency";
import {useService} from "@web/core/utils/hooks";
import {useRecordObserver} from "@web/model/relational_model/utils";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

/** In which segments a person is, and why. All are asked: the page is there first. */
export class ContactSegments extends Component {
    static template = "mass_mailing_contact_strategy.ProfileSegments";
    static props = {...standardWidgetProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        this.state = useState({segments: [], trouble: false, busy: true});
        useRecordObserver((record) => {
            // Whatever is saved on this page can lead into a segment, or out of it.
            const seen = `${record.resId} ${record.data.write_date}`;
            if (record.resId && seen !== this.seen) {
                this.seen = seen;
                this.load(record.resId);
            }
        });
    }

    async load(resId) {
        this.state.busy = true;
        try {
            const told = await this.keepLast.add(
                this.orm.silent.call("contact.profile", "get_segments", [[resId]])
            );
            Object.assign(this.state, told);
        } finally {
            this.state.busy = false;
        }
    }

    open(segment) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "contact.segment",
            res_id: segment.id,
            views: [[false, "form"]],
        });
    }
}

registry.category("view_widgets").add("contact_profile_segments", {
    component: ContactSegments,
    fieldDependencies: [{name: "write_date", type: "datetime"}],
});
