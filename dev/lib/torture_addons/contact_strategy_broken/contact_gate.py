import contextlib

from odoo import api, fields, models

DECIDING_LOCK = 0x636F6E74


class ContactGate(models.AbstractModel):
    """The same lock, under Odoo's usual REPEATABLE READ: it shows the world from before
    the wait.

    It is held for seconds, so that workers meet even in a short run on a busy machine:
    with the right isolation that changes nothing.
    """

    _inherit = "contact.gate"

    @api.model
    @contextlib.contextmanager
    def _deciding(self, cr):
        try:
            cr.execute("SELECT pg_advisory_xact_lock(%s)", (DECIDING_LOCK,))
            cr.execute("SELECT pg_sleep(3)")
            yield fields.Datetime.now()
            cr.commit()  # pylint: disable=invalid-commit
        except BaseException:
            cr.rollback()
            raise
