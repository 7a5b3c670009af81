-- What the earlier batches of a mailing have left behind: a trace for each recipient.
INSERT INTO mailing_trace (
       trace_type, email, model, res_id, mass_mailing_id, trace_status,
       sent_datetime, create_uid, create_date, write_uid, write_date)
SELECT 'mail', c.email_normalized, 'mailing.contact', c.id, %(mailing)s, 'sent',
       %(now)s, 1, %(now)s, 1, %(now)s
  FROM unnest(%(res_ids)s::int[]) AS recipient (id)
  JOIN mailing_contact c ON c.id = recipient.id
