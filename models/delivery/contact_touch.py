from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.sql_arrays import int_array

OF_THE_GATE = {"mailing_id", "trace_id", "res_model", "res_id"}
SETTLED_STATE = SQL(
    """CASE s.trace_status WHEN 'cancel' THEN 'released' WHEN 'error' THEN 'failed'
            WHEN 'outgoing' THEN 'reserved' ELSE 'sent' END"""
)
"""What is in process was handed over. Of an e-mail nobody knows if it arrived; of a
text message the provider has not said it yet, and may never do."""
INSERT_FROM_TRACES = """
    INSERT INTO contact_touch (
           profile_id, address, channel_id, category_id, counts, mailing_id,
           priority, date, state, company_id, user_id, res_model, res_id,
           trace_id, cost, currency_id, opened, opened_date, clicked,
           clicked_date, replied, replied_date, bounced, bounced_date, is_uncertain,
           create_uid, create_date, write_uid, write_date)
    SELECT u.profile_id, %(address)s, c.id, m.category_id,
           COALESCE(k.counts, TRUE) AND NOT COALESCE(p.is_seed, FALSE),
           m.id, m.policy_priority,
           date_trunc('second', COALESCE(
               s.sent_datetime, s.create_date, m.sent_date)),
           %(state)s, m.company_id, m.user_id, s.model, s.res_id,
           s.id, c.cost, c.currency_id,
           s.trace_status IN ('open', 'reply'), s.open_datetime,
           s.links_click_datetime IS NOT NULL, s.links_click_datetime,
           s.trace_status = 'reply', s.reply_datetime,
           s.trace_status = 'bounce',
           CASE WHEN s.trace_status = 'bounce' THEN s.write_date END,
           s.trace_type = 'mail' AND s.trace_status = 'process',
           %(uid)s, %(now)s, %(uid)s, %(now)s
      FROM unnest(%(keys)s, %(profiles)s, %(addresses)s::varchar[])
           AS u (key, profile_id, address)
      JOIN mailing_trace s ON s.%(key)s = u.key AND %(which)s
      JOIN mailing_mailing m ON m.id = s.mass_mailing_id
      JOIN contact_profile p ON p.id = u.profile_id
      JOIN contact_channel c
        ON c.code = CASE s.trace_type WHEN 'mail' THEN 'email' ELSE s.trace_type END
      LEFT JOIN contact_category k ON k.id = m.category_id
      LEFT JOIN contact_touch t ON t.trace_id = s.id
     WHERE t.id IS NULL AND NOT COALESCE(s.is_test_trace, FALSE)
        ON CONFLICT DO NOTHING
"""
"""Touches for traces ``s`` that have none, for people and addresses ``u``."""

SETTLE = """
    UPDATE contact_touch t
       SET state = %(state)s,
           date = CASE WHEN %(state)s = 'sent'
                  THEN COALESCE(s.sent_datetime, t.date) ELSE t.date END,
           opened = COALESCE(t.opened, FALSE) OR s.trace_status IN ('open', 'reply'),
           opened_date = COALESCE(t.opened_date, s.open_datetime),
           clicked = s.links_click_datetime IS NOT NULL,
           clicked_date = COALESCE(t.clicked_date, s.links_click_datetime),
           replied = COALESCE(t.replied, FALSE) OR s.trace_status = 'reply',
           replied_date = COALESCE(t.replied_date, s.reply_datetime),
           bounced = COALESCE(t.bounced, FALSE) OR s.trace_status = 'bounce',
           bounced_date = CASE WHEN s.trace_status = 'bounce'
                  THEN COALESCE(t.bounced_date, %(now)s)
                  ELSE t.bounced_date END,
           is_uncertain = COALESCE(t.is_uncertain, FALSE)
                          AND s.trace_status = 'process',
           write_date = now() AT TIME ZONE 'UTC'
      FROM mailing_trace s
     WHERE s.id = ANY(%(traces)s) AND t.trace_id = s.id
"""
"""Written, so that whoever looks for what is new finds it."""


