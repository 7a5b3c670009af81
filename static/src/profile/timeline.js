import {Component, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {KeepLast} from "@web/core/utils/concurrency";
import {useRecordObserver} from "@web/model/relational_model/utils";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {ago, day, moment} from "./words";

const PAGE = 20;

/**
 * Everything that happened between a person and us, the newest first. Read page by
 * page: there may be years of it.
 */
export class ContactTimeline extends Component {
    static template = "mass_mailing_contact_strategy.Timeline";
    static props = {...standardWidgetProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        this.state = useState({events: [], next: false, earlier: false, busy: true});
        useRecordObserver((record) => {
            // Whatever is saved on this page can be news: a stage, a persona, a tag.
            const {journey_stage_date, persona_date, tag_facts, touch_count} =
                record.data;
            const seen = JSON.stringify([
                record.resId,
                journey_stage_date,
                persona_date,
                tag_facts,
                touch_count,
            ]);
            if (record.resId && seen !== this.seen) {
                this.seen = seen;
                this.load(record.resId);
            }
        });
    }

    async load(resId, before = null) {
        this.state.busy = true;
        try {
            const page = await this.keepLast.add(
                this.orm.call("contact.profile", "get_timeline", [[resId]], {
                    before,
                    limit: PAGE,
                })
            );
            const shown = before ? this.state.events : [];
            this.state.events = [...shown, ...page.events];
            this.state.next = page.next;
            this.state.earlier = page.earlier;
        } finally {
            this.state.busy = false;
        }
    }

    loadEarlier() {
        return this.load(this.props.record.resId, this.state.next);
    }

    /** Events under the day they happened on. */
    get days() {
        const days = [];
        for (const event of this.state.events) {
            const label = day(event.date);
            if (days.at(-1)?.label !== label) {
                days.push({label, events: []});
            }
            days.at(-1).events.push({...event, key: `${event.source}/${event.id}`});
        }
        return days;
    }

    get emptyText() {
        return _t("Nothing has happened between this person and you yet.");
    }

    ago(text) {
        return ago(text);
    }

    moment(text) {
        return moment(text);
    }

    open(event) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: event.model,
            res_id: event.id,
            views: [[false, "form"]],
        });
    }
}

registry.category("view_widgets").add("contact_timeline", {
    component: ContactTimeline,
    fieldDependencies: [
        {name: "journey_stage_date", type: "datetime"},
        {name: "persona_date", type: "datetime"},
        {name: "tag_facts", type: "json"},
        {name: "touch_count", type: "integer"},
    ],
});
