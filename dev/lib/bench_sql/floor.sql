SELECT count(p.tz)
  FROM bench.candidate c JOIN contact_profile p ON p.partner_id = c.res_id
