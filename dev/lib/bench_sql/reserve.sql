-- Decide, reserve and note in one statement, into the addon's own tables.
WITH decided AS MATERIALIZED ({decision}),
booked AS (
    INSERT INTO contact_touch (
           profile_id, res_id, counts, channel_id, mailing_id, date, state, company_id,
           res_model, create_uid, create_date, write_uid, write_date)
    SELECT profile_id, res_id, TRUE, %(email)s, %(mailing)s, %(now)s, 'reserved', 1,
           'res.partner', 1, %(now)s, 1, %(now)s
      FROM decided WHERE refused = 0 ORDER BY profile_id
 RETURNING res_id),
noted AS (
    INSERT INTO contact_hold (
           mailing_id, res_model, res_id, profile_id, date, decision, state, rule_id,
           create_uid, create_date, write_uid, write_date)
    SELECT %(mailing)s, 'res.partner', res_id, profile_id, %(now)s, 'hold', 'held',
           (%(rules)s::int[])[1 + log(2, refused & -refused)::int], 1, %(now)s, 1, %(now)s
      FROM decided WHERE refused > 0)
SELECT res_id FROM booked
