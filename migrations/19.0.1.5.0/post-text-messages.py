"""Text messages that a provider took count from when it took them.

They were kept as reserved until the provider reported them, which it may never do; a
reservation is dated anew while it waits.
"""


def migrate(cr, _version):
    """Settle them as they are settled now."""
    cr.execute(
        """
        UPDATE contact_touch t
           SET state = 'sent', date = COALESCE(s.sent_datetime, s.write_date, t.date)
          FROM mailing_trace s
         WHERE s.id = t.trace_id AND t.state = 'reserved'
           AND s.trace_type = 'sms' AND s.trace_status = 'process'
        """
    )
