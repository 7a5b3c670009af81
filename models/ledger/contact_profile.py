from odoo import api, fields, models
from odoo.exceptions import UserError


class ContactProfile(models.Model):
    """The person's page in the ledger."""

    _inherit = "contact.profile"

    touch_ids = fields.One2many("contact.touch", "profile_id", string="Touches")
    hold_ids = fields.One2many("contact.hold", "profile_id", string="Held Back")
    touch_count = fields.Integer(compute="_compute_ledger_counts")
    hold_count = fields.Integer(compute="_compute_ledger_counts")

    @api.model
    def _get_hidden_models(self):
        """What was sent is hidden between business units, also summed up by years."""
        ledger = {"contact.touch", "contact.touch.year", "contact.hold"}
        return super()._get_hidden_models() | ledger

    @api.model
    def _overview_staff(self):
        """Whoever was written to is not left out."""
        staff = super()._overview_staff()
        touched = staff.env["contact.touch"]._read_group(
            [("profile_id", "in", staff.ids)], ["profile_id"]
        )
        return staff - staff.browse(profile.id for (profile,) in touched)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_touched(self):
        """The ledger must not lose what was sent by way of the person."""
        self._refuse_if_in("contact.touch")

    def _refuse_if_in(self, model_name):
        """Keep history.

        Elevated: what other business units sent counts, too.

        :param str model_name: a model of the ledger, with a ``profile_id``
        :raise UserError: it has something about one of these people
        """
        for (profile,) in (
            self.env[model_name]
            .sudo()
            ._read_group([("profile_id", "in", self.ids)], ["profile_id"], limit=1)
        ):
            raise UserError(
                self.env._(
                    "“%(name)s” cannot be deleted: what was sent to a person is kept. "
                    "Archive the profile instead.",
                    name=profile.display_name,
                )
            )

    def _compute_ledger_counts(self):
        for profile in self:
            profile.touch_count = profile.hold_count = 0
        for model, name in (
            ("contact.touch", "touch_count"),
            ("contact.hold", "hold_count"),
        ):
            groups = self.env[model]._read_group(
                [("profile_id", "in", self.ids)], ["profile_id"], ["__count"]
            )
            for profile, count in groups:
                profile[name] = count
