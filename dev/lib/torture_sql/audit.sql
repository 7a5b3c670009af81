-- What torture itself writes down about the ledger, as it happens and in the same
-- transactions: who a touch was for when it was decided, in which order, and what the
-- rules said at that time. The ledger alone does not know, as merges move touches.
CREATE TABLE torture_decision (
    id bigserial PRIMARY KEY, -- decisions have one order: the lock's
    touch_id int NOT NULL UNIQUE,
    profile_id int NOT NULL,
    decided_at timestamptz NOT NULL
);
CREATE TABLE torture_move (
    id bigserial PRIMARY KEY,
    touch_id int NOT NULL,
    profile_id int NOT NULL, -- whose it is from then on
    transaction xid NOT NULL
);
CREATE INDEX ON torture_move (touch_id);
CREATE TABLE torture_rule_value (
    id bigserial PRIMARY KEY,
    rule_id int NOT NULL,
    maximum int NOT NULL,
    said_at timestamptz NOT NULL
);
CREATE TABLE torture_day (
    passed_at timestamptz NOT NULL -- when a day passed in an instant
);

CREATE FUNCTION torture_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO torture_decision (touch_id, profile_id, decided_at)
    VALUES (NEW.id, NEW.profile_id, statement_timestamp());
    RETURN NULL;
END $$;
CREATE TRIGGER torture_decided AFTER INSERT ON contact_touch
    FOR EACH ROW EXECUTE FUNCTION torture_decided();

CREATE FUNCTION torture_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO torture_move (touch_id, profile_id, transaction)
    VALUES (NEW.id, NEW.profile_id, pg_current_xact_id()::xid);
    RETURN NULL;
END $$;
CREATE TRIGGER torture_moved AFTER UPDATE OF profile_id ON contact_touch
    FOR EACH ROW WHEN (OLD.profile_id IS DISTINCT FROM NEW.profile_id)
    EXECUTE FUNCTION torture_moved();

-- Whoever never got anything is merged, too: what was held back from them moves.
CREATE TABLE torture_hold_move (profile_id int NOT NULL);
CREATE FUNCTION torture_hold_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO torture_hold_move VALUES (NEW.profile_id);
    RETURN NULL;
END $$;
CREATE TRIGGER torture_hold_moved AFTER UPDATE OF profile_id ON contact_hold
    FOR EACH ROW WHEN (OLD.profile_id IS DISTINCT FROM NEW.profile_id
                       AND NEW.profile_id IS NOT NULL)
    EXECUTE FUNCTION torture_hold_moved();

CREATE FUNCTION torture_edited() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO torture_rule_value (rule_id, maximum, said_at)
    VALUES (NEW.id, COALESCE(NEW.max_touches, 0), clock_timestamp());
    RETURN NULL;
END $$;
CREATE TRIGGER torture_edited AFTER INSERT OR UPDATE OF max_touches
    ON contact_policy_rule FOR EACH ROW EXECUTE FUNCTION torture_edited();
INSERT INTO torture_rule_value (rule_id, maximum, said_at)
SELECT id, COALESCE(max_touches, 0), 'epoch' FROM contact_policy_rule;
