-- What torture writes down about segments, in the same transactions: who entered and who
-- left; and what the actions on entering and leaving say of it themselves.
CREATE TABLE torture_member_change (
    segment_id int NOT NULL, profile_id int NOT NULL, what varchar NOT NULL,
    transaction xid NOT NULL);
CREATE TABLE torture_told (
    segment_id int NOT NULL, profile_id int NOT NULL, what varchar NOT NULL,
    transaction xid NOT NULL);

CREATE FUNCTION torture_entered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO torture_member_change VALUES (
        NEW.segment_id, NEW.profile_id, 'entered', pg_current_xact_id()::xid);
    RETURN NULL;
END $$;
CREATE TRIGGER torture_entered AFTER INSERT ON contact_segment_member
    FOR EACH ROW WHEN (NEW.is_cut IS NOT TRUE) EXECUTE FUNCTION torture_entered();
CREATE TRIGGER torture_uncut AFTER UPDATE OF is_cut ON contact_segment_member
    FOR EACH ROW WHEN (OLD.is_cut AND NEW.is_cut IS NOT TRUE)
    EXECUTE FUNCTION torture_entered();

CREATE FUNCTION torture_left() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO torture_member_change VALUES (
        NEW.segment_id, NEW.profile_id, 'left', pg_current_xact_id()::xid);
    RETURN NULL;
END $$;
CREATE TRIGGER torture_left AFTER UPDATE OF until ON contact_segment_member
    FOR EACH ROW WHEN (OLD.until IS NULL AND NEW.until IS NOT NULL
                       AND OLD.is_cut IS NOT TRUE)
    EXECUTE FUNCTION torture_left();
