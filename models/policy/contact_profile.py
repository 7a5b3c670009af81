from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, MissingError, UserError

from odoo.addons.mass_mailing_contact_strategy.core.storable import (
    YEARS,
    fault_of_id,
    fault_of_key,
    shown,
)
from odoo.addons.mass_mailing_contact_strategy.core.verdicts import Message
from odoo.addons.mass_mailing_contact_strategy.models.identity.people import anybody


class ContactProfile(models.Model):
    """May we write to this person, now?"""

    _inherit = "contact.profile"

    def check_contact(
        self, channel, category=None, at=None, priority=None, company=None
    ):
        """Decide for each profile whether a message may go out, without sending.

        The same engine decides before every mailing.

        :param channel: code, id or record of a contact.channel
        :param category: code, id or record of a contact.category; None: of no kind
        :param datetime at: moment to decide for (naive UTC, or its text); default: now
        :param int priority: of the message; messages of higher priority go first
        :param company: id or record of the business unit that writes; default: current
        :return: list of dict in the order of the recordset: ``profile_id``,
            ``decision`` (``send``, ``defer``, ``hold``), ``next_allowed`` (naive UTC
            or False), ``reasons`` (list of ``rule_id``, ``message``, ``touch_ids``),
            ``policy_id`` (the policy the person falls under, or False), ``tz`` and
            ``tz_source`` (``profile``, ``company`` or ``utc``)
        :raise UserError: a channel or category that does not exist, or no moment
        :raise AccessError: a business unit the user does not belong to
        :raise MissingError: somebody was deleted meanwhile
        """
        self.check_access("read")
        if not all(self._ids):
            raise MissingError(self.env._("Somebody you ask about does not exist."))
        message = self._message(channel, category, company, priority)
        self._check_unit(message.company_id)
        now = self._moment(at) or fields.Datetime.now()
        Engine = self.env["contact.policy.engine"]
        self.env.flush_all()
        people = anybody(self, self._inbox(message.channel_id))
        plan = Engine._plan(message, at=now, people=people)
        decided = Engine._decide(plan, people, now, everybody=True)
        verdicts = Engine._ask_programs(plan, Engine._explain(plan, decided))
        try:
            # Answers are read by position: none may be left out.
            return self._answers([verdicts[id_] for id_ in self.ids])
        except KeyError as error:
            raise MissingError(
                self.env._("Somebody you ask about was deleted meanwhile.")
            ) from error

    @api.model
    def _inbox(self, channel_id):
        """Where messages of a channel go to: the column of the profile."""
        channel = self.env["contact.channel"].sudo().browse(channel_id)
        by_number = channel.code in ("sms", "call")
        return "phone_sanitized" if by_number else "email_normalized"

    @api.model
    def _check_unit(self, company_id):
        """Policies of a business unit are told to its people only."""
        if not self.env.su and company_id not in self.env.user.company_ids.ids:
            raise AccessError(
                self.env._("You do not belong to the business unit you ask for.")
            )

    @api.model
    def _moment(self, at):
        """A moment (naive UTC) that windows of ten years fit around.

        :rtype: datetime | None
        """
        try:
            moment = fields.Datetime.to_datetime(at)
        except (ValueError, TypeError) as error:
            raise UserError(self._say_no_moment(at)) from error
        if moment and moment.year not in YEARS:
            raise UserError(self._say_no_moment(at))
        return moment

    @api.model
    def _say_no_moment(self, at):
        return self.env._(
            "“%(at)s” is no moment that can be asked about.", at=shown(at)
        )

    @api.model
    def _message(self, channel, category, company, priority=None):
        """What is asked about, from codes, ids or records.

        :rtype: Message
        """
        channel = self._find("contact.channel", channel)
        category = category and self._find("contact.category", category)
        if not isinstance(company, models.BaseModel) and fault_of_id(company):
            raise UserError(
                self.env._("There is no business unit “%s”.", shown(company))
            )
        company = company or self.env.company
        return Message(
            channel_id=channel.id,
            category_id=category.id if category else None,
            company_id=company if isinstance(company, int) else company.id,
            obeys_caps=category.obeys_caps if category else True,
            cost=Decimal(str(channel.cost)),
            currency_id=channel.currency_id.id or None,
            priority=self._priority(priority, category),
        )

    @api.model
    def _priority(self, priority, category):
        """The priority asked for, or else that of the kind of message."""
        if priority is None:
            return category.priority if category else 0
        if fault_of_id(abs(priority) if isinstance(priority, int) else priority):
            raise UserError(
                self.env._("“%s” is no priority: a whole number is.", shown(priority))
            )
        return priority

    @api.model
    def _find(self, model, reference):
        """A channel or category by code, id or record.

        Elevated: whoever may ask about a person may name a channel.
        """
        Model = self.env[model].sudo().with_context(active_test=False)
        if isinstance(reference, models.BaseModel):
            record = reference.sudo().exists()
        elif isinstance(reference, str) and not fault_of_key(reference):
            record = Model.search([("code", "=", reference)], limit=1)
        elif reference and not fault_of_id(reference):
            record = Model.browse(reference).exists()
        else:
            record = Model.browse()
        if not record:
            raise UserError(
                self.env._(
                    "There is no %(what)s “%(reference)s”.",
                    what=Model._description,
                    reference=shown(reference),
                )
            )
        return record

    @api.model
    def _answers(self, verdicts):
        """Verdicts as plain values, with the reasons in the reader's words."""
        Hold = self.env["contact.hold"]
        reasons = Hold._say_reasons(Hold._prepare_facts(verdicts))
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
            for verdict, said in zip(verdicts, reasons, strict=True)
        ]
