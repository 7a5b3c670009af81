import json

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.sql_arrays import int_array


class ContactHold(models.Model):
    """Holds as the gate writes and ends them."""

    _inherit = "contact.hold"

    expired_reason = fields.Selection(
        [
            ("too_late", "Not free before the mailing's last useful moment"),
            ("left_audience", "No longer among the recipients"),
            ("stopped", "Somebody ended the waiting"),
        ],
        readonly=True,
    )

    @api.model
    def _note(self, mailing, refused, now, cr=None, final=(), versions=None):
        """Write down whom a mailing does not reach now, and why.

        SQL, because it runs on the gate's cursor, in the transaction that decided, for
        thousands of people at once. Deciding again replaces the earlier answer.

        :param mailing: record of mailing.mailing
        :param dict refused: {recipient (id of the mailing's model): Verdict}
        :param datetime now: naive UTC
        :param cr: cursor to use
        :param final: recipients for whom the mailing cannot try again by itself
        :param dict versions: {policy id: id of the version that was asked}
        """
        if not refused:
            return
        cr = cr or self.env.cr
        limit = mailing._useful_limit(now)
        facts = self._prepare_facts(list(refused.values()), versions)
        rows = [
            self._note_row(res_id, verdict, said, limit, res_id in final)
            for (res_id, verdict), said in zip(refused.items(), facts, strict=True)
        ]
        self._lock_noted(mailing, refused, cr)
        cr.execute(self._note_sql(mailing, rows, now))
        hold_ids = {res_id: hold_id for hold_id, res_id in cr.fetchall()}
        self._note_touches(hold_ids, refused, cr)

    def _lock_noted(self, mailing, res_ids, cr):
        """What will be replaced, in the order in which everybody locks holds: the next
        statement would come to them in the order of the recipients."""
        cr.execute(
            SQL(
                """
                SELECT FROM contact_hold
                 WHERE mailing_id = %s AND res_model = %s AND res_id = ANY(%s)
                 ORDER BY id FOR NO KEY UPDATE
                """,
                mailing.id,
                mailing.mailing_model_real,
                int_array(res_ids),
            )
        )

    def _note_touches(self, hold_ids, refused, cr):
        """Name the touches that used the allowance up.

        :param dict hold_ids: {recipient: hold id}
        """
        cr.execute(
            SQL(
                """
                DELETE FROM contact_hold_contact_touch_rel
                 WHERE contact_hold_id = ANY(%s)
                """,
                int_array(hold_ids.values()),
            )
        )
        links = {
            (hold_ids[res_id], touch_id)
            for res_id, verdict in refused.items()
            for refusal in verdict.refusals
            for touch_id in refusal.touch_ids
        }
        if links:
            holds, touches = zip(*sorted(links), strict=True)
            cr.execute(
                SQL(
                    """
                    INSERT INTO contact_hold_contact_touch_rel
                           (contact_hold_id, contact_touch_id)
                    SELECT * FROM unnest(%s, %s)
                    """,
                    int_array(holds),
                    int_array(touches),
                )
            )

    def _note_row(self, res_id, verdict, facts, limit, final):
        """One row of `_note`.

        :param datetime limit: the mailing's last useful moment; waiting longer is of
            no use
        :param bool final: the mailing cannot try again by itself
        """
        waits = (
            verdict.decision == "defer" and not final and verdict.next_allowed <= limit
        )
        first = verdict.refusals[0]
        return (
            res_id,
            verdict.profile_id,
            "defer" if waits else "hold",
            "deferred" if waits else "held",
            verdict.next_allowed,
            json.dumps(facts),
            first.rule_id,
            first.policy_id,
            facts["rules"][0]["version"],
        )

    def _note_sql(self, mailing, rows, now):
        columns = [list(column) for column in zip(*rows, strict=True)]
        return SQL(
            """
            INSERT INTO contact_hold AS h (
                   mailing_id, res_model, company_id, date, res_id, profile_id,
                   decision, state, next_allowed, facts, rule_id, policy_id,
                   version_id, create_uid, create_date, write_uid, write_date)
            SELECT %(mailing)s, %(model)s, %(company)s, %(now)s, u.*,
                   %(uid)s, %(now)s, %(uid)s, %(now)s
              FROM unnest(%(res_ids)s, %(profiles)s, %(decisions)s::varchar[],
                          %(states)s::varchar[], %(nexts)s::timestamp[],
                          %(facts)s::jsonb[], %(rules)s, %(policies)s,
                          %(versions)s) AS u
                ON CONFLICT (mailing_id, res_model, res_id) DO UPDATE
               SET date = EXCLUDED.date, decision = EXCLUDED.decision,
                   state = EXCLUDED.state, next_allowed = EXCLUDED.next_allowed,
                   facts = EXCLUDED.facts, rule_id = EXCLUDED.rule_id,
                   policy_id = EXCLUDED.policy_id, profile_id = EXCLUDED.profile_id,
                   version_id = EXCLUDED.version_id,
                   expired_reason = NULL, write_uid = EXCLUDED.write_uid,
                   write_date = EXCLUDED.write_date
         RETURNING h.id, h.res_id
            """,
            mailing=mailing.id,
            model=mailing.mailing_model_real,
            company=mailing.company_id.id or None,
            now=now,
            uid=self.env.uid,
            res_ids=int_array(columns[0]),
            profiles=int_array(columns[1]),
            decisions=columns[2],
            states=columns[3],
            nexts=columns[4],
            facts=columns[5],
            rules=int_array(rule_id or "NULL" for rule_id in columns[6]),
            policies=int_array(policy_id or "NULL" for policy_id in columns[7]),
            versions=int_array(version_id or "NULL" for version_id in columns[8]),
        )

    def _expire(self, reason):
        """End the waiting of these people.

        :param str reason: a value of ``expired_reason``
        """
        waiting = self.filtered(lambda hold: hold.state == "deferred")
        waiting._lock_in_order()
        waiting.write({"state": "expired", "expired_reason": reason})

    def _lock_in_order(self):
        """Before several are written: a merge of people may be moving some of them at
        this moment, and in another order the two would wait for each other."""
        self.env.cr.execute(
            SQL(
                "SELECT FROM contact_hold WHERE id = ANY(%s) ORDER BY id"
                " FOR NO KEY UPDATE",
                int_array(self.ids),
            )
        )

    def action_decide_again(self):
        """Ask again about these people at the next run of their mailing.

        Meant for people held back before the strategy was changed.
        """
        self.check_access("write")
        again = self.filtered(lambda h: h.state in ("held", "expired", "deferred"))
        for mailing, holds in again.grouped("mailing_id").items():
            mailing._ask_again(holds.mapped("res_id"))
        return True
