from odoo import api, models
from odoo.exceptions import AccessError, UserError


class ContactTouch(models.Model):
    """Messages of which nobody knows whether they arrived: a person decides.

    Whatever is decided, the touch keeps counting, as the message may have arrived. An
    open, a click, an answer or a bounce decides by itself (see `_settle_traces`).
    """

    _inherit = "contact.touch"

    @api.model
    def _note_uncertain(self, moments):
        """Count these messages as sent, and list them.

        :param dict moments: {trace id: when it was handed over (naive UTC)}
        :return: the traces that have a touch (mailing.trace)
        """
        traces = self.env["mailing.trace"].sudo().browse(moments)
        self._book_unreserved(traces)
        touches = self.search([("trace_id", "in", traces.ids)])
        for touch in touches:
            touch.write(
                {
                    "state": "sent",
                    "is_uncertain": True,
                    "date": moments[touch.trace_id.id],
                }
            )
        return touches.trace_id

    def _get_undecided(self):
        """Those of the touches that wait for a decision which this user may take.

        :return: touches, with elevated rights: only mailings write them
        :raise AccessError: the user may not send the mailing
        """
        self.check_access("read")
        undecided = self.sudo().filtered("is_uncertain")
        if not self.env.user.has_group("mass_mailing.group_mass_mailing_user"):
            raise AccessError(
                self.env._("Only those who may send a mailing decide about it.")
            )
        undecided.mailing_id.with_env(self.env).check_access("write")
        return undecided

    def action_uncertain_arrived(self):
        """These messages arrived: they are sent, at the moment they were handed over.

        :raise AccessError: the user may not send the mailing
        """
        touches = self._get_undecided()
        for touch in touches:
            touch.trace_id.write({"trace_status": "sent", "sent_datetime": touch.date})
        touches.is_uncertain = False
        touches.trace_id._note_arrived()
        return True

    def action_uncertain_again(self):
        """Send these messages again, through the gate; the person may get two.

        The first one keeps counting. So a person who has had enough waits.

        :raise AccessError: the user may not send the mailing
        :raise UserError: a mailing is archived, so nobody would send it
        """
        touches = self._get_undecided()
        if archived := touches.mailing_id.filtered(lambda m: not m.active)[:1]:
            raise UserError(
                self.env._(
                    "“%s” is archived. Unarchive it to send its messages again.",
                    archived.subject,
                )
            )
        for mailing, of_mailing in touches.grouped("mailing_id").items():
            res_ids = of_mailing.mapped("res_id")
            traces = of_mailing.trace_id
            of_mailing._detach_uncertain()
            traces._drop_messages()
            traces.unlink()
            mailing._ask_again(res_ids)
        return True

    def _detach_uncertain(self):
        """Another message takes the place of these: they count, but say no longer
        that their record was reached."""
        doubtful = self.filtered("is_uncertain")
        doubtful.write(
            {
                "is_uncertain": False,
                "trace_id": False,
                "res_model": False,
                "res_id": False,
                "note": self.env._("It may have arrived. It was sent again."),
            }
        )

    def action_uncertain_leave(self):
        """Do not send these messages again: they failed, but may have arrived.

        :raise AccessError: the user may not send the mailing
        """
        touches = self._get_undecided()
        traces = touches.trace_id
        # Cut off first: a failed message would give its allowance back.
        touches.write(
            {
                "is_uncertain": False,
                "trace_id": False,
                "note": self.env._("It may have arrived. It was not sent again."),
            }
        )
        traces.set_failed(failure_type="unknown")
        return True
