-- What torture writes down about what is known of people, as it happens and in the same
-- transactions: who was deleted (merged), changed the stage, lost a persona that was
-- said; and what the addon's own histories say of it.
CREATE TABLE torture_gone (profile_id int NOT NULL, transaction xid NOT NULL);
CREATE TABLE torture_stage (
    profile_id int NOT NULL, from_id int, to_id int, transaction xid NOT NULL);
CREATE TABLE torture_stage_move (
    profile_id int NOT NULL, from_id int, to_id int, transaction xid NOT NULL);
CREATE TABLE torture_unsaid (
    profile_id int NOT NULL, was_id int, is_id int, transaction xid NOT NULL);
CREATE TABLE torture_persona_change (
    profile_id int NOT NULL, source varchar, transaction xid NOT NULL);

CREATE FUNCTION torture_profile_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO torture_gone VALUES (OLD.id, pg_current_xact_id()::xid);
    RETURN NULL;
END $$;
CREATE TRIGGER torture_profile_gone AFTER DELETE ON contact_profile
    FOR EACH ROW EXECUTE FUNCTION torture_profile_gone();

CREATE FUNCTION torture_stage_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO torture_stage VALUES (
        NEW.id, OLD.journey_stage_id, NEW.journey_stage_id, pg_current_xact_id()::xid);
    RETURN NULL;
END $$;
CREATE TRIGGER torture_stage_changed AFTER UPDATE OF journey_stage_id
    ON contact_profile FOR EACH ROW
    WHEN (OLD.journey_stage_id IS DISTINCT FROM NEW.journey_stage_id)
    EXECUTE FUNCTION torture_stage_changed();

CREATE FUNCTION torture_stage_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO torture_stage_move VALUES (
        NEW.profile_id, NEW.from_stage_id, NEW.stage_id, pg_current_xact_id()::xid);
    RETURN NULL;
END $$;
CREATE TRIGGER torture_stage_moved AFTER INSERT ON contact_journey_move
    FOR EACH ROW EXECUTE FUNCTION torture_stage_moved();

CREATE FUNCTION torture_persona_unsaid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO torture_unsaid VALUES (
        NEW.id, OLD.persona_id, NEW.persona_id, pg_current_xact_id()::xid);
    RETURN NULL;
END $$;
CREATE TRIGGER torture_persona_unsaid AFTER UPDATE OF persona_id, persona_kind
    ON contact_profile FOR EACH ROW
    WHEN (OLD.persona_kind = 'explicit' AND NEW.persona_kind IS DISTINCT FROM 'explicit')
    EXECUTE FUNCTION torture_persona_unsaid();

CREATE FUNCTION torture_persona_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO torture_persona_change VALUES (
        NEW.profile_id, NEW.source, pg_current_xact_id()::xid);
    RETURN NULL;
END $$;
CREATE TRIGGER torture_persona_changed AFTER INSERT ON contact_persona_change
    FOR EACH ROW EXECUTE FUNCTION torture_persona_changed();
