"""A ledger of a few rows, for the tests of torture's check."""

import json
from pathlib import Path

from lib import torture_check, torture_world

SCHEMA = Path(__file__).with_name("torture_schema.sql")
AUDITS = torture_world.AUDITS
GROUP = "[('ref', 'in', ['g1'])]"


class Ledger:
    """A small database, filled by hand."""

    def __init__(self, cursor):
        self.cursor = cursor
        self.accepted = []
        cursor.execute(SCHEMA.read_text(encoding="utf-8"))
        for audit in AUDITS:
            cursor.execute(audit.read_text(encoding="utf-8"))

    def run(self, statement, *values):
        """Run a statement; returns the first column of its first row."""
        self.cursor.execute(statement, values or None)
        return self.cursor.fetchone()[0] if self.cursor.description else None

    def mailing(self, number, state="done", category=1):
        """A mailing to the contacts 1 and 2."""
        self.run(
            "INSERT INTO mailing_mailing VALUES (%s, %s, %s, 1, %s, %s)",
            *(number, f"Torture {number}", state, GROUP, category),
        )

    def trace(self, mailing, person, status="sent"):
        """A message of a mailing."""
        return self.run(
            "INSERT INTO mailing_trace (mass_mailing_id, model, res_id, trace_status)"
            " VALUES (%s, 'res.partner', %s, %s) RETURNING id",
            *(mailing, person, status),
        )

    def touch(self, mailing, person, date, state="sent", address=None, category=1):
        """A line of the ledger, without a message."""
        return self.run(
            "INSERT INTO contact_touch (profile_id, address, date, state, mailing_id,"
            " res_model, res_id, category_id)"
            " VALUES (%s, %s, %s, %s, %s, 'res.partner', %s, %s) RETURNING id",
            *(10 + person, address or f"person.{person}@x.test", date, state),
            *(mailing, person, category),
        )

    def take(self, mailing, person, times=1, address=None):
        """The mail server took a message."""
        record = {
            "subject": f"Torture {mailing}",
            "to": [address or f"person.{person}@x.test"],
            "at": 1772445600 + 7 * 86400 * mailing,
        }
        self.accepted += [json.dumps(record)] * times

    def sent(self, mailing, person, date, **values):
        """A message that went well."""
        self.trace(mailing, person)
        self.take(mailing, person, address=values.get("address"))
        return self.touch(mailing, person, date, **values)

    def check(self, forms=None):
        """The figures, and the findings by kind."""
        check = torture_check.Check(self.cursor, self.accepted)
        figures = check.run(forms)
        kinds = {}
        for kind, facts in check.findings:
            kinds.setdefault(kind, []).append(facts)
        return figures, kinds
