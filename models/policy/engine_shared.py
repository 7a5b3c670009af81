"""Who belongs together, as SQL: people of one company, or of one household."""

from odoo.tools import SQL


class Company:
    """People who work for the same company."""

    @staticmethod
    def key(alias):
        """What they have in common: a number, less than zero for those who are by
        themselves."""
        return SQL(
            "COALESCE(%s, -%s)",
            SQL.identifier(alias, "commercial_partner_id"),
            SQL.identifier(alias, "id"),
        )

    @staticmethod
    def mates(key):
        """Rows (id) of those who have it in common."""
        return SQL(
            "SELECT id FROM contact_profile WHERE commercial_partner_id = %(key)s"
            " UNION ALL SELECT -%(key)s WHERE %(key)s < 0",
            key=key,
        )


class Household:
    """People with the same tag of the dimension "Lives Together", and others who live
    at the same address. A tag says more than an address: many live in one house."""

    TAGGED = """
        SELECT known.%(column)s AS id FROM contact_profile_tag_effective known
          JOIN contact_tag tag ON tag.id = known.tag_id
          JOIN contact_tag_dimension dimension
            ON dimension.id = tag.dimension_id AND dimension.code = 'home'
         WHERE known.%(by)s = %(value)s
    """

    @classmethod
    def key(cls, alias):
        """A text: which tag, which home, or, of those by themselves, who."""
        profile_id = SQL.identifier(alias, "id")
        return SQL(
            "COALESCE('tag ' || (%s ORDER BY 1 LIMIT 1), 'at ' || %s, 'only ' || %s)",
            cls._tagged("tag_id", "profile_id", profile_id),
            SQL.identifier(alias, "home"),
            profile_id,
        )

    @classmethod
    def mates(cls, key):
        """Rows (id) of those who have it in common."""
        return SQL(
            """
            %(tagged)s
             UNION ALL
            SELECT neighbour.id FROM contact_profile neighbour
             WHERE neighbour.home = CASE WHEN %(key)s LIKE 'at %%'
                                       THEN substr(%(key)s, 4) END
               AND NOT EXISTS (%(own)s)
             UNION ALL
            SELECT CASE WHEN %(key)s LIKE 'only %%'
                        THEN substr(%(key)s, 6)::int END
            """,
            tagged=cls._tagged(
                "profile_id",
                "tag_id",
                SQL(
                    "CASE WHEN %(key)s LIKE 'tag %%' THEN substr(%(key)s, 5)::int END",
                    key=key,
                ),
            ),
            own=cls._tagged("tag_id", "profile_id", SQL("neighbour.id")),
            key=key,
        )

    @classmethod
    def _tagged(cls, column, by, value):
        return SQL(
            cls.TAGGED,
            column=SQL.identifier(column),
            by=SQL.identifier(by),
            value=value,
        )


SHARED = {"company": Company, "household": Household}


def shared_by(key, alias="contact_profile"):
    """What people who belong together have in common; nobody else has it.

    :param str key: company or household
    :param str alias: of ``contact_profile``
    :rtype: SQL
    """
    return SHARED[key].key(alias)


def mates(key, shared):
    """Rows (id) of those who have in common what ``shared_by`` says.

    :param str key: company or household
    :param SQL shared: what
    :rtype: SQL
    """
    return SHARED[key].mates(shared)
