import psycopg2

from odoo import fields, models
from odoo.exceptions import AccessError, MissingError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from odoo.addons.mass_mailing_contact_strategy.core import outline

from .segment_crowd import PATIENCE, TooMany, patient


class ContactProfile(models.Model):
    """The page of a person tells in which segments the person is, and why."""

    _inherit = "contact.profile"

    def get_segments(self):
        """The segments somebody is in now, as far as the caller may see them.

        All of them are asked, so that the page is there first, and asks then.

        :return: dict ``segments``: list of dict ``id``, ``name`` and ``reasons`` (list
            of texts); ``trouble``: why it cannot be told, or False
        :raise MissingError: there is no such person
        :raise AccessError: the caller may not read the person
        """
        self.ensure_one()
        self.check_access("read")
        if not self.id:
            raise MissingError(self.env._("Somebody you ask about does not exist."))
        Segment = self.env["contact.segment"]
        if not Segment.has_access("read"):
            return {"segments": [], "trouble": False}
        try:
            with patient(self.env, PATIENCE):
                told = self._say_segments(Segment.search([]), fields.Datetime.now())
        except TooMany:
            trouble = self.env._("There are too many people to ask while you wait.")
        except psycopg2.Error:
            trouble = self.env._("One of the segments cannot be asked.")
        else:
            return {"segments": told, "trouble": False}
        return {"segments": [], "trouble": trouble}

    def _say_segments(self, segments, at):
        """Those of some segments that the person is in, as ``get_segments`` tells."""
        inside = set(self._find_segments(segments, at).get(self.id, ()))
        segments = segments.filtered(lambda segment: segment.id in inside)
        reasons = {
            **self._say_since(segments.filtered(lambda one: one.kind != "live")),
            **self._say_why(segments.filtered(lambda one: one.kind == "live"), at),
        }
        return [
            {
                "id": segment.id,
                "name": segment.display_name,
                "reasons": reasons.get(segment, []),
            }
            for segment in segments
        ]

    def _say_since(self, segments):
        """Of segments that keep their members: since when. Why is no longer known."""
        members = self.env["contact.segment.member"].search(
            [
                ("segment_id", "in", segments.ids),
                ("profile_id", "=", self.id),
                ("until", "=", False),
            ]
        )
        return {
            member.segment_id: [
                self.env._("since %s", format_date(self.env, member.since))
            ]
            for member in members
        }

    def _say_why(self, segments, at):
        """The lines that are true of the person, with what was found."""
        trees = {segment: segment._parse() for segment in segments}
        leaves = {
            node.item.id: node.item.sudo()._compile_leaf(at)
            for tree in trees.values()
            for _level, node in outline.walk(tree)
            if not node.is_group
        }
        # Elevated: what is asked does not depend on the reader, who sees the person.
        true = set(self.sudo()._find_fitting(leaves).get(self.id, ()))
        reasons = {}
        for segment, tree in trees.items():
            lines = {node.item for _level, node in outline.walk(tree)}
            answers = {self.id: {line: line.id in true for line in lines}}
            try:
                told = segment._say_reasons(self, tree, answers, at)
            except AccessError:
                continue  # made of what is not for the reader
            reasons[segment] = told[self.id]
        return reasons

    def _find_segments(self, segments, at=None):
        """Who of these people is in which of some segments.

        :param segments: contact.segment
        :param datetime at: naive UTC; default: now
        :return: {profile id: list of segment ids}
        """
        # Elevated: what a segment asks is not for everybody who may use it.
        return self._find_fitting(
            {segment.id: segment.sudo()._get_domain(at) for segment in segments}
        )

    def _find_fitting(self, domains):
        """Who of these people fits which of some domains.

        One statement, because the ORM has one for each domain, and there may be many.

        :param dict domains: {key: Domain on contact.profile}; keys are whole numbers
        :return: {profile id: list of keys, in their order}
        """
        Profile = self.env["contact.profile"].with_context(active_test=False)
        these = Domain("id", "in", self._origin.ids)
        parts = []
        for key, domain in domains.items():
            if domain.is_false():
                continue
            try:
                query = Profile._search(these & domain)
            except AccessError:
                continue  # asks for what the reader may not know of anybody
            query.order = None
            person = SQL.identifier(query.table, "id")
            parts.append(SQL("(%s)", query.select(person, SQL("%s::int", key))))
        found = {}
        if parts:
            rows = self.env.execute_query(SQL(" UNION ALL ").join(parts))
            for profile_id, key in rows:
                found.setdefault(profile_id, []).append(key)
        return found
