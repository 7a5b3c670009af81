from odoo import api, fields, models
from odoo.tools import SQL

DERIVED = {"contact.signal.hit"}
"""Rows that are made anew from records: they are no reason to keep a profile."""
WHOSE = {"email_normalized", "phone_sanitized", "is_seed", "partner_id"}
"""What decides which records are this person's."""
_SKIPPED = "contact_skips_derived"


class ContactProfile(models.Model):
    """What signals need of people."""

    _inherit = "contact.profile"

    is_signal_due = fields.Boolean(
        readonly=True,
        copy=False,
        help="New, or other records may be this person's than before: signals look "
        "again, and everything is concluded anew.",
    )

    _signal_due_idx = models.Index("(id) WHERE is_signal_due IS TRUE")

    @api.private
    def init(self):
        """Whoever is made by a statement, as in a send, is due as well."""
        res = super().init()
        self.env.cr.execute(
            "ALTER TABLE contact_profile ALTER COLUMN is_signal_due SET DEFAULT TRUE"
        )
        return res

    def _write_multi(self, vals_list):
        """Who has another address may have other records.

        Here, where values reach the database, and not in ``write``: most follow from
        the contact, and are computed.
        """
        return super()._write_multi(
            [
                vals if WHOSE.isdisjoint(vals) else {"is_signal_due": True, **vals}
                for vals in vals_list
            ]
        )

    def _after_signals(self, signals):
        """Called on the people of whom some of these signals say something else now.

        Override to conclude from hits; call super.

        :param signals: contact.signal
        """

    def _after_due(self):
        """Called on people who were due, once signals have looked at them.

        Override to conclude from what is known by then; call super.
        """

    def _has_history(self):
        """What signals found is found again: it keeps nobody."""
        return super(
            ContactProfile, self.with_context(**{_SKIPPED: True})
        )._has_history()

    def _get_profile_fields(self):
        skipped = DERIVED if self.env.context.get(_SKIPPED) else ()
        for model_name, field in super()._get_profile_fields():
            if model_name not in skipped:
                yield model_name, field

    def _lock_for_merge(self):
        """First the hits: an evaluation changes those, and refers to the person when it
        says a tag afterwards."""
        self.env.cr.execute(
            SQL(
                "SELECT FROM contact_signal_hit WHERE profile_id = ANY(%s)"
                " ORDER BY id FOR UPDATE",
                self.ids,
            )
        )
        return super()._lock_for_merge()

    def _before_merge(self, target):
        """One hit of each signal stays; the next evaluation counts all records."""
        res = super()._before_merge(target)
        self.env["contact.signal.hit"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM contact_signal_hit hit
                 USING contact_signal_hit kept
                 WHERE hit.profile_id = ANY(%(people)s)
                   AND kept.profile_id = ANY(%(people)s)
                   AND kept.signal_id = hit.signal_id
                   AND (kept.profile_id <> %(target)s, kept.id)
                     < (hit.profile_id <> %(target)s, hit.id)
                """,
                people=(self | target).ids,
                target=target.id,
            )
        )
        self.env["contact.signal.hit"].invalidate_model(flush=False)
        target.is_signal_due = True
        return res
