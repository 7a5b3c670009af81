import {Component, onWillStart, onWillUpdateProps, useState} from "@odoo/owl";
import {deserializeDate, formatDate} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {formatInteger} from "@web/views/fields/formatters";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {percent} from "../profile/words";

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
        onWillStart(() => this.load(this.props.record));
        onWillUpdateProps((props) => this.load(props.record));
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
        return this.props.record.data.preview || {};
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
    fieldDependencies: [
        {name: "preview", type: "json"},
        {name: "write_date", type: "datetime"},
    ],
});
