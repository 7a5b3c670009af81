from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.mass_mailing_contact_strategy.models.audience.segment_problem import (
    SegmentProblem,
)
from odoo.addons.mass_mailing_contact_strategy.models.storable import check_storable

CHOSEN = {"segment_ids", "exclude_segment_ids"}


class MailingMailing(models.Model):
    """Mailings to segments, and without some.

    Whatever Odoo lets users choose (a list, a domain) holds as well. Who is in a
    segment is asked whenever recipients are: at launch, at sending, and again when a
    deferred person's time has come. A segment that cannot be asked is never taken for
    everybody or nobody: the mailing waits until somebody has mended it.
    """

    _inherit = "mailing.mailing"

    segment_ids = fields.Many2many(
        "contact.segment",
        relation="mailing_mailing_segment_rel",
        context={"active_test": False},
        string="Segments",
        help="Only people in at least one of these. Empty: everybody chosen above.",
    )
    exclude_segment_ids = fields.Many2many(
        "contact.segment",
        relation="mailing_mailing_exclude_segment_rel",
        context={"active_test": False},
        string="Not in Segments",
        help="Nobody who is in one of these.",
    )
    segment_note = fields.Char(compute="_compute_segment_note")
    segment_problem = fields.Text(compute="_compute_segment_note")
    segment_unit_note = fields.Text(compute="_compute_segment_unit_note")

    @api.model_create_multi
    def create(self, vals_list):
        """What the addon adds is refused in words where it cannot be kept."""
        for vals in vals_list:
            check_storable(self, vals, CHOSEN)
        return super().create(vals_list)

    def write(self, vals):
        """A mailing of which the queue cannot tell the recipients is not done."""
        check_storable(self, vals, CHOSEN)
        in_queue = self.env.context.get("contact_strategy_queue")
        if not in_queue or vals.get("state") != "done":
            return super().write(vals)
        stopped = self.browse()
        for mailing in self:
            if reason := mailing._say_segment_problem():
                mailing._say_failure(reason)
                stopped |= mailing
        ending = self - stopped
        return not ending or super(MailingMailing, ending).write(vals)

    @api.depends(*CHOSEN, "mailing_domain", "mailing_model_id", "contact_list_ids")
    def _compute_segment_note(self):
        """How many are chosen by all of it together, or why it cannot be told."""
        for mailing in self:
            mailing.segment_note = mailing.segment_problem = False
            if not mailing.mailing_model_id:
                continue
            mailing.segment_problem = mailing._say_segment_problem()
            chosen = mailing.segment_ids | mailing.exclude_segment_ids
            if chosen and not mailing.segment_problem:
                count = self.env[mailing.mailing_model_real].search_count(
                    mailing._get_recipients_domain()
                )
                mailing.segment_note = self.env._("Together: %s recipients", count)

    @api.depends(*CHOSEN, "company_id", *(f"{name}.company_id" for name in CHOSEN))
    def _compute_segment_unit_note(self):
        """Segments of other business units: they ask what others sent, of others'
        people. That may be meant, where people are shared, so it is not refused."""
        for mailing in self:
            # Elevated: names of units that the sender may not work in.
            sender = mailing.sudo()
            chosen = sender.segment_ids | sender.exclude_segment_ids
            foreign = chosen.filtered(
                lambda segment, unit=sender.company_id: (
                    unit and segment.company_id not in (unit, unit.browse())
                )
            )
            mailing.segment_unit_note = "\n".join(
                sender._say_foreign(segment) for segment in foreign
            )

    def _say_foreign(self, segment):
        return self.env._(
            "The segment “%(segment)s” belongs to %(other)s: it knows only the people "
            "of %(other)s and what %(other)s sent. This mailing is from %(own)s.",
            segment=segment.name,
            other=segment.company_id.name,
            own=self.company_id.name,
        )

    @api.depends(*CHOSEN)
    def _compute_preflight(self):
        """A preflight that would count nobody says why instead."""
        broken = self.filtered(
            lambda mailing: (
                mailing._is_before_sending() and mailing._say_segment_problem()
            )
        )
        res = super(MailingMailing, self - broken)._compute_preflight()
        for mailing in broken:
            for name in ("total", "now", "later", "not"):
                mailing[f"preflight_{name}"] = 0
            mailing.preflight_state = "error"
            mailing.preflight_error = mailing._say_segment_problem()
        return res

    # ------------------------------------------------------------
    # Recipients
    # ------------------------------------------------------------

    def _get_recipients_domain(self):
        """Odoo's own, and the segments: both must hold."""
        domain = super()._get_recipients_domain()
        if not (self.segment_ids or self.exclude_segment_ids):
            return domain
        try:
            return domain & self._get_segments_domain()
        except SegmentProblem:
            # Whoever sends is stopped with a sentence; nobody else must be counted.
            return Domain.FALSE

    def _get_segments_domain(self) -> Domain:
        """Whom the segments leave, as a domain on the recipients' model.

        Whom a sender may not see is in a segment all the same: else they would get what
        they are to be spared.

        :raise SegmentProblem: a segment cannot be asked
        """
        self.ensure_one()
        Segment = self.env["contact.segment"]
        Model = self.env[self.mailing_model_real]
        domain = Domain.TRUE
        if self.segment_ids:
            people = self.segment_ids._get_people_domain()
            domain &= Segment._get_records_domain(Model, people)
        if self.exclude_segment_ids:
            people = self.exclude_segment_ids._get_people_domain()
            domain &= ~Segment._get_records_domain(Model, people)
        return domain

    # ------------------------------------------------------------
    # Stopping
    # ------------------------------------------------------------

    def _say_segment_problem(self):
        """Why recipients cannot be told, or False.

        :rtype: str | bool
        """
        self.ensure_one()
        for segment in self.segment_ids | self.exclude_segment_ids:
            if reason := segment._say_unusable():
                return reason
        if self.mailing_model_name != "mailing.list":
            return False
        for mailing_list in self.contact_list_ids:
            reason = mailing_list.segment_id and mailing_list.segment_id._say_unusable()
            if reason:
                return self.env._(
                    "The list “%(list)s” follows a segment. %(reason)s",
                    list=mailing_list.name,
                    reason=reason,
                )
        return False

    def _check_segments(self):
        """:raise UserError: it cannot be told who is in a segment of a mailing"""
        for mailing in self:
            if reason := mailing._say_segment_problem():
                raise UserError(reason)

    def action_schedule(self):
        """Not while it cannot be told who will get it."""
        self._check_segments()
        return super().action_schedule()

    def action_put_in_queue(self):
        """Not while it cannot be told who would get it."""
        self._check_segments()
        self._follow_lists()
        return super().action_put_in_queue()

    @api.model
    def _process_mass_mailing_queue(self):
        """Lists that follow a segment are brought up to date before they are used."""
        due = self.search(
            [
                ("state", "in", ("in_queue", "sending")),
                ("is_waiting", "=", False),
                "|",
                ("schedule_date", "<", fields.Datetime.now()),
                ("schedule_date", "=", False),
            ]
        )
        due._follow_lists()
        return super()._process_mass_mailing_queue()

    def _follow_lists(self):
        lists = self.filtered(lambda m: m.mailing_model_name == "mailing.list")
        lists.contact_list_ids._follow_segments()

    def _expire_deferred(self):
        """Nobody has left an audience that cannot be told: they wait on."""
        known = self.filtered(lambda mailing: not mailing._say_segment_problem())
        return super(MailingMailing, known)._expire_deferred()
