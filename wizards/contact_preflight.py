import math

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from odoo.addons.mass_mailing_contact_strategy.models.delivery.mailing_mailing_preflight import (  # noqa: E501
    DAYS,
    KINDS,
    NAMED,
    PART,
)
from odoo.addons.mass_mailing_contact_strategy.models.delivery.preflight import (
    estimate,
)
from odoo.addons.mass_mailing_contact_strategy.models.delivery.replica import (
    ask_replica,
)

STEPS = 20
"""A bar in more steps would not be clearer, and each of them has its price."""


class ContactPreflight(models.TransientModel):
    """Who will get a mailing if it is sent now, and who not, by rule; and when would be
    a better moment.

    The people behind the numbers are kept for the list that a click opens. Nobody reads
    or writes them but these methods (``NO_ACCESS``).
    """

    _name = "contact.preflight"
    _rec_names_search = ["mailing_id.subject"]
    _inherit = ["contact.storable.mixin"]
    _description = "Preflight"

    mailing_id = fields.Many2one("mailing.mailing", required=True, ondelete="cascade")
    total = fields.Integer(readonly=True)
    now_count = fields.Integer(string="Now", readonly=True)
    later_count = fields.Integer(string="Later", readonly=True)
    not_count = fields.Integer(string="Not", readonly=True)
    line_ids = fields.One2many("contact.preflight.line", "preflight_id", readonly=True)
    recipients = fields.Json(string="Who", groups=fields.NO_ACCESS)
    sample = fields.Json(groups=fields.NO_ACCESS)
    sample_of = fields.Integer(groups=fields.NO_ACCESS)
    asked_at = fields.Datetime(groups=fields.NO_ACCESS)
    # Of very many recipients, while they are asked about part by part
    is_asking = fields.Boolean(help="Ask on with `ask_next` until it is not.")
    asked = fields.Json(groups=fields.NO_ACCESS)
    asked_count = fields.Integer(groups=fields.NO_ACCESS)
    asked_total = fields.Integer(groups=fields.NO_ACCESS)
    told = fields.Json(groups=fields.NO_ACCESS)

    @api.model_create_multi
    def create(self, vals_list):
        """Ask the gate's questions when the dialog opens.

        Before anything is written: so they can be asked on a replica.
        """
        self._check_storable(*vals_list)
        mailings = self.env["mailing.mailing"]
        mailings.check_access("read")
        results = [
            ask_replica(mailings.browse(vals.get("mailing_id")), "_preflight_people")
            if vals.get("mailing_id") and not vals.get("is_asking")
            else {}
            for vals in vals_list
        ]
        records = super().create(
            [
                {**vals, **self._prepare_result(result)}
                for vals, result in zip(vals_list, results, strict=True)
            ]
        )
        for record, result in zip(records, results, strict=True):
            if result:
                # Elevated: who is behind the numbers is nobody's to write.
                record.sudo()._keep_people(result, fields.Datetime.now())
        return records

    # ------------------------------------------------------------
    # Part by part
    # ------------------------------------------------------------

    def ask_next(self):
        """Ask about the next part of very many recipients.

        The answers are those that one question would have given: the same method tells
        them, and what follows from several recipients together is concluded at the end.

        :return: dict ``count`` (recipients asked about) of ``total``; ``is_asking``:
            there is more to ask
        """
        self.ensure_one()
        self.check_access("write")
        self.mailing_id.check_access("read")
        kept = self.sudo()  # elevated: kept for these methods alone
        if kept.is_asking:
            if not kept.asked_at:
                kept._begin_asking(self.mailing_id)
            elif kept.asked_count < kept.asked_total:
                kept._ask_part(self.mailing_id)
            else:
                kept._conclude(self.mailing_id)
        return {
            "count": kept.asked_count,
            "total": kept.asked_total,
            "is_asking": kept.is_asking,
        }

    def _begin_asking(self, mailing):
        asked_at = fields.Datetime.now()
        asked = ask_replica(mailing, "_preflight_asked", asked_at)
        self.write({"asked_at": asked_at, "asked": asked, "asked_total": len(asked)})

    def _ask_part(self, mailing):
        """At most so many at once as the bar has steps."""
        size = max(PART, math.ceil(self.asked_total / STEPS))
        res_ids = self.asked[self.asked_count : self.asked_count + size]
        told = ask_replica(mailing, "_preflight_part", res_ids, self.asked_at)
        self.write(
            {
                "asked_count": self.asked_count + len(res_ids),
                "told": (self.told or []) + told,
            }
        )

    def _conclude(self, mailing):
        arguments = (self.asked_at, self.told or [], self.asked or [])
        result = ask_replica(mailing, "_preflight_people", *arguments)
        done = {"is_asking": False, "asked": False, "told": False}
        self.write({**self._prepare_result(result), **done})
        self._keep_people(result, self.asked_at)

    @api.model
    def _prepare_result(self, result):
        """Values of the dialog.

        :param dict result: of ``_preflight_people``, or nothing
        """
        if not result:
            return {}
        return {
            "total": result["total"],
            "now_count": result["now"],
            "later_count": result["later"],
            "not_count": result["not"],
        }

    def _keep_people(self, result, asked_at):
        self.write(
            {
                "line_ids": [
                    Command.clear(),
                    *(Command.create(line) for line in result["lines"]),
                ],
                "recipients": result["recipients"],
                "sample": result["sample"],
                "sample_of": result["sample_of"],
                "asked_at": asked_at,
            }
        )

    # ------------------------------------------------------------
    # People
    # ------------------------------------------------------------

    def action_view_answer(self, kind):
        """Show who gets it ``now``, ``later`` or ``not``.

        :param str kind: which of them
        :return: action
        :raise UserError: there is no such answer
        """
        self.ensure_one()
        self.check_access("read")
        names = {
            "now": self.env._("Gets it now"),
            "later": self.env._("Gets it later"),
            "not": self.env._("Does not get it"),
        }
        if kind not in KINDS:
            raise UserError(self.env._("People get it now, later, or not."))
        recipients = (self.sudo().recipients or {}).get(kind, [])
        return self._show(recipients, names[kind])

    def _show(self, res_ids, name):
        if len(res_ids) == NAMED:
            name = self.env._(
                "%(name)s (the first %(count)s)", name=name, count=f"{NAMED:,}"
            )
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": self.mailing_id.mailing_model_real,
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", res_ids)],
            "context": {"create": False, "active_test": False},
        }

    # ------------------------------------------------------------
    # The best moment
    # ------------------------------------------------------------

    def get_reach(self, day):
        """How many would get the mailing at its hour on another day.

        :param int day: 0 is the first day on which it can still be sent
        :return: dict ``day``, ``moment`` (UTC), ``reach``, ``margin`` (95 of 100
            samples are no farther off; 0 where everybody was asked) and ``days`` (how
            many there are); False: the message is not useful any more by then
        :raise UserError: there is no such day
        """
        moment, days = self._find_moment(day)
        if not moment:
            return False
        kept = self.sudo()  # elevated: kept for these methods alone
        sample = kept.sample or []
        found = ask_replica(self.mailing_id, "_preflight_reach", sample, moment)
        reach, margin = estimate(found, len(sample), kept.sample_of)
        return {
            "day": day,
            "days": days,
            "moment": fields.Datetime.to_string(moment),
            "reach": reach,
            "margin": margin,
        }

    def _find_moment(self, day):
        """The moment of that day, and how many there are."""
        self.ensure_one()
        self.check_access("read")
        # Text and truth are no days.
        if type(day) is not int or not 0 <= day < DAYS:
            raise UserError(self.env._("Days are counted from 0 to %s.", DAYS - 1))
        asked_at = self.sudo().asked_at  # elevated: kept for these methods alone
        moments = self.mailing_id._preflight_moments(asked_at) if asked_at else []
        return (moments[day] if day < len(moments) else None), len(moments)

    def action_send_then(self, day):
        """Have the mailing sent at its hour on that day, as *Schedule* would.

        :param int day: see `get_reach`
        :return: action that closes the dialog
        :raise UserError: it has been sent, or there is no such day
        """
        moment, _days = self._find_moment(day)
        if not moment or not self.mailing_id._is_before_sending():
            raise UserError(self.env._("This mailing cannot be planned any more."))
        self.mailing_id.write({"schedule_type": "scheduled", "schedule_date": moment})
        self.mailing_id.action_put_in_queue()
        return {"type": "ir.actions.act_window_close"}


class ContactPreflightLine(models.TransientModel):
    """One rule's share."""

    _name = "contact.preflight.line"
    _rec_name = "label"
    _inherit = ["contact.storable.mixin"]
    _description = "Preflight Line"
    _order = "kind, count DESC"

    preflight_id = fields.Many2one(
        "contact.preflight", required=True, ondelete="cascade", index=True
    )
    kind = fields.Selection([("later", "Later"), ("not", "Not")], required=True)
    rule_id = fields.Many2one("contact.policy.rule", ondelete="cascade")
    label = fields.Char(string="Because of")
    count = fields.Integer(string="Recipients")
    next_allowed = fields.Datetime(string="From")
    recipients = fields.Json(string="Who", groups=fields.NO_ACCESS)
    cost = fields.Integer(
        string="More without the Rule",
        help="So many more would get it now if this rule alone did not exist.",
    )
    looser = fields.Char(help="The rule, one step looser.")
    looser_gain = fields.Integer(string="More if Looser")

    def action_view_recipients(self):
        """Show the people of this line.

        :return: action
        """
        self.ensure_one()
        self.check_access("read")
        # Elevated: kept for these methods alone.
        recipients = self.sudo().recipients or []
        return self.preflight_id._show(recipients, self.label or self.display_name)
