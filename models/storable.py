from collections.abc import Mapping
from functools import partial

from odoo import api, models
from odoo.exceptions import MissingError, UserError, ValidationError

from odoo.addons.mass_mailing_contact_strategy.core import storable

FAULTS = {
    "integer": partial(storable.fault_of_number, is_whole=True),
    "float": storable.fault_of_number,
    "monetary": storable.fault_of_number,
    "char": storable.fault_of_text,
    "text": storable.fault_of_text,
    "html": storable.fault_of_text,
    "selection": storable.fault_of_key,
    "binary": storable.fault_of_text,
    "date": storable.fault_of_moment,
    "datetime": storable.fault_of_moment,
    "json": storable.fault_of_json,
    "many2one": storable.fault_of_id,
    "many2one_reference": storable.fault_of_id,
    "one2many": storable.fault_of_ids,
    "many2many": storable.fault_of_ids,
}
KEYS = {"code", "address", "res_model", "email_normalized"}
"""Texts that an index declared with the model is about."""
PLAIN = (bool, int, float, str, list, dict)
CONVERTED = {"selection", "date", "datetime"}
"""Of these Odoo knows best what can be meant."""


def check_storable(model, vals, names=None):
    """Refuse in words what the database cannot hold, or Odoo would misread.

    :param model: model that the values are for
    :param dict vals: as given to create() or write()
    :param names: look at these fields only
    :raise UserError: the values are no dict
    :raise ValidationError: a value cannot be kept
    """
    if not isinstance(vals, Mapping):
        raise UserError(model.env._("Values are given by the names of their fields."))
    for name, value in vals.items():
        field = model._fields.get(name)
        if not field or (names is not None and name not in names):
            continue
        if isinstance(value, models.BaseModel) or field.type not in FAULTS:
            continue  # the ORM's own
        if field.type == "many2one" and not isinstance(value, PLAIN):
            continue
        find_fault = FAULTS[field.type]
        if field.type == "char" and (field.index or name in KEYS):
            find_fault = storable.fault_of_key
        if fault := find_fault(value):
            raise ValidationError(_say_fault(model, field, value, fault))
        if field.type in CONVERTED and value:
            _check_conversion(model, field, value)


def _check_conversion(model, field, value):
    try:
        field.convert_to_cache(value, model.browse())
    except (TypeError, ValueError) as error:
        fault = storable.NOT_UNDERSTOOD
        raise ValidationError(_say_fault(model, field, value, fault)) from error


def _say_fault(model, field, value, fault):
    label = field._description_string(model.env)
    said = {"field": label, "value": storable.shown(value)}
    if fault == storable.TOO_LARGE:
        return model.env._("“%(field)s”: %(value)s is too large.", **said)
    return model.env._("“%(field)s” cannot be “%(value)s”.", **said)


class ContactStorable(models.AbstractModel):
    """Whatever a program sends gets an answer in words.

    Odoo hands a number of five bytes or a text with a null byte to the database, whose
    error names tables and columns and says nothing to whoever sent it.
    """

    _name = "contact.storable.mixin"
    _description = "Refuses What Cannot Be Kept"

    @api.model_create_multi
    def create(self, vals_list):
        """Refuse what cannot be kept, see ``check_storable``."""
        self._check_storable(*vals_list)
        return super().create(vals_list)

    def write(self, vals):
        """Refuse what cannot be kept, see ``check_storable``."""
        self._check_storable(vals)
        return super().write(vals)

    @api.model
    def _check_storable(self, *vals_list):
        """For overrides that look at the values before they pass them on."""
        for vals in vals_list:
            check_storable(self, vals)

    def _check_access(self, operation):
        """There is no record whose id no column can hold."""
        # The id of a new record is false, and of no plain type.
        if any(id_ and storable.fault_of_id(id_) for id_ in self._ids):
            return self, lambda: MissingError(
                self.env._("These records do not exist: there are no such ids.")
            )
        return super()._check_access(operation)
