"""Where the conditions of a domain lead."""

from odoo.fields import Domain

NESTED = {"any", "not any", "any!", "not any!"}
"""Operators whose value is a domain."""


def passes_through(domain, model, is_meant):
    """Does a path of the domain pass through a field or model that is meant?

    :param Domain domain: on ``model``
    :param model: the model it is about
    :param is_meant: called with the name of a model reached (or None), and of the field
    """
    for condition in domain.iter_conditions():
        comodel = model
        for name in condition.field_expr.split("."):
            field = comodel._fields.get(name)
            if not field:
                break
            if is_meant(field.comodel_name, name):
                return True
            if not field.comodel_name:
                break
            comodel = model.env[field.comodel_name]
        if condition.operator in NESTED and passes_through(
            Domain(condition.value), comodel, is_meant
        ):
            return True
    return False


def find_missing(domain, model):
    """The first field that a domain names and that is not there.

    :param Domain domain: on ``model``
    :param model: the model it is about
    :return: (model that has no such field, its name), or None
    """
    for condition in domain.iter_conditions():
        comodel = model
        for name in condition.field_expr.split("."):
            field = comodel._fields.get(name)
            if field is None:
                return comodel, name
            if not field.comodel_name:
                break  # part of a date, or a property
            comodel = model.env[field.comodel_name]
        if condition.operator in NESTED and field.comodel_name:
            missing = find_missing(Domain(condition.value), comodel)
            if missing:
                return missing
    return None
