"""Who belongs together, as SQL: people of one company, or of one household."""

from odoo.tools import SQL

TAG = SQL("known.tag_id")


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

    @classmethod
    def everybody(cls):
        """Rows (id, what they have in common) of all people."""
        return SQL(
            "SELECT id, %s AS shared FROM contact_profile", cls.key("contact_profile")
        )


class Household:
    """People with the same tag of the dimension "Lives Together", and others who live
    at the same address. A tag says more than an address: many live in one house."""

    TAGGED = """
        SELECT %(columns)s FROM contact_profile_tag_effective known
          JOIN contact_tag tag ON tag.id = known.tag_id
          JOIN contact_tag_dimension dimension
            ON dimension.id = tag.dimension_id AND dimension.code = 'home'
         WHERE %(which)s
    """
    # Asked once: where there is no such tag, nobody's tags are looked at.
    IN_USE = SQL(
        """
        (SELECT EXISTS (
            SELECT FROM contact_tag_dimension dimension
              JOIN contact_tag tag ON tag.dimension_id = dimension.id
             WHERE dimension.code = 'home'))
        """
    )

    @classmethod
    def key(cls, alias):
        """A text: which tag, which home, or, of those by themselves, who."""
        profile_id = SQL.identifier(alias, "id")
        tagged = cls._tagged(TAG, SQL("known.profile_id = %s", profile_id))
        return SQL(
            """
            COALESCE(
                CASE WHEN %(in_use)s THEN 'tag ' || (%(tagged)s ORDER BY 1 LIMIT 1) END,
                %(untagged)s)
            """,
            in_use=cls.IN_USE,
            tagged=tagged,
            untagged=cls._untagged(alias),
        )

    @classmethod
    def _untagged(cls, alias):
        home, profile_id = SQL.identifier(alias, "home"), SQL.identifier(alias, "id")
        return SQL("COALESCE('at ' || %s, 'only ' || %s)", home, profile_id)

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
               AND (NOT %(in_use)s OR NOT EXISTS (%(own)s))
             UNION ALL
            SELECT CASE WHEN %(key)s LIKE 'only %%'
                        THEN substr(%(key)s, 6)::int END
            """,
            tagged=cls._tagged(
                SQL("known.profile_id AS id"),
                SQL(
                    "%(key)s LIKE 'tag %%' AND known.tag_id ="
                    " CASE WHEN %(key)s LIKE 'tag %%' THEN substr(%(key)s, 5)::int END",
                    key=key,
                ),
            ),
            own=cls._tagged(TAG, SQL("known.profile_id = neighbour.id")),
            in_use=cls.IN_USE,
            key=key,
        )

    @classmethod
    def everybody(cls):
        """Rows (id, what they have in common) of all people."""
        return SQL(
            """
            %(tagged)s
             UNION ALL
            SELECT contact_profile.id, %(untagged)s
              FROM contact_profile
             WHERE NOT %(in_use)s OR NOT EXISTS (%(own)s)
            """,
            tagged=cls._tagged(
                SQL("known.profile_id AS id, 'tag ' || known.tag_id AS shared"),
                cls.IN_USE,
            ),
            own=cls._tagged(TAG, SQL("known.profile_id = contact_profile.id")),
            untagged=cls._untagged("contact_profile"),
            in_use=cls.IN_USE,
        )

    @classmethod
    def _tagged(cls, columns, which):
        return SQL(cls.TAGGED, columns=columns, which=which)


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


def together(people, keys):
    """People, and those with whom they share something.

    :param People people: whom
    :param keys: company, household
    :return: list of SQL, each giving profile ids
    """
    ways = [people.profiles()]
    for key in sorted(keys):
        who = people.select(SQL(", %s AS shared", shared_by(key)))
        ways.append(
            SQL(
                "SELECT mate.id FROM (%s) who CROSS JOIN LATERAL (%s) mate",
                who,
                mates(key, SQL("who.shared")),
            )
        )
    return ways


def everybody(key):
    """Rows (id, shared) of all people, each with what ``shared_by`` says: for many.

    :param str key: company or household
    :rtype: SQL
    """
    return SHARED[key].everybody()
