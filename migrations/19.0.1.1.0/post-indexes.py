"""Indexes of touches that other indexes replace, or that nothing looks things up by.

Odoo adds indexes on an update; it leaves those that no field asks for any more.
"""


def migrate(cr, _version):
    """Drop them."""
    for column in ("mailing_id", "company_id", "user_id"):
        cr.execute(f'DROP INDEX IF EXISTS "contact_touch__{column}_index"')
