-- The recipients as the hand-written statements get them: a table in the database.
DROP TABLE IF EXISTS bench.candidate;
CREATE TABLE bench.candidate (res_id int PRIMARY KEY);
INSERT INTO bench.candidate
SELECT id FROM res_partner WHERE id > %(partner)s AND color < %(recipients)s ORDER BY id;
ANALYZE bench.candidate;
