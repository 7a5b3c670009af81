from odoo import api, fields, models, modules
from odoo.exceptions import ValidationError
from odoo.tools import SQL, groupby, split_every

from odoo.addons.mass_mailing_contact_strategy.models.sql_arrays import int_array

BATCH = 10000
"""People looked at in one transaction: about a second."""


class ContactProfile(models.Model):
    """People advance by themselves: by the domains of stages, and by signals.

    Each goes to the furthest stage ahead that some rule grants. Two things stand above
    a rule:

    - *A gate*: nobody is moved past it.
    - *A person's word*: whom somebody has moved back, only news moves on again: a
      signal with something that is newer, or a domain of a stage further than the one
      that was left.

    Back goes by rule only who is off the main way, as lost; only if nothing keeps him
    there any more; and only by news. So nobody goes to and fro from night to night.
    """

    _inherit = "contact.profile"

    @api.model
    def _cron_advance(self):
        """Everybody, a batch at a time."""
        Cron = self.env["ir.cron"]
        last = 0
        while ids := self._after(last):
            self._advance(ids)
            last = ids[-1]
            if modules.module.current_test:
                continue  # a test has one transaction
            if not Cron._commit_progress(len(ids), remaining=len(self._after(last, 1))):
                # whoever was moved is not moved again: it may begin anew
                break

    def _after_signals(self, signals):
        """Whom a signal moves is moved at once."""
        if "stage" in signals.mapped("effect"):
            self._advance(self.ids)
        return super()._after_signals(signals)

    def _after_due(self):
        """Whoever is new may belong further on from the beginning."""
        self._advance(self.ids)
        return super()._after_due()

    def _after(self, last, limit=None):
        """Ids of the next people, by id."""
        return (
            self.with_context(active_test=False)
            .search([("id", ">", last)], order="id", limit=limit or BATCH)
            .ids
        )

    @api.model
    def _advance(self, profile_ids):
        """Move these people as the rules of stages say, through the door.

        Called by the cron, and after signals were evaluated.

        :param list profile_ids: any number
        :return: the moves (contact.journey.move)
        """
        Move = self.env["contact.journey.move"].sudo()
        Stage = self.env["contact.journey.stage"].sudo()
        Signal = self.env["contact.signal"].sudo()
        moves = Move
        for some_ids in split_every(BATCH, profile_ids, list):
            # sudo: rules move people of all business units
            found = self.sudo().env.execute_query(self._sql_advances(some_ids))
            for (stage_id, signal_id), rows in groupby(found, lambda row: row[1:3]):
                signal = Signal.browse(signal_id or ())
                stage = Stage.browse(stage_id)
                dates = {profile_id: date for profile_id, _stage, _signal, date in rows}
                moves += (
                    self.sudo()
                    .browse(dates)
                    ._move_to_stage(
                        stage,
                        reason=signal.display_name or self._say_domain(stage),
                        kind="rule",
                        signal=signal,
                        date=dates,
                    )
                )
        return moves

    @api.model
    def _say_domain(self, stage):
        return self.env._("Fits who enters “%(stage)s”", stage=stage.name)

    def _sql_advances(self, profile_ids):
        """Rows (profile, stage, signal or NULL, since when): who goes where now.

        SQL: everybody's grants are compared with each other, with gates and with the
        last move, for thousands of people at once.
        """
        self.env.flush_all()
        return SQL(
            """
              WITH stage AS (%(places)s),
                   granted AS (%(grants)s),
                   person AS (%(people)s)
            SELECT DISTINCT ON (person.id)
                   person.id, target.id, granted.signal_id,
                   LEAST(
                       %(now)s,
                       GREATEST(
                           person.since,
                           CASE WHEN granted.since <= person.since
                                THEN granted.news
                                ELSE COALESCE(granted.since, granted.news)
                           END
                       )
                   )
              FROM granted
              JOIN person ON person.id = granted.profile_id
              JOIN stage target ON target.id = granted.stage_id AND target.active
             WHERE %(ahead)s
                OR %(back)s
             ORDER BY person.id, target.place DESC, granted.news DESC,
                      granted.signal_id
            """,
            places=self.env["contact.journey.stage"].sudo()._sql_places(),
            grants=self._sql_grants(profile_ids),
            people=self._sql_travellers(),
            now=fields.Datetime.now(),
            ahead=self._sql_ahead(),
            back=self._sql_back(),
        )

    def _sql_grants(self, profile_ids):
        """Rows (profile, stage, signal, since, news): which stage is open to whom.

        ``news``: when something last spoke for it; what is still to come is none. What
        fits a domain fits now, and does not say since when.
        """
        now = fields.Datetime.now()
        by_signals = SQL(
            """
            SELECT hit.profile_id, signal.stage_id, signal.id AS signal_id, hit.since,
                   GREATEST(
                       hit.since,
                       CASE WHEN hit.last_date <= %(now)s THEN hit.last_date END
                   ) AS news,
                   TRUE AS is_dated
              FROM contact_signal_hit hit
              JOIN contact_signal signal
                ON signal.id = hit.signal_id
               AND signal.effect = 'stage'
               AND signal.active
             WHERE hit.profile_id = ANY(%(ids)s)
            """,
            ids=int_array(profile_ids),
            now=now,
        )
        stages = self.env["contact.journey.stage"].sudo()
        by_domains = (
            SQL(
                "SELECT fit.id, %(stage)s, NULL, %(now)s, %(now)s, FALSE"
                " FROM (%(query)s) fit",
                stage=stage.id,
                now=now,
                query=query.select(),
            )
            for stage in stages.search([("is_automatic", "=", True)])
            if (query := stage._query_people(profile_ids))
        )
        return SQL(" UNION ALL ").join([by_signals, *by_domains])

    def _sql_travellers(self):
        """Rows of those to whom something is granted: where they are, since when, and
        from which place somebody has moved them back last."""
        return SQL(
            """
            SELECT profile.id, profile.journey_stage_id AS stage_id,
                   profile.journey_stage_date AS since,
                   COALESCE(current.place, 0) AS place,
                   COALESCE(current.is_detour, FALSE) AS is_detour,
                   former.place AS left_place
              FROM contact_profile profile
         LEFT JOIN stage current ON current.id = profile.journey_stage_id
         LEFT JOIN LATERAL (
                     SELECT from_stage_id, is_back, kind
                       FROM contact_journey_move
                      WHERE profile_id = profile.id
                        AND is_merged IS NOT TRUE
                      ORDER BY date DESC, id DESC
                      LIMIT 1
                   ) last ON last.is_back AND last.kind <> 'rule'
         LEFT JOIN stage former ON former.id = last.from_stage_id
             WHERE profile.active
               AND profile.is_seed IS NOT TRUE
               AND profile.id IN (SELECT profile_id FROM granted)
            """
        )

    def _sql_ahead(self):
        return SQL(
            """(
                   target.place > person.place
               AND NOT EXISTS (
                       SELECT FROM stage gate
                        WHERE gate.kind = 'gate'
                          AND gate.active
                          AND gate.place >= person.place
                          AND gate.place < target.place)
               AND (
                       person.left_place IS NULL
                    OR CASE WHEN granted.is_dated
                            THEN granted.news > person.since
                            ELSE target.place > person.left_place
                       END
                   )
            )"""
        )

    def _sql_back(self):
        return SQL(
            """(
                   target.place < person.place
               AND target.is_way_back
               AND person.is_detour
               AND granted.is_dated
               AND granted.news > person.since
               AND NOT EXISTS (
                       SELECT FROM granted own
                        WHERE own.profile_id = person.id
                          AND own.stage_id = person.stage_id)
            )"""
        )


class ContactJourneyStage(models.Model):
    """Whom the domain of a stage fits."""

    _inherit = "contact.journey.stage"

    def _query_people(self, profile_ids, **context):
        """A rule that cannot be read any more moves nobody, and says so on its form."""
        try:
            return super()._query_people(profile_ids, **context)
        except ValidationError:
            return None
