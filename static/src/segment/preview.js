import {reactive, toRaw} from "@odoo/owl";

const previews = new WeakMap();
const NOT_ASKED = new Set(["name", "description", "color", "user_id"]);

/**
 * What is known of the people of the segment in a form: ``told`` by the server, and
 * whether it is ``counting``. One for the form and all that is in it.
 */
export function previewOf(model) {
    const key = toRaw(model);
    if (!previews.has(key)) {
        previews.set(key, reactive({told: {}, counting: false}));
    }
    return previews.get(key);
}

/** What was not saved yet, as far as it says which people: as ``onchange`` gets it. */
export function unsaved(segment) {
    return segment.model.mutex.exec(() => {
        const values = segment._getChanges(segment._changes, {withReadonly: true});
        return Object.fromEntries(
            Object.entries(values).filter(([name]) => !NOT_ASKED.has(name))
        );
    });
}

/** Look at all that says which people, so that whoever observes is told of changes. */
export function observe(segment) {
    const {condition_ids: lines, ...own} = segment.data;
    return [own, lines.records.map((line) => Object.values(line.data))];
}
