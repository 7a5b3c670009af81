from odoo import api, fields, models


class ContactJourneyStage(models.Model):
    """Who enters a stage by itself: by a domain, and by signals."""

    _inherit = "contact.journey.stage"

    domain = fields.Char(
        string="Entered by",
        help="People who fit may enter. Empty: nobody enters by this.",
    )
    is_automatic = fields.Boolean(
        string="By the Domain", help="Whoever fits the domain enters by itself."
    )
    signal_ids = fields.One2many("contact.signal", "stage_id")
    fit_count = fields.Integer(
        compute="_compute_fit_count",
        string="Fit",
        help="People who fit the domain right now, whatever stage they are in.",
    )

    @api.depends("domain")
    def _compute_fit_count(self):
        for stage in self:
            stage.fit_count = stage._count_fits()

    def _say_misread(self, error):
        """Whose stage it is, and what is wrong with it."""
        return self.env._(
            "Who enters the stage “%(name)s” cannot be understood: %(error)s",
            name=self.name,
            error=error,
        )

    def _say_hidden(self):
        """Why nobody is moved by what was sent."""
        return self.env._(
            "Who enters “%(name)s” cannot depend on what was sent or held back: people "
            "are moved across all business units.",
            name=self.name,
        )
