from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.mass_mailing_contact_strategy.core.verdicts import Message


class ContactProfile(models.Model):
    """May we write to this person, now?"""

    _inherit = "contact.profile"

    allowance = fields.Text(
        compute="_compute_allowance",
        string="May we write now?",
        help="Per channel: may a message go out now, and if not, when again.",
    )

    def check_contact(
        self, channel, category=None, at=None, priority=None, company=None
    ):
        """Decide for each profile whether a message may go out, without sending.

        The same engine decides before every mailing.

        :param channel: code, id or record of a contact.channel
        :param category: code, id or record of a contact.category; None: of no kind
        :param datetime at: moment to decide for (naive UTC, or its text); default: now
        :param int priority: of the message; messages of higher priority go first
        :param company: id or record of the business unit that writes; default: the
            current company
        :return: list of dict in the order of the recordset: ``profile_id``,
            ``decision`` (``send``, ``defer``, ``hold``), ``next_allowed`` (naive UTC
            or False), ``reasons`` (list of ``rule_id``, ``message``, ``touch_ids``),
            ``policy_id`` (the policy the person falls under, or False), ``tz`` and
            ``tz_source`` (``profile``, ``company`` or ``utc``)
        :raise UserError: a channel or category that does not exist
        """
        self.check_access("read")
        message = self._message(channel, category, company)
        now = fields.Datetime.to_datetime(at) or fields.Datetime.now()
        Engine = self.env["contact.policy.engine"]
        plan = Engine._plan(message)
        self.env.flush_all()
        # Elevated: the address to count for must not depend on who asks.
        profiles = self.sudo().with_prefetch(self._ids)
        people = [(profile.id, profile.email_normalized) for profile in profiles]
        verdicts = Engine._decide(plan, people, now)
        return self._answers(Engine._ask_programs(plan, verdicts))

    @api.model
    def _message(self, channel, category, company):
        """What is asked about, from codes, ids or records.

        :rtype: Message
        """
        channel = self._find("contact.channel", channel)
        category = category and self._find("contact.category", category)
        company = company or self.env.company
        return Message(
            channel_id=channel.id,
            category_id=category.id if category else None,
            company_id=company if isinstance(company, int) else company.id,
            obeys_caps=category.obeys_caps if category else True,
        )

    @api.model
    def _find(self, model, reference):
        """A channel or category by code, id or record.

        Elevated: whoever may ask about a person may name a channel.
        """
        Model = self.env[model].sudo().with_context(active_test=False)
        if isinstance(reference, models.BaseModel):
            record = reference.sudo().exists()
        elif isinstance(reference, str):
            record = Model.search([("code", "=", reference)], limit=1)
        else:
            record = Model.browse(reference or ()).exists()
        if not record:
            raise UserError(
                self.env._(
                    "There is no %(what)s “%(reference)s”.",
                    what=Model._description,
                    reference=reference,
                )
            )
        return record

    @api.model
    def _answers(self, verdicts):
        """Verdicts as plain values, with the reasons in the reader's words."""
        Hold = self.env["contact.hold"]
        facts = [Hold._prepare_facts(v) for v in verdicts if v]
        reasons = Hold._say_reasons(facts)
        return [
            {
                "profile_id": verdict.profile_id,
                "decision": verdict.decision,
                "next_allowed": verdict.next_allowed or False,
                "reasons": said,
                "policy_id": verdict.policy_id or False,
                "tz": verdict.tz,
                "tz_source": verdict.tz_source,
            }
            for verdict, said in zip((v for v in verdicts if v), reasons, strict=True)
        ]

    @api.depends("touch_ids.state", "touch_ids.date", "is_seed", "tz")
    @api.depends_context("uid", "lang", "company")
    def _compute_allowance(self):
        """Ask about each channel, without a category."""
        lines = {profile.id: [] for profile in self}
        real = self.browse([pid for pid in self._ids if pid])
        for channel in self.env["contact.channel"].sudo().search([]):
            for answer in real.check_contact(channel):
                lines[answer["profile_id"]].append(self._say_answer(channel, answer))
        for profile in self:
            profile.allowance = "\n".join(lines.get(profile.id, ()))

    @api.model
    def _say_answer(self, channel, answer):
        """“E-mail: from 2026-05-14 10:02”."""
        if answer["decision"] == "send":
            return self.env._("%(channel)s: yes", channel=channel.name)
        if not answer["next_allowed"]:
            return self.env._("%(channel)s: no", channel=channel.name)
        return self.env._(
            "%(channel)s: from %(moment)s",
            channel=channel.name,
            moment=self.env["contact.hold"]._say_moment(
                answer["next_allowed"], answer["tz"]
            ),
        )
