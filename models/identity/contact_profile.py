from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, email_normalize

from odoo.addons.base.models.res_partner import _tz_get

# What a profile knows from its records, and nobody says to it directly.
FROM_RECORDS = {
    "partner_id",
    "email_normalized",
    "own_phone",
    "commercial_partner_id",
    "company_id",
    "home",
}


class ContactProfile(models.Model):
    """One person, whichever records of Odoo the person appears in.

    What is known about a person and what was sent to a person hangs here, so that it
    survives a change of address, a merge of contacts, and the deletion of the contact.
    It is not a second address book: names and addresses come from the records.

    - A contact (``res.partner``) owns exactly one profile.
    - Anything else that is mailed belongs to the profile with its e-mail address:
      see ``_profiles_by_email`` for which one if there are several.
    """

    _name = "contact.profile"
    _inherit = ["contact.storable.mixin"]
    _description = "Contact Profile"
    _order = "name, id"
    _rec_names_search = ["name", "email_normalized"]

    # who
    name = fields.Char(compute="_compute_name", store=True, index=True)
    active = fields.Boolean(default=True)
    email_normalized = fields.Char(string="E-mail", readonly=True, index=True)
    phone_sanitized = fields.Char(
        string="Phone",
        compute="_compute_phone_sanitized",
        store=True,
        index="btree_not_null",
    )
    own_phone = fields.Char(
        string="Known by This Number",
        readonly=True,
        copy=False,
        help="Nothing else is known of this person: text messages went to it.",
    )
    image_128 = fields.Image(related="partner_id.image_128")
    avatar_128 = fields.Image(related="partner_id.avatar_128")
    is_seed = fields.Boolean(
        string="Test address",
        help="Messages to a test address are never counted and never reported.",
    )

    # records
    partner_id = fields.Many2one(
        "res.partner",
        string="Contact",
        readonly=True,
        ondelete="set null",  # indexed by _partner_unique
    )
    mailing_contact_ids = fields.One2many(
        "mailing.contact",
        "profile_id",
        string="Mailing Contacts",
        readonly=True,
        groups="mass_mailing.group_mass_mailing_user",
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id",
        string="Company",
        store=True,
        index="btree_not_null",
    )
    company_id = fields.Many2one(
        related="partner_id.company_id",
        string="Business Unit",
        store=True,
        index="btree_not_null",
    )

    # language and time
    lang = fields.Char(
        string="Language", compute="_compute_lang", store=True, readonly=False
    )
    tz = fields.Selection(
        _tz_get,
        string="Time Zone",
        compute="_compute_tz",
        inverse="_inverse_tz",
        store=True,
        readonly=False,
        help="Follows the contact's time zone until another one is chosen here.",
    )
    own_tz = fields.Selection(_tz_get, string="Chosen Time Zone", copy=False)

    # The few who are none of the people: what is counted of all leaves them out.
    _seed_idx = models.Index("(id) WHERE is_seed")
    # Who changed since a segment was looked at; each of them asks, all day long.
    _written_idx = models.Index("(write_date)")
    _partner_unique = models.UniqueIndex(
        "(partner_id) WHERE partner_id IS NOT NULL",
        "This contact has a profile already.",
    )
    _email_unique = models.UniqueIndex(
        "(email_normalized) WHERE partner_id IS NULL"
        " AND email_normalized IS NOT NULL AND active IS TRUE",
        "There is a profile with this e-mail address already.",
    )

    _own_phone_unique = models.UniqueIndex(
        "(own_phone) WHERE own_phone IS NOT NULL AND active IS TRUE",
        "There is a profile with this number already.",
    )

    @api.depends("partner_id.name", "mailing_contact_ids.name", "email_normalized")
    def _compute_name(self):
        for profile in self:
            profile.name = (
                profile.partner_id.name
                or profile.partner_id.complete_name
                or profile.mailing_contact_ids._first_value("name")
                or profile.email_normalized
                or profile.own_phone
                or self.env._("Profile %s", profile._origin.id or self.env._("New"))
            )

    @api.depends("partner_id.phone_sanitized", "mailing_contact_ids")
    def _compute_phone_sanitized(self):
        for profile in self:
            profile.phone_sanitized = (
                profile.partner_id.phone_sanitized
                if profile.partner_id
                else profile.mailing_contact_ids._first_value("phone_sanitized")
            )

    @api.depends("partner_id.lang")
    def _compute_lang(self):
        for profile in self:
            profile.lang = profile.partner_id.lang or profile.lang

    @api.depends("partner_id.tz", "own_tz")
    def _compute_tz(self):
        for profile in self:
            profile.tz = profile.own_tz or profile.partner_id.tz

    def _inverse_tz(self):
        for profile in self:
            chosen = profile.tz != profile.partner_id.tz
            profile.own_tz = profile.tz if chosen else False

    @api.model_create_multi
    def create(self, vals_list):
        """Normalise the address, and tell the contacts which profile is theirs."""
        self._check_storable(*vals_list)
        for vals in vals_list:
            if vals.get("email_normalized"):
                vals["email_normalized"] = email_normalize(
                    vals["email_normalized"], strict=False
                )
        profiles = super().create(vals_list)
        profiles.filtered("partner_id")._link_partners()
        return profiles

    def write(self, vals):
        """Keep the contact's own link in agreement with ``partner_id``.

        :raise AccessError: somebody switches all rules off for a person
        :raise UserError: somebody says whose profile it is
        """
        self._check_storable(vals)
        if not self.env.su:
            self._check_writable(vals)
        res = super().write(vals)
        if "partner_id" in vals:
            self._link_partners()
        return res

    def _check_writable(self, vals):
        """Rules do not bind a test address, and count for whom the profile belongs to:
        so neither is for every user to write."""
        addon = "mass_mailing_contact_strategy"
        manager = f"{addon}.{addon}_group_manager"
        if "is_seed" in vals and not self.env.user.has_group(manager):
            raise AccessError(
                self.env._(
                    "Only managers of the contact strategy say what is a test address: "
                    "no rule holds it back."
                )
            )
        if not FROM_RECORDS.isdisjoint(vals):
            raise UserError(
                self.env._(
                    "A profile follows its contact: change the address or the "
                    "business unit there."
                )
            )

    def _link_partners(self):
        """The one place that keeps ``res.partner.profile_id`` equal to ``partner_id``.

        SQL, because writing to contacts would run all that hangs on a contact's
        ``write()`` (followers, tracking, synchronisation) for a technical link.
        """
        self.flush_recordset(["partner_id"])
        self.env["res.partner"].flush_model(["profile_id"])
        rows = self.env.execute_query(
            SQL(
                """
                   UPDATE res_partner partner
                      SET profile_id = profile.id
                     FROM contact_profile profile
                    WHERE profile.partner_id = partner.id
                      AND profile.id = ANY(%s)
                      AND partner.profile_id IS DISTINCT FROM profile.id
                RETURNING partner.id
                """,
                self.ids,
            )
        ) + self.env.execute_query(
            SQL(
                """
                   UPDATE res_partner partner
                      SET profile_id = NULL
                     FROM contact_profile profile
                    WHERE profile.id = partner.profile_id
                      AND profile.id = ANY(%s)
                      AND profile.partner_id IS DISTINCT FROM partner.id
                RETURNING partner.id
                """,
                self.ids,
            )
        )
        partners = self.env["res.partner"].browse(row[0] for row in rows)
        partners.invalidate_recordset(["profile_id"], flush=False)
        partners.modified(["profile_id"])

    def _has_history(self):
        """Which of these profiles must be kept although no record needs them?

        Called before profiles that nobody uses are removed. Return a set of ids;
        override to add your own: call super and unite the sets. By default whatever
        refers to a profile keeps it.
        """
        kept = set(self.filtered("is_seed").ids)
        for model_name, field in self._get_profile_fields():
            if field.type == "many2one" and model_name != "mailing.contact":
                query = SQL(
                    "SELECT DISTINCT %(column)s FROM %(table)s"
                    " WHERE %(column)s = ANY(%(ids)s)",
                    column=SQL.identifier(field.name),
                    table=SQL.identifier(self.env[model_name]._table),
                    ids=self.ids,
                )
                kept.update(row[0] for row in self.env.execute_query(query))
        return kept

    def _drop_unused(self):
        """Remove those that no record needs and that have no history."""
        unused = self.exists().filtered(
            lambda profile: not profile.partner_id and not profile.mailing_contact_ids
        )
        if unused:
            self.env.flush_all()
            (unused - self.browse(unused._has_history())).unlink()
