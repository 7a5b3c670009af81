from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.core.storable import shown

from .segment_crowd import Crowd, TooMany, number

DAYS = 90
"""Of so many days are responses compared."""
FEW = 100
"""Fewer people tell nothing that can be trusted."""
GROWTH_DAYS = 60
NEXT = 3
"""So many people are named who stand behind the limit."""
SHARED = 8
"""So many other segments are named that people are in, too."""
RESPONSES = ("opened", "clicked", "replied")


class ContactSegment(models.Model):
    """What can be told of the people of a segment as it is saved."""

    _inherit = "contact.segment"

    def get_insights(self, parts=None):
        """What the form tells beside the segment, of the people the reader may see.

        :param list parts: names of parts (see ``_get_insight_parts``); default: all
        :return: {name of the part: its values}; None where it takes too long
        :raise UserError: there is no such part, or not one segment
        """
        self.check_access("read")
        if len(self) != 1:
            raise UserError(self.env._("Ask about one segment."))
        known = self._get_insight_parts()
        if parts is None or parts is False:
            parts = list(known)
        if not isinstance(parts, (list, tuple)):
            raise UserError(self.env._("Parts are given by their names."))
        told = {}
        for name in parts:
            if not isinstance(name, str) or name not in known:
                raise UserError(
                    self.env._("Of a segment “%s” is not known.", shown(name))
                )
            try:
                told[name] = known[name]()
            except (TooMany, AccessError, ValueError):
                told[name] = None  # the form says itself what is wrong with it
        return told

    def _get_insight_parts(self):
        """Override to add a part: call super and add a function without arguments,
        under its name, that returns plain values.

        :rtype: dict
        """
        return {
            "behind": self._insight_behind,
            "overlaps": self._insight_overlaps,
            "growth": self._insight_growth,
            "response": self._insight_response,
        }

    def _insight_behind(self):
        """Who would be next if the limit were higher: list of dict ``id``, ``name``,
        ``reason``."""
        behind = self._explain_limit(limit=NEXT) if self.max_members else []
        profiles = self.env["contact.profile"].browse(
            one["profile_id"] for one in behind
        )
        return [
            {"id": profile.id, "name": profile.display_name, "reason": one["reason"]}
            for profile, one in zip(profiles, behind, strict=True)
        ]

    def _insight_overlaps(self):
        """Other segments that share most people: list of dict ``id``, ``name``,
        ``count``, ``share`` (of the people of this one)."""
        told = (self | self._others())._count_overlaps()
        pairs = told["pairs"].get(str(self.id), {})
        own = pairs.get(str(self.id), 0)
        shared = [
            {
                "id": segment["id"],
                "name": segment["name"],
                "count": pairs[str(segment["id"])],
                "share": pairs[str(segment["id"])] / own,
            }
            for segment in told["segments"]
            if segment["id"] != self.id and pairs.get(str(segment["id"]))
        ]
        return sorted(shared, key=lambda other: -other["count"])[:SHARED]

    def _insight_growth(self):
        """One dict ``day``, ``size``, ``entered``, ``left`` for each day; nothing for
        a live segment, which keeps no members."""
        if self.kind == "live":
            return []
        days = self._growth(GROWTH_DAYS).get(self.id, [])
        return [{**one, "day": fields.Date.to_string(one["day"])} for one in days]

    # ------------------------------------------------------------
    # Everybody against this segment
    # ------------------------------------------------------------

    def _insight_response(self):
        """How the people responded in the last days, against everybody: dict ``days``,
        ``words`` and ``rows`` (``name``, ``label``, and two ``cells``: this segment's,
        everybody's, with ``count`` of people and ``share`` of those who got mail)."""
        # The ledger is a later room: it is asked where it is there, and readable.
        Touch = self.env.get("contact.touch")
        if Touch is None or not Touch.has_access("read"):
            return None
        since = fields.Datetime.now() - timedelta(days=DAYS)
        own, others = self._count_response(Touch, since)
        everybody = [mine + theirs for mine, theirs in zip(own, others, strict=True)]
        return {
            "days": DAYS,
            "words": self._say_few(own[0]),
            "rows": self._response_rows(own, everybody) if everybody[0] else [],
        }

    def _say_few(self, got):
        if not got:
            return self.env._("Nobody in this segment got a mailing.")
        if got < FEW:
            return self.env._(
                "Only %s people in this segment got a mailing: too few to conclude "
                "anything from.",
                got,
            )
        return False

    def _response_rows(self, own, everybody):
        labels = {
            "got": self.env._("Got a mailing"),
            "opened": self.env._("Opened"),
            "clicked": self.env._("Clicked"),
            "replied": self.env._("Replied"),
            "left": self.env._("Opted out"),
        }
        rows = []
        for position, (name, label) in enumerate(labels.items()):
            cells = [
                {
                    "count": counts[position],
                    "share": counts[position] / counts[0]
                    if position and counts[0]
                    else None,
                }
                for counts in (own, everybody)
            ]
            rows.append({"name": name, "label": label, "cells": cells})
        return rows

    def _count_response(self, Touch, since):
        """Two lists of people: in the segment, and not in it. Each: got a mailing,
        opened, clicked, replied, opted out.

        SQL: it counts people, not touches, by whether they are in a segment.
        """
        crowd = Crowd(self.env)
        inside = crowd.ask(self._get_domain())
        touches = Touch._search(
            Domain("date", ">=", since)
            & Domain("state", "=", "sent")
            & Domain("mailing_id", "!=", False)
        )
        rows = crowd.rows(self._sql_responses(inside, touches, since))
        counts = {is_in: numbers for is_in, *numbers in rows}
        nobody = [0] * (len(RESPONSES) + 2)
        return counts.get(True, nobody), counts.get(False, nobody)

    def _sql_responses(self, inside, touches, since):
        """Goes on after ``crowd``: rows (is in the segment, people of each kind).

        :param SQL inside: column of the crowd
        :param Query touches: that count
        """
        answers = [
            SQL("bool_or(%(name)s) AS %(name)s", name=SQL.identifier(name))
            for name in RESPONSES
        ]
        return SQL(
            """, got AS (
                SELECT profile_id, %(answers)s FROM contact_touch
                 WHERE id IN %(touches)s GROUP BY profile_id
            ), gone AS (%(gone)s)
            SELECT %(inside)s, count(*), %(counts)s, count(gone.profile_id)
              FROM crowd
              JOIN got ON got.profile_id = crowd.id
              LEFT JOIN gone ON gone.profile_id = crowd.id
             GROUP BY 1
            """,
            answers=SQL(", ").join(answers),
            touches=touches.subselect(),
            gone=self._sql_opted_out(since),
            inside=inside,
            counts=SQL(", ").join(
                number(SQL.identifier("got", name)) for name in RESPONSES
            ),
        )

    def _sql_opted_out(self, since):
        """Each person who left a list or was blacklisted since then, once."""
        self.env["mailing.subscription"].flush_model()
        self.env["mail.blacklist"].flush_model()
        return SQL(
            """
            SELECT contact.profile_id
              FROM mailing_subscription subscription
              JOIN mailing_contact contact ON contact.id = subscription.contact_id
             WHERE subscription.opt_out AND subscription.opt_out_datetime >= %(since)s
               AND contact.profile_id IS NOT NULL
             UNION
            SELECT profile.id
              FROM mail_blacklist blacklist
              JOIN contact_profile profile
                ON profile.email_normalized = blacklist.email
             WHERE blacklist.active AND blacklist.create_date >= %(since)s
            """,
            since=since,
        )
