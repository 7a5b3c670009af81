import {useSubEnv} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {makeContext} from "@web/core/context";
import {useOpenX2ManyRecord} from "@web/views/fields/relational_utils";
import {X2ManyField, x2ManyField} from "@web/views/fields/x2many/x2many_field";
import {indexOf, levelAfter} from "./outline";

/**
 * Lines that make a tree: a new one stands in the group that is open, or right below
 * the line that it was asked for.
 */
export class OutlineField extends X2ManyField {
    setup() {
        super.setup();
        this.above = null;
        this.openBelow = useOpenX2ManyRecord({
            resModel: this.list.resModel,
            activeField: this.activeField,
            activeActions: this.activeActions,
            getList: () => this.list,
            saveRecord: (line) => this.insert(line),
            updateRecord: (line) => this.insert(line),
            isMany2Many: false,
        });
        useSubEnv({addBelow: (line) => this.addBelow(line)});
    }

    onAdd({context, editable} = {}) {
        const lines = this.list.records;
        const level = levelAfter(lines[lines.length - 1]);
        return super.onAdd({
            context: makeContext([context, {default_level: level}]),
            editable,
        });
    }

    /** A new line below this one; below that of a group: the first in the group. */
    addBelow(line) {
        this.above = line;
        return this.openBelow({
            context: makeContext([
                this.props.context,
                {default_kind: "behaviour", default_level: levelAfter(line)},
            ]),
        });
    }

    /** Those after it make room before it is there, so that no line changes its group. */
    async insert(line) {
        const list = this.list;
        const lines = [...list.records];
        lines.splice(indexOf(lines, this.above) + 1, 0, line);
        await list.model.mutex.exec(async () => {
            for (const [index, one] of lines.entries()) {
                if (one.data.sequence !== index + 1) {
                    const place = {sequence: index + 1};
                    await one._update(place, {withoutParentUpdate: true});
                }
            }
        });
        await list.validateExtendedRecord(line);
        this.above = line; // "Save & New" goes on below it
    }
}

registry.category("fields").add("contact_outline", {
    ...x2ManyField,
    component: OutlineField,
});
