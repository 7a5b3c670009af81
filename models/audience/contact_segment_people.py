from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import Query

from .contact_segment_compile import PATH
from .segment_problem import SegmentProblem

POSITIVE = {"not in": "in", "not any": "any", "not any!": "any!"}
"""What a negative operator denies."""


class ContactSegment(models.Model):
    """Who is in a segment, for everybody who uses segments.

    A segment that cannot be asked is nobody. That is safe where people are looked for,
    and the opposite where people are left out: there it is refused.
    """

    _inherit = "contact.segment"

    # ------------------------------------------------------------
    # Searching
    # ------------------------------------------------------------

    @api.model
    def _search_people(self, operator, value):
        """The people whose ``segment_ids`` fit, as a domain on the profile.

        :param str operator: of a condition on ``segment_ids``
        :param value: its value
        :raise UserError: people are looked for who are *not* in a segment that cannot
            be asked: it would be everybody
        """
        segments, missing = self._find_named(POSITIVE.get(operator, operator), value)
        if segments is None:
            return NotImplemented
        if PATH in self.env.context or operator in POSITIVE:
            # Elsewhere "nobody" is safe; in a segment it is a broken line, and the
            # negation of it would be everybody.
            self._check_usable(segments, missing)
        people = Domain.OR(segment._get_domain() for segment in segments.sudo())
        if operator.endswith("in") and False in value:
            everything = self.search([])
            self._check_usable(everything, 0)
            people |= Domain.AND(each._outside() for each in everything.sudo())
        return ~people if operator in POSITIVE else people

    @api.model
    def _find_named(self, operator, value):
        """The segments that a condition names, as far as the reader may see them, and
        how many more it names; None where it cannot be told."""
        everything = self.with_context(active_test=False)
        if operator not in ("in", "any", "any!"):
            return None, 0
        if operator == "in":
            ids = {id_ for id_ in value if id_}
            if not all(isinstance(id_, int) for id_ in ids):
                return None, 0
            segments = everything.browse(ids).exists()._filtered_access("read")
            return segments, len(ids) - len(segments)
        if isinstance(value, Query):
            return everything.browse(value.get_result_ids()), 0
        if isinstance(value, (Domain, list, tuple)):
            return everything.search(Domain(value)), 0
        return None, 0

    @api.model
    def _check_usable(self, segments, missing):
        """:raise UserError: one of the segments cannot be asked, or is gone"""
        if missing:
            raise UserError(
                self.env._(
                    "A segment is asked for that was deleted, or is not yours to see: "
                    "it cannot be told who is not in it."
                )
            )
        for segment in segments:
            if reason := segment._say_unusable():
                raise UserError(reason)

    # ------------------------------------------------------------
    # Using
    # ------------------------------------------------------------

    def _say_unusable(self):
        """Why it cannot be told who is in the segment, or False.

        :rtype: str | bool
        """
        self.ensure_one()
        # Elevated: it is about the segment, not about what the reader may see.
        segment = self.sudo()
        try:
            segment._audience()
        except SegmentProblem as problem:
            return self.env._(
                "The segment “%(name)s” cannot be asked who is in it: %(problem)s",
                name=segment.name,
                problem=problem,
            )
        never = {
            "refreshed": not segment.refreshed_date,
            "frozen": not segment.frozen_date,
        }
        if never.get(segment.kind):
            return self.env._(
                "It was not worked out yet who is in the segment “%(name)s”: refresh "
                "it first.",
                name=segment.name,
            )
        return False

    def _get_people_domain(self) -> Domain:
        """Whoever is in at least one of these segments, as a domain on the profile.

        :raise SegmentProblem: one of them cannot be asked
        """
        for segment in self:
            if reason := segment._say_unusable():
                raise SegmentProblem(reason)
        # Elevated: what a segment asks is not for everybody who may use it.
        return Domain.OR(segment._audience() for segment in self.sudo())

    # ------------------------------------------------------------
    # For programs
    # ------------------------------------------------------------

    def get_members(self, limit=None, offset=0):
        """The people who are in the segment now, as far as the caller may see them.

        For Odoo's external API: ``POST /json/2/contact.segment/get_members`` with
        ``{"ids": [5], "limit": 1000, "offset": 0}``. A caller who wants all of them
        asks again, with the next offset, until fewer than ``limit`` come.

        :param int limit: at most so many; default: all
        :param int offset: leave out so many, in the order of ids
        :return: ids of contact.profile, ascending
        :rtype: list
        :raise UserError: the segment cannot be asked, or a number is none
        :raise AccessError: the caller may not read segments or people
        """
        domain = self._get_visible_domain()
        for number in (limit, offset):
            if number is not None and (
                not isinstance(number, int)
                or isinstance(number, bool)
                or not 0 <= number < 2**31
            ):
                raise UserError(
                    self.env._("How many people are wanted is said by a whole number.")
                )
        if limit == 0:
            return []  # to Odoo it means all
        query = self.env["contact.profile"]._search(
            domain, offset=offset, limit=limit, order="id"
        )
        return list(query.get_result_ids())

    def get_member_count(self):
        """How many people are in the segment now, that the caller may see.

        :rtype: int
        :raise UserError: the segment cannot be asked
        :raise AccessError: the caller may not read segments or people
        """
        return self.env["contact.profile"].search_count(self._get_visible_domain())

    def is_member(self, profile_ids):
        """Which of these people are in the segment now?

        :param list profile_ids: ids of contact.profile
        :return: for each of them, in their order, whether the person is in it (False
            also for people whom the caller may not see)
        :rtype: list
        :raise UserError: the segment cannot be asked, or these are no ids
        :raise AccessError: the caller may not read segments or people
        """
        domain = self._get_visible_domain()
        if not isinstance(profile_ids, (list, tuple)) or not all(
            isinstance(id_, int) and not isinstance(id_, bool) and 0 < id_ < 2**31
            for id_ in profile_ids
        ):
            raise UserError(self.env._("People are named by a list of their ids."))
        inside = set(
            self.env["contact.profile"]
            .with_context(active_test=False)
            ._search(Domain("id", "in", profile_ids) & domain)
            .get_result_ids()
        )
        return [id_ in inside for id_ in profile_ids]

    def _get_visible_domain(self):
        """Who is in this segment, for a search in the name of the reader."""
        self.ensure_one()
        self.check_access("read")
        try:
            return self._get_people_domain()
        except SegmentProblem as problem:
            raise UserError(str(problem)) from problem
