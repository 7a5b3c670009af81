"""Indexes on scores, which change every day and choose too many people to help.

Odoo adds indexes on an update; it leaves those that no field asks for any more.
"""


def migrate(cr, _version):
    """Drop them."""
    for column in ("engagement_score", "engagement_class", "quality_score"):
        cr.execute(f'DROP INDEX IF EXISTS "contact_profile__{column}_index"')
