import {Component, onMounted, onWillUnmount, useState} from "@odoo/owl";
import {deserializeDateTime} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {formatInteger} from "@web/views/fields/formatters";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {ProgressLine} from "./progress_line";

const DAYS = 14;
const SHOWN = {
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
};

/**
 * How many a mailing would reach on each of the next days. One day is asked about after
 * the other, so the bars grow, and whoever closes the dialog stops the asking.
 */
export class BestMoment extends Component {
    static template = "mass_mailing_contact_strategy.BestMoment";
    static components = {ProgressLine};
    static props = {...standardWidgetProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({days: [], total: DAYS, chosen: null, isDone: false});
        onMounted(() => this.ask());
        onWillUnmount(() => (this.isGone = true));
    }

    get hasRecipients() {
        return Boolean(this.props.record.data.total);
    }

    async ask() {
        const {resModel, resId} = this.props.record;
        const {state} = this;
        for (let day = 0; day < state.total && this.hasRecipients; day++) {
            const answer = await this.orm.silent.call(resModel, "get_reach", [
                [resId],
                day,
            ]);
            if (this.isGone || !answer) {
                break;
            }
            state.total = answer.days;
            state.days.push(answer);
        }
        state.isDone = true;
    }

    get now() {
        return this.props.record.data.now_count;
    }

    /** The earliest of the days on which most are reached. */
    get best() {
        return this.state.days.reduce(
            (best, day) => (best && best.reach >= day.reach ? best : day),
            null
        );
    }

    get chosen() {
        return this.state.days.find(({day}) => day === this.state.chosen) || this.best;
    }

    get days() {
        const most = Math.max(this.best?.reach || 0, 1);
        return this.state.days.map((day) => ({
            ...day,
            when: this.when(day),
            text: formatInteger(day.reach),
            difference: this.difference(day),
            width: (100 * day.reach) / most,
            isBest: day.day === this.best.day,
            isChosen: day.day === this.chosen.day,
        }));
    }

    get progress() {
        return Math.round((100 * this.state.days.length) / this.state.total);
    }

    get headline() {
        const {best} = this;
        if (!best) {
            return _t("The message is not useful any more on any of these days.");
        }
        if (best.reach <= this.now) {
            return _t("No day in the next two weeks reaches more people than now.");
        }
        return _t("Best day in the next two weeks: %(when)s, %(more)s more than now", {
            when: this.when(best),
            more: formatInteger(best.reach - this.now),
        });
    }

    get error() {
        const margin = this.chosen?.margin;
        return margin
            ? _t("Asked about a sample: give or take %s.", formatInteger(margin))
            : "";
    }

    when({moment}) {
        return deserializeDateTime(moment).toLocaleString(SHOWN);
    }

    difference({reach}) {
        const more = reach - this.now;
        return more < 0 ? `−${formatInteger(-more)}` : `+${formatInteger(more)}`;
    }

    async schedule() {
        const {resModel, resId} = this.props.record;
        const args = [[resId], this.chosen.day];
        const action = await this.orm.call(resModel, "action_send_then", args);
        await this.action.doAction(action);
    }
}

registry.category("view_widgets").add("contact_best_moment", {
    component: BestMoment,
    fieldDependencies: [
        {name: "total", type: "integer"},
        {name: "now_count", type: "integer"},
    ],
});
