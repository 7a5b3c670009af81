from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError

from .replica import ask_replica


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
            count = self.env[mailing.mailing_model_real].search_count(
                mailing._get_recipients_domain(), limit=limit + 1
            )
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
        now = fields.Datetime.now()
        Engine = self.env["contact.policy.engine"]
        plan = Engine._plan(self._contact_message())
        self.env.flush_all()
        res_ids = self._get_remaining_recipients()
        lines = defaultdict(lambda: {"count": 0, "next_allowed": False})
        crowd = self._contact_crowd(res_ids, create=False)
        self._preflight_crowd(plan, crowd, now, lines)
        later = sum(
            v["count"] for (kind, _r, _l), v in lines.items() if kind == "later"
        )
        never = sum(v["count"] for (kind, _r, _l), v in lines.items() if kind == "not")
        return {
            "total": len(res_ids),
            "now": len(res_ids) - later - never,
            "later": later,
            "not": never,
            "lines": [
                {"kind": kind, "rule_id": rule_id, "label": label, **values}
                for (kind, rule_id, label), values in lines.items()
            ],
        }

    def _preflight_crowd(self, plan, crowd, now, lines):
        """Add the answers for the recipients to ``lines``."""
        Engine = self.env["contact.policy.engine"]
        excluded = crowd.excluded_by_odoo(crowd.res_ids)
        out = set()
        for name, label in self._excluded_labels():
            if left := excluded[name] - out:
                lines["not", False, label]["count"] += len(left)
                out |= left
        refused = {}
        turn, later = crowd.take_turns(plan, out)
        if turn:
            decided = Engine._decide(
                plan, crowd.people(turn + later), now, everybody=bool(plan.programs)
            )
            verdicts = Engine._explain(plan, decided)
            verdicts = Engine._ask_programs(plan, verdicts, self)
            refused.update((r, v) for r, v in verdicts.items() if v.refusals)
        refused.update(crowd.follow(refused.values()))
        for verdict in refused.values():
            self._preflight_count(verdict, now, lines)
        out.update(refused, crowd.duplicates)
        repeated = self._preflight_repeated(crowd, out)
        for label, count in (
            (self.env._("Second record of the same person"), len(crowd.duplicates)),
            (self.env._("Second record with the same address"), repeated),
        ):
            if count:
                lines["not", False, label]["count"] += count

    def _preflight_count(self, verdict, now, lines):
        rule_id = verdict.refusals[0].rule_id or False
        moment = verdict.next_allowed
        waits = verdict.decision == "defer" and moment <= self._useful_limit(now)
        # Elevated: the sentence of a rule is said to whoever is bound by it.
        rule = self.env["contact.policy.rule"].sudo().browse(rule_id or ())
        label = self.env._("The person's own wish")
        if rule:
            label = f"{rule.policy_id.name}: {rule.sentence}"
        line = lines["later" if waits else "not", rule_id, label]
        line["count"] += 1
        if moment:
            line["next_allowed"] = min(line["next_allowed"] or moment, moment)

    def _preflight_repeated(self, crowd, out):
        """How many have an address that somebody before them gets the message at:
        Odoo writes to it once.

        :param set out: recipients who do not get it anyway
        """
        written = [a for r, a in crowd.same_mailbox().items() if r not in out]
        return len(written) - len(set(written))

    def action_preflight(self):
        """Show what would happen now, by rule."""
        self.ensure_one()
        wizard = self.env["contact.preflight"].create({"mailing_id": self.id})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Who will get it?"),
            "res_model": "contact.preflight",
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }
