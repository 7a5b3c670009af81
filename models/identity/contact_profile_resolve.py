from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL, email_normalize, split_every
from odoo.tools.mail import single_email_re

from odoo.addons.mass_mailing_contact_strategy.core.storable import fault_of_id, shown
from odoo.addons.mass_mailing_contact_strategy.models.sql_arrays import int_array

# Where Odoo looks for an address after ``_primary_email``, in this order
# (``_message_add_default_recipients``).
EMAIL_FIELDS = (
    "email_from",
    "x_email_from",
    "email",
    "x_email",
    "partner_email",
    "email_normalized",
)
# A model that overrides one of these has its own idea of who gets its mails.
RECIPIENT_METHODS = (
    "_mail_get_partners",
    "_mail_get_primary_email",
    "_message_add_default_recipients",
    "_message_get_default_recipients",
)
# ... unless it is known to change the name beside the address only.
PLAIN_RECIPIENTS = {"event.registration"}


class ContactProfile(models.Model):
    """Who is behind the records of a mailing?

    The answer must be the address the mail will go to, not another one the record has,
    or a cap counts for the wrong person: so this follows what the mail composer does
    (``_message_get_default_recipients``), for any number of records in a few queries.
    """

    _inherit = "contact.profile"

    @api.model
    def resolve(self, model, res_ids):
        """The profile of each record, made where there is none yet.

        :param str model: a mailing-enabled model; mailing lists mean their contacts
        :param list res_ids: ids, any number
        :return: ``{res_id: profile id}`` without the records that do not exist, that
            the user may not read or that have no address (contacts always have a
            profile)
        """
        self.check_access("read")
        known = isinstance(model, str) and model in self.env
        if not known or not getattr(self.env[model], "_mailing_enabled", False):
            raise UserError(
                self.env._("%(model)s cannot receive mailings.", model=shown(model))
            )
        if not self.env.su:
            if isinstance(res_ids, (int, float, str, dict)) or any(
                not res_id or fault_of_id(res_id) for res_id in res_ids or ()
            ):
                raise UserError(self.env._("Records are named by a list of their ids."))
            # A profile shows an address, also that of a record which does not.
            of_model = "mailing.contact" if model == "mailing.list" else model
            records = self.env[of_model].browse(res_ids or ()).exists()
            res_ids = records._filtered_access("read").ids
        return {
            res_id: profile_id
            for res_id, profile_id, _address in self._resolve_rows(model, res_ids)
            if profile_id
        }

    @api.model
    def _resolve_rows(self, model, res_ids, create=True):
        """Who is behind these records, and at which address?

        As ``resolve()``, for any model that a mailing can be sent to.

        :param bool create: False: read only, for previews; who is new has no profile
        :return: rows ``(res_id, profile id or None, address or None)``, by id, of the
            records that exist
        """
        # sudo: a cap counts for people the sender may not see; only ids leave here
        self = self.sudo()
        model = "mailing.contact" if model == "mailing.list" else model
        if model not in self.env or self.env[model]._abstract:
            raise UserError(
                self.env._("%(model)s cannot receive mailings.", model=model)
            )
        self.flush_model()
        Model = self.env[model].sudo().with_context(active_test=False)
        res_ids = sorted(set(res_ids))
        if model in ("res.partner", "mailing.contact"):
            return self._resolve_linked(Model, res_ids, create)
        rows = self._get_addresses(Model, res_ids)
        owners = self._profiles_by_email(
            {email for _id, email in rows if email}, create
        )
        return [(res_id, owners.get(email), email or None) for res_id, email in rows]

    def _resolve_linked(self, Model, res_ids, create):
        """Contacts and mailing contacts know their profile."""
        Model.flush_model(["email_normalized", "profile_id"])
        query = SQL(
            "SELECT id, profile_id, NULLIF(email_normalized, '') FROM %s"
            " WHERE id = ANY(%s) ORDER BY id",
            SQL.identifier(Model._table),
            int_array(res_ids),
        )
        rows = self.env.execute_query(query)
        is_partner = Model._name == "res.partner"
        new = [row for row in rows if not row[1] and (is_partner or row[2])]
        if not new:
            return rows
        if create and is_partner:
            self._ensure_for_partners(Model.browse(row[0] for row in new))
        elif create:
            Model.browse(row[0] for row in new)._relink_profiles()
        if create:
            return self.env.execute_query(query)
        owners = {}
        if not is_partner:
            owners = self._profiles_by_email({row[2] for row in new})
        return [(id_, old or owners.get(email), email) for id_, old, email in rows]

    # ------------------------------------------------------------
    # ADDRESSES OF RECORDS
    # ------------------------------------------------------------

    def _get_addresses(self, Model, res_ids):
        """Rows (res_id, address the mail goes to, or False) of the existing records."""
        partner_fields = Model._mail_get_partner_fields()
        email_fields = self._get_email_fields(Model)
        if not self._recipients_are_columns(Model, partner_fields, email_fields):
            return self._get_addresses_by_composer(Model, res_ids)
        banned = {self.env.ref("base.partner_root").email_normalized}
        email_first = Model._mail_defaults_to_email
        rows = []
        for res_id, partner_email, own_email, text in self.env.execute_query(
            self._sql_addresses(
                Model,
                SQL("target.id = ANY(%s) ORDER BY target.id", int_array(res_ids)),
                partner_fields,
                email_fields,
            )
        ):
            own_email = own_email or _normalize(text)
            if own_email in banned:
                own_email = False
            if email_first:
                # an unusable address of its own is tried, and fails
                rows.append((res_id, own_email if own_email or text else partner_email))
            else:
                rows.append((res_id, partner_email or own_email))
        return rows

    def _get_email_fields(self, Model):
        primary = Model._mail_get_primary_email_field()
        names = dict.fromkeys((primary, *EMAIL_FIELDS))
        return [name for name in names if name in Model._fields]

    def _recipients_are_columns(self, Model, partner_fields, email_fields):
        """Can SQL say where a mail to these records goes?"""
        fields = [Model._fields[name] for name in (*partner_fields, *email_fields)]
        base = self.env.registry["base"]
        return (
            bool(fields)
            and all(f.store and f.type in ("char", "many2one") for f in fields)
            and (
                Model._name in PLAIN_RECIPIENTS
                or all(
                    getattr(type(Model), name) is getattr(base, name)
                    for name in RECIPIENT_METHODS
                )
            )
        )

    def _sql_addresses(self, Model, where, partner_fields, email_fields):
        """Rows (id, first valid address of its contacts, own address, text of one).

        SQL, because the composer's own method reads record by record.

        :param SQL where: which records ``target`` to look at
        """
        Model.flush_model([*partner_fields, *email_fields])
        self.env["res.partner"].flush_model(["email_normalized"])
        own = "email_normalized" in email_fields
        # what email_normalized is made of needs no second look
        covered = {"email_normalized", own and Model._mail_get_primary_email_field()}
        texts = [
            SQL("NULLIF(btrim(target.%s), '')", SQL.identifier(name))
            for name in email_fields
            if name not in covered
        ]
        joins, partner_emails = self._sql_partners(partner_fields)
        return SQL(
            "SELECT target.id, %(partner)s AS partner_email, %(own)s AS own_email,"
            " %(text)s AS own_text FROM %(table)s target %(joins)s WHERE %(where)s",
            partner=_coalesce(partner_emails),
            own=SQL("NULLIF(target.email_normalized, '')") if own else SQL("NULL"),
            text=_coalesce(texts),
            table=SQL.identifier(Model._table),
            joins=joins,
            where=where,
        )

    def _sql_partners(self, partner_fields):
        """Joins to the contacts of a record, and their addresses.

        Public users and Odoo's own robot get no mails.
        """
        public = self.env.ref("base.group_public").with_context(active_test=False)
        robot = self.env.ref("base.partner_root")
        not_mailed = (public.all_user_ids.partner_id + robot).ids
        joins, emails = [], []
        for name in partner_fields:
            alias = SQL.identifier(f"partner_{name}")
            emails.append(SQL("NULLIF(%s.email_normalized, '')", alias))
            joins.append(
                SQL(
                    "LEFT JOIN res_partner %(alias)s ON %(alias)s.id = target.%(name)s"
                    " AND %(alias)s.id != ALL(%(not_mailed)s)",
                    alias=alias,
                    name=SQL.identifier(name),
                    not_mailed=not_mailed,
                )
            )
        return SQL(" ").join(joins), emails

    def _get_addresses_by_composer(self, Model, res_ids):
        """For models whose recipients are computed: ask them, a thousand at a time."""
        rows = []
        for some_ids in split_every(1000, res_ids):
            records = Model.browse(some_ids).exists()
            found = records._message_get_default_recipients()
            Partner = self.env["res.partner"].browse(
                id_ for values in found.values() for id_ in values["partner_ids"]
            )
            for record in records:
                values = found[record.id]
                emails = Partner.browse(values["partner_ids"]).mapped(
                    "email_normalized"
                )
                address = next(filter(None, emails), False)
                rows.append((record.id, address or _normalize(values["email_to"])))
        return rows


def _coalesce(expressions):
    if not expressions:
        return SQL("NULL")
    return SQL("COALESCE(%s)", SQL(", ").join(expressions))


def _normalize(text):
    """As ``email_normalize``, which takes most of a large audience's time."""
    if not text:
        return False
    if single_email_re.match(text):
        return text.lower()
    return email_normalize(text, strict=False)
