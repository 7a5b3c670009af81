import {Component, onWillStart, onWillUpdateProps, useState} from "@odoo/owl";
import {deserializeDate, formatDate} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {KeepLast} from "@web/core/utils/concurrency";
import {useService} from "@web/core/utils/hooks";
import {useRecordObserver} from "@web/model/relational_model/utils";
import {formatInteger} from "@web/views/fields/formatters";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {percent} from "../profile/words";
import {observe, previewOf, unsaved} from "./preview";

/**
 * Beside the lines of a segment: how many people they find, how many of these can be
 * reached, some of them with the reasons; and of what is saved, with which segments it
 * shares people, how it grew, and how its people responded.
 */
export class SegmentSide extends Component {
    static template = "mass_mailing_contact_strategy.SegmentSide";
    static props = {...standardWidgetProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({insights: null, loaded: null});
        this.shown = useState(previewOf(this.props.record.model));
        this.latest = new KeepLast();
        onWillStart(() => this.load(this.props.record));
        onWillUpdateProps((props) => this.load(props.record));
        useRecordObserver((record) => {
            observe(record);
            this.count(record);
        });
    }

    /** Again when a line was changed, and when it was saved; nobody waits for it. */
    async count(record) {
        const values = await unsaved(record);
        const asked = JSON.stringify([record.resId, record.data.write_date, values]);
        if (asked === this.asked) {
            return;
        }
        if (record.resId !== this.countedId) {
            this.shown.told = {};
        }
        this.asked = asked;
        this.countedId = record.resId;
        this.shown.counting = true;
        try {
            this.shown.told = await this.latest.add(
                this.orm.silent.call("contact.segment", "get_preview", [
                    record.resId ? [record.resId] : [],
                    values,
                ])
            );
        } finally {
            this.shown.counting = false;
        }
    }

    /** Anew when it was saved; nobody waits for it. */
    load(record) {
        const {resId} = record;
        const version = resId && `${resId} ${record.data.write_date}`;
        if (this.state.loaded === version) {
            return;
        }
        this.state.loaded = version;
        this.state.insights = null;
        if (resId) {
            this.orm.call("contact.segment", "get_insights", [[resId]]).then((told) => {
                if (this.state.loaded === version) {
                    this.state.insights = told;
                }
            });
        }
    }

    get preview() {
        return this.shown.told;
    }

    get insights() {
        return this.state.insights || {};
    }

    get isCounted() {
        return Number.isInteger(this.preview.count);
    }

    get isSmall() {
        return this.isCounted && this.preview.count < this.preview.minimum;
    }

    number(value) {
        return formatInteger(value);
    }

    percent(value) {
        return percent(value);
    }

    get peopleWord() {
        return ` ${this.preview.count === 1 ? _t("person") : _t("people")} `;
    }

    get shareOfAll() {
        const {count, total} = this.preview;
        return total ? count / total : 0;
    }

    get reachText() {
        const {reachable, may, sampled} = this.preview;
        if (!reachable || may === null || may === undefined) {
            return "";
        }
        if (sampled < reachable) {
            return _t("about %s of them may get one this week", percent(may));
        }
        return _t("%s of them may get one this week", formatInteger(may * sampled));
    }

    // ------------------------------------------------------------
    // What was saved
    // ------------------------------------------------------------

    get growth() {
        const days = this.insights.growth || [];
        const most = Math.max(...days.map((day) => day.size), 1);
        return days.map((day) => ({
            ...day,
            height: day.size ? Math.max((100 * day.size) / most, 2) : 0,
            title: _t("%(date)s: %(size)s people, %(entered)s came, %(left)s went", {
                date: formatDate(deserializeDate(day.day)),
                size: formatInteger(day.size),
                entered: formatInteger(day.entered),
                left: formatInteger(day.left),
            }),
        }));
    }

    /** What the bars say: how many there were first, and how many there are last. */
    get growthText() {
        const days = this.insights.growth;
        const [first, last] = [days[0], days.at(-1)];
        return _t("%(before)s people on %(from)s, %(now)s on %(until)s", {
            before: formatInteger(first.size),
            from: formatDate(deserializeDate(first.day)),
            now: formatInteger(last.size),
            until: formatDate(deserializeDate(last.day)),
        });
    }

    openPerson(id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "contact.profile",
            res_id: id,
            views: [[false, "form"]],
        });
    }

    openSegment(id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "contact.segment",
            res_id: id,
            views: [[false, "form"]],
        });
    }

    openOverlaps() {
        return this.action.doAction(
            "mass_mailing_contact_strategy.contact_segment_overlap_action"
        );
    }
}

registry.category("view_widgets").add("contact_segment_side", {
    component: SegmentSide,
    fieldDependencies: [{name: "write_date", type: "datetime"}],
});
