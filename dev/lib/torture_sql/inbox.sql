-- The same question asked of the mail server's own record: do messages that must obey,
-- as it took them, exceed a rule per inbox? Days that passed in an instant are added.
WITH took AS (
    SELECT DISTINCT ON (a.mailing_id, a.address) a.mailing_id, a.address,
           a.at - interval '1 day' * (
               SELECT count(*) FROM torture_day d WHERE d.passed_at > a.at) AS date
      FROM torture_accepted a
      LEFT JOIN contact_category c ON c.id = a.category_id
     WHERE COALESCE(c.obeys_caps AND c.counts, TRUE)
       -- a manager let some through, against the rules
       AND NOT EXISTS (SELECT FROM contact_touch t
                        WHERE t.address = a.address AND t.override_id IS NOT NULL)
     ORDER BY a.mailing_id, a.address, a.at
)
SELECT x.address, x.date, count(*), array_agg(y.mailing_id)
  FROM took x
  JOIN took y ON y.address = x.address AND y.date <= x.date
   AND y.date > x.date - %(window)s::interval
 GROUP BY x.mailing_id, x.address, x.date
HAVING count(*) > %(maximum)s
