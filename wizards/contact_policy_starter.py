from odoo import api, fields, models
from odoo.fields import Command

from .starter_strategies import TRADES

TEMPLATE = "mass_mailing_contact_strategy.contact_policy_starter_preview"
FIRST_SEQUENCE = 50
"""Behind what is there: switching an example on does not take people from it."""


class ContactPolicyStarter(models.TransientModel):
    """Start from an example: read what a strategy says and why, and have its policies
    made, archived, to change and to try."""

    _name = "contact.policy.starter"
    _inherit = ["contact.storable.mixin"]
    _description = "Start from an Example"
    _rec_name = "trade"

    trade = fields.Selection(
        [
            ("retail", "Shops and retail"),
            ("b2b", "Companies as customers"),
            ("publishing", "Newspapers, magazines, blogs"),
            ("membership", "Clubs and associations"),
            ("travel", "Travel"),
        ],
        required=True,
        default="retail",
    )
    is_made = fields.Boolean(compute="_compute_is_made")
    preview_html = fields.Html(
        string="What it says",
        compute="_compute_preview_html",
        sanitize=False,  # made by our own template
    )

    @api.depends("trade")
    @api.depends_context("company")
    def _compute_is_made(self):
        """Are its policies there already?"""
        for wizard in self:
            wizard.is_made = bool(wizard._made())

    @api.depends("trade")
    @api.depends_context("lang", "company")
    def _compute_preview_html(self):
        """Said by the rules themselves, which nobody has saved."""
        for wizard in self:
            wizard.preview_html = self.env["ir.qweb"]._render(
                TEMPLATE,
                {
                    "policies": [
                        {
                            "name": example["name"],
                            "why": example["why"],
                            "is_guard": example.get("is_guard"),
                            "sentences": wizard._sentences(values),
                        }
                        for example, values in wizard._examples()
                    ]
                },
            )

    def _sentences(self, values):
        policy = self.env["contact.policy"].new(values)
        return policy.rule_ids.mapped("sentence")

    def _examples(self):
        """The policies of the trade.

        :return: list of (what the example says of it, values of contact.policy)
        """
        make = TRADES.get(self.trade)
        return [
            (example, self._policy_values(example, number))
            for number, example in enumerate(make(self.env) if make else ())
        ]

    def _policy_values(self, example, number):
        rules = filter(None, example["rules"])
        return {
            "name": example["name"],
            "example": self.trade,
            "active": False,
            "sequence": FIRST_SEQUENCE + number,
            "is_guard": example.get("is_guard", False),
            "description": example["why"],
            "stage_ids": example.get("stages", []),
            "company_id": self.env.company.id,
            "rule_ids": [
                Command.create({"sequence": place, **values})
                for place, values in enumerate(rules)
            ],
        }

    def _made(self):
        """What was made of this example for this business unit.

        :rtype: contact.policy
        """
        return (
            self.env["contact.policy"]
            .with_context(active_test=False)
            .search(
                [
                    ("example", "=", self.trade),
                    ("company_id", "in", (False, self.env.company.id)),
                ]
            )
        )

    def action_make(self):
        """Make the policies, archived, or open those that were made before.

        :return: dict, the action that shows them
        """
        self.check_access("read")
        self.ensure_one()
        made = self._made()
        if not made:
            values = [values for _example, values in self._examples()]
            made = self.env["contact.policy"].create(values)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "mass_mailing_contact_strategy.contact_policy_action"
        )
        action["domain"] = [("id", "in", made.ids)]
        action["context"] = {"active_test": False}
        action["display_name"] = self.env._("Example, archived: look and switch on")
        return action
