from odoo import models, modules
from odoo.tools import email_normalize, split_every

GATE_CHUNK = 10000
"""Recipients decided together: large enough to be cheap, small enough that a message
follows its reservation within minutes, well inside the shortest window, and that nobody
waits longer than a moment for the lock."""


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
        done = 0
        with gate._sending(self.mass_mailing_id) as cr:
            res_ids = self.mass_mailing_id._still_to_send(res_ids)
            for chunk in split_every(GATE_CHUNK, res_ids, list):
                passed, duplicates = gate._pass(
                    self.mass_mailing_id, chunk, cr, self._contact_addresses(chunk)
                )
                try:
                    mails_sudo += super()._action_send_mail_mass_mail(
                        passed, auto_commit=auto_commit
                    )
                except BaseException:
                    self._release_when_rolled_back(passed)
                    raise
                self._cancel_duplicates(duplicates)
                done += len(chunk)
                self._contact_progress(len(chunk) - len(passed), len(res_ids) - done)
                self.env["contact.touch"]._release_untraced(
                    self.mass_mailing_id, passed
                )
        if self.mass_mailing_id.state == "done":
            # Made by this composer, and called done before it began: it may wait.
            self.mass_mailing_id.write({"state": "done"})
        return mails_sudo

    def _cancel_duplicates(self, duplicates):
        """A second record of a person gets the trace that Odoo gives a duplicate.

        After the messages were made: Odoo takes an address with a trace, also a
        cancelled one, for reached, and would cancel the first record as well.

        :param dict duplicates: {recipient: (profile id, address)}
        """
        self.env["mailing.trace"].sudo().create(
            [
                {
                    "mass_mailing_id": self.mass_mailing_id.id,
                    "model": self.mass_mailing_id.mailing_model_real,
                    "res_id": res_id,
                    "email": address,
                    "trace_status": "cancel",
                    "failure_type": "mail_dup",
                }
                for res_id, (_profile_id, address) in sorted(duplicates.items())
            ]
        )

    def _contact_progress(self, held, remaining):
        """Commit, and tell the cron: who is held back is progress, too, so that a run
        that is stopped for taking long has not failed. Odoo tells it of messages.

        :param int held: recipients without a message
        :param int remaining: recipients not decided yet
        """
        is_cron = self.env.context.get("ir_cron_progress_id")
        if is_cron and not modules.module.current_test:
            self.env["ir.cron"]._commit_progress(held, remaining=remaining)
        else:
            self.env["contact.gate"]._commit()

    def _contact_addresses(self, res_ids):
        """Where a template, and not the record, says who gets the message.

        A cap must count for whoever is written to.

        :param list res_ids: recipients
        :return: {recipient: normalised address} of those that have one
        """
        if not self.template_id or self.template_id.use_default_to:
            return {}
        rendered = self._generate_template_for_composer(
            res_ids, ("email_to", "partner_ids"), find_or_create_partners=False
        )
        addresses = {}
        for res_id, values in rendered.items():
            partners = self.env["res.partner"].sudo().browse(values.get("partner_ids"))
            address = next(filter(None, partners.mapped("email_normalized")), None)
            address = address or email_normalize(values.get("email_to"), strict=False)
            if address:
                addresses[res_id] = address
        return addresses

    def _release_when_rolled_back(self, res_ids):
        """Making the messages failed: their reservations are given back at once.

        Registered now and not before, since each batch that Odoo commits forgets what
        was registered. (If the process is killed instead, the next run of the mailing
        or the sweeper does it.)
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
