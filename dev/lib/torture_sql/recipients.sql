-- Whom each mailing was for. Its audience is read from the mailing itself: groups of
-- contacts by their reference, or contacts on lists; and its segments.
DROP TABLE IF EXISTS torture_chosen, torture_outcome; -- of a check before this one
CREATE TEMP TABLE torture_chosen AS
SELECT own.mailing_id, own.is_outside,
       segment.name ->> 'en_US' = ANY(%(exact)s) AS is_exact
  FROM (SELECT mailing_mailing_id AS mailing_id, contact_segment_id AS segment_id,
               FALSE AS is_outside
          FROM mailing_mailing_segment_rel
         UNION ALL
        SELECT mailing_mailing_id, contact_segment_id, TRUE
          FROM mailing_mailing_exclude_segment_rel) own
  JOIN contact_segment segment ON segment.id = own.segment_id;
CREATE TEMP TABLE torture_recipient AS
SELECT m.id AS mailing_id, 'res.partner' AS model, p.id AS res_id,
       p.id = ANY(%(merged)s::int[]) AS merged, lower(p.email) AS address
  FROM mailing_mailing m
  JOIN ir_model o ON o.id = m.mailing_model_id AND o.model = 'res.partner'
  JOIN res_partner p ON p.active AND position('''' || p.ref || '''' IN m.mailing_domain) > 0
 WHERE m.state <> 'draft'
 UNION
SELECT m.id, 'mailing.contact', s.contact_id, FALSE, lower(c.email)
  FROM mailing_mailing m
  JOIN ir_model o ON o.id = m.mailing_model_id AND o.model = 'mailing.list'
  JOIN mail_mass_mailing_list_rel l ON l.mailing_mailing_id = m.id
  JOIN mailing_subscription s ON s.list_id = l.mailing_list_id
  JOIN mailing_contact c ON c.id = s.contact_id
 WHERE m.state <> 'draft' AND NOT COALESCE(s.opt_out, FALSE);
-- Of segments whose people are always the same (loyal ones) it is known who was meant.
DELETE FROM torture_recipient r USING torture_chosen c
 WHERE c.mailing_id = r.mailing_id AND c.is_exact
   AND COALESCE(r.address LIKE 'loyal.%%', FALSE) = c.is_outside;
CREATE TEMP TABLE torture_outcome AS
SELECT s.mass_mailing_id AS mailing_id, s.model, COALESCE(t.res_id, s.res_id) AS res_id
  FROM mailing_trace s LEFT JOIN contact_touch t ON t.trace_id = s.id
 UNION
SELECT mailing_id, res_model, res_id FROM contact_hold WHERE state <> 'sent';
CREATE INDEX ON torture_outcome (mailing_id, model, res_id);
ANALYZE torture_outcome;
-- Of the others nobody knows who was in it when it was sent: whoever has an outcome was.
-- Who was decided about, and was not in it any more when it was sent, has none.
DELETE FROM torture_recipient r USING torture_chosen c
 WHERE c.mailing_id = r.mailing_id AND NOT c.is_exact
   AND NOT EXISTS (SELECT FROM torture_outcome o
                    WHERE (o.mailing_id, o.model, o.res_id)
                        = (r.mailing_id, r.model, r.res_id));
-- A version is for some of its audience, and the winner for those who had no version.
DELETE FROM torture_recipient r USING mailing_mailing m
 WHERE m.id = r.mailing_id AND m.ab_testing_enabled
   AND NOT EXISTS (SELECT FROM torture_outcome o
                    WHERE (o.mailing_id, o.model, o.res_id)
                        = (r.mailing_id, r.model, r.res_id))
   AND (m.id NOT IN (SELECT ab_testing_winner_mailing_id FROM utm_campaign
                      WHERE ab_testing_winner_mailing_id IS NOT NULL)
        OR EXISTS (SELECT FROM torture_outcome o
                     JOIN mailing_mailing version ON version.id = o.mailing_id
                    WHERE version.campaign_id = m.campaign_id
                      AND (o.model, o.res_id) = (r.model, r.res_id)));
CREATE INDEX ON torture_recipient (mailing_id, model, res_id);
ANALYZE torture_recipient;
