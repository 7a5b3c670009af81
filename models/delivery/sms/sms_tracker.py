from odoo import models
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.delivery.contact_gate import (
    SENDING_LOCK,
)


class SmsTracker(models.Model):
    """The outcome of a text message does not end a mailing that is still being sent."""

    _register = False
    _name = "sms.tracker"
    _inherit = ["sms.tracker"]

    def _update_sms_mailings(self, trace_status, traces):
        """Odoo calls a mailing done when none of its messages is in process. While the
        next ones are being made that is too early: were the process killed now, nobody
        would make them. The queue ends such a mailing.
        """
        if trace_status != "process":
            busy = traces.mass_mailing_id.filtered(lambda m: not self._is_at_rest(m))
            if busy:
                traces = traces.filtered(lambda t: t.mass_mailing_id not in busy)
                self.env.ref("mass_mailing.ir_cron_mass_mailing_queue")._trigger()
        return super()._update_sms_mailings(trace_status, traces)

    def _is_at_rest(self, mailing):
        """Nobody sends this mailing at this moment. SQL: see ``contact.gate``."""
        ((at_rest,),) = self.env.execute_query(
            SQL("SELECT pg_try_advisory_xact_lock(%s, %s)", SENDING_LOCK, mailing.id)
        )
        return at_rest
