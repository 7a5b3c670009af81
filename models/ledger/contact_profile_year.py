from odoo import api, fields, models
from odoo.tools import format_date


class ContactProfile(models.Model):
    """What is left of old touches, on the person's page."""

    _inherit = "contact.profile"

    touch_year_ids = fields.One2many(
        "contact.touch.year", "profile_id", string="Former Years"
    )
    touch_year_summary = fields.Char(compute="_compute_touch_year_summary")

    @api.depends("touch_year_ids.sent_count", "touch_year_ids.opened_count")
    @api.depends_context("lang", "uid", "allowed_company_ids")
    def _compute_touch_year_summary(self):
        """“Before March 2024: 143 e-mails, 51 opened”."""
        self.touch_year_summary = False
        groups = self.env["contact.touch.year"]._read_group(
            [("profile_id", "in", self.ids), ("sent_count", ">", 0)],
            ["profile_id", "channel_id"],
            ["sent_count:sum", "opened_count:sum"],
        )
        said = {}
        for profile, channel, sent, opened in groups:
            said.setdefault(profile.id, []).append(
                self._say_year(channel, sent, opened)
            )
        if not said:
            return
        before = self.env["contact.touch"]._folded_before()
        when = format_date(self.env, before.date(), date_format="d MMMM yyyy")
        for profile in self:
            if parts := said.get(profile.id):
                profile.touch_year_summary = self.env._(
                    "Before %(date)s: %(touches)s",
                    date=when,
                    touches="; ".join(parts),
                )

    def _say_year(self, channel, sent, opened):
        unit = (channel.unit_one if sent == 1 else channel.unit_name) or channel.name
        if not opened:
            return self.env._("%(count)s %(unit)s", count=sent, unit=unit)
        return self.env._(
            "%(count)s %(unit)s, %(opened)s opened",
            count=sent,
            unit=unit,
            opened=opened,
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_summed(self):
        """What was folded is kept as well."""
        self._refuse_if_in("contact.touch.year")

    def _before_merge(self, target):
        """There is one sum for each year and kind: what meets is added."""
        # Elevated: all of the person's history moves, whoever may see which part.
        self.env["contact.touch.year"].sudo()._merge_profiles(self, target)
        return super()._before_merge(target)
