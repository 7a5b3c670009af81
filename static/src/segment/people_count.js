import {Component, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {useRecordObserver} from "@web/model/relational_model/utils";
import {formatInteger} from "@web/views/fields/formatters";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

let batch = null;

/** All that are asked for in one moment are asked for together. */
function ask(orm, id) {
    if (!batch) {
        const ids = [];
        const told = Promise.resolve().then(() => {
            batch = null;
            return orm.silent.call("contact.segment", "get_people_counts", [ids]);
        });
        batch = {ids, told};
    }
    batch.ids.push(id);
    return batch.told.then((counts) => counts[id]);
}

/** How many people are in a segment: all are read for it, and the screen is there first. */
export class PeopleCountField extends Component {
    static template = "mass_mailing_contact_strategy.PeopleCountField";
    static props = {...standardFieldProps};

    setup() {
        this.orm = useService("orm");
        this.state = useState({count: undefined});
        useRecordObserver(({resId}) => {
            this.state.count = undefined;
            if (resId) {
                ask(this.orm, resId).then((count) => {
                    if (this.props.record.resId === resId) {
                        this.state.count = count;
                    }
                });
            }
        });
    }

    get text() {
        const {count} = this.state;
        return Number.isInteger(count) ? formatInteger(count) : "";
    }

    /** Nobody could say it: no number is better than a wrong one. */
    get isUnknown() {
        return this.state.count === null;
    }
}

registry.category("fields").add("contact_people_count", {
    component: PeopleCountField,
    displayName: _t("Number of people"),
    supportedTypes: ["boolean"],
});
