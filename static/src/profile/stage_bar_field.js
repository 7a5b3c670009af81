import {registry} from "@web/core/registry";
import {
    StatusBarField,
    statusBarField,
} from "@web/views/fields/statusbar/statusbar_field";

/** The journey as a bar: a refused move leaves the person where the person was. */
export class StageBarField extends StatusBarField {
    async selectItem(item) {
        const {name, record} = this.props;
        const wasDirty = record.dirty;
        const before = record.data[name];
        try {
            await super.selectItem(item);
        } catch (error) {
            if (wasDirty) {
                await record.update({[name]: before});
            } else {
                await record.discard();
            }
            throw error;
        }
    }
}

registry.category("fields").add("contact_stage_bar", {
    ...statusBarField,
    component: StageBarField,
    additionalClasses: ["o_field_statusbar"],
});
