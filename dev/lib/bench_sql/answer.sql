-- Who is refused by which rules, in few rows; everybody else is let through.
SELECT refused, array_agg(res_id) FROM ({decision}) decided
 WHERE refused > 0 GROUP BY refused
