"""All people once, with a yes or no of each for every question."""

from contextlib import contextmanager

import psycopg2

from odoo.fields import Domain
from odoo.tools import SQL

PATIENCE = "3s"
"""Longer nobody waits for numbers while a form is filled in."""


class TooMany(Exception):
    """It takes longer than the user waits."""


class Crowd:
    """The people whom the user may see, read once, however much is asked of them.

    SQL, because the ORM answers one question in one statement: a segment of twelve
    lines would read all people a dozen times. What a question means, and whom the user
    may see, is still said by the ORM.

    :param env: of the reader: the people of hidden business units are not in it
    :param Domain of_whom: only among these people
    """

    def __init__(self, env, of_whom=Domain.TRUE):
        self.env = env
        self.Profile = env["contact.profile"]
        # test addresses are no people
        domain = self.Profile._overview_domain() & of_whom
        self.query = self.Profile._search(domain)
        self.names = {}
        self.sets = {}

    def ask(self, domain):
        """Ask one more question.

        :param Domain domain: on contact.profile
        :return: the column that has the answer: true or false, never nothing
        :rtype: SQL
        """
        if domain.is_true() or domain.is_false():
            return SQL("TRUE") if domain.is_true() else SQL("FALSE")
        # Elevated: what is asked does not depend on the reader, only who is counted.
        People = self.Profile.sudo().with_context(active_test=False)
        query = People._search(Domain(domain))
        answer = query.where_clause
        # Columns of the person are looked at in passing. What needs other tables is
        # asked by itself, as the database finds best, and not person by person.
        alone = query.from_clause == SQL.identifier(People._table)
        if alone and "SELECT" not in answer.code.upper():
            return self.tell(SQL("(%s) IS TRUE", answer))
        name = f"s{len(self.sets)}"
        self.sets[name] = query.select()
        found = SQL.identifier(name, "id")
        own = SQL.identifier(People._table, "id")
        self.query.add_join("LEFT JOIN", name, name, SQL("%s = %s", found, own))
        return self.tell(SQL("%s IS NOT NULL", found))

    def tell(self, expression):
        """One more column.

        :param SQL expression: over ``contact_profile``
        :rtype: SQL
        """
        name = f"c{len(self.names)}"
        self.names[name] = expression
        return SQL.identifier(name)

    def answer(self, *columns, patience=None):
        """One row of what is read from ``crowd``.

        :param columns: SQL, aggregates over the columns
        :raise TooMany: it takes too long
        """
        rows = self.rows(SQL("SELECT %s FROM crowd", SQL(", ").join(columns)), patience)
        return rows[0]

    def rows(self, statement, patience=None):
        """Rows of a statement that reads ``crowd``.

        :raise TooMany: it takes too long
        """
        self.query.order = None
        columns = [SQL.identifier(self.Profile._table, "id")]
        columns += [
            SQL("%s AS %s", expression, SQL.identifier(name))
            for name, expression in self.names.items()
        ]
        # Materialized: else each question would be asked again wherever it is counted.
        parts = [*self.sets.items(), ("crowd", self.query.select(*columns))]
        query = SQL(
            "WITH %s %s",
            SQL(", ").join(
                SQL("%s AS MATERIALIZED (%s)", SQL.identifier(name), part)
                for name, part in parts
            ),
            statement,
        )
        with patient(self.env, patience or PATIENCE):
            self.env.cr.execute(query, log_exceptions=False)
            return self.env.cr.fetchall()


def number(column):
    """How many say yes to it?"""
    return SQL("count(*) FILTER (WHERE %s)", column)


@contextmanager
def patient(env, patience):
    """What is asked of the database here may not take longer.

    :param str patience: as the database reads it
    :raise TooMany: it does; what was written here is undone
    """
    env.flush_all()
    try:
        with env.cr.savepoint(flush=False):
            env.cr.execute(
                SQL("SELECT set_config('statement_timeout', %s, true)", patience)
            )
            yield
            env.cr.execute("SELECT set_config('statement_timeout', '0', true)")
    except psycopg2.errors.QueryCanceled as error:
        raise TooMany from error
