-- What a mailing wrote, in a few numbers: of the same rows they are the same.
SELECT (SELECT count(*) FROM contact_touch WHERE mailing_id = %(id)s),
       (SELECT count(*) FROM contact_hold WHERE mailing_id = %(id)s),
       (SELECT COALESCE(sum(hashtextextended(row(
               profile_id, address, res_id, counts, channel_id, category_id, priority,
               date, state, company_id, user_id, res_model, cost, currency_id, trace_id,
               create_uid, create_date)::text, 0)), 0)
          FROM contact_touch WHERE mailing_id = %(id)s),
       (SELECT COALESCE(sum(hashtextextended(row(
               res_model, res_id, profile_id, date, company_id, decision, state,
               next_allowed, rule_id, policy_id, facts, create_uid, create_date,
               (SELECT array_agg(contact_touch_id ORDER BY contact_touch_id)
                  FROM contact_hold_contact_touch_rel WHERE contact_hold_id = h.id)
               )::text, 0)), 0)
          FROM contact_hold h WHERE mailing_id = %(id)s)
