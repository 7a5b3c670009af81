import zlib

from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.tools import SQL

PREFIX = "contact_touch_month_"
LEAVE = """
    CREATE OR REPLACE FUNCTION contact_touch_month_leave() RETURNS trigger
    LANGUAGE plpgsql AS $$
    BEGIN
        EXECUTE format('DELETE FROM ONLY %I.%I WHERE id = $1',
                       TG_TABLE_SCHEMA, TG_TABLE_NAME) USING OLD.id;
        INSERT INTO contact_touch SELECT NEW.*;
        RETURN NULL;
    END $$
"""
NAMED = """
    CREATE OR REPLACE FUNCTION contact_touch_month_named() RETURNS trigger
    LANGUAGE plpgsql AS $$
    DECLARE
        named integer;
        month regclass;
    BEGIN
        EXECUTE format('SELECT ($1).%I', TG_ARGV[0]) INTO named USING NEW;
        IF NOT EXISTS (SELECT FROM ONLY contact_touch WHERE id = named) THEN
            SELECT tableoid INTO month FROM contact_touch WHERE id = named;
            IF month IS NOT NULL THEN
                EXECUTE format(
                    'WITH gone AS (DELETE FROM ONLY %s WHERE id = $1 RETURNING *)'
                    ' INSERT INTO contact_touch SELECT * FROM gone', month)
                USING named;
            END IF;
        END IF;
        RETURN NEW;
    END $$
"""


