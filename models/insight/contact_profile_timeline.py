from dataclasses import dataclass
from datetime import datetime, timedelta

from odoo import fields, models
from odoo.exceptions import MissingError, UserError
from odoo.fields import Domain

from odoo.addons.mass_mailing_contact_strategy.core.storable import (
    YEARS,
    fault_of_id,
    shown,
)

LONGEST_PAGE = 100
SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Position:
    """Where a page of the timeline ended: at this event, of this source."""

    date: datetime
    source: str
    id: int

    def before(self, source, date_field):
        """What of a source comes after this position, which is what happened earlier.

        Events of one second are ordered by source and id, so that none is shown twice
        or left out where a page ends.

        :rtype: Domain
        """
        in_it = Domain(date_field, ">=", self.date) & Domain(
            date_field, "<", self.date + SECOND
        )
        earlier = Domain(date_field, "<", self.date)
        if source < self.source:
            return earlier | in_it
        if source == self.source:
            return earlier | (in_it & Domain("id", "<", self.id))
        return earlier


class ContactProfile(models.Model):
    """Everything that happened between a person and us, the newest first."""

    _inherit = "contact.profile"

    def get_timeline(self, before=None, limit=20):
        """One page of what happened.

        :param str before: ``next`` of the page before; None: the newest
        :param int limit: how many events, 100 at most
        :return: dict with ``events`` (list of dict, see ``_prepare_event``), ``next``
            (or False when nothing is earlier) and ``earlier`` (what is known about the
            time before all events, in words, or False)
        :raise UserError: a position or a number that is none
        :raise MissingError: there is no such person
        """
        self.ensure_one()
        self.check_access("read")
        if not self.id:
            raise MissingError(self.env._("Somebody you ask about does not exist."))
        position = self._timeline_position(before)
        if fault_of_id(limit) or not 0 < int(limit or 0) <= LONGEST_PAGE:
            raise UserError(
                self.env._("Between 1 and %s events can be read at once.", LONGEST_PAGE)
            )
        events = []
        for read_events in self._get_timeline_sources():
            events += read_events(position, limit + 1)
        events.sort(key=lambda e: (e["date"], e["source"], e["id"]), reverse=True)
        page, more = events[:limit], events[limit:]
        last = page and page[-1]
        return {
            "events": page,
            "next": bool(more) and "{date}/{source}/{id}".format(**last),
            "earlier": not more and self._say_earlier(),
        }

    def _timeline_position(self, text):
        """:rtype: Position | None"""
        if text is None or text is False:
            return None
        try:
            date, source, id_ = text.split("/")
            return Position(self._moment_of(date), source, self._id_of(id_))
        except (AttributeError, ValueError) as error:
            raise UserError(
                self.env._("“%s” is no place in a timeline.", shown(text))
            ) from error

    def _id_of(self, text):
        if fault_of_id(int(text)):
            raise ValueError(text)
        return int(text)

    def _moment_of(self, text):
        moment = datetime.strptime(text, "%Y-%m-%d %H:%M:%S")
        if moment.year not in YEARS:
            raise ValueError(text)
        return moment

    def _get_timeline_sources(self):
        """What the timeline is made of.

        Called for each page. Override to add your own events: call super and append a
        function of a position (None: from the newest on) and a number, which returns at
        most so many events, each made by ``_prepare_event``.

        :rtype: list
        """
        return [
            self._get_move_events,
            self._get_persona_events,
            self._get_said_events,
        ]

    def _say_earlier(self):
        """What is known about the time before all events.

        Called for the last page. Override to say more than nothing.

        :rtype: str | bool
        """
        return False

    def _timeline_records(self, source, records, position, limit, **more):
        """The records of this person that come next.

        :param str source: name of the source, see ``_prepare_event``
        :param records: of the model, with the context to search in
        :param more: ``date_field`` (default: date), ``domain`` instead of the person's
        """
        date_field = more.get("date_field", "date")
        domain = Domain(more.get("domain") or [("profile_id", "=", self.id)])
        if position:
            domain &= position.before(source, date_field)
        order = f"{date_field} DESC, id DESC"
        return records.search(domain, limit=limit, order=order)

    def _prepare_event(self, source, record, date, **said):
        """One line of the timeline.

        :param str source: what it is, and part of what orders it: touch, hold, move,
            persona, tag, or fact: and a model
        :param datetime date: when
        :param said: ``title``; and maybe ``text``, ``icon`` (of Font Awesome),
            ``way`` (``out``: we did, ``in``: the person did, ``own``: we noted),
            ``marks`` (list of dict ``label``, ``color``, ``date``)
        :rtype: dict
        """
        return {
            "source": source,
            "id": record.id,
            "date": fields.Datetime.to_string(date),
            "model": record._name,
            "icon": "fa-circle-o",
            "way": "own",
            "text": False,
            "marks": [],
            "can_open": True,
            **said,
        }

    def _get_move_events(self, position, limit):
        Move = self.env["contact.journey.move"]
        moves = self._timeline_records("move", Move, position, limit)
        return [self._prepare_move_event(move) for move in moves]

    def _prepare_move_event(self, move):
        said = []
        if move.from_stage_id:
            said.append(
                self.env._(
                    "After %(days)s days as %(stage)s",
                    days=round(move.days),
                    stage=move.from_stage_id.name,
                )
            )
        # A colleague of another business unit has a name, too.
        by = move.signal_id.name or move.user_id.sudo().name
        said += [part for part in (by, move.reason) if part]
        title = self.env._("Now %s", move.stage_id.name or self.env._("in no stage"))
        if move.is_back:
            title = self.env._(
                "Back to %s", move.stage_id.name or self.env._("no stage")
            )
        return self._prepare_event(
            "move",
            move,
            move.date,
            icon="fa-undo" if move.is_back else "fa-flag-o",
            title=title,
            text=" · ".join(said),
            can_open=False,
        )

    def _get_persona_events(self, position, limit):
        Change = self.env["contact.persona.change"]
        changes = self._timeline_records("persona", Change, position, limit)
        return [self._prepare_persona_event(change) for change in changes]

    def _prepare_persona_event(self, change):
        kind = dict(change._fields["kind"]._description_selection(self.env))
        said = [kind.get(change.kind)]
        if change.kind == "implicit" and change.confidence:
            said.append(f"{change.confidence:.0%}")
        said += [
            part for part in (change.user_id.sudo().name, change.note) if part
        ]  # sudo: as in _prepare_move_event
        return self._prepare_event(
            "persona",
            change,
            change.date,
            icon="fa-user-o",
            title=self.env._(
                "Persona: %s", change.persona_id.name or self.env._("none any more")
            ),
            text=" · ".join(said),
            can_open=False,
        )

    def _get_said_events(self, position, limit):
        """What the person told us, also what does not count any more."""
        Assignment = self.env["contact.tag.assignment"]
        said = self._timeline_records(
            "tag",
            Assignment.with_context(active_test=False),
            position,
            limit,
            date_field="first_seen",
            domain=[("profile_id", "=", self.id), ("kind", "=", "explicit")],
        )
        sources = dict(said._fields["source"]._description_selection(self.env))
        return [
            self._prepare_event(
                "tag",
                assignment,
                assignment.first_seen,
                way="in",
                icon="fa-comment-o",
                title=self.env._(
                    "%(dimension)s: %(tag)s",
                    dimension=assignment.dimension_id.name,
                    tag=assignment.tag_id.name,
                ),
                text=" · ".join(
                    part
                    for part in (sources.get(assignment.source), assignment.note)
                    if part
                ),
            )
            for assignment in said
        ]
