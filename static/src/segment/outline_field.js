import {registry} from "@web/core/registry";
import {makeContext} from "@web/core/context";
import {X2ManyField, x2ManyField} from "@web/views/fields/x2many/x2many_field";
import {levelAfter} from "./outline";

/** Lines that make a tree: a new one stands in the group that is open. */
export class OutlineField extends X2ManyField {
    onAdd({context, editable} = {}) {
        const lines = this.list.records;
        const level = levelAfter(lines[lines.length - 1]);
        return super.onAdd({
            context: makeContext([context, {default_level: level}]),
            editable,
        });
    }
}

registry.category("fields").add("contact_outline", {
    ...x2ManyField,
    component: OutlineField,
});
