import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {
    Many2ManyTagsField,
    many2ManyTagsField,
} from "@web/views/fields/many2many_tags/many2many_tags_field";
import {ago, moment, percent} from "./words";

/**
 * Tags of a person, each with how it is known: source, age, how sure, what speaks
 * against it, and the records that say so. Added and taken away as any tags are.
 */
export class TagFactsField extends Many2ManyTagsField {
    static template = "mass_mailing_contact_strategy.TagFactsField";
    static props = {
        ...Many2ManyTagsField.props,
        kind: {type: String},
    };

    setup() {
        super.setup();
        this.action = useService("action");
    }

    get facts() {
        const facts = (this.props.record.data.tag_facts || {})[this.props.kind] || {};
        return this.tags.map((tag) => {
            const fact = facts[tag.resId];
            return {
                tag,
                fact,
                // Its question stands beside it.
                name: fact ? fact.name : tag.text,
                words: fact ? this.say(fact) : [_t("not saved yet")],
            };
        });
    }

    /** How it is known: "Form, 2 months ago", "5 times". */
    say(fact) {
        const words = [
            _t("%(source)s, %(age)s", {
                source: fact.signal || fact.source,
                age: ago(fact.last_seen),
            }),
        ];
        if (fact.times_seen > 1) {
            words.push(_t("%s times", fact.times_seen));
        }
        if (fact.user) {
            words.push(_t("by %s", fact.user));
        }
        if (fact.note) {
            words.push(fact.note);
        }
        return words;
    }

    title(fact) {
        const words = [
            _t("First seen %s", moment(fact.first_seen)),
            _t("last seen %s", moment(fact.last_seen)),
        ];
        if (fact.expires) {
            words.push(_t("counts until %s", moment(fact.expires)));
        }
        return words.join(", ");
    }

    percent(share) {
        return percent(share);
    }

    openEvidence(fact) {
        return this.action.doActionButton({
            type: "object",
            name: "action_open_evidence",
            resModel: "contact.tag.assignment",
            resId: fact.id,
            resIds: [fact.id],
        });
    }
}

export const tagFactsField = {
    ...many2ManyTagsField,
    component: TagFactsField,
    displayName: _t("Tags and how they are known"),
    supportedTypes: ["many2many"],
    fieldDependencies: [{name: "tag_facts", type: "json"}],
    extractProps: (info, dynamicInfo) => ({
        ...many2ManyTagsField.extractProps(info, dynamicInfo),
        kind: info.options.kind,
    }),
};

registry.category("fields").add("contact_tag_facts", tagFactsField);
