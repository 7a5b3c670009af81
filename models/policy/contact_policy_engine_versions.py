from odoo import api, models
from odoo.tools import SQL

SAID = (
    ("contact_policy_version", SQL("number > 0")),
    ("contact_category", SQL("TRUE")),
    ("contact_channel", SQL("TRUE")),
)
"""What binds stands in these tables: what a policy says has a version."""


class ContactPolicyEngine(models.AbstractModel):
    """Decisions name the versions that made them."""

    _inherit = "contact.policy.engine"

    @api.model
    def _plan(self, message, rules=None, at=None, people=None):
        """Look the versions up with the rules: what is decided later, and written down
        in another transaction, was decided by these."""
        # What this transaction has changed up to now is a version, too.
        self.env["contact.policy"]._keep_versions()
        plan = super()._plan(message, rules, at, people)
        # sudo: a policy binds a sender also where the sender may not read it
        Version = self.env["contact.policy.version"].sudo()
        plan.versions = Version._in_force(plan.policies)
        return plan

    @api.model
    def _state(self, cr):
        """What is said at this moment, as far as plans are made from it: while it is
        the same, a plan is what it would be if it were made again.

        SQL, as the transactions that wrote the rows tell it in one small statement.
        Override to add what else you make questions from.

        :param cr: cursor to use
        :rtype: tuple
        """
        self.env["contact.policy"]._keep_versions()
        self.env.flush_all()
        rows = SQL(" UNION ALL ").join(
            SQL(
                "SELECT %s || id || ' ' || xmin AS said FROM %s WHERE %s",
                f"{table} ",
                SQL.identifier(table),
                which,
            )
            for table, which in SAID
        )
        cr.execute(
            SQL("SELECT md5(string_agg(said, ',' ORDER BY said)) FROM (%s) r", rows)
        )
        return cr.fetchone()
