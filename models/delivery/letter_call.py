from odoo import fields, models
from odoo.exceptions import AccessError, UserError

OUTCOMES = {
    "reached": {"trace_status": "sent"},
    "wants": {"trace_status": "reply"},
    "complains": {"trace_status": "sent"},
    "not_reached": {"trace_status": "error", "failure_type": "call_not_reached"},
    "wrong_number": {"trace_status": "error", "failure_type": "call_wrong_number"},
}
"""What the line of the call list says; the ledger follows."""


class ContactTouch(models.Model):
    """A call, and what came of it.

    Who was not reached was not disturbed: the touch fails and gives its allowance
    back, and the person can be called again through the gate. A cap protects people's
    attention, and nobody answered. Whoever answered was disturbed, whatever was said:
    it counts.
    """

    _inherit = "contact.touch"

    call_outcome = fields.Selection(
        [
            ("reached", "Reached"),
            ("wants", "Wants it"),
            ("complains", "Complains"),
            ("not_reached", "Not reached"),
            ("wrong_number", "Wrong number"),
        ],
        string="Outcome",
        readonly=True,
    )
    class_of_service = fields.Char(related="mailing_id.class_of_service")
    partner_phone = fields.Char(related="profile_id.partner_id.phone", string="Phone")

    def action_call_outcome(self):
        """Note what came of these calls: ``call_outcome`` of the context.

        :raise AccessError: the user may not send the mailing
        :raise UserError: no outcome is named, or a touch is no call of a call list
        """
        outcome = self.env.context.get("call_outcome")
        if not isinstance(outcome, str) or outcome not in OUTCOMES:
            raise UserError(self.env._("Say what came of the call."))
        calls = self._get_calls()
        now = fields.Datetime.now()
        for call in calls:
            vals = {"failure_type": False, **OUTCOMES[outcome]}
            if vals["trace_status"] != "error":
                vals["sent_datetime"] = call.trace_id.sent_datetime or now
            replied = outcome == "wants"
            vals["reply_datetime"] = now if replied else False
            complained = outcome == "complains"
            # What was said before, if anything, was a mistake.
            call.write(
                {
                    "call_outcome": outcome,
                    "opened": False,
                    "replied": replied,
                    "replied_date": now if replied else False,
                    "complained": complained,
                    "complained_date": now if complained else False,
                }
            )
            call.trace_id.write(vals)
        return True

    def _get_calls(self):
        """These touches, if they are calls of call lists of this user.

        :return: touches, with elevated rights: only mailings write them
        :raise AccessError: the user may not send the mailing
        """
        self.check_access("read")
        calls = self.sudo()
        if not self.env.user.has_group("mass_mailing.group_mass_mailing_user"):
            raise AccessError(
                self.env._("Only those who may send a mailing decide about it.")
            )
        if any(call.trace_id.trace_type != "call" for call in calls):
            raise UserError(self.env._("This is no call of a call list."))
        calls.mailing_id.with_env(self.env).check_access("write")
        return calls
