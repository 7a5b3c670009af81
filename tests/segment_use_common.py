from odoo.fields import Command
from odoo.tools import SQL

from .common import ADDON


class SegmentUseMixin:
    """Segments by city, and segments that broke."""

    @classmethod
    def _create_segment(cls, name="Oslo", city=None, domain=None, **vals):
        """Whoever lives in a city (default: the one it is named after)."""
        domain = domain or [("partner_id.city", "=", city or name)]
        line = {"kind": "domain", "domain": repr(domain)}
        return cls.env["contact.segment"].create(
            {"name": name, "condition_ids": [Command.create(line)], **vals}
        )

    @classmethod
    def _break(cls, segment):
        """As if an app had gone with a field that the segment asks for."""
        cls.env.flush_all()
        cls.env.cr.execute(
            SQL(
                "UPDATE contact_segment_condition SET domain = %s"
                " WHERE segment_id = %s",
                "[('x_gone', '=', 1)]",
                segment.id,
            )
        )
        cls.env.invalidate_all()

    @classmethod
    def _mend(cls, segment, city="Oslo"):
        segment.condition_ids.domain = repr([("partner_id.city", "=", city)])

    @classmethod
    def _create_marketer(cls, login="segment_marketer", **vals):
        return cls._create_user(login, "mass_mailing.group_mass_mailing_user", **vals)


USER_GROUP = f"{ADDON}.{ADDON}_group_user"
