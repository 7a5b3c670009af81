from itertools import product

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from .segment_crowd import Crowd, TooMany, number

MOST = 25
"""So many segments make a table that can be read."""


class ContactSegment(models.Model):
    """How many people are in it, and in which others, too."""

    _inherit = "contact.segment"

    people_count = fields.Integer(
        compute="_compute_people_count", string="Number of People"
    )
    people_later = fields.Boolean(
        compute="_compute_people_later",
        string="People",
        help="Where a list has the place for their number: it is there first, and asks "
        "then (see get_people_counts).",
    )
    # In a waterfall
    fit_count = fields.Integer(compute="_compute_taken", string="Fit")
    taken_count = fields.Integer(compute="_compute_taken", string="Takes")
    rest_count = fields.Integer(
        compute="_compute_taken", string="Remain", help="People whom no segment took."
    )

    @api.depends("condition_ids", "kind", "member_ids", "problem")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_people_count(self):
        """People whom the reader may see; all segments in one reading of them."""
        counts = self._origin._count_each()
        for segment in self:
            segment.people_count = counts.get(segment._origin, 0)

    def _compute_people_later(self):
        self.people_later = False

    def get_people_counts(self):
        """How many people are in each of these segments, that the caller may see, in
        one reading of all people.

        :return: {id: number}; None of one that cannot be asked, and of all where it
            takes too long: what is wrong its form says
        :rtype: dict
        :raise AccessError: the caller may not read segments
        """
        self.check_access("read")
        counts = self._count_each()
        return {str(segment.id): counts.get(segment) for segment in self}

    def _count_each(self):
        """{segment: people}; a list does not wait for what takes long: its form says
        why there is no number."""
        try:
            crowd = Crowd(self.env)
            asked = self._ask_each(crowd)
            row = crowd.answer(*map(number, asked.values())) if asked else ()
        except (TooMany, AccessError):
            return {}
        return dict(zip(asked, row, strict=True))

    def _ask_each(self, crowd):
        """{segment: the column that says who is in it}; of those that can be asked."""
        asked = {segment: segment._ask_of(crowd, "_get_domain") for segment in self}
        return {one: column for one, column in asked.items() if column}

    def _ask_of(self, crowd, question):
        """The column that says who is meant; None if the reader may not ask it.

        :param str question: name of the method that compiles it
        """
        try:
            return crowd.ask(getattr(self, question)())
        except (AccessError, ValueError):
            return None

    @api.depends("waterfall_id.segment_ids", "waterfall_sequence", "condition_ids")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_taken(self):
        self.fit_count = self.taken_count = self.rest_count = 0
        for waterfall in self.waterfall_id:
            segments = waterfall.segment_ids.filtered("active").sorted(
                lambda one: (one.waterfall_sequence, one._origin.id or 0)
            )
            try:
                counts = segments._origin._count_taken()
            except (TooMany, AccessError):
                continue
            for segment in self & segments:
                (
                    segment.fit_count,
                    segment.taken_count,
                    segment.rest_count,
                ) = counts.get(segment._origin, (0, 0, 0))

    def _count_taken(self):
        """{segment: (fit its conditions, it takes, nobody took so far)}, in the order
        of the waterfall."""
        crowd = Crowd(self.env)
        columns, taken, order = [], [], []
        for segment in self.filtered(lambda one: not one.problem):
            fits = segment._ask_of(crowd, "_compile_of_unit")
            if fits and segment.kind == "live" and not segment.max_members:
                # what it takes need not be asked again
                earlier = SQL(" OR ").join([*taken, SQL("FALSE")])
                takes = SQL("(%s AND NOT (%s))", fits, earlier)
            else:
                takes = segment._ask_of(crowd, "_get_domain")
            if not fits or not takes:
                continue
            taken.append(takes)
            order.append(segment)
            rest = SQL("NOT (%s)", SQL(" OR ").join(taken))
            columns += [number(fits), number(takes), number(rest)]
        if not columns:
            return {}
        row = crowd.answer(*columns, patience="10s")
        return {
            segment: row[3 * place : 3 * place + 3]
            for place, segment in enumerate(order)
        }

    # ------------------------------------------------------------
    # Two at once
    # ------------------------------------------------------------

    def get_overlaps(self):
        """How many people each two of these segments share; of none: of those that
        are used most lately.

        :return: dict ``segments`` (list of ``id``, ``name``, ``count``), ``pairs``
            ({id: {id: number of people in both}}, ids as texts) and ``words``, what
            else there is to say
        """
        self.check_access("read")
        segments = self or self._others()
        words = False
        if len(segments) > MOST:
            words = self.env._(
                "These are %(some)s of %(all)s segments. Choose some in the list.",
                some=MOST,
                all=len(segments),
            )
        try:
            return {**segments[:MOST]._count_overlaps(), "words": words}
        except TooMany:
            words = self.env._("There are too many people to compare while you wait.")
        return {"segments": [], "pairs": {}, "words": words}

    @api.model
    def _others(self):
        return self.search([], order="write_date DESC, id DESC", limit=MOST + 1)

    def _count_overlaps(self):
        """One statement, whatever their number: people are counted by the set of
        segments they are in, of which there are few."""
        crowd = Crowd(self.env)
        asked = self._ask_each(crowd)
        pairs = {str(segment.id): {} for segment in asked}
        if asked:
            columns = SQL(", ").join(asked.values())
            rows = crowd.rows(
                SQL(
                    "SELECT count(*), ARRAY[%s] AS sets FROM crowd GROUP BY sets",
                    columns,
                ),
                patience="20s",
            )
            keys = list(pairs)
            for count, sets in rows:
                inside = [key for key, is_in in zip(keys, sets, strict=True) if is_in]
                for one, other in product(inside, inside):
                    pairs[one][other] = pairs[one].get(other, 0) + count
        return {
            "segments": [
                {
                    "id": segment.id,
                    "name": segment.display_name,
                    "count": pairs[str(segment.id)].get(str(segment.id), 0),
                }
                for segment in asked
            ],
            "pairs": pairs,
        }

    # ------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------

    def action_view_people(self):
        """Open the people who are in it now."""
        self.ensure_one()
        return self.action_view_common()

    def action_view_common(self):
        """Open the people who are in all of these segments."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "mass_mailing_contact_strategy.contact_profile_action"
        )
        names = filter(None, self.mapped("display_name"))
        action["display_name"] = " + ".join(names)
        action["domain"] = list(
            Domain("is_seed", "=", False)
            & Domain.AND(Domain("segment_ids", "in", one.id) for one in self)
        )
        action["context"] = {}
        return action

    def action_view_overlaps(self):
        """Compare these segments with each other."""
        self.check_access("read")
        action = self.env["ir.actions.client"]._for_xml_id(
            "mass_mailing_contact_strategy.contact_segment_overlap_action"
        )
        action["context"] = {"segment_ids": self.ids}
        return action

    def action_view_members(self):
        """Open who came and went."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "mass_mailing_contact_strategy.contact_segment_member_action"
        )
        action["domain"] = [("segment_id", "=", self.id)]
        action["context"] = {"search_default_filter_now": 1}
        return action
