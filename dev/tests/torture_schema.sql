-- The columns that the check of torture reads, as Odoo and the addon name them.
CREATE TABLE ir_model (id int PRIMARY KEY, model varchar);
CREATE TABLE res_partner (
    id int PRIMARY KEY, ref varchar, active boolean, email varchar);
CREATE TABLE mailing_contact (id int PRIMARY KEY, email varchar);
CREATE TABLE contact_profile (
    id int PRIMARY KEY, partner_id int, is_seed boolean, persona_id int,
    persona_kind varchar, journey_stage_id int, quality_score int DEFAULT 100,
    engagement_score int DEFAULT 0, email_normalized varchar, tz varchar,
    home varchar, commercial_partner_id int);
CREATE TABLE contact_wish (profile_id int, period varchar);
CREATE TABLE contact_category (
    id int PRIMARY KEY, obeys_caps boolean, counts boolean, code varchar);
CREATE TABLE contact_policy (
    id int PRIMARY KEY, sequence int, active boolean, is_guard boolean, domain varchar);
CREATE TABLE contact_policy_rule (
    id int PRIMARY KEY, policy_id int, active boolean, rule_type varchar,
    max_touches int, window_value int, window_unit varchar, window_kind varchar,
    count_per varchar);
CREATE TABLE contact_category_contact_policy_rule_rel (
    contact_policy_rule_id int, contact_category_id int);
CREATE TABLE contact_channel_contact_policy_rule_rel (
    contact_policy_rule_id int, contact_channel_id int);
CREATE TABLE mailing_mailing (
    id int PRIMARY KEY, subject varchar, state varchar, mailing_model_id int,
    mailing_domain varchar, category_id int, mailing_type varchar DEFAULT 'mail',
    ab_testing_enabled boolean, campaign_id int);
CREATE TABLE utm_campaign (id int PRIMARY KEY, ab_testing_winner_mailing_id int);
CREATE TABLE mail_mass_mailing_list_rel (mailing_mailing_id int, mailing_list_id int);
CREATE TABLE mailing_subscription (list_id int, contact_id int, opt_out boolean);
CREATE TABLE mailing_trace (
    id serial PRIMARY KEY, mass_mailing_id int, model varchar, res_id int,
    trace_status varchar, is_test_trace boolean, mail_mail_id_int int,
    sms_id_int int);
CREATE TABLE mail_mail (id int PRIMARY KEY, state varchar);
CREATE TABLE sms_sms (id int PRIMARY KEY, state varchar);
CREATE TABLE contact_hold (
    mailing_id int, res_model varchar, res_id int, state varchar, profile_id int);
CREATE TABLE contact_touch (
    id serial PRIMARY KEY, profile_id int, address varchar, date timestamp,
    state varchar, counts boolean DEFAULT TRUE, category_id int, mailing_id int,
    res_model varchar, res_id int, trace_id int, clicked boolean, opened boolean,
    replied boolean, override_id int, cost numeric DEFAULT 0, channel_id int DEFAULT 1);
CREATE TABLE contact_tag (id int PRIMARY KEY, name jsonb);
CREATE TABLE contact_tag_assignment (
    id serial PRIMARY KEY, profile_id int, tag_id int, kind varchar,
    active boolean DEFAULT TRUE, times_seen int DEFAULT 1, times_told int DEFAULT 1,
    dimension_id int DEFAULT 1, confidence numeric, last_seen timestamp,
    expires timestamp);
CREATE TABLE contact_signal (
    id int PRIMARY KEY, name jsonb, active boolean, domain varchar, threshold float8,
    effect varchar, tag_id int, tag_kind varchar);
CREATE TABLE contact_signal_hit (
    id serial PRIMARY KEY, signal_id int, profile_id int, fact_count int);
CREATE TABLE contact_persona (id int PRIMARY KEY, sequence int, threshold numeric);
CREATE TABLE contact_persona_candidate (profile_id int, persona_id int, score numeric);
CREATE TABLE contact_persona_change (
    id serial PRIMARY KEY, profile_id int, source varchar);
CREATE TABLE contact_journey_move (
    id serial PRIMARY KEY, profile_id int, from_stage_id int, stage_id int,
    is_merged boolean);
CREATE TABLE contact_quality_check (id int PRIMARY KEY, points int);
CREATE TABLE contact_profile_quality_rel (profile_id int, check_id int);
CREATE TABLE contact_segment (
    id int PRIMARY KEY, name jsonb, kind varchar DEFAULT 'refreshed',
    active boolean DEFAULT TRUE, refreshed_date timestamp, max_members int,
    waterfall_id int, waterfall_sequence int, error text);
CREATE TABLE contact_segment_condition (
    id int PRIMARY KEY, segment_id int, sequence int, kind varchar,
    level int DEFAULT 0, is_negated boolean, domain varchar, threshold float8,
    window_value int, tag_kind varchar);
CREATE TABLE contact_persona_contact_segment_condition_rel (
    contact_segment_condition_id int, contact_persona_id int);
CREATE TABLE contact_journey_stage_contact_segment_condition_rel (
    contact_segment_condition_id int, contact_journey_stage_id int);
CREATE TABLE contact_segment_condition_contact_tag_rel (
    contact_segment_condition_id int, contact_tag_id int);
CREATE TABLE contact_segment_condition_other (
    contact_segment_condition_id int, contact_segment_id int);
CREATE TABLE contact_segment_member (
    id serial PRIMARY KEY, segment_id int, profile_id int, since timestamp,
    until timestamp, is_cut boolean);
CREATE TABLE contact_segment_enter_action (
    contact_segment_id int, ir_act_server_id int);
CREATE TABLE contact_policy_segment_rel (
    contact_policy_id int, contact_segment_id int);
CREATE TABLE mailing_mailing_segment_rel (
    mailing_mailing_id int, contact_segment_id int);
CREATE TABLE mailing_mailing_exclude_segment_rel (
    mailing_mailing_id int, contact_segment_id int);

INSERT INTO ir_model VALUES (1, 'res.partner'), (2, 'mailing.list');
INSERT INTO contact_category VALUES (1, TRUE, TRUE), (2, FALSE, TRUE);
INSERT INTO res_partner VALUES
    (1, 'g1', TRUE, 'person.1@x.test'), (2, 'g1', TRUE, 'loyal.2@x.test'),
    (3, 'g2', TRUE, 'person.3@x.test');
INSERT INTO contact_profile VALUES (11, 1), (12, 2), (13, 3);
-- A guard per inbox; two policies, of which the first is for loyal people
INSERT INTO contact_policy VALUES
    (1, 1, TRUE, TRUE, '[]'),
    (2, 2, TRUE, FALSE, '[("email_normalized", "=like", "loyal.%")]'),
    (3, 3, TRUE, FALSE, '[]');
INSERT INTO contact_policy_rule VALUES
    (1, 1, TRUE, 'cap', 3, 60, 'hour', 'rolling', 'inbox'),
    (2, 2, TRUE, 'cap', 2, 1, 'day', 'calendar', 'person'),
    (3, 3, TRUE, 'cap', 1, 2, 'day', 'rolling', 'person');
-- Two personas, and a signal about clicks that says a tag
INSERT INTO contact_persona VALUES (1, 1, 2), (2, 2, 2);
INSERT INTO contact_quality_check VALUES (1, 30), (2, 80);
INSERT INTO contact_signal VALUES
    (1, '{"en_US": "Torture 1"}', TRUE, '[("clicked", "=", True)]', 1, 'tag', 7,
     'implicit');
