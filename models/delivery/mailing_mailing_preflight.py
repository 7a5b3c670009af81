from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import UserError

from .preflight import Preflight, find_repeated
from .preflight_rules import Rules
from .replica import ask_replica

KINDS = ("now", "later", "not")
NAMED = 10_000
"""So many of the people behind a number are kept to be shown."""
PART = 10_000
"""Rules are asked about so many at once, where somebody waits for it."""
DAYS = 14
"""So many days are compared."""


class MailingMailing(models.Model):
    """What would happen now, without sending."""

    _inherit = "mailing.mailing"

    preflight_total = fields.Integer(compute="_compute_preflight")
    preflight_now = fields.Integer(compute="_compute_preflight")
    preflight_later = fields.Integer(compute="_compute_preflight")
    preflight_not = fields.Integer(compute="_compute_preflight")
    preflight_state = fields.Selection(
        [
            ("none", "Nothing to say"),
            ("ready", "Ready"),
            ("large", "On request"),
            ("error", "Cannot be decided"),
        ],
        compute="_compute_preflight",
        help="Large audiences are checked on request only.",
    )
    preflight_error = fields.Char(compute="_compute_preflight")

    @api.depends(
        "state",
        "mailing_domain",
        "mailing_model_id",
        "contact_list_ids",
        "category_id",
        "company_id",
        "useful_until",
        "policy_priority",
        "schedule_date",
    )
    def _compute_preflight(self):
        """Of N recipients, so many now, so many later, so many not."""
        names = ("total", "now", "later", "not")
        governed = self._is_governed()
        limit = int(
            self.env["ir.config_parameter"]
            .sudo()
            .get_param("mass_mailing_contact_strategy.preflight_limit", 5000)
        )
        for mailing in self:
            mailing.update({f"preflight_{name}": 0 for name in names})
            mailing.preflight_error = False
            mailing.preflight_state = "none"
            if not governed or not mailing._is_before_sending():
                continue
            mailing.preflight_state = "large"
            count = mailing._count_recipients(limit)
            if count > limit:
                continue
            try:
                result = ask_replica(mailing, "_preflight")
            except UserError as error:  # the form must open, to be mended
                mailing.preflight_state = "error"
                mailing.preflight_error = str(error)
            else:
                mailing.update({f"preflight_{name}": result[name] for name in names})
                mailing.preflight_state = "ready" if count else "none"

    def _count_recipients(self, limit):
        """How many recipients there are; more than ``limit`` are not counted."""
        return self.env[self.mailing_model_real].search_count(
            self._get_recipients_domain(), limit=limit + 1
        )

    def _is_before_sending(self):
        return bool(
            isinstance(self.id, int)
            and self.state in ("draft", "in_queue")
            and self.mailing_type in ("mail", "sms", "letter", "call")
            and self.mailing_model_id
        )

    def _preflight(self):
        """Ask the gate's questions about all recipients, without booking or writing.

        :return: dict ``total``, ``now``, ``later``, ``not`` (numbers of recipients) and
            ``lines``: list of dict ``kind`` (``later``, ``not``), ``rule_id`` (or
            False), ``label``, ``count``, ``next_allowed`` (the earliest, naive UTC)
        """
        self.ensure_one()
        return self._preflight_numbers(Preflight(self).answer())

    def _preflight_numbers(self, preflight):
        return {
            "total": len(preflight.res_ids),
            **{kind: preflight.count(kind) for kind in KINDS},
            "lines": [
                {
                    "kind": kind,
                    "rule_id": rule_id,
                    "label": label,
                    "count": len(share.res_ids),
                    "next_allowed": share.next_allowed,
                }
                for (kind, rule_id, label), share in preflight.shares.items()
            ],
        }

    def _preflight_people(self, now=None, told=None, told_of=()):
        """The same with the people behind the numbers, and what rules cost.

        Lines have ``recipients``, too, and, the first of each rule, ``cost`` (how many
        more would get it now without the rule), ``looser`` (the next step in words) and
        ``looser_gain`` (how many more would then get it).

        :param datetime now: the moment to ask about (naive UTC); this one if None
        :param told: what `_preflight_part` told of some, if they were asked before
        :param told_of: those recipients
        :return: dict as `_preflight`, with ``recipients`` ({kind: the first of them}),
            ``sample`` (whom to ask about other moments) and ``sample_of`` (for how many
            they stand)
        """
        self.ensure_one()
        preflight = Preflight(self, now, in_parts=told is not None)
        preflight.answer(True, told or (), told_of)
        result = self._preflight_numbers(preflight)
        priced = set()
        shares = preflight.shares.values()
        for line, share in zip(result["lines"], shares, strict=True):
            line["recipients"] = share.res_ids[:NAMED]
            if line["rule_id"] and line["rule_id"] not in priced:
                priced.add(line["rule_id"])
                line.update(self._preflight_price(preflight, line["rule_id"]))
        sample, sample_of = preflight.sample()
        return {
            **result,
            "recipients": {k: preflight.recipients(k)[:NAMED] for k in KINDS},
            "sample": sample,
            "sample_of": sample_of,
        }

    def _preflight_price(self, preflight, rule_id):
        # Elevated: the sentence of a rule is said to whoever is bound by it.
        rule = self.env["contact.policy.rule"].sudo().browse(rule_id)
        looser = rule._say_looser()
        return {
            "cost": preflight.cost(rule_id),
            "looser": looser,
            "looser_gain": preflight.looser(rule_id) if looser else 0,
        }

    def _preflight_asked(self, now):
        """The recipients that rules are asked about: the others do not get it anyway.

        :param datetime now: naive UTC
        :return: list of recipients
        """
        self.ensure_one()
        return Preflight(self, now, in_parts=True).asked

    def _preflight_part(self, res_ids, now):
        """What the rules say of some of these recipients.

        :param list res_ids: some of `_preflight_asked`
        :param datetime now: naive UTC
        :return: as of ``Rules.ask``
        """
        self.ensure_one()
        self.env.flush_all()
        crowd = self._contact_crowd(res_ids, create=False)
        return Rules(self, crowd, now, crowd.people()).ask(res_ids, prices=True)

    def _preflight_mailboxes(self, crowd):
        """{recipient: address} of those with an address that others have, too: Odoo
        writes to it once.

        :rtype: dict
        """
        return crowd.same_mailbox()

    # ------------------------------------------------------------
    # The best moment
    # ------------------------------------------------------------

    def _preflight_moments(self, asked_at):
        """The moments to compare: the mailing's hour on each of the next days.

        By the clock of whoever asks, else of the business unit, as the schedule is
        shown; not after the message stopped being useful.

        :param datetime asked_at: naive UTC
        :return: list of naive UTC
        """
        self.ensure_one()
        company = self.company_id or self.env.company
        zone = ZoneInfo(self.env.user.tz or company.partner_id.tz or "UTC")
        planned = self.schedule_date or asked_at
        local = max(planned, asked_at).replace(tzinfo=UTC).astimezone(zone)
        today = asked_at.replace(tzinfo=UTC).astimezone(zone).date()
        moments = (
            datetime.combine(today + timedelta(days=day), local.time(), zone)
            .astimezone(UTC)
            .replace(tzinfo=None)
            for day in range(DAYS + 1)
        )
        limit = self.useful_until or datetime.max
        return [m for m in moments if asked_at <= m <= limit][:DAYS]

    def _preflight_reach(self, res_ids, moment):
        """How many of these recipients would get the mailing at another moment.

        Whoever programmed a rule is not asked: a program knows today only.

        :param list res_ids: recipients nothing but rules can refuse
        :param datetime moment: naive UTC
        :rtype: int
        """
        self.ensure_one()
        if not res_ids:
            return 0
        Engine = self.env["contact.policy.engine"]
        self.env.flush_all()
        crowd = self._contact_crowd(res_ids, create=False)
        people = crowd.people()
        message = replace(self._contact_message(), schedule=moment)
        plan = Engine._plan(message, at=moment, people=people)
        out = Engine._decide(plan, people, moment).refused()
        repeated = find_repeated(self._preflight_mailboxes(crowd), out)
        return len(res_ids) - len(out) - len(repeated)

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_view_preflight(self, kind):
        """Show who gets it ``now``, ``later`` or ``not``.

        :param str kind: which of them
        :return: action
        """
        self.ensure_one()
        wizard = self.env["contact.preflight"].create({"mailing_id": self.id})
        return wizard.action_view_answer(kind)

    def action_preflight(self):
        """Show what would happen now, by rule. Of very many recipients the dialog asks
        part by part."""
        self.ensure_one()
        wizard = self.env["contact.preflight"].create(
            {
                "mailing_id": self.id,
                "is_asking": self._count_recipients(PART) > PART,
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Who will get it?"),
            "res_model": "contact.preflight",
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }
