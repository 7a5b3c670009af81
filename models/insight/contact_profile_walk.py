from odoo import api, models, modules
from odoo.tools import SQL

BATCH = 10000
"""People per transaction: about a second."""
LARGE = 20000
"""So many edited at once are left to the crons: nobody waits for it."""
ADDON = "mass_mailing_contact_strategy"
PREFIX = f"{ADDON}.walk_"


class ContactProfile(models.Model):
    """Everybody, a batch at a time; and those who were just edited, all at once."""

    _inherit = "contact.profile"

    # ------------------------------------------------------------
    # Everybody
    # ------------------------------------------------------------

    @api.model
    def _walk(self, name, work):
        """Do something about everybody, in batches that are committed one by one.

        A run that is stopped goes on where it stopped.

        :param str name: of the walk, to remember where it is
        :param work: called with lists of profile ids
        """
        after = self._walk_position(name)
        while ids := self._walk_batch(after):
            work(ids)
            after = ids[-1] if len(ids) == BATCH else 0
            self._walk_remember(name, after)
            if not self._walk_commit(len(ids), remaining=int(bool(after))) or not after:
                return
        self._walk_remember(name, 0)

    def _walk_batch(self, after):
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM contact_profile WHERE id > %s ORDER BY id LIMIT %s",
                after,
                BATCH,
            )
        )
        return [row[0] for row in rows]

    def _walk_commit(self, done, remaining):
        """Seconds left; a test has one transaction and all the time of the world."""
        if modules.module.current_test:
            return float("inf")
        return self.env["ir.cron"]._commit_progress(done, remaining=remaining)

    def _walk_position(self, name):
        rows = self.env.execute_query(
            SQL("SELECT value FROM ir_config_parameter WHERE key = %s", PREFIX + name)
        )
        return int(rows[0][0]) if rows else 0

    def _walk_remember(self, name, position):
        """SQL: ``set_param`` would empty the caches of all workers with each batch."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO ir_config_parameter (key, value)
                     VALUES (%s, %s)
                ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value
                """,
                PREFIX + name,
                str(position),
            )
        )

    @api.model
    def _walk_soon(self, *names):
        """The crons look at everybody in a moment, from the beginning."""
        for name in names:
            self._walk_remember(name, 0)
            cron = self.env.ref(
                f"{ADDON}.ir_cron_walk_{name}", raise_if_not_found=False
            )
            if cron:
                # sudo: whoever edits need not be allowed to start crons
                cron.sudo()._trigger()

    # ------------------------------------------------------------
    # Those who were edited
    # ------------------------------------------------------------

    @api.model
    def _look_again(self, profile_ids=(), partner_ids=(), contact_ids=()):
        """Something about these people was edited: conclude anew.

        Done once, for all of them, right before the transaction is committed: however
        they were edited, one by one or in an import, it costs a few statements.

        :param partner_ids: ids of contacts, whose profile may not be known yet
        :param contact_ids: ids of mailing contacts
        """
        precommit = self.env.cr.precommit
        edited = precommit.data.get(PREFIX)
        if edited is None:
            edited = precommit.data[PREFIX] = (set(), set(), set())
            everywhere = self.sudo()  # conclusions do not depend on who edits
            precommit.add(lambda: everywhere._look_again_at(*precommit.data[PREFIX]))
        for known, ids in zip(
            edited, (profile_ids, partner_ids, contact_ids), strict=True
        ):
            known.update(ids)

    def _look_again_at(self, profile_ids, partner_ids, contact_ids):
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id
                  FROM contact_profile
                 WHERE id = ANY(%(profiles)s)
                    OR id IN (SELECT profile_id FROM res_partner
                               WHERE id = ANY(%(partners)s))
                    OR id IN (SELECT profile_id FROM mailing_contact
                               WHERE id = ANY(%(contacts)s))
                 ORDER BY id
                """,
                profiles=list(profile_ids),
                partners=list(partner_ids),
                contacts=list(contact_ids),
            )
        )
        ids = [row[0] for row in rows]
        if len(ids) > LARGE:
            self._walk_soon("persona", "quality")
            return
        for start in range(0, len(ids), BATCH):
            self._conclude_anew(ids[start : start + BATCH])

    def _after_signals(self, signals):
        """Conclude anew what signals of such effects can change.

        Tags can be part of any condition; points are for a persona or for engagement.
        """
        effects = set(signals.mapped("effect"))
        if "tag" in effects:
            self._conclude_anew(self.ids)
        else:
            if "persona" in effects:
                self.env["contact.persona"]._conclude(self.ids)
            if "engagement" in effects:
                self._refresh_engagement(self.ids)
        return super()._after_signals(signals)

    def _after_due(self):
        """Whoever was made in the middle of a send was never looked at."""
        self._conclude_anew(self.ids)
        return super()._after_due()

    @api.model
    def _conclude_anew(self, profile_ids):
        """What follows from what is known about these people, all of it.

        Called for people who were edited, for those whose signals have changed, and for
        those who are due (``is_signal_due``).
        Override to conclude more: call super.
        """
        self.env["contact.persona"]._conclude(profile_ids)
        self._refresh_engagement(profile_ids)
        self._refresh_quality(self._with_twins(profile_ids))
