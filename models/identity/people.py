"""Who is behind some records: as something the database can be asked about.

A million people are a condition in a statement, not a million objects in Python.
"""

from dataclasses import dataclass, replace

from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.sql_arrays import (
    int_array,
    text_array,
)

ALL = SQL("TRUE")


@dataclass(frozen=True)
class People:
    """Records with a profile and an address, as a FROM clause.

    ``tables`` holds ``contact_profile`` under its own name, so that conditions on
    people can be added; ``only`` says which of its rows are meant. ``mailboxes`` gives
    (res_id, address or NULL) of all the records, also those without a profile.
    """

    count: int
    tables: SQL
    res_id: SQL
    address: SQL
    mailboxes: SQL
    only: SQL = ALL

    def select(self, columns=None):
        """Rows (res_id, profile_id, address, *columns) of those with an address.

        :param SQL columns: more of them, each with a comma before it
        """
        return SQL(
            "SELECT %(res_id)s AS res_id, contact_profile.id AS profile_id,"
            " %(address)s AS address %(columns)s FROM %(tables)s"
            " WHERE %(address)s IS NOT NULL AND %(only)s",
            res_id=self.res_id,
            address=self.address,
            columns=columns or SQL(),
            tables=self.tables,
            only=self.only,
        )

    def profiles(self):
        """Rows (profile id) of those with an address."""
        return SQL("SELECT profile_id FROM (%s) who", self.select())

    def profile_ids(self):
        """Their profiles, as an array: the database finds rows of few people by it
        without reading a whole table, whatever it believes to know about the table."""
        return SQL("ARRAY(%s)", self.profiles())


def of_partners(res_ids):
    """The people behind contacts: each owns a profile, which has their address."""
    ids = int_array(res_ids)
    return People(
        count=len(res_ids),
        tables=SQL("contact_profile"),
        res_id=SQL("contact_profile.partner_id"),
        address=SQL("contact_profile.email_normalized"),
        mailboxes=SQL(
            "SELECT id AS res_id, NULLIF(email_normalized, '') AS address"
            " FROM res_partner WHERE id = ANY(%s)",
            ids,
        ),
        only=SQL("contact_profile.partner_id = ANY(%s)", ids),
    )


def of_mailing_contacts(res_ids):
    """The people behind mailing contacts: several may share a profile."""
    records = SQL(
        "unnest(%s) AS record (id)"
        " JOIN mailing_contact ON mailing_contact.id = record.id",
        int_array(res_ids),
    )
    address = SQL("NULLIF(mailing_contact.email_normalized, '')")
    return People(
        count=len(res_ids),
        tables=SQL(
            "%s JOIN contact_profile"
            " ON contact_profile.id = mailing_contact.profile_id",
            records,
        ),
        res_id=SQL("record.id"),
        address=address,
        mailboxes=SQL(
            "SELECT record.id AS res_id, %s AS address FROM %s", address, records
        ),
    )


def listed(rows):
    """People whom somebody looked up already.

    :param rows: (res_id, profile id or None, address or None)
    """
    rows = list(rows)
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    records = SQL(
        "unnest(%s, %s, %s) AS record (id, profile_id, address)",
        int_array(columns[0]),
        int_array(profile_id or 0 for profile_id in columns[1]),
        text_array(columns[2]),
    )
    return People(
        count=len(rows),
        tables=SQL(
            "%s JOIN contact_profile ON contact_profile.id = record.profile_id", records
        ),
        res_id=SQL("record.id"),
        address=SQL("record.address"),
        mailboxes=SQL("SELECT record.id AS res_id, record.address FROM %s", records),
    )


def anybody(profiles, inbox="email_normalized"):
    """People as such, whether they have an address or not.

    :param profiles: contact.profile, each its own record
    :param str inbox: what their address is: the column of the profile
    """
    people = listed((profile.id, profile.id, None) for profile in profiles)
    column = SQL.identifier("contact_profile", inbox)
    return replace(people, address=SQL("COALESCE(%s, '')", column))
