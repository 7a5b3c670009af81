DROP TABLE IF EXISTS bench.rule;
CREATE TABLE bench.rule (
       bit int, id int, policy_id int, length interval, maximum int, channel_id int,
       terms jsonb);
