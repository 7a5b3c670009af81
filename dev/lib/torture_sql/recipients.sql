-- Whom each mailing was for. Its audience is read from the mailing itself: groups of
-- contacts by their reference, or contacts on lists.
CREATE TEMP TABLE torture_recipient AS
SELECT m.id AS mailing_id, 'res.partner' AS model, p.id AS res_id,
       p.id = ANY(%(merged)s::int[]) AS merged
  FROM mailing_mailing m
  JOIN ir_model o ON o.id = m.mailing_model_id AND o.model = 'res.partner'
  JOIN res_partner p ON p.active AND position('''' || p.ref || '''' IN m.mailing_domain) > 0
 WHERE m.state <> 'draft'
 UNION
SELECT m.id, 'mailing.contact', s.contact_id, FALSE
  FROM mailing_mailing m
  JOIN ir_model o ON o.id = m.mailing_model_id AND o.model = 'mailing.list'
  JOIN mail_mass_mailing_list_rel l ON l.mailing_mailing_id = m.id
  JOIN mailing_subscription s ON s.list_id = l.mailing_list_id
 WHERE m.state <> 'draft' AND NOT COALESCE(s.opt_out, FALSE);
CREATE INDEX ON torture_recipient (mailing_id, model, res_id);
ANALYZE torture_recipient;
