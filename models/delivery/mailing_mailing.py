from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.core.verdicts import Message
from odoo.addons.mass_mailing_contact_strategy.models.ledger.contact_hold import (
    REACHED,
)
from odoo.addons.mass_mailing_contact_strategy.models.policy.engine_booking import (
    Booking,
)
from odoo.addons.mass_mailing_contact_strategy.models.storable import check_storable

RECHECK_PAUSE = timedelta(minutes=5)
"""People become free one by one: they are decided again together, this far apart."""
DEFAULT_USEFUL_DAYS = 7
OWN_FIELDS = {
    "category_id",
    "policy_priority",
    "useful_until",
    "company_id",
    "is_waiting",
    "hold_ids",
    "part_count",
    "salutation",
    "class_of_service",
    "unit_cost",
    "unit_currency_id",
    "print_run_ids",
}


class MailingMailing(models.Model):
    """A mailing under the contact strategy.

    People who may not be written to now are held back, or deferred and decided again
    when they are free. Until the last of them is decided (or the message is no longer
    useful) the mailing stays in the state *Sending*, and ends by itself.
    """

    _inherit = "mailing.mailing"
    # Odoo's order, made definite: mailings that wait are decided in one go, within
    # the same second, and whoever is first gets the allowance.
    _order = "calendar_date DESC, id DESC"

    category_id = fields.Many2one(
        "contact.category",
        string="Kind of Communication",
        ondelete="restrict",
        default=lambda self: self._default_category(),
        help="Decides which rules apply, and whether the message uses up allowance.",
    )
    useful_until = fields.Datetime(
        copy=False,
        help="Deferred people get the message until then, and not later. Empty: as "
        "many days as its kind of communication stays useful.",
    )
    is_useful_until_automatic = fields.Boolean(copy=False, readonly=True)
    company_id = fields.Many2one(
        "res.company",
        string="Business Unit",
        compute="_compute_company_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    is_waiting = fields.Boolean(
        string="Waiting for deferred people",
        copy=False,
        readonly=True,
        help="All recipients were decided once; only deferred ones are left.",
    )

    @api.model
    def _default_category(self):
        return self.env.ref(
            "mass_mailing_contact_strategy.contact_category_newsletter",
            raise_if_not_found=False,
        )

    @api.depends("user_id")
    def _compute_company_id(self):
        """The business unit of whoever is responsible."""
        for mailing in self:
            mailing.company_id = mailing.user_id.company_id or self.env.company

    @api.model_create_multi
    def create(self, vals_list):
        """What the addon adds is refused in words where it cannot be kept."""
        for vals in vals_list:
            check_storable(self, vals, OWN_FIELDS)
        return super().create(vals_list)

    def write(self, vals):
        """A mailing with deferred people is not done, it waits."""
        check_storable(self, vals, OWN_FIELDS)
        state = vals.get("state")
        if "useful_until" in vals:
            vals = {"is_useful_until_automatic": False, **vals}
        if vals.get("active") is False:
            # Odoo's queue does not look at archived mailings: nobody would be asked.
            self.filtered("is_waiting").action_stop_waiting()
        if state in ("draft", "in_queue"):
            vals = {**vals, "is_waiting": False}
        if state == "draft":
            self._forget_holds()
        if state != "done":
            return super().write(vals)
        unfinished = self._with_deferred()
        super(MailingMailing, self - unfinished).write({**vals, "is_waiting": False})
        if unfinished:
            later = ("state", "sent_date", "kpi_mail_required")
            vals = {name: value for name, value in vals.items() if name not in later}
            super(MailingMailing, unfinished).write(
                {**vals, "state": "sending", "is_waiting": True}
            )
            unfinished._schedule_recheck()
        return True

    def unlink(self):
        """The ledger forgets the mailing and its messages in one step.

        SQL: the database would do it row by row, once for the mailing and once for
        each message. In which order depends on the numbers of its triggers, and a
        touch that this transaction has written would be checked in between, while it
        names a message that is gone.
        """
        self.check_access("unlink")
        self.env["contact.touch"].flush_model(["mailing_id", "trace_id"])
        self.env.cr.execute(
            SQL(
                "UPDATE contact_touch SET mailing_id = NULL, trace_id = NULL"
                " WHERE mailing_id = ANY(%s)",
                self.ids,
            )
        )
        self.env["contact.touch"].invalidate_model(["mailing_id", "trace_id"])
        return super().unlink()

    def _with_deferred(self):
        """Those of the mailings that still wait for somebody."""
        groups = (
            self.env["contact.hold"]
            .sudo()
            ._read_group(
                [("mailing_id", "in", self.ids), ("state", "=", "deferred")],
                ["mailing_id"],
            )
        )
        return self.browse([mailing.id for (mailing,) in groups])

    def _schedule_recheck(self, at_once=False):
        """Wake the queue when the next deferred person is free, or time is up.

        :param bool at_once: somebody is free already and waits for it
        """
        now = fields.Datetime.now()
        moments = []
        for mailing in self:
            if not mailing.useful_until:
                mailing._set_useful_until(mailing._useful_limit(now))
            nearest = (
                self.env["contact.hold"]
                .sudo()
                .search(
                    [("mailing_id", "=", mailing.id), ("state", "=", "deferred")],
                    order="next_allowed",
                    limit=1,
                )
            )
            due = min(nearest.next_allowed or now, mailing.useful_until)
            moments.append(now if at_once else max(due, now + RECHECK_PAUSE))
        if moments:
            self.env.ref("mass_mailing.ir_cron_mass_mailing_queue")._trigger(moments)

    def _useful_limit(self, now):
        """Last moment (naive UTC) at which a deferred person may still get it."""
        self.ensure_one()
        days = self.category_id.useful_days or DEFAULT_USEFUL_DAYS
        return self.useful_until or now + timedelta(days=days)

    # ------------------------------------------------------------
    # Recipients
    # ------------------------------------------------------------

    def _get_remaining_recipients(self):
        """Leave out who was held back and who is not free yet.

        Once everybody was decided, only deferred people whose time has come are left:
        newcomers do not join a mailing that merely waits.
        """
        res_ids = super()._get_remaining_recipients()
        now = fields.Datetime.now()
        due = Domain("state", "=", "deferred") & Domain("next_allowed", "<=", now)
        if self.is_waiting:
            wanted = set(self._hold_recipients(due))
            return [res_id for res_id in res_ids if res_id in wanted]
        open_ = Domain("state", "not in", REACHED)
        closed = set(self._hold_recipients(~due & open_))
        return [res_id for res_id in res_ids if res_id not in closed]

    def _hold_recipients(self, domain):
        """Ids of the recipients whose hold fits ``domain``."""
        self.ensure_one()
        rows = (
            self.env["contact.hold"]
            .sudo()
            .search_fetch(
                domain
                & Domain("mailing_id", "=", self.id)
                & Domain("res_model", "=", self.mailing_model_real),
                ["res_id"],
            )
        )
        return rows.mapped("res_id")

    # ------------------------------------------------------------
    # For the gate
    # ------------------------------------------------------------

    def _contact_message(self):
        """What the rules are asked about.

        :rtype: Message
        """
        self.ensure_one()
        category = self.category_id
        channel = self._contact_channel()
        return Message(
            channel_id=channel.id,
            category_id=category.id or None,
            company_id=self.company_id.id or self.env.company.id,
            obeys_caps=category.obeys_caps if category else True,
            cost=Decimal(str(channel.cost)),
            currency_id=channel.currency_id.id or None,
            mailing_id=self.id if isinstance(self.id, int) else None,
            priority=self.policy_priority,
            schedule=self.schedule_date or None,
            campaign_id=self.campaign_id.id or None,
        )

    def _contact_channel(self):
        """The channel the mailing goes out on."""
        code = {"mail": "email"}.get(self.mailing_type, self.mailing_type)
        return self.env["contact.profile"]._find("contact.channel", code)

    def _contact_booking(self, now):
        """What the ledger shall say of the touches of this mailing.

        :param datetime now: naive UTC
        :rtype: Booking
        """
        channel = self._contact_channel()
        category = self.category_id.sudo()
        return Booking(
            mailing_id=self.id,
            res_model=self.mailing_model_real,
            date=now,
            channel_id=channel.id,
            category_id=category.id or None,
            counts=category.counts if category else True,
            company_id=self.company_id.id or self.env.company.id,
            user_id=self.user_id.id or None,
            uid=self.env.uid,
            priority=self.policy_priority,
            cost=channel.cost,
            currency_id=channel.currency_id.id or None,
        )