class ContactTouch(models.Model):
    """A table for each month, below the table of touches.

    Children by inheritance, not PostgreSQL's declared partitions: Odoo does not see
    a partitioned table (it would make `contact_touch` anew on every update), and a
    partitioned table can have no key without the date, so nothing could refer to a
    touch. A child is read, changed and emptied with its parent by every statement of
    Odoo and of this addon; new touches go to the parent.

    What PostgreSQL does not hand down (indexes, foreign keys) is copied here.
    """

    _inherit = "contact.touch"

    def _register_hook(self):
        """After an update the tables of the months get what the parent has got."""
        res = super()._register_hook()
        if self.pool.updated_modules:
            tables = self._month_tables()
            for table in tables:
                self._copy_structure(table)
            if tables:
                self._make_naming_triggers()
        return res

    @api.model
    def _month_tables(self):
        """Names of the tables of months, oldest first."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT child.relname
                  FROM pg_inherits i JOIN pg_class child ON child.oid = i.inhrelid
                 WHERE i.inhparent = %s::regclass
                 ORDER BY 1
                """,
                self._table,
            )
        )
        return [name for (name,) in rows]

    @api.model
    def _make_month_table(self, month):
        """Make the table of a month, if there is none.

        Foreign keys take short locks on the tables they name: for no longer than a
        second, else the next run tries again.

        :param datetime month: its first moment
        :return: name of the table
        :raise psycopg2.errors.LockNotAvailable: others are at work there
        """
        table = f"{PREFIX}{month:%Y_%m}"
        if table in self._month_tables():
            return table
        # The database's own cleaning gives way after a second.
        self.env.cr.execute("SET LOCAL lock_timeout = '2s'")
        self.env.cr.execute(
            SQL(
                """
                CREATE TABLE %(table)s (
                    CONSTRAINT %(of_month)s
                    CHECK (date >= %(month)s AND date < %(end)s),
                    CONSTRAINT %(settled)s CHECK (state <> 'reserved')
                ) INHERITS (contact_touch)
                """,
                table=SQL.identifier(table),
                of_month=SQL.identifier(f"{table}_of_month"),
                settled=SQL.identifier(f"{table}_settled"),
                month=month,
                end=month + relativedelta(months=1),
            ),
            log_exceptions=False,
        )
        self._copy_structure(table)
        self._make_leaving_trigger(table, month)
        self._make_naming_triggers()
        return table

    @api.model
    def _copy_structure(self, table):
        """Give a month's table the indexes and foreign keys of its parent."""
        for statement in self._structure_changes(table):
            self.env.cr.execute(statement, log_exceptions=False)

    @api.model
    def _structure_changes(self, table):
        """What a month's table lacks, and what its parent has no more.

        :return: list of SQL, statements
        """
        indexes, keys = self._structure(self._table)
        own_indexes, own_keys = self._structure(table)
        name = SQL.identifier(table)
        return [
            *(
                SQL("ALTER TABLE %s DROP CONSTRAINT %s", name, SQL.identifier(old))
                for definition, old in own_keys.items()
                if definition not in keys
            ),
            *(
                SQL("DROP INDEX %s", SQL.identifier(old))
                for definition, old in own_indexes.items()
                if definition not in indexes
            ),
            *(
                self._sql_index(table, unique, definition)
                for unique, definition in sorted(indexes.keys() - own_indexes.keys())
            ),
            *(
                SQL("ALTER TABLE %s ADD %s", name, SQL(definition))
                for definition in sorted(keys.keys() - own_keys.keys())
            ),
        ]

    @api.model
    def _sql_index(self, table, unique, definition):
        """An index as its parent's, whose words it keeps as a comment.

        PostgreSQL says the same condition in other words once it was read from text,
        so the words could not be compared otherwise.
        """
        number = zlib.crc32(definition.encode())
        name = SQL.identifier(f"{table}_{number:08x}")
        return SQL(
            "CREATE %s INDEX %s ON %s USING %s; COMMENT ON INDEX %s IS %s",
            SQL("UNIQUE") if unique else SQL(),
            name,
            SQL.identifier(table),
            SQL(definition),
            name,
            definition,
        )

    @api.model
    def _structure(self, table):
        """Indexes {(unique, definition): name} and foreign keys {definition: name}."""
        indexes = self.env.execute_query(
            SQL(
                """
                SELECT i.indisunique, c.relname,
                       CASE WHEN %s THEN regexp_replace(
                                         pg_get_indexdef(c.oid), '^.*? USING ', '')
                            ELSE obj_description(c.oid, 'pg_class') END
                  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
                 WHERE i.indrelid = %s::regclass
                """,
                table == self._table,
                table,
            )
        )
        keys = self.env.execute_query(
            SQL(
                """
                SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
                 WHERE contype = 'f' AND conrelid = %s::regclass
                """,
                table,
            )
        )
        return (
            {(unique, definition): name for unique, name, definition in indexes},
            {definition: name for name, definition in keys},
        )

    @api.model
    def _make_leaving_trigger(self, table, month):
        """What changes its month, or counts again, goes back to the parent.

        There the one index stands that lets a message be booked once.
        """
        self.env.cr.execute(LEAVE)
        self.env.cr.execute(
            SQL(
                """
                CREATE TRIGGER contact_touch_month_leave BEFORE UPDATE ON %s
                   FOR EACH ROW
                  WHEN (NEW.date < %s OR NEW.date >= %s OR NEW.state = 'reserved'
                        OR NEW.state = 'sent' AND OLD.state <> 'sent')
               EXECUTE FUNCTION contact_touch_month_leave()
                """,
                SQL.identifier(table),
                month,
                month + relativedelta(months=1),
            )
        )

    @api.model
    def _make_naming_triggers(self):
        """Whoever comes to refer to a touch finds it in the parent.

        Foreign keys see nothing else: a hold names touches of a month when a rule was
        made that looks back further than those before it.
        """
        self.env.cr.execute(NAMED)
        for table, column in self._get_referring_columns():
            trigger = f"contact_touch_month_named_{column}"
            if self.env.execute_query(
                SQL(
                    "SELECT FROM pg_trigger"
                    " WHERE tgrelid = %s::regclass AND tgname = %s",
                    table,
                    trigger,
                )
            ):
                continue
            self.env.cr.execute(
                SQL(
                    """
                    CREATE TRIGGER %s BEFORE INSERT OR UPDATE OF %s ON %s
                       FOR EACH ROW EXECUTE FUNCTION contact_touch_month_named(%s)
                    """,
                    SQL.identifier(trigger),
                    SQL.identifier(column),
                    SQL.identifier(table),
                    column,
                ),
                log_exceptions=False,
            )

    @api.model
    def _drop_months(self):
        """Drop the tables of months with all that is in them, for an uninstall."""
        for table in self._month_tables():
            self.env.cr.execute(SQL("DROP TABLE %s", SQL.identifier(table)))
        # Their triggers go with them.
        self.env.cr.execute("DROP FUNCTION IF EXISTS contact_touch_month_leave CASCADE")
        self.env.cr.execute("DROP FUNCTION IF EXISTS contact_touch_month_named CASCADE")
