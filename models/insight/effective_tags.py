"""What is known about a person now, as relations that the database keeps itself."""

from odoo import fields
from odoo.tools import SQL

# Everything that counts now. What is archived counts for nothing: a row, its tag or its
# dimension. Said stands before concluded, then comes the latest said or the surest
# concluded; the tag itself, not its row, breaks a tie, so that it does not matter in
# which order things became known.
LIVE = """
    SELECT assignment.id, assignment.profile_id, assignment.tag_id,
           assignment.dimension_id, dimension.is_exclusive IS TRUE AS is_exclusive,
           assignment.kind
      FROM contact_tag_assignment assignment
      JOIN contact_tag tag ON tag.id = assignment.tag_id AND tag.active
      JOIN contact_tag_dimension dimension
        ON dimension.id = tag.dimension_id AND dimension.active
     WHERE assignment.active IS TRUE  -- as the index says
       AND (assignment.expires IS NULL
            OR assignment.expires > now() AT TIME ZONE 'UTC')
"""
# The best of a person's rows in the dimension of ``own``. A subquery for each row, on
# purpose: as a join the database compares everybody's rows before it looks for the few
# people, or the one tag, that are asked for.
BEST = """
    SELECT other.{column}
      FROM contact_tag_assignment other
      JOIN contact_tag tag ON tag.id = other.tag_id AND tag.active
     WHERE other.profile_id = own.profile_id
       AND other.dimension_id = own.dimension_id
       AND other.active IS TRUE
       AND (other.expires IS NULL OR other.expires > now() AT TIME ZONE 'UTC')
       AND {which}
     ORDER BY other.kind = 'explicit' DESC,
              CASE WHEN other.kind = 'explicit' THEN 0 ELSE other.confidence END DESC,
              other.last_seen DESC,
              other.tag_id DESC
     LIMIT 1
"""
BEST_SAID = BEST.format(column="id", which="other.kind = 'explicit'")
# By name, in the order in which they build on each other.
VIEWS = {
    "contact_profile_tag_live": LIVE,
    # one for each person and tag, and for each person and exclusive dimension
    "contact_profile_tag_effective": f"""
        SELECT own.profile_id, own.tag_id
          FROM contact_profile_tag_live own
         WHERE own.id = ({
        BEST.format(
            column="id", which="(own.is_exclusive OR other.tag_id = own.tag_id)"
        )
    })
    """,
    "contact_profile_tag_explicit": """
        SELECT profile_id, tag_id
          FROM contact_profile_tag_live
         WHERE kind = 'explicit'
    """,
    "contact_profile_tag_implicit": """
        SELECT profile_id, tag_id
          FROM contact_profile_tag_live
         WHERE kind = 'implicit'
    """,
    # what a file says of a person: of several answers the latest
    "contact_profile_tag_said": f"""
        SELECT own.profile_id, own.tag_id
          FROM contact_profile_tag_live own
         WHERE own.kind = 'explicit'
           AND (NOT own.is_exclusive
                OR own.id = ({BEST_SAID}))
    """,
    # where each kind alone would say something else
    "contact_profile_tag_conflict": f"""
        SELECT own.profile_id, own.dimension_id
          FROM contact_profile_tag_live own
         WHERE own.is_exclusive
           AND own.kind = 'explicit'
           AND own.id = ({BEST_SAID})
           AND own.tag_id <> ({
        BEST.format(column="tag_id", which="other.kind = 'implicit'")
    })
    """,
}


class EffectiveTags(fields.Many2many):
    """A relation that is a view: read, searched and grouped by like any other, and
    never stale. What is written to it goes through ``contact.profile._write_tags``.
    """

    def update_db(self, model, columns):
        """The view is made by ``create_views``; there is no table to make."""

    def write_real(self, records_commands_list, create=False):
        """Written in whatever way, it comes through here."""
        if records_commands_list:
            profiles = records_commands_list[0][0].browse()
            profiles._write_tags(records_commands_list, self.name, is_new=create)


def create_views(cr):
    """(Re)create the relations. A plain SQL view, because expiry must count at once in
    every search, which no stored relation can do."""
    drop_views(cr)
    for name, query in VIEWS.items():
        cr.execute(SQL("CREATE VIEW %s AS %s", SQL.identifier(name), SQL(query)))


def drop_views(cr):
    """Before the columns they read are changed or removed."""
    cr.execute("DROP VIEW IF EXISTS contact_profile_tag_live CASCADE")
