from odoo import models, modules
from odoo.tools import split_every

GATE_CHUNK = 2000
"""Recipients decided together: large enough to be cheap, small enough that a message
follows its reservation within seconds (and that nobody waits long for the lock)."""


class MailComposeMessage(models.TransientModel):
    """Every mailing leaves through here: launch, queue, A/B test, list view, API."""

    _inherit = "mail.compose.message"

    def _action_send_mail_mass_mail(self, res_ids, auto_commit=False):
        """Only those whom the contact strategy lets through are handed on to Odoo."""
        if not self._is_mass_mailing():
            return super()._action_send_mail_mass_mail(res_ids, auto_commit=auto_commit)
        # A reservation that is not committed protects nobody, and a message that left
        # cannot be rolled back: every path commits, as Odoo's own launch does.
        auto_commit = auto_commit or not modules.module.current_test
        mails_sudo = self.env["mail.mail"].sudo()
        gate = self.env["contact.gate"]
        with gate._sending(self.mass_mailing_id) as cr:
            for chunk in split_every(GATE_CHUNK, res_ids, list):
                passed, crowd = gate._pass(self.mass_mailing_id, chunk, cr)
                self._release_if_rolled_back(passed)
                mails_sudo += super()._action_send_mail_mass_mail(
                    passed, auto_commit=auto_commit
                )
                crowd.cancel_duplicates()
                gate._commit()
                self.env["contact.touch"]._release_untraced(
                    self.mass_mailing_id, passed
                )
        if self.mass_mailing_id.state == "done":
            # Made by this composer, and called done before it began: it may wait.
            self.mass_mailing_id.write({"state": "done"})
        return mails_sudo

    def _release_if_rolled_back(self, res_ids):
        """If making the messages fails, their reservations are given back at once.

        (If the process is killed instead, the next run of the mailing or the sweeper
        does it.)
        """
        if modules.module.current_test:
            return
        mailing = self.mass_mailing_id
        touches = self.env["contact.touch"]
        registry = self.env.registry

        @self.env.cr.postrollback.add
        def release():
            with registry.cursor() as cr:
                touches._release_untraced(mailing, res_ids, cr=cr)
