from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, format_list

from odoo.addons.mass_mailing_contact_strategy.core.rules import Closed
from odoo.addons.mass_mailing_contact_strategy.core.windows import Window
from odoo.addons.mass_mailing_contact_strategy.models.sql_arrays import int_array

from .contact_policy_rule import DAYS_PER_UNIT, MAX_WINDOW_DAYS
from .engine_questions import Asked


class ContactPolicyRule(models.Model):
    """``block``: people of whom something is true are not written to: an open
    complaint, a competitor.

    Segments say themselves how long something matters (their lines have windows). For
    tags the rule says it: so long after the tag was last seen.
    """

    _inherit = "contact.policy.rule"

    rule_type = fields.Selection(
        selection_add=[("block", "Nobody of these people")],
        ondelete={"block": "cascade"},
    )
    segment_ids = fields.Many2many(
        "contact.segment",
        relation="contact_policy_rule_segment_rel",
        context={"active_test": False},
        ondelete="restrict",
        string="Segments",
        help="Whoever is in one of these.",
    )
    tag_ids = fields.Many2many(
        "contact.tag",
        relation="contact_policy_rule_tag_rel",
        context={"active_test": False},
        ondelete="restrict",
        string="Tags",
        help="Whoever has one of these.",
    )
    is_for_a_time = fields.Boolean(
        string="For a Time", help="Only so long after a tag was last seen."
    )

    @api.constrains("rule_type", "segment_ids", "tag_ids", "is_for_a_time")
    def _check_block(self):
        for rule in self.filtered(lambda rule: rule.rule_type == "block"):
            if not rule.segment_ids and not rule.tag_ids:
                raise ValidationError(
                    self.env._("Say whom nobody writes to: choose segments or tags.")
                )
            if not rule.is_for_a_time:
                continue
            days = rule.window_value * DAYS_PER_UNIT.get(rule.window_unit, 0)
            if not rule.tag_ids or not 0 < days <= MAX_WINDOW_DAYS:
                raise ValidationError(
                    self.env._(
                        "A time is counted from when a tag was last seen: it needs a "
                        "tag, and a length of ten years at most."
                    )
                )

    @api.model
    def _refuse_without_tags(self, tags):
        """Whom a rule in force blocks by a tag must stay blocked.

        Elevated: rules of units that whoever archives the tag does not see.

        :param tags: contact.tag that are about to count for nothing
        :raise ValidationError: a rule needs one of them
        """
        rule = self.sudo().search(
            [("tag_ids", "in", tags.ids), ("policy_id.active", "=", True)], limit=1
        )
        if rule:
            raise ValidationError(
                self.env._(
                    "“%(tag)s” keeps people from being written to: change the rule of "
                    "the policy “%(policy)s” first.",
                    tag=(rule.tag_ids & tags)[:1].display_name,
                    policy=rule.policy_id.name,
                )
            )

    def _ask_block(self, _message, at):
        asked = []
        if self.segment_ids:
            # One that cannot be asked stops the mailing, as it does for policies.
            who = self.segment_ids._get_people_domain()
            values = {**self._question_values(), "on_exceed": "hold"}
            asked.append(Asked(Closed(**values), who=who))
        if self.tag_ids:
            asked.append(self._ask_tags(at))
        return asked

    def _ask_tags(self, at):
        values = self._question_values(step=1)
        if not self.is_for_a_time:
            return Asked(Closed(**values), lookup=self._sql_tagged)
        window = Window(self.window_value, self.window_unit)
        since, _until = window.bounds(at)
        return Asked(
            Closed(**values, window=window),
            # Few have been seen so lately: only of them is asked which tags count.
            lookup=lambda alias: SQL(
                "(%s >= %s) IS TRUE AND %s",
                self._sql_seen(alias),
                since,
                self._sql_tagged(alias),
            ),
            until=self._sql_seen,
        )

    def _sql_tagged(self, alias):
        """Has the person one of the tags?

        SQL, looked up for each of the people asked about: a domain on ``tag_ids`` would
        find all who have them first.

        :param str alias: of ``contact_profile``
        :return: SQL, true or false
        """
        self.env["contact.tag.assignment"].flush_model()
        return SQL(
            """
            EXISTS (SELECT FROM contact_profile_tag_effective known
                     WHERE known.profile_id = %s AND known.tag_id = ANY(%s)
                    OFFSET 0)
            """,
            SQL.identifier(alias, "id"),
            int_array(self.tag_ids.ids),
        )

    def _sql_seen(self, alias):
        """When one of the tags was last seen.

        SQL, as it is asked about everybody in the statement that decides.

        :param str alias: of ``contact_profile``
        :return: SQL, naive UTC
        """
        self.env["contact.tag.assignment"].flush_model()
        return SQL(
            "(SELECT max(known.last_seen) FROM contact_tag_assignment known"
            " WHERE known.profile_id = %s AND known.tag_id = ANY(%s)"
            # As for who has the tag: one that has expired blocks nobody.
            " AND known.active IS TRUE AND (known.expires IS NULL"
            " OR known.expires > now() AT TIME ZONE 'UTC'))",
            SQL.identifier(alias, "id"),
            int_array(self.tag_ids.ids),
        )

    def _can_wait(self):
        is_for_good = self.rule_type == "block" and not self.is_for_a_time
        return not is_for_good and super()._can_wait()

    @api.depends("segment_ids.name", "tag_ids.display_name", "is_for_a_time")
    def _compute_sentence(self):
        return super()._compute_sentence()

    def _terms(self):
        return {
            **super()._terms(),
            "segments": self.segment_ids.ids,
            "tags": self.tag_ids.ids,
            "time": self.is_for_a_time,
        }

    @api.model
    def _say_block(self, terms, step):
        # Elevated by `_say`'s callers: a rule is said to whoever is bound by it.
        who = []
        if step in (None, 0):
            segments = self.env["contact.segment"].browse(terms["segments"]).exists()
            who += [self.env._("in “%s”", name) for name in segments.mapped("name")]
        if step in (None, 1):
            tags = self.env["contact.tag"].browse(terms["tags"]).exists()
            who += [self.env._("with “%s”", tag.display_name) for tag in tags]
        said = {
            "what": self._say_what(terms),
            "who": format_list(self.env, who, style="or"),
        }
        if terms["time"] and step != 0:
            return self.env._(
                "No %(what)s to people %(who)s, until %(length)s after it was last "
                "seen",
                length=self._say_duration(terms),
                **said,
            )
        return self.env._("No %(what)s to people %(who)s", **said)
