from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from .segment_formula import causes
from .segment_leaves_behaviour import scan_of

MOST_FIELDS = 3
"""So many values of one line are told."""
SHORT = 60
"""Longer texts are cut off."""


class ContactSegmentCondition(models.Model):
    """Why is somebody in it? What was found of each person that makes a line true."""

    _inherit = "contact.segment.condition"

    def _say_found(self, profiles, at):
        """What was found, of people of whom the line is true.

        :param profiles: contact.profile, some
        :param datetime at: naive UTC
        :return: {profile: text}; of whom there is nothing to tell, the line itself is
            what is true
        """
        self.ensure_one()
        if self.is_negated:
            return {}
        return self._get_finders()[self.kind](profiles, at)

    def _get_finders(self):
        """What is told of each kind of line.

        Override to add a kind: call super and add a function of people and moment, that
        returns {profile: text}.

        :rtype: dict
        """
        return {
            "domain": self._find_values,
            "persona": self._find_persona,
            "stage": self._find_stage,
            "tag": self._find_tags,
            "behaviour": self._find_records,
            "response": self._find_responses,
            "list": lambda profiles, at: {},
            "segment": self._find_segments,
            "share": lambda profiles, at: {},
        }

    # ------------------------------------------------------------
    # What is known
    # ------------------------------------------------------------

    def _find_values(self, profiles, _at):
        """The values of the fields that the line names."""
        domain = self._get_domain()
        paths = dict.fromkeys(one.field_expr for one in domain.iter_conditions())
        found = {}
        for profile in profiles:
            texts = filter(None, (self._say_value_at(profile, path) for path in paths))
            found[profile] = ", ".join(list(texts)[:MOST_FIELDS])
        return found

    def _say_value_at(self, profile, path):
        """“City: Oslo”, or nothing where it cannot be told."""
        record = profile
        *steps, last = path.split(".")
        try:
            for name in steps:
                record = record[name][:1]
            field = record._fields[last]
            value = field.convert_to_export(record[last], record) if record else ""
        except (AccessError, KeyError, TypeError):
            return ""  # a value of its properties, or one that is not for the reader
        if field.type in ("date", "datetime"):
            value = format_date(self.env, record[last])
        if value in ("", False, None) and field.type != "boolean":
            return ""
        if field.type == "boolean":
            value = self.env._("yes") if value else self.env._("no")
        label = field._description_string(self.env)
        return self.env._("%(label)s: %(value)s", label=label, value=str(value)[:SHORT])

    def _find_persona(self, profiles, _at):
        kinds = {
            "explicit": self.env._("said"),
            "implicit": self.env._("concluded"),
        }
        return {
            profile: self.env._(
                "%(persona)s (%(kind)s)",
                persona=profile.persona_id.name,
                kind=kinds.get(profile.persona_kind, ""),
            )
            for profile in profiles
            if profile.persona_id
        }

    def _find_stage(self, profiles, _at):
        return {
            profile: self.env._(
                "%(stage)s since %(date)s",
                stage=profile.journey_stage_id.name,
                date=format_date(self.env, profile.journey_stage_date),
            )
            for profile in profiles
            if profile.journey_stage_id
        }

    def _find_tags(self, profiles, _at):
        """The tags, each with how it is known."""
        domain = Domain("profile_id", "in", profiles.ids)
        domain &= Domain("tag_id", "in", self.tag_ids._origin.ids)
        if self.tag_kind in ("explicit", "implicit"):
            domain &= Domain("kind", "=", self.tag_kind)
        found = {}
        assignments = self.env["contact.tag.assignment"].search(domain)
        sources = dict(assignments._fields["source"]._description_selection(self.env))
        for known in assignments:
            text = self.env._(
                "%(tag)s (%(how)s, %(date)s)",
                tag=known.tag_id.display_name,
                how=sources.get(known.source, ""),
                date=format_date(self.env, known.last_seen),
            )
            found.setdefault(known.profile_id, []).append(text)
        return {
            profile: ", ".join(texts[:MOST_FIELDS]) for profile, texts in found.items()
        }

    def _find_segments(self, profiles, at):
        found = {}
        for other in self.other_segment_ids._origin:
            for profile in profiles.filtered_domain(other._get_domain(at)):
                found.setdefault(profile, []).append(other.name)
        return {
            profile: self.env._("in %s", ", ".join(names[:MOST_FIELDS]))
            for profile, names in found.items()
        }

    # ------------------------------------------------------------
    # What they did
    # ------------------------------------------------------------

    def _find_records(self, profiles, at):
        """How many records there are, and when the latest was."""

        def ask(scan):
            scan.only = SQL(
                "SELECT %s FROM contact_profile WHERE id = ANY(%s)",
                SQL.identifier(scan.person.column),
                profiles.ids,
            )
            return scan.sql_hits()

        # Elevated: whoever wrote the line was allowed to read them; here they are only
        # counted.
        query = scan_of(self.sudo(), at, ask)
        self.env.flush_all()
        found = {}
        for _line, profile_id, _value, count, _first, last in self.env.execute_query(
            query
        ):
            text = self.env._(
                "%(records)s: %(count)s, last %(date)s",
                count=count,
                records=self.sudo().model_id.name,
                date=format_date(self.env, last),
            )
            found[profiles.browse(profile_id)] = text
        return found

    def _find_responses(self, profiles, _at):
        """The mailings, and when they answered."""
        # The ledger is a later room: it is asked where it is there, and readable.
        Touch = self.env.get("contact.touch")
        if Touch is None or not Touch.has_access("read"):
            return {}
        date = "date" if self.response == "sent" else f"{self.response}_date"
        domain = Domain("profile_id", "in", profiles.ids)
        domain &= Domain("mailing_id", "in", self.mailing_ids._origin.ids)
        domain &= Domain("state", "=", "sent")
        if self.response != "sent":
            domain &= Domain(self.response, "=", True)
        found = {}
        for touch in Touch.search(domain):
            text = self.env._(
                "“%(mailing)s” on %(date)s",
                mailing=touch.mailing_id.subject,
                date=format_date(self.env, touch[date] or touch.date),
            )
            found.setdefault(touch.profile_id, []).append(text)
        return {
            profile: ", ".join(texts[:MOST_FIELDS]) for profile, texts in found.items()
        }


class ContactSegment(models.Model):
    """Why is somebody in it? The lines that made it true."""

    _inherit = "contact.segment"

    @api.model
    def _say_reasons(self, profiles, tree, answers, at):
        """Why these people are in the segment.

        :param profiles: contact.profile
        :param tree: nodes of the outline
        :param dict answers: {profile id: {line: is it true of the person?}}
        :param datetime at: naive UTC
        :return: {profile id: list of texts}
        """
        why = {
            profile.id: list(causes(tree, answers[profile.id])) for profile in profiles
        }
        told = {}
        for line in {line for lines in why.values() for line, _is_true in lines}:
            people = profiles.filtered(
                lambda one, line=line: (line, True) in why[one.id]
            )
            told[line] = line._say_found(people, at) if people else {}
        return {
            profile.id: [
                told[line].get(profile) or line.sentence or ""
                if is_true
                else self.env._("not: %s", line.sentence)
                for line, is_true in why[profile.id]
            ]
            for profile in profiles
        }
