import {Component, useRef, useState} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";
import {localization} from "@web/core/l10n/localization";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {formatInteger} from "@web/views/fields/formatters";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {blockOf, canIndent, indexOf, isGroup, lineKey, neighbour} from "./outline";
import {previewOf} from "./preview";

const ICONS = {
    domain: "fa-list-alt",
    persona: "fa-user-circle-o",
    stage: "fa-road",
    tag: "fa-tag",
    behaviour: "fa-bolt",
    response: "fa-reply",
    list: "fa-envelope-o",
    segment: "fa-users",
    share: "fa-random",
};

/**
 * One line of an outline: as deep as its level, in words, with how many people are left
 * after it. It is moved by the mouse, by its buttons, or by Ctrl and the arrow keys, and
 * gets another below it by its button, or by Ctrl and Enter.
 */
export class OutlineLineField extends Component {
    static template = "mass_mailing_contact_strategy.OutlineLineField";
    static props = {...standardFieldProps};

    setup() {
        this.textRef = useRef("text");
        this.preview = useState(previewOf(this.props.record.model));
    }

    get line() {
        return this.props.record;
    }

    get segment() {
        return this.line._parentRecord;
    }

    get list() {
        return this.segment.data.condition_ids;
    }

    get isGroup() {
        return isGroup(this.line);
    }

    get icon() {
        return ICONS[this.line.data.kind] || "fa-circle-o";
    }

    get text() {
        return this.line.data[this.props.name] || _t("(not finished)");
    }

    get canEdit() {
        return this.segment.isInEdition;
    }

    get canAdd() {
        return Boolean(this.canEdit && this.env.addBelow);
    }

    get addTitle() {
        return this.isGroup
            ? _t("Add a line to this group (Ctrl and Enter)")
            : _t("Add a line below (Ctrl and Enter)");
    }

    get canIndent() {
        return canIndent(this.list.records, this.line);
    }

    get canOutdent() {
        return this.line.data.level > 0;
    }

    // ------------------------------------------------------------
    // How many are left
    // ------------------------------------------------------------

    get counted() {
        const {lines = {}, total} = this.preview.told;
        const told = lines[lineKey(this.line)];
        return told && {...told, total};
    }

    get problem() {
        return this.counted && this.counted.problem;
    }

    get left() {
        const left = this.counted && this.counted.left;
        return Number.isInteger(left) ? formatInteger(left) : "";
    }

    get share() {
        const {left, total} = this.counted;
        return total ? (100 * left) / total : 0;
    }

    get leftTitle() {
        const {own, left, total} = this.counted;
        const words = [
            _t("leaves %(left)s of %(total)s", {
                left: formatInteger(left),
                total: formatInteger(total),
            }),
        ];
        if (Number.isInteger(own)) {
            words.push(_t("by itself true of %s", formatInteger(own)));
        }
        return words.join(" · ");
    }

    // ------------------------------------------------------------
    // Moving it
    // ------------------------------------------------------------

    add() {
        return this.env.addBelow(this.line);
    }

    onKeydown(ev) {
        if (!ev.ctrlKey || ev.altKey || ev.shiftKey || !this.canEdit) {
            return;
        }
        const inward = localization.direction === "rtl" ? "ArrowLeft" : "ArrowRight";
        const outward = inward === "ArrowLeft" ? "ArrowRight" : "ArrowLeft";
        const steps = {
            [inward]: () => this.shift(1),
            [outward]: () => this.shift(-1),
            ArrowUp: () => this.move(-1),
            ArrowDown: () => this.move(1),
        };
        if (ev.key === "Enter" && this.canAdd) {
            ev.preventDefault();
            ev.stopPropagation();
            this.add();
        } else if (steps[ev.key]) {
            ev.preventDefault();
            ev.stopPropagation();
            this.step(steps[ev.key]);
        }
    }

    /** The next key is for the same line, wherever it stands now. */
    async step(change) {
        await change();
        browser.requestAnimationFrame(() => this.textRef.el && this.textRef.el.focus());
    }

    /** Deeper or less deep, with all that belongs to it. */
    shift(by) {
        if (by > 0 ? !this.canIndent : !this.canOutdent) {
            return;
        }
        const levels = blockOf(this.list.records, this.line).map((line) => [
            line,
            {level: line.data.level + by},
        ]);
        return this.change(levels);
    }

    /** Past the line before or after it that is as deep, with all that belongs to both. */
    move(by) {
        const records = this.list.records;
        const other = neighbour(records, this.line, by);
        if (!other) {
            return;
        }
        const own = blockOf(records, this.line);
        const passed = blockOf(records, other);
        const start = Math.min(indexOf(records, this.line), indexOf(records, other));
        const swapped = by < 0 ? [...own, ...passed] : [...passed, ...own];
        const lines = [...records];
        lines.splice(start, swapped.length, ...swapped);
        return this.change(
            lines.map((line, index) => [line, {sequence: index + 1}]),
            true
        );
    }

    /** Several lines at once: the form is asked only when all are changed. */
    change(changes, isSorted = false) {
        const list = this.list;
        return list.model.mutex.exec(async () => {
            for (const [line, values] of changes) {
                await line._update(values, {withoutParentUpdate: true});
            }
            if (isSorted) {
                await list._sort();
            }
            await list._onUpdate();
        });
    }
}

registry.category("fields").add("contact_outline_line", {
    component: OutlineLineField,
    displayName: _t("Line of an outline"),
    supportedTypes: ["char"],
    fieldDependencies: [
        {name: "level", type: "integer"},
        {name: "kind", type: "selection"},
    ],
});
