from odoo import api, fields, models
from odoo.tools import SQL


class ContactPolicy(models.Model):
    """Policies that wait for their first person.

    With nobody of whom it speaks, a policy would change nothing but the work that
    sending takes; so it waits, archived. It is switched on by itself when the first
    person gets its tag, unless somebody has touched it: from then on it is theirs.
    """

    _inherit = "contact.policy"

    start_tag_id = fields.Many2one(
        "contact.tag",
        string="Starts With",
        ondelete="set null",
        index="btree_not_null",
        copy=False,
        help="Archived until the first person gets this tag. Changed by somebody, "
        "the policy does not start by itself any more.",
    )

    def write(self, vals):
        """Whoever changes a policy says whether it is on."""
        if "start_tag_id" not in vals and any(self.mapped("start_tag_id")):
            vals = {**vals, "start_tag_id": False}
        return super().write(vals)

    @api.model
    def _start_due(self):
        """Switch on those whose first person has come.

        SQL, as it is asked often, and nearly always about nothing.
        """
        self.env["contact.tag.assignment"].flush_model()
        self.flush_model(["active", "start_tag_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT policy.id
                  FROM contact_policy policy
                 WHERE policy.start_tag_id IS NOT NULL
                   AND policy.active IS NOT TRUE
                   AND EXISTS (SELECT FROM contact_profile_tag_live known
                                WHERE known.tag_id = policy.start_tag_id)
                """
            )
        )
        if rows:
            # sudo: whoever tells where an address comes from need not write policies
            due = self.sudo().browse(row[0] for row in rows)
            reason = self.env._("The first person it is for has come.")
            due.write({"active": True, "start_tag_id": False, "change_reason": reason})


class ContactProfile(models.Model):
    """The first person of a policy may have come."""

    _inherit = "contact.profile"

    def _after_tags_changed(self):
        """See ``contact.policy._start_due``."""
        res = super()._after_tags_changed()
        self.env["contact.policy"]._start_due()
        return res