class ContactTouch(models.Model):
    """The ledger follows Odoo's mailing statistics.

    All of it is SQL: a mailing settles hundreds of thousands of touches, and the rows
    are tied to each other by what they say, not by a relation the ORM knows.
    """

    _inherit = "contact.touch"

    @api.model_create_multi
    def create(self, vals_list):
        """What Odoo's own mailings send is booked by the gate, and by nobody else.

        A touch made by hand that named a mailing would make its recipient look reached.

        :raise UserError: somebody books a mailing's touch, or a reservation
        """
        self._check_storable(*vals_list)
        if not self.env.su:
            names = {f"default_{name}" for name in (*OF_THE_GATE, "state")}
            kept = {k: v for k, v in self.env.context.items() if k not in names}
            self = self.with_context(kept)  # pylint: disable=context-overridden
            for vals in vals_list:
                named = OF_THE_GATE.intersection(name for name in vals if vals[name])
                if named or vals.get("state") == "reserved":
                    raise UserError(
                        self.env._(
                            "Touches of mailings are written when they are sent. Leave "
                            "the mailing empty for what happened elsewhere, and say in "
                            "the note what it was."
                        )
                    )
        return super().create(vals_list)

    @api.model
    def _book_traces(self, traces):
        """Tie new traces to their reservations; book a touch for those without one.

        Also ends the holds of people who got their message after all.

        :param traces: mailing.trace just created
        """
        traces = traces.filtered(lambda t: t.mass_mailing_id and not t.is_test_trace)
        if not traces:
            return
        self.env.flush_all()
        booked = self.env.execute_query(
            SQL(
                """
                UPDATE contact_touch t SET trace_id = s.id
                  FROM mailing_trace s
                 WHERE s.id = ANY(%s) AND t.mailing_id = s.mass_mailing_id
                   AND t.res_model = s.model AND t.res_id = s.res_id
                   AND t.state = 'reserved' AND t.trace_id IS NULL
             RETURNING s.id
                """,
                int_array(traces.ids),
            )
        )
        self._end_holds(traces)
        left = set(traces.ids) - {trace_id for (trace_id,) in booked}
        alive = traces.browse(sorted(left)).filtered(
            lambda t: t.trace_status not in ("cancel", "error")
        )
        self._book_unreserved(alive)
        settled = traces.filtered(lambda t: t.trace_status != "outgoing")
        self._settle_traces(settled)
        self.invalidate_model()

    @api.model
    def _settle_traces(self, traces):
        """Bring the touches of these traces up to date.

        :param traces: mailing.trace whose status or dates changed
        """
        if not traces.ids:
            return
        traces.flush_recordset()
        self.flush_model()
        self.env.cr.execute(
            SQL(
                SETTLE,
                state=SETTLED_STATE,
                now=fields.Datetime.now(),
                traces=int_array(traces.ids),
            )
        )
        self.invalidate_model()

    @api.model
    def _book_unreserved(self, traces):
        """Messages that did not come through the gate (imports of other addons) are
        touches all the same."""
        kinds = traces.grouped(lambda trace: (trace.model, trace.trace_type))
        for (model, trace_type), of_kind in kinds.items():
            res_ids = sorted(set(of_kind.mapped("res_id")))
            rows = self._resolve_recipients(model, res_ids, trace_type)
            self._insert_from_traces(
                rows, SQL("s.id = ANY(%s)", int_array(of_kind.ids))
            )

    @api.model
    def _resolve_recipients(self, model, res_ids, trace_type):
        """(res_id, profile_id, address) of records, where the model still exists."""
        if model not in self.env or self.env[model]._abstract:
            return []
        Profile = self.env["contact.profile"]
        resolve = Profile._resolve_rows
        if trace_type == "sms":
            resolve = Profile._resolve_number_rows
        return [row for row in resolve(model, res_ids) if row[1]]

    @api.model
    def _sql_address_of_trace(self):
        """Where a message went to: of a text message the trace knows it."""
        if "sms_number" not in self.env["mailing.trace"]._fields:
            return SQL("u.address")
        return SQL(
            "CASE s.trace_type WHEN 'sms' THEN COALESCE(s.sms_number, u.address)"
            " ELSE u.address END"
        )

    @api.model
    def _insert_from_traces(self, rows, which, key="res_id"):
        """Book touches for traces that have none.

        :param list rows: (value of ``key``, profile id, address)
        :param SQL which: which traces ``s``
        :param str key: column of the trace that ``rows`` begin with
        """
        if not rows:
            return
        keys, profiles, addresses = map(list, zip(*rows, strict=True))
        self.env.cr.execute(
            SQL(
                INSERT_FROM_TRACES,
                state=SETTLED_STATE,
                uid=self.env.uid,
                now=fields.Datetime.now(),
                keys=int_array(keys),
                profiles=int_array(profiles),
                addresses=addresses,
                address=self._sql_address_of_trace(),
                key=SQL.identifier(key),
                which=which,
            )
        )
        self.invalidate_model()
