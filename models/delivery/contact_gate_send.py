from odoo import api, models, modules
from odoo.tools import split_every

GATE_CHUNK = 10000
"""Recipients decided together: large enough to be cheap, small enough that a message
follows its reservation within minutes, well inside the shortest window, and that nobody
waits longer than a moment for the lock."""


class ContactGate(models.AbstractModel):
    """From the recipients of a mailing to its messages, whatever the channel."""

    _inherit = "contact.gate"

    @api.model
    def _send_through(self, mailing, res_ids, hand_on, addresses, at_once=None):
        """Hand on those whom the contact strategy lets through, a chunk at a time.

        :param mailing: record of mailing.mailing
        :param list res_ids: recipients (ids of the mailing's model)
        :param hand_on: function(recipients) by which Odoo makes their messages
        :param addresses: function(recipients) giving {recipient: address} where it is
            not the record's own
        :param int at_once: how many are decided together (default: GATE_CHUNK)
        :return: list of what ``hand_on`` returned
        """
        made = []
        done = 0
        with self._sending(mailing) as cr:
            res_ids = mailing._still_to_send(res_ids)
            for chunk in split_every(at_once or GATE_CHUNK, res_ids, list):
                passed, duplicates = self._pass(mailing, chunk, cr, addresses(chunk))
                try:
                    made.append(hand_on(passed))
                except BaseException:
                    self._release_when_rolled_back(mailing, passed)
                    raise
                mailing._cancel_duplicates(duplicates)
                done += len(chunk)
                self._note_progress(len(chunk) - len(passed), len(res_ids) - done)
                self.env["contact.touch"]._release_untraced(mailing, passed)
        return made

    @api.model
    def _note_progress(self, held, remaining):
        """Commit, and tell the cron: who is held back is progress, too, so that a run
        that is stopped for taking long has not failed. Odoo tells it of messages.

        :param int held: recipients without a message
        :param int remaining: recipients not decided yet
        """
        is_cron = self.env.context.get("ir_cron_progress_id")
        if is_cron and not modules.module.current_test:
            self.env["ir.cron"]._commit_progress(held, remaining=remaining)
        else:
            self._commit()

    @api.model
    def _release_when_rolled_back(self, mailing, res_ids):
        """Making the messages failed: their reservations are given back at once.

        Registered now and not before, since each batch that Odoo commits forgets what
        was registered. (If the process is killed instead, the next run of the mailing
        or the sweeper does it.)
        """
        if modules.module.current_test:
            return
        touches = self.env["contact.touch"]
        registry = self.env.registry

        @self.env.cr.postrollback.add
        def release():
            with registry.cursor() as cr:
                touches._release_untraced(mailing, res_ids, cr=cr)
