from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import split_every

from .crowd import Crowd

PREFLIGHT_CHUNK = 10000


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
        governed = bool(self.env["contact.policy"].sudo().search_count([], limit=1))
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
                result = mailing._preflight()
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
            and self.mailing_type == "mail"
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
        people, addresses = set(), set()  # those who get it, by the chunks so far
        for chunk in split_every(PREFLIGHT_CHUNK, res_ids, list):
            crowd = Crowd(self.env, self, chunk, create=False)
            crowd.reached_profiles, crowd.reached_addresses = people, addresses
            self._preflight_crowd(plan, crowd, chunk, now, lines)
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

    def _preflight_crowd(self, plan, crowd, res_ids, now, lines):
        """Add the answers for some recipients to ``lines``."""
        Engine = self.env["contact.policy.engine"]
        for label, excluded in self._preflight_excluded(crowd, res_ids):
            if excluded:
                lines["not", False, label]["count"] += len(excluded)
                for res_id in excluded:
                    crowd.people.pop(res_id, None)
                    crowd.new_addresses.pop(res_id, None)
        refused = {}
        for wave in crowd.waves((), one_per_person=bool(plan.policies)):
            people = [crowd.people[res_id] for res_id in wave]
            verdicts = Engine._ask_programs(
                plan, Engine._decide(plan, people, now), self
            )
            answers = zip(wave, verdicts, strict=True)
            refused.update((r, v) for r, v in answers if v and v.refusals)
        refused.update(crowd.follow(refused.values()))
        for verdict in refused.values():
            self._preflight_count(verdict, now, lines)
        repeated = self._preflight_repeated(crowd, refused)
        for label, count in (
            (self.env._("Second record of the same person"), len(crowd.duplicates)),
            (self.env._("Second record with the same address"), repeated),
        ):
            if count:
                lines["not", False, label]["count"] += count

    def _preflight_count(self, verdict, now, lines):
        rule_id = verdict.refusals[0].rule_id
        moment = verdict.next_allowed
        waits = verdict.decision == "defer" and moment <= self._useful_limit(now)
        # Elevated: the sentence of a rule is said to whoever is bound by it.
        rule = self.env["contact.policy.rule"].sudo().browse(rule_id)
        label = f"{rule.policy_id.name}: {rule.sentence}"
        line = lines["later" if waits else "not", rule_id, label]
        line["count"] += 1
        if moment:
            line["next_allowed"] = min(line["next_allowed"] or moment, moment)

    def _preflight_excluded(self, crowd, res_ids):
        """Whom Odoo itself will leave out: (why, recipients) pairs."""
        addresses = {r: a for r, (_p, a) in crowd.people.items()} | crowd.new_addresses
        yield self.env._("No e-mail address"), set(res_ids) - set(addresses)
        excluded = crowd.excluded_by_odoo(res_ids)
        yield self.env._("On the blacklist"), excluded.get("blacklist", set())
        yield self.env._("Unsubscribed"), excluded.get("optout", set())

    def _preflight_repeated(self, crowd, refused):
        """How many have an address that somebody before them gets the message at:
        Odoo writes to it once."""
        out = crowd.duplicates | set(refused)
        addresses = {r: a for r, (_p, a) in crowd.people.items()} | crowd.new_addresses
        written = [address for r, address in addresses.items() if r not in out]
        new = set(written) - crowd.reached_addresses
        crowd.reached_addresses |= new
        crowd.reached_profiles |= {
            profile for r, (profile, _a) in crowd.people.items() if r not in out
        }
        return len(written) - len(new)

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
