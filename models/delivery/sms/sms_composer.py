from odoo import fields, models
from odoo.fields import Command
from odoo.tools import SQL
from odoo.tools.misc import clean_context

from odoo.addons.mass_mailing_contact_strategy.models.delivery.crowd_numbers import (
    ONLY_RECORDS,
)
from odoo.addons.mass_mailing_contact_strategy.models.delivery.stock_methods import (
    is_stock_below,
)
from odoo.addons.mass_mailing_contact_strategy.models.identity.contact_profile_people import (  # noqa: E501
    LINKED,
)

PEOPLE = {*LINKED, "crm.lead"}
"""Writing to several of these at once is a mailing, whoever starts it. Records of other
models are matters of their own: orders that can be fetched, events that begin."""
STOCK_COMPOSER = "odoo.addons.sms.wizard.sms_composer"
MAILING = "contact_strategy_sms_mailing"
"""Context key: the mailing that text messages from a list are taken for."""


class SmsComposer(models.TransientModel):
    """Every mass SMS leaves through here: SMS mailings, list views, server actions."""

    _register = False
    _name = "sms.composer"
    _inherit = ["sms.composer"]

    def _action_send_sms_mass(self, records=None):
        """Only those whom the contact strategy lets through are handed on to Odoo."""
        records = records if records is not None else self._get_records()
        mailing, composer = self.mailing_id, self
        if not mailing and self._is_sent_to_people(records):
            mailing = self._make_mailing(records)
            composer = self.with_context(**{MAILING: mailing.id})
        if not mailing:
            return super()._action_send_sms_mass(records)
        made = composer._send_through_gate(mailing, records)
        mailing._settle_after_sms(made)
        return made

    def _send_through_gate(self, mailing, records):
        """The text messages of those let through; sent at once if that was asked for.

        Sent at the end: their outcomes would call the mailing done in between.
        """
        at_once = self.mass_force_send
        make = super()._action_send_sms_mass
        nothing = self.env["sms.sms"].sudo()
        self.mass_force_send = False
        # With the rights of the mailing: see `_contact_mailing`.
        made = mailing.env["contact.gate"]._send_through(
            mailing,
            records.ids,
            lambda passed: make(records.browse(passed)) if passed else nothing,
            self._contact_numbers,
            # Odoo recognises second records with a number by having all at once.
            None if mailing._is_governed() else max(1, len(records)),
        )
        made = nothing.concat(*made)
        if at_once:
            self.mass_force_send = True
            made.filtered(lambda sms: sms.state == "outgoing").send()
            made = made.exists()
        return made

    def _contact_numbers(self, res_ids):
        """Where the sender, and not the record, says which number it is.

        :param list res_ids: recipients
        :return: {recipient: sanitized number} of those that have one
        """
        if not self.number_field_name:
            return {}
        records = self.env[self.res_model].browse(res_ids)
        found = records._sms_get_recipients_info(force_field=self.number_field_name)
        return {
            res_id: values["sanitized"]
            for res_id, values in found.items()
            if values["sanitized"]
        }

    def _prepare_mass_sms_values(self, records):
        """A part asks about its own recipients, not about everybody's.

        Text messages to a list have statistics, too: the ledger follows them.
        """
        asked = self.with_context(**{ONLY_RECORDS: frozenset(records.ids)})
        result = super(SmsComposer, asked)._prepare_mass_sms_values(records)
        mailing_id = self.env.context.get(MAILING)
        if not mailing_id or self.mailing_id:
            return result
        for record in records:
            values = result[record.id]
            trace = self._prepare_mass_sms_trace_values(record, values)
            trace["mass_mailing_id"] = mailing_id
            values["mailing_id"] = mailing_id
            values["mailing_trace_ids"] = [Command.create(trace)]
        return result

    def _get_blacklist_record_ids(self, records, recipients_info):
        """Odoo's answer, without reading the whole blacklist for each part."""
        if not self.use_exclusion_list or not is_stock_below(
            self, SmsComposer, "_get_blacklist_record_ids", STOCK_COMPOSER
        ):
            return super()._get_blacklist_record_ids(records, recipients_info)
        numbers = {r.id: recipients_info[r.id]["sanitized"] for r in records}
        self.env["phone.blacklist"].flush_model(["number", "active"])
        # SQL: whoever sends need not have access to it, and the ORM's search would
        # read each number as somebody's entry, to be normalised.
        rows = self.env.execute_query(
            SQL(
                "SELECT number FROM phone_blacklist WHERE active AND number = ANY(%s)",
                [number for number in numbers.values() if number],
            )
        )
        blocked = {number for (number,) in rows}
        return [res_id for res_id, number in numbers.items() if number in blocked]

    def _get_done_record_ids(self, records, recipients_info):
        """Also whose number this mailing has reached in an earlier run."""
        done = super()._get_done_record_ids(records, recipients_info)
        mailing = self._contact_mailing()
        if not mailing or not mailing._is_governed():
            return done
        numbers = {r.id: recipients_info[r.id]["sanitized"] for r in records}
        reached = mailing._numbers_reached({n for n in numbers.values() if n})
        return done + [res_id for res_id, n in numbers.items() if n in reached]

    # ------------------------------------------------------------
    # Text messages to a list of people
    # ------------------------------------------------------------

    def _is_sent_to_people(self, records):
        """Are these text messages a mailing, although nobody called them so?"""
        return (
            len(records) > 1
            and records._name in PEOPLE
            and self.env["mailing.mailing"]._is_governed()
        )

    def _contact_mailing(self):
        """The mailing that is being sent. Elevated: whoever writes to a list of people
        need not be a user of Email Marketing."""
        mailing_id = self.mailing_id.id or self.env.context.get(MAILING)
        return self.env["mailing.mailing"].sudo().browse(mailing_id or ())

    def _make_mailing(self, records):
        """As Odoo does for e-mails to a list: so that there is something to look at,
        and to wait with. Elevated: see `_contact_mailing`.

        :param records: the recipients
        """
        self.mass_sms_allow_unsubscribe = False  # as in Odoo, without a mailing
        by_template = self.template_id and self.body == self.template_id.body
        Mailing = self.env["mailing.mailing"].sudo()
        return Mailing.with_context(clean_context(self.env.context)).create(
            {
                "mailing_type": "sms",
                "subject": self.env._(
                    "Text message to a list of %(count)s", count=len(records)
                ),
                "body_plaintext": self.body,
                "sms_template_id": self.template_id.id if by_template else False,
                "sms_allow_unsubscribe": False,
                "sms_force_send": self.mass_force_send,
                "keep_archives": self.mass_keep_log,
                "use_exclusion_list": self.use_exclusion_list,
                "mailing_model_id": self.env["ir.model"]._get_id(records._name),
                "mailing_domain": repr([("id", "in", records.ids)]),
                "user_id": self.env.uid,
                "sent_date": fields.Datetime.now(),
                "state": "done",
            }
        )
