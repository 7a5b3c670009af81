import {Component, onWillStart, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {user} from "@web/core/user";
import {useService} from "@web/core/utils/hooks";
import {Layout} from "@web/search/layout";
import {formatInteger} from "@web/views/fields/formatters";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {percent} from "../profile/words";

/** Who is in two segments at once? Each number leads to these people. */
export class SegmentOverlap extends Component {
    static template = "mass_mailing_contact_strategy.SegmentOverlap";
    static components = {Layout};
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.display = {controlPanel: {}};
        this.state = useState({
            showShares: false,
            segments: [],
            pairs: {},
            words: "",
            mayCreate: false,
        });
        onWillStart(async () => {
            const ids = this.props.action.context.segment_ids || [];
            const told = await this.orm.call("contact.segment", "get_overlaps", [ids]);
            Object.assign(this.state, told);
            // Whoever may only read is shown no button that would be refused.
            if (!told.segments.length) {
                this.state.mayCreate = await user.checkAccessRight(
                    "contact.segment",
                    "create"
                );
            }
        });
    }

    number(value) {
        return formatInteger(value);
    }

    get rows() {
        const {segments, pairs} = this.state;
        return segments.map((segment) => ({
            segment,
            cells: segments.map((other) => {
                const count = (pairs[segment.id] || {})[other.id] || 0;
                const share = segment.count ? count / segment.count : 0;
                return {
                    other,
                    count,
                    text: this.state.showShares ? percent(share) : formatInteger(count),
                    isSelf: other.id === segment.id,
                    heat: count ? 0.1 + 0.45 * share : 0,
                    title: _t("%(count)s people of “%(one)s” are in “%(other)s”, too", {
                        count: formatInteger(count),
                        one: segment.name,
                        other: other.name,
                    }),
                };
            }),
        }));
    }

    newSegment() {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "contact.segment",
            views: [[false, "form"]],
        });
    }

    openSegment(segment) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "contact.segment",
            res_id: segment.id,
            views: [[false, "form"]],
        });
    }

    async openPeople(...segments) {
        const ids = [...new Set(segments.map(({id}) => id))];
        const action = await this.orm.call("contact.segment", "action_view_common", [
            ids,
        ]);
        return this.action.doAction(action);
    }
}

registry.category("actions").add("contact_segment_overlap", SegmentOverlap);
