-- Decide, reserve and note in one statement, into the addon's own tables: the same rows
-- with the same values as the gate writes.
WITH decided AS MATERIALIZED ({decision}),
booked AS (
    INSERT INTO contact_touch (
           profile_id, address, res_id, counts, channel_id, category_id, mailing_id,
           priority, date, state, company_id, user_id, res_model, cost, currency_id,
           create_uid, create_date, write_uid, write_date)
    SELECT profile_id, address, res_id, NOT COALESCE(is_seed, FALSE), %(email)s,
           %(category)s, %(mailing)s, 0, %(now)s, 'reserved', %(company)s, %(user)s,
           'res.partner', %(cost)s, %(currency)s, 1, %(now)s, 1, %(now)s
      FROM decided WHERE refused = 0 ORDER BY profile_id
 RETURNING res_id),
used AS MATERIALIZED ({used}),
version AS (
    SELECT policy_id, max(id) AS version_id FROM contact_policy_version GROUP BY 1),
reason AS (
    SELECT res_id, max(free) AS free, (array_agg(rule_id ORDER BY bit))[1] AS rule_id,
           (array_agg(policy_id ORDER BY bit))[1] AS policy_id,
           (array_agg(version_id ORDER BY bit))[1] AS version_id,
           jsonb_agg(jsonb_build_object(
               'rule', rule_id, 'policy', policy_id, 'terms', terms,
               'touches', to_jsonb(touch_ids), 'note', NULL, 'step', 0, 'planned', '[]'::jsonb,
               'version', version_id,
               'next', to_char(free, 'YYYY-MM-DD HH24:MI:SS')) ORDER BY bit) AS rules
      FROM used JOIN version USING (policy_id) GROUP BY res_id),
noted AS (
    INSERT INTO contact_hold (
           mailing_id, res_model, company_id, date, res_id, profile_id, decision, state,
           next_allowed, facts, rule_id, policy_id, version_id,
           create_uid, create_date, write_uid, write_date)
    SELECT %(mailing)s, 'res.partner', %(company)s, %(now)s, res_id, profile_id,
           CASE WHEN free <= %(useful)s THEN 'defer' ELSE 'hold' END,
           CASE WHEN free <= %(useful)s THEN 'deferred' ELSE 'held' END,
           free,
           jsonb_build_object(
               'tz', tz, 'tz_source', 'profile', 'rules', rules, 'policy',
               CASE WHEN tz = 'Europe/Lisbon' THEN %(loyal)s ELSE %(everybody)s END),
           rule_id, policy_id, version_id, 1, %(now)s, 1, %(now)s
      FROM decided JOIN reason USING (res_id)
 RETURNING id, res_id),
linked AS (
    INSERT INTO contact_hold_contact_touch_rel (contact_hold_id, contact_touch_id)
    SELECT DISTINCT noted.id, touch_id
      FROM noted JOIN used USING (res_id) CROSS JOIN unnest(touch_ids) AS touch_id)
SELECT res_id FROM booked
