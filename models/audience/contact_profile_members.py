from odoo import fields, models
from odoo.tools import SQL

_APART = "contact_members_apart"
_SURPLUS = """
    SELECT id
      FROM (
             SELECT id, row_number() OVER (
                        PARTITION BY segment_id
                        ORDER BY is_cut IS TRUE, since, profile_id <> %(target)s, id
                    ) AS place
               FROM contact_segment_member
              WHERE until IS NULL AND profile_id = ANY(%(people)s)
           ) member
     WHERE place > 1
"""


class ContactProfile(models.Model):
    """Members of segments when people are merged, or when nothing needs them."""

    _inherit = "contact.profile"

    def _before_merge(self, target):
        """Who was a member twice is one from now on, since the earlier day; the other
        membership ends. What people stand behind a limit for is looked at again."""
        res = super()._before_merge(target)
        Member = self.env["contact.segment.member"]
        Member.flush_model()
        surplus = SQL(_SURPLUS, target=target.id, people=(self | target).ids)
        # SQL: membership in segments of other business units belongs to people, too.
        self.env.cr.execute(
            SQL(
                "DELETE FROM contact_segment_member WHERE is_cut AND id IN (%s)",
                surplus,
            )
        )
        self.env.cr.execute(
            SQL(
                "UPDATE contact_segment_member SET until = %s WHERE id IN (%s)",
                fields.Datetime.now(),
                surplus,
            )
        )
        Member.invalidate_model(flush=False)
        return res

    def _get_profile_fields(self):
        """Members as such keep nobody: see ``_has_history``."""
        for model_name, field in super()._get_profile_fields():
            if not (
                self.env.context.get(_APART) and model_name == "contact.segment.member"
            ):
                yield model_name, field

    def _has_history(self):
        """Who is in a segment follows from what is known: it keeps nobody."""
        apart = self.with_context(**{_APART: True})
        return super(ContactProfile, apart)._has_history()
