from odoo import fields, models
from odoo.tools import SQL


class ContactProfile(models.Model):
    """Tags when people are merged, or when nothing needs them any more."""

    _inherit = "contact.profile"

    def _before_merge(self, target):
        """What is known of several people becomes one row: the counts are added.

        The other rows are archived, so that it stays known where each came from.
        """
        people = self | target
        Assignment = self.env["contact.tag.assignment"].sudo()
        Assignment._archive_expired(fields.Datetime.now(), people.ids)
        rows = Assignment.search([("profile_id", "in", people.ids)], order="id")
        for same in rows.grouped(lambda row: (row.tag_id, row.kind)).values():
            if len(same) > 1:
                kept = same.filtered(lambda row: row.profile_id == target) or same[0]
                values = same._sum_up()
                (same - kept).write({"active": False})
                kept.write(values)
        return super()._before_merge(target)

    def _get_profile_fields(self):
        """Tags as such keep nobody: see ``_has_history``."""
        for model_name, field in super()._get_profile_fields():
            if not (
                self.env.context.get("contact_tags_apart")
                and model_name == "contact.tag.assignment"
            ):
                yield model_name, field

    def _has_history(self):
        """What was told keeps a person; what signals conclude they conclude again."""
        apart = self.with_context(contact_tags_apart=True)
        kept = super(ContactProfile, apart)._has_history()
        self.env["contact.tag.assignment"].flush_model()
        told = self.env.execute_query(
            SQL(
                "SELECT DISTINCT profile_id FROM contact_tag_assignment"
                " WHERE profile_id = ANY(%s) AND times_told > 0",
                self.ids,
            )
        )
        return kept.union(profile_id for (profile_id,) in told)
