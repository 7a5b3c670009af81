import {Component, onWillStart, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {Layout} from "@web/search/layout";
import {formatInteger} from "@web/views/fields/formatters";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {percent} from "../profile/words";
import {Shares} from "./shares";

const FIRST = ["people", "steps"];
const THEN = [["pressure", "caps", "held", "reviews"], ["reasons"]];
const COLORS = {
    hot: "danger",
    warm: "warning",
    cold: "info",
    silent: "secondary",
    good: "success",
    fair: "warning",
    poor: "danger",
};

/** Start of the app: who is where, and how much do they hear from us? */
export class ContactOverview extends Component {
    static template = "mass_mailing_contact_strategy.Overview";
    static components = {Layout, Shares};
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({showShares: false, pressure: null});
        this.display = {controlPanel: {}};
        onWillStart(async () => {
            Object.assign(this.state, await this.load(FIRST));
            // What takes longer comes later; the table is what people look for.
            for (const parts of THEN) {
                this.load(parts).then((read) => Object.assign(this.state, read));
            }
        });
    }

    load(parts) {
        return this.orm.call("contact.profile", "get_overview", [], {parts});
    }

    number(value) {
        return formatInteger(value);
    }

    percent(value) {
        const total = this.state.people.total;
        return percent(total ? value / total : 0);
    }

    get openSteps() {
        const steps = this.state.steps;
        return steps.some((step) => !step.done) ? steps : [];
    }

    // ------------------------------------------------------------
    // Who is where
    // ------------------------------------------------------------

    personaName(persona) {
        return persona.id ? persona.name : _t("No persona yet");
    }

    stageName(stage) {
        return stage.id ? stage.name : _t("Not on the journey");
    }

    get rows() {
        const {cells, personas, stages} = this.state.people;
        const counts = Object.fromEntries(
            cells.map(([persona, stage, count]) => [`${persona}/${stage}`, count])
        );
        const most = Math.max(...Object.values(counts), 1);
        return personas.map((persona) => ({
            persona,
            name: this.personaName(persona),
            cells: stages.map((stage) => {
                const count = counts[`${persona.id}/${stage.id}`] || 0;
                return {
                    stage,
                    count,
                    // Few must remain visible beside many.
                    heat: count ? 0.1 + 0.45 * Math.sqrt(count / most) : 0,
                    title: _t("%(count)s people: %(persona)s, %(stage)s", {
                        count: formatInteger(count),
                        persona: this.personaName(persona),
                        stage: this.stageName(stage),
                    }),
                };
            }),
        }));
    }

    openCell(persona, stage) {
        const domain = [];
        const names = [];
        if (persona) {
            domain.push(["persona_id", "=", persona.id]);
            names.push(this.personaName(persona));
        }
        if (stage) {
            domain.push(["journey_stage_id", "=", stage.id]);
            names.push(this.stageName(stage));
        }
        return this.openPeople(names.join(" · "), domain);
    }

    openPeople(name, domain, context = {}) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            name,
            res_model: "contact.profile",
            domain: [...this.state.people.domain, ...domain],
            context,
            views: [
                [false, "list"],
                [false, "kanban"],
                [false, "form"],
            ],
        });
    }

    get engagement() {
        return this.colored(this.state.people.engagement);
    }

    get quality() {
        return this.colored(this.state.people.quality);
    }

    colored(shares) {
        return shares.map((share) => ({...share, color: COLORS[share.key]}));
    }

    openShare(share) {
        return this.openPeople(share.label, share.domain);
    }

    openReason(reason) {
        return this.openPeople(reason.name, [["quality_check_ids", "in", [reason.id]]]);
    }

    // ------------------------------------------------------------
    // How much they hear from us
    // ------------------------------------------------------------

    get pressure() {
        return this.state.pressure.map((channel) => {
            const most = Math.max(...channel.people, 1);
            const caps = this.state.caps.filter((cap) =>
                channel.id
                    ? cap.channel_ids.includes(channel.id)
                    : !cap.channel_ids.length
            );
            const last = channel.people.length;
            return {
                ...channel,
                name: channel.id ? channel.name : _t("All together"),
                bars: channel.people.map((count, index) => ({
                    touches: index + 1,
                    isLast: index + 1 === last,
                    label: index + 1 === last ? `${last}+` : `${last && index + 1}`,
                    count,
                    height: count ? Math.max((100 * count) / most, 2) : 0,
                    cap: caps.filter((cap) => cap.maximum === index + 1),
                    isOver: caps.some((cap) => cap.maximum <= index),
                })),
                caps,
            };
        });
    }

    barTitle(bar) {
        return _t("%(people)s people got %(touches)s", {
            people: formatInteger(bar.count),
            touches: bar.label,
        });
    }

    openBar(channel, bar) {
        return this.openPeople(
            _t("%(channel)s: %(touches)s in 7 days", {
                channel: channel.name,
                touches: bar.label,
            }),
            [["touch_week_count", bar.isLast ? ">=" : "=", bar.touches]],
            channel.id ? {touch_channel_id: channel.id} : {}
        );
    }

    openHeld(held) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            name: held.name || _t("Held Back"),
            res_model: "contact.hold",
            domain: [
                ["rule_id", "=", held.id],
                ["date", ">=", held.since],
                ["state", "in", ["held", "deferred", "expired"]],
            ],
            views: [
                [false, "list"],
                [false, "form"],
            ],
        });
    }

    openPolicy(policyId) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "contact.policy",
            res_id: policyId,
            views: [[false, "form"]],
        });
    }

    stepState(step) {
        return step.done ? _t("done") : _t("to do");
    }

    openStep(step) {
        return step.action && this.action.doAction(step.action);
    }
}

registry.category("actions").add("contact_strategy_overview", ContactOverview);
