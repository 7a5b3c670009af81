from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.sql_arrays import int_array

from .version_difference import differences


class Change(NamedTuple):
    """Who changed a policy, and why. ``by_user``: with a user's rights."""

    uid: int | None = None
    by_user: bool = False
    reason: str | None = None
    lang: str | None = None


class ContactPolicyVersion(models.Model):
    """What a policy said from some moment on, who changed it, and why.

    Versions are made when policies are changed (contact.policy._keep_versions), and
    written by nobody. Decisions name the one that they were made by. They outlive
    their policy: what was decided stays explained.

    A version without a number is proposed: it belongs to a draft, and follows it until
    it is approved and in force.
    """

    _name = "contact.policy.version"
    _inherit = ["contact.storable.mixin"]
    _description = "Version of a Policy"
    _order = "valid_from DESC, number DESC, id DESC"  # first what is not yet in force
    _rec_names_search = ["policy_name", "reason"]

    policy_id = fields.Many2one(
        "contact.policy", ondelete="set null", index="btree_not_null", readonly=True
    )
    draft_id = fields.Many2one(
        "contact.policy",
        string="Draft",
        ondelete="set null",
        index="btree_not_null",
        readonly=True,
        help="Where what is proposed is written. A new policy is its own draft.",
    )
    policy_name = fields.Char(string="Called", readonly=True)
    company_id = fields.Many2one(
        "res.company",
        string="Business Unit",
        ondelete="cascade",
        index="btree_not_null",
        readonly=True,
    )
    number = fields.Integer(string="Version", readonly=True)
    state = fields.Selection(
        [("draft", "Proposed"), ("approved", "Approved")],
        default="approved",
        required=True,
        readonly=True,
    )
    valid_from = fields.Datetime(
        string="In Force from", readonly=True, help="Empty: once it is approved."
    )
    author_id = fields.Many2one("res.users", ondelete="set null", readonly=True)
    approver_id = fields.Many2one(
        "res.users", string="Approved by", ondelete="set null", readonly=True
    )
    reason = fields.Char(string="Why", readonly=True)
    # What it says
    sentences = fields.Text(string="In words", readonly=True)
    lines = fields.Json(readonly=True, help="The sentences by what they are about.")
    terms = fields.Json(readonly=True, help="The same as values, to be compared.")
    changes = fields.Html(
        compute="_compute_changes",
        string="What Changed",
        sanitize=False,  # made of escaped sentences
    )

    _one_of_a_number = models.UniqueIndex("(policy_id, number) WHERE number > 0")

    @api.depends("policy_name", "number")
    @api.depends_context("lang")
    def _compute_display_name(self):
        """“Loyal customers, version 3”."""
        for version in self:
            said = {"policy": version.policy_name, "number": version.number}
            version.display_name = (
                self.env._("%(policy)s, version %(number)s", **said)
                if version.number
                else self.env._("%(policy)s, proposed", **said)
            )

    # ------------------------------------------------------------
    # Finding
    # ------------------------------------------------------------

    @api.model
    def _in_force(self, policies):
        """The versions by which is decided now.

        SQL, as it is asked before each decision: one index entry for each policy.

        :param policies: contact.policy
        :return: {policy id: version id}
        """
        if not policies:
            return {}
        self.flush_model(["policy_id", "number"])
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT DISTINCT ON (policy_id) policy_id, id
                      FROM contact_policy_version
                     WHERE policy_id = ANY(%s) AND number > 0
                     ORDER BY policy_id, number DESC
                    """,
                    int_array(policies.ids),
                )
            )
        )

    @api.model
    def _in_force_at(self, moment, company):
        """The versions by which was decided at a moment, in the order of the policies.

        :param datetime moment: naive UTC
        :param company: the business unit whose message it was
        :return: contact.policy.version, of policies that are still there and were on
        """
        versions = self.search(
            [("number", ">", 0), ("valid_from", "<=", moment)], order="number"
        )
        last = {version.policy_id: version for version in versions}
        policies = self.env["contact.policy"].union(*last).sorted()
        # A branch is bound by what its unit says, too.
        units = (False, *company.sudo().parent_ids.ids)
        return self.union(
            *(
                last[policy]
                for policy in policies
                if last[policy].terms["fields"]["active"]
                and last[policy].terms["fields"]["company_id"] in units
            )
        )

    @api.model
    def _last_of(self, policy):
        """The version in force, or none."""
        domain = [("policy_id", "=", policy.id), ("number", ">", 0)]
        return self.search(domain, order="number DESC", limit=1)

    def _previous(self):
        """The one before; of what is proposed, the one in force."""
        self.ensure_one()
        domain = [("policy_id", "=", self.policy_id.id), ("number", ">", 0)]
        if self.number:
            domain.append(("number", "<", self.number))
        return self.search(domain, order="number DESC", limit=1)

    def _differences_to(self, terms):
        """What ``terms`` of the policy say that this version does not.

        :rtype: list of Difference
        """
        self.ensure_one()
        return differences(self.terms, terms, self.policy_id.id)

    # ------------------------------------------------------------
    # Keeping
    # ------------------------------------------------------------

    def _snapshot(self, policy):
        """Values of a version that says what ``policy`` says now."""
        lines = policy._version_lines()
        return {
            "policy_name": (policy.replaces_id or policy).name,
            "company_id": policy.company_id.id,
            "lines": lines,
            "terms": policy._version_terms(),
            "sentences": "\n".join(" ".join(line.split()) for line in lines.values()),
        }

    def _keep(self, policy, change):
        """A policy says something else: number the version that says so.

        One transaction is one change, also where somebody asked in between.

        :param policy: contact.policy
        :param Change change: who made it
        """
        last = self._last_of(policy)
        if not self and last._is_of_this_change(change):
            last._amend(policy, change)
            return
        self._lock(policy)
        vals = {
            **self._snapshot(policy),
            "policy_id": policy.id,
            "draft_id": False,
            "number": last.number + 1,
            "state": "approved",
            "valid_from": fields.Datetime.now(),
            "author_id": change.uid,
            "reason": change.reason,
        }
        if self:  # it was proposed
            self.write({**vals, "reason": change.reason or self.reason})
        else:
            self.create(vals)

    def _is_of_this_change(self, change):
        """Was the version made in this transaction, by the same user?"""
        is_now = self.create_date == self.env.cr.now()
        return is_now and self.author_id.id == change.uid

    def _amend(self, policy, change):
        before = self._previous()
        if before and not before._differences_to(policy._version_terms()):
            self.unlink()  # it was put back
            return
        reason = change.reason or self.reason
        self.write({**self._snapshot(policy), "reason": reason})

    def _lock(self, policy):
        """Somebody who changes the policy at this moment begins again.

        SQL: writing a policy notes a change.
        """
        self.env.cr.execute(
            SQL(
                "UPDATE contact_policy SET write_date = %s WHERE id = %s",
                self.env.cr.now(),
                policy.id,
            )
        )
