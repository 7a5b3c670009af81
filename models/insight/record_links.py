"""The key facts of the profile, in place on the records that users know."""

from odoo import fields, models


class ContactFacts(models.AbstractModel):
    """Fields of the profile on whatever has one: written, searched, grouped by."""

    _name = "contact.facts.mixin"
    _description = "Facts of the Contact Profile"

    profile_id = fields.Many2one("contact.profile")
    # Not for portal users, who may read their own contact: what was concluded of them
    # is nothing to come across.
    persona_id = fields.Many2one(
        related="profile_id.persona_id", readonly=False, groups="base.group_user"
    )
    journey_stage_id = fields.Many2one(
        related="profile_id.journey_stage_id", readonly=False, groups="base.group_user"
    )
    explicit_tag_ids = fields.Many2many(
        related="profile_id.explicit_tag_ids", readonly=False, groups="base.group_user"
    )
    implicit_tag_ids = fields.Many2many(
        related="profile_id.implicit_tag_ids", groups="base.group_user"
    )
    engagement_score = fields.Integer(
        related="profile_id.engagement_score", groups="base.group_user"
    )
    quality_score = fields.Integer(
        related="profile_id.quality_score", groups="base.group_user"
    )


class ResPartner(models.Model):
    """Key facts on the contact form, in lists, filters, imports and mailing domains."""

    _name = "res.partner"
    _inherit = ["res.partner", "contact.facts.mixin"]


class MailingContact(models.Model):
    """The same on mailing contacts."""

    _name = "mailing.contact"
    _inherit = ["mailing.contact", "contact.facts.mixin"]
