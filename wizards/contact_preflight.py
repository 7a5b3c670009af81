from odoo import api, fields, models
from odoo.fields import Command

from odoo.addons.mass_mailing_contact_strategy.models.delivery.replica import (
    ask_replica,
)


class ContactPreflight(models.TransientModel):
    """Who will get a mailing if it is sent now, and who not, by rule."""

    _name = "contact.preflight"
    _rec_names_search = ["mailing_id.subject"]
    _inherit = ["contact.storable.mixin"]
    _description = "Preflight"

    mailing_id = fields.Many2one("mailing.mailing", required=True, ondelete="cascade")
    total = fields.Integer(readonly=True)
    now_count = fields.Integer(string="Now", readonly=True)
    later_count = fields.Integer(string="Later", readonly=True)
    not_count = fields.Integer(string="Not", readonly=True)
    line_ids = fields.One2many("contact.preflight.line", "preflight_id", readonly=True)

    @api.model_create_multi
    def create(self, vals_list):
        """Ask the gate's questions when the dialog opens.

        Before anything is written: so they can be asked on a replica.
        """
        self._check_storable(*vals_list)
        mailings = self.env["mailing.mailing"]
        results = [
            ask_replica(mailings.browse(vals.get("mailing_id")), "_preflight")
            if vals.get("mailing_id")
            else {}
            for vals in vals_list
        ]
        return super().create(
            [
                {**vals, **self._prepare_result(result)}
                for vals, result in zip(vals_list, results, strict=True)
            ]
        )

    @api.model
    def _prepare_result(self, result):
        """Values of the dialog.

        :param dict result: of ``_preflight``, or nothing
        """
        if not result:
            return {}
        return {
            "total": result["total"],
            "now_count": result["now"],
            "later_count": result["later"],
            "not_count": result["not"],
            "line_ids": [Command.create(line) for line in result["lines"]],
        }


class ContactPreflightLine(models.TransientModel):
    """One rule's share."""

    _name = "contact.preflight.line"
    _rec_name = "label"
    _inherit = ["contact.storable.mixin"]
    _description = "Preflight Line"
    _order = "kind, count DESC"

    preflight_id = fields.Many2one(
        "contact.preflight", required=True, ondelete="cascade", index=True
    )
    kind = fields.Selection([("later", "Later"), ("not", "Not")], required=True)
    rule_id = fields.Many2one("contact.policy.rule", ondelete="cascade")
    label = fields.Char(string="Because of")
    count = fields.Integer(string="Recipients")
    next_allowed = fields.Datetime(string="From")
