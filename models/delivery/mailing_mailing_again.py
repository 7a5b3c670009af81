from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.mass_mailing_contact_strategy.models.ledger.contact_hold import (
    REACHED,
)


class MailingMailing(models.Model):
    """Asking again about some recipients, and no longer asking at all."""

    _inherit = "mailing.mailing"

    def action_retry_failed(self):
        """Forget the failures and put the mailing into the queue again.

        While the mailing is being sent, whoever sends it knows the recipients already
        and would call it done afterwards: those retried have to be waited for.
        """
        unfinished = self.filtered(lambda mailing: mailing.state != "done")
        failed = unfinished._failed_recipients()
        result = super().action_retry_failed()
        self._make_failed_due(failed)
        return result

    def _failed_recipients(self):
        """{mailing: [recipients]} whose messages are the ones that Odoo retries."""
        traces = self.env["mailing.trace"].search(
            Domain("mass_mailing_id", "in", self.ids)
            & Domain("mail_mail_id.state", "=", "exception")
        )
        return traces._recipients_by_mailing()

    def _make_failed_due(self, failed):
        """Those whose failures were forgotten are asked about now.

        :param dict failed: {mailing: [recipients]}
        """
        for mailing, res_ids in failed.items():
            mailing._make_due(res_ids, fields.Datetime.now())

    def _decide_again(self, traces, messages):
        """Throw failed messages away; their recipients wait, and are due now.

        :param traces: of the messages, and of others to ask about as well
        :param messages: the failed messages
        :raise UserError: the mailing is archived, so nobody would ask
        """
        if not self.active:
            raise UserError(
                self.env._(
                    "“%s” is archived. Unarchive it to try its messages again.",
                    self.subject,
                )
            )
        res_ids = traces.mapped("res_id")
        touches = self.env["contact.touch"].sudo()
        touches.search([("trace_id", "in", traces.ids)])._detach_uncertain()
        traces.unlink()
        messages.unlink()
        self._ask_again(res_ids)

    def _ask_again(self, res_ids):
        """Decide about these recipients at the next run, whatever was said before.

        Nobody else joins a mailing that was done. If the last useful moment is past,
        the message is taken to be as useful as on its first day.

        :param list res_ids: recipients without a message
        """
        self.ensure_one()
        now = fields.Datetime.now()
        self._make_due(res_ids, now)
        if self.useful_until and self.useful_until < now:
            self._set_useful_until(False)
        if self.state == "done":
            self.write({"state": "sending", "is_waiting": True})
        self._schedule_recheck(at_once=True)

    def _make_due(self, res_ids, now):
        """Let these recipients wait for this very moment, with a hold if they had none.

        :param datetime now: naive UTC
        """
        # Elevated: users of Email Marketing retry, but do not write holds.
        Hold = self.env["contact.hold"].sudo()
        of_mailing = Domain("mailing_id", "=", self.id)
        known = Hold.search(of_mailing & Domain("res_id", "in", res_ids))
        owners = self._contact_owners(res_ids)
        due = {"state": "deferred", "decision": "defer", "next_allowed": now}
        # What was meant for a template's reader must not go to the record instead.
        known.filtered(lambda h: owners.get(h.res_id) == h.profile_id.id).write(
            {**due, "expired_reason": False}
        )
        new = {
            **due,
            "mailing_id": self.id,
            "res_model": self.mailing_model_real,
            "date": now,
            "company_id": self.company_id.id,
        }
        seen = set(known.mapped("res_id"))
        Hold.create(
            [
                {**new, "res_id": res_id, "profile_id": profile_id}
                for res_id, profile_id in owners.items()
                if res_id not in seen
            ]
        )

    def _forget_holds(self):
        """Back to draft: the next launch decides anew, about whoever fits by then."""
        holds = self.sudo().hold_ids  # elevated: as a whole, see action_stop_waiting
        holds.filtered(lambda hold: hold.state not in REACHED).unlink()
        self.filtered("is_useful_until_automatic")._set_useful_until(False)

    def _set_useful_until(self, moment):
        """Set the last useful moment as the addon, not as the user does.

        :param datetime moment: naive UTC, or False
        """
        self.write({"useful_until": moment, "is_useful_until_automatic": bool(moment)})
