import {Component, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {useRecordObserver} from "@web/model/relational_model/utils";
import {formatFloat, formatInteger} from "@web/views/fields/formatters";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

const batches = new Map();

/** All that are asked for in one moment are asked for together. */
function ask(orm, model, method, id) {
    const key = `${model}.${method}`;
    if (!batches.has(key)) {
        const ids = new Set();
        const told = Promise.resolve().then(() => {
            batches.delete(key);
            return orm.silent.call(model, method, [[...ids]]);
        });
        batches.set(key, {ids, told});
    }
    const {ids, told} = batches.get(key);
    ids.add(id);
    return told.then((numbers) => numbers[id]);
}

/**
 * A number for which much is read: the screen is there first, and asks then. Options:
 * the method that tells {id: number}, and which part of it, where it tells several.
 */
export class LaterNumberField extends Component {
    static template = "mass_mailing_contact_strategy.LaterNumberField";
    static props = {
        ...standardFieldProps,
        method: String,
        part: {type: String, optional: true},
        unknown: {type: String, optional: true},
    };
    static defaultProps = {
        unknown: _t("It could not be counted: open it to see why."),
    };

    setup() {
        this.orm = useService("orm");
        this.state = useState({number: undefined});
        useRecordObserver(({resId, resModel}) => {
            this.state.number = undefined;
            if (resId) {
                ask(this.orm, resModel, this.props.method, resId).then((told) => {
                    if (this.props.record.resId === resId) {
                        this.state.number = this.props.part
                            ? told[this.props.part]
                            : told;
                    }
                });
            }
        });
    }

    get text() {
        const {number} = this.state;
        if (typeof number !== "number") {
            return "";
        }
        return Number.isInteger(number)
            ? formatInteger(number)
            : formatFloat(number, {digits: [16, 1]});
    }

    /** Nobody could say it: no number is better than a wrong one. */
    get isUnknown() {
        return this.state.number === null;
    }
}

registry.category("fields").add("contact_later_number", {
    component: LaterNumberField,
    displayName: _t("Number that is counted later"),
    supportedTypes: ["boolean"],
    extractProps: ({attrs, options}) => ({
        method: options.method,
        part: options.part,
        unknown: attrs.placeholder,
    }),
});
