"""The segments of a person, on the records that users know."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.identity.contact_profile_people import (  # noqa: E501
    LINKED,
)
from odoo.addons.mass_mailing_contact_strategy.models.sql_arrays import int_array

ADDON = "mass_mailing_contact_strategy"
NAME = "segment_ids"
READERS = f"{ADDON}.{ADDON}_group_user"
FIRST_ADDRESS = r"[^[:space:]<>,;\"]+@[^[:space:]<>,;\"]+"


class ContactFacts(models.AbstractModel):
    """Segments of contacts and mailing contacts: searched as those of the profile.

    Not a related field: that one would quietly turn "not in a segment that cannot be
    asked" into everybody.
    """

    _inherit = "contact.facts.mixin"

    segment_ids = fields.Many2many(
        "contact.segment",
        compute="_compute_segment_ids",
        search="_search_segment_ids",
        string="Segments",
        groups=READERS,
    )

    @api.depends("profile_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_segment_ids(self):
        """As the other facts: whoever sees the contact sees them."""
        _set_segments(self, {record: record.sudo().profile_id for record in self})

    @api.model
    def _search_segment_ids(self, operator, value):
        """Records of people in segments, or in none of some."""
        return _search(self, operator, value)


class ContactSegment(models.Model):
    """Segments of whatever else mailings are sent to: leads, registrations, orders ...

    Their models belong to other apps, which may or may not be installed. So the field
    is added when the models are put together: to each that mailings can be sent to,
    unless an app has a field of this name. Whose a record is, is said as everywhere by
    the address that a mailing to it would go to.
    """

    _inherit = "contact.segment"

    def _post_model_setup__(self):
        """Called whenever the models are put together."""
        res = super()._post_model_setup__()
        for model_class in self.env.registry.values():
            if (
                getattr(model_class, "_mailing_enabled", False)
                and not model_class._abstract
                and model_class._name != "mailing.list"  # means its contacts
                and NAME not in model_class._fields
            ):
                _add_field(model_class, model_class(self.env, (), ()))
        return res

    @api.model
    def _get_records_domain(self, Model, people):
        """Records whose person is meant, as a domain on their model.

        Elevated: whose a record is does not depend on who asks. Which records somebody
        may see does, and is said by their own rules.

        :param Model: a model that mailings can be sent to
        :param Domain people: on contact.profile
        """
        if people.is_false():
            return people
        if Model._name in LINKED:
            return Domain("profile_id", "any!", people)

        def to_sql(model, alias, _query):
            """SQL: whose a record is, is said by its address, and not by a path."""
            return SQL(
                "%s IN (%s)", SQL.identifier(alias, "id"), _sql_records(model, people)
            )

        return Domain.custom(to_sql=to_sql)


def _add_field(model_class, model):
    """As ``fields.Many2many`` in a class of the model would."""
    field = fields.Many2many(
        "contact.segment",
        compute=_compute_of_records,
        search=_search,
        string="Segments",
        groups=READERS,
    )
    field._toplevel = True
    field._module = ADDON
    setattr(model_class, NAME, field)
    field.__set_name__(model_class, NAME)
    model_class._fields__[NAME] = field
    field.prepare_setup()
    field.setup(model)


def _search(model, operator, value):
    """For ``search`` of a field: records of people in segments, or in none of some."""
    Segment = model.env["contact.segment"]
    negative = {"not in": "in", "not any": "any", "not any!": "any!"}
    people = Segment._search_people(operator, value)
    if people is NotImplemented:
        return people
    if operator not in negative:
        records = Segment._get_records_domain(model, people)
        if operator == "in" and False in value:
            # Nobody is behind a record without an address, or whom nobody knows.
            records |= ~Segment._get_records_domain(model, Domain.TRUE)
        return records
    # Who is nobody is in no segment.
    return ~_search(model, negative[operator], value)


def _compute_of_records(records):
    """For ``compute`` of a field: by the addresses that mailings would go to."""
    Profile = records.env["contact.profile"]
    rows = Profile._resolve_rows(records._name, records._origin.ids, create=False)
    owners = {res_id: profile_id for res_id, profile_id, _address in rows}
    _set_segments(
        records,
        {
            record: Profile.sudo().browse(owners.get(record._origin.id) or ())
            for record in records
        },
    )


def _set_segments(records, profiles):
    """Those of their people's segments that the reader may see.

    :param dict profiles: {record: profile, elevated}
    """
    Segment = records.env["contact.segment"]
    visible = set(Segment.search([])._ids) if Segment.has_access("read") else ()
    everybody = records.env["contact.profile"].sudo()
    everybody = everybody.concat(*profiles.values())
    for record, profile in profiles.items():
        segments = profile.with_prefetch(everybody._ids).segment_ids
        record[NAME] = Segment.browse([id_ for id_ in segments._ids if id_ in visible])


def _sql_records(Model, people):
    """Ids of the records that mailings would send to these people's addresses."""
    env = Model.env
    Profile = env["contact.profile"].sudo().with_context(active_test=False)
    Model = env[Model._name].sudo().with_context(active_test=False)
    Profile.flush_model()
    wanted = Profile._search(people).select()
    names = Model._mail_get_partner_fields(), Profile._get_email_fields(Model)
    if not Profile._recipients_are_columns(Model, *names):
        return _sql_resolved(Model, wanted)
    owners = SQL(
        "profile.email_normalized IN ("
        "SELECT email_normalized FROM contact_profile WHERE id IN (%s))",
        wanted,
    )
    own_first = SQL(
        "CASE WHEN own IS NOT NULL OR own_text IS NOT NULL THEN own"
        " ELSE partner_email END"
    )
    partner_first = SQL("COALESCE(partner_email, own)")
    return SQL(
        """
        SELECT record.id
          FROM (SELECT id, %(address)s AS address
                  FROM (SELECT found.*, %(own)s AS own FROM (%(found)s) found) found
               ) record
          JOIN (%(owners)s) owner ON owner.email_normalized = record.address
         WHERE owner.id IN (%(wanted)s)
        """,
        address=own_first if Model._mail_defaults_to_email else partner_first,
        own=_sql_own_address(env),
        found=Profile._sql_addresses(Model, SQL("TRUE"), *names),
        owners=Profile._sql_owners(owners),
        wanted=wanted,
    )


def _sql_resolved(Model, wanted):
    """The same for models whose recipients are computed: all are asked, as sending
    does. Models of this kind are few, and small."""
    rows = Model.env["contact.profile"]._resolve_rows(
        Model._name, Model.search([]).ids, create=False
    )
    known = [
        (res_id, profile_id) for res_id, profile_id, _address in rows if profile_id
    ]
    return SQL(
        "SELECT record.id FROM unnest(%s, %s) AS record (id, profile_id)"
        " WHERE record.profile_id IN (%s)",
        int_array(res_id for res_id, _profile_id in known),
        int_array(profile_id for _res_id, profile_id in known),
        wanted,
    )


def _sql_own_address(env):
    """The record's own address: kept, or the first one in a text; not the robot's."""
    return SQL(
        "NULLIF(COALESCE(own_email, lower(COALESCE("
        "substring(own_text::text FROM %s), substring(own_text::text FROM %s)))), %s)",
        f"<({FIRST_ADDRESS})>",
        FIRST_ADDRESS,
        env.ref("base.partner_root").email_normalized or "",
    )
