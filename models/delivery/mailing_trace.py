from lxml.builder import E

from odoo import api, models

from odoo.addons.mass_mailing_contact_strategy.models.ledger.contact_touch import (
    COUNTED_STATES,
)

ADDON = "mass_mailing_contact_strategy"
WHY = {
    "contact.hold": "contact_hold_view_form",
    "contact.touch": "contact_touch_view_form_why",
}
"""Views that say why somebody was not mailed, or was."""
WATCHED = {
    "trace_status",
    "sent_datetime",
    "open_datetime",
    "reply_datetime",
    "links_click_datetime",
}


class MailingTrace(models.Model):
    """What became of a message: the ledger follows."""

    _inherit = "mailing.trace"

    # Has the mailing reached these addresses? Asked for each batch of messages. Cut:
    # see ``mailing_mailing_excluded.EMAIL_LENGTH``.
    _reached_idx = models.Index("(mass_mailing_id, left(email, 320))")

    @api.model_create_multi
    def create(self, vals_list):
        """Tie each message to its reservation; book what nobody reserved."""
        traces = super().create(vals_list)
        self.env["contact.touch"].sudo()._book_traces(traces)
        return traces

    def write(self, vals):
        """Settle the touches of these messages."""
        result = super().write(vals)
        if not WATCHED.isdisjoint(vals):
            self.env["contact.touch"].sudo()._settle_traces(self)
        return result

    def _recipients_by_mailing(self):
        """{mailing: [recipients]} of these messages."""
        return {
            mailing: of_mailing.mapped("res_id")
            for mailing, of_mailing in self.grouped("mass_mailing_id").items()
        }

    def _drop_messages(self):
        """Throw away what still waits to be sent, or failed. The traces stay."""
        self.mail_mail_id.unlink()

    def _note_arrived(self):
        """Somebody says that these messages have arrived."""
        mails = self.mail_mail_id
        mails.write({"state": "sent", "failure_type": False, "failure_reason": False})
        mails.filtered("auto_delete").unlink()

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """“Why?” in every list of messages, of whichever app: beside “Open Recipient”,
        which all of them have."""
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "list":
            for button in arch.xpath("//button[@name='action_view_contact']"):
                why = E.button(
                    name="action_why",
                    type="object",
                    string=self.env._("Why?"),
                    icon="fa-question-circle-o",
                )
                button.addnext(why)
        return arch, view

    def action_why(self):
        """Say why the person got this message, or did not, as far as it is known.

        :return: action of a dialog: the hold's, or that of the ledger's line
        """
        self.ensure_one()
        self.check_access("read")
        message = [
            ("mailing_id", "=", self.mass_mailing_id.id or 0),
            ("res_model", "=", self.model),
            ("res_id", "=", self.res_id),
        ]
        touch = self.env["contact.touch"].search([("trace_id", "=", self.id)], limit=1)
        waits = ("state", "in", ("deferred", "held", "expired"))
        hold = self.env["contact.hold"].search([*message, waits])
        if touch.state in COUNTED_STATES:
            return self._open_why(touch)
        return self._open_why(hold) if hold else self._tell_why()

    def _open_why(self, answer):
        view = self.env.ref(f"{ADDON}.{WHY[answer._name]}")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Why?"),
            "res_model": answer._name,
            "res_id": answer.id,
            "views": [(view.id, "form")],
            "target": "new",
        }

    def _tell_why(self):
        """It was not sent, and no rule is the reason; or it cannot be told."""
        said = self.env._("Nothing is known of this message that you may see.")
        if self.trace_status in ("cancel", "error"):
            failures = dict(
                self._fields["failure_type"]._description_selection(self.env)
            )
            said = self.env._(
                "Not because of a rule: %(failure)s.",
                failure=failures.get(self.failure_type) or self.failure_reason,
            )
        if self.is_test_trace:
            said = self.env._("A test: no rule is asked, and it does not count.")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"title": self.env._("Why?"), "message": said, "type": "info"},
        }

    def unlink(self):
        """A message that is thrown away before it left gives its allowance back."""
        waiting = (
            self.env["contact.touch"]
            .sudo()
            .search([("trace_id", "in", self.ids), ("state", "=", "reserved")])
        )
        waiting.state = "released"
        return super().unlink()
