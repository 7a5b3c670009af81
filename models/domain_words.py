"""Domains in words, with the labels of fields, as far as that can be done briefly."""

import re

from odoo.exceptions import AccessError, MissingError
from odoo.fields import Domain
from odoo.tools.misc import format_date, format_datetime

from .domain_paths import find_missing

MOST = 3
"""So many conditions are said, and so many values of one."""
_TERM = re.compile(r"([+-])(\d+)([dwmy])$")


def say(domain, model, clock=None):
    """The domain in words, or None where it would be too long, or is misread.

    :param Domain domain: on ``model``
    :param clock: ``core.moments.Clock``: dates that move with the day are said as the
        days that they are
    :rtype: str | None
    """
    conditions = list(domain.iter_conditions())
    whole = Domain.AND(conditions)
    separator = model.env._(" and ")
    if list(whole) != list(domain):
        whole, separator = Domain.OR(conditions), model.env._(" or ")
    if not 0 < len(conditions) <= MOST or list(whole) != list(domain):
        return None
    try:
        said = [_say_one(condition, model, clock) for condition in conditions]
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return None if None in said else separator.join(said)


def label_of(model, path):
    """“City of Contact”: the labels of a path, the last first.

    :raise KeyError: there is no such field
    """
    labels = []
    for name in path.split("."):
        field = model._fields[name]
        labels.append(field._description_string(model.env))
        if field.comodel_name:
            model = model.env[field.comodel_name]
    text = labels.pop()
    if labels:
        text = model.env._("%(field)s of %(record)s", field=text, record=labels[-1])
    return text


def say_missing(domain, model):
    """Which field the domain names that is gone, or None. Its label went with it, so
    the record that it was on is said in words.

    :param Domain domain: on ``model``; one that cannot be read says nothing
    :param model: the model it is about
    :rtype: str | None
    """
    try:
        missing = find_missing(domain, model)
    except (KeyError, TypeError, ValueError):
        return None
    if not missing:
        return None
    Model, name = missing
    return model.env._(
        "there is no field “%(field)s” on “%(record)s”; perhaps its app was "
        "uninstalled. Choose another field",
        field=name,
        record=model.env["ir.model"]._get(Model._name).name,
    )


def _say_one(condition, model, clock):
    env, operator, value = model.env, condition.operator, condition.value
    field = _last_field(model, condition.field_expr)
    label = label_of(model, condition.field_expr)
    is_not = operator in Domain.NEGATIVE_OPERATORS or operator == "!="
    is_set = field.type == "boolean" and value in (True, False)
    if operator in ("=", "!=", "in", "not in") and is_set:
        wanted = bool(value) != is_not
        return label if wanted else env._("not %s", label)
    if operator in ("=", "!=") and value is False:
        return env._("%s is set", label) if is_not else env._("%s is not set", label)
    shown = _say_values(field, value, env, clock)
    if shown is None:
        return None
    terms = {"field": label, "value": shown}
    if field.type in ("date", "datetime") and operator[0] in "<>":
        return _compare_moments(env, terms)[operator]
    return _compare_values(env, terms).get(operator)


def _compare_moments(env, terms):
    return {
        "<": env._("%(field)s before %(value)s", **terms),
        "<=": env._("%(field)s until %(value)s", **terms),
        ">": env._("%(field)s after %(value)s", **terms),
        ">=": env._("%(field)s since %(value)s", **terms),
    }


def _compare_values(env, terms):
    is_one = env._("%(field)s is %(value)s", **terms)
    is_none = env._("%(field)s is not %(value)s", **terms)
    contains = env._("%(field)s contains %(value)s", **terms)
    contains_not = env._("%(field)s does not contain %(value)s", **terms)
    return {
        "=": is_one,
        "in": is_one,
        "!=": is_none,
        "not in": is_none,
        "ilike": contains,
        "like": contains,
        "not ilike": contains_not,
        "not like": contains_not,
        "<": env._("%(field)s less than %(value)s", **terms),
        "<=": env._("%(field)s at most %(value)s", **terms),
        ">": env._("%(field)s more than %(value)s", **terms),
        ">=": env._("%(field)s at least %(value)s", **terms),
    }


def _last_field(model, path):
    *steps, last = path.split(".")
    for name in steps:
        model = model.env[model._fields[name].comodel_name]
    return model._fields[last]


def _say_values(field, value, env, clock):
    is_one = isinstance(value, (str, bool)) or not hasattr(value, "__iter__")
    values = [value] if is_one else list(value)
    if not 0 < len(values) <= MOST:
        return None
    said = [_say_value(field, one, env, clock) for one in values]
    return None if None in said else env._(" or ").join(said)


def _say_value(field, value, env, clock):
    if value is False or value is None:
        return env._("nothing")
    if field.type in ("date", "datetime"):
        return _say_moment(value, env, clock)
    if field.type == "selection":
        return dict(field._description_selection(env)).get(value, str(value))
    if field.relational and isinstance(value, int):
        return _say_record(env[field.comodel_name].browse(value))
    if isinstance(value, (int, float)):
        return f"{value:g}"
    return f"“{value}”" if isinstance(value, str) else None


def _say_record(record):
    try:
        return record.display_name
    except (AccessError, MissingError):
        return None


def _say_moment(value, env, clock):
    if not isinstance(value, str):
        return format_date(env, value)
    if clock:
        return say_moment(env, clock.parse(value), clock)
    if re.match(r"\d+-", value):
        return format_date(env, value[:10])
    return _say_terms(value, env)


def say_moment(env, moment, clock):
    """A day, or a moment (naive UTC) as the clock shows it.

    :rtype: str
    """
    if hasattr(moment, "hour"):
        return format_datetime(
            env, moment, tz=clock.zone.tz.key, dt_format="d MMM y HH:mm"
        )
    return format_date(env, moment)


def _say_terms(value, env):
    """“7 days ago”; what is not so simple stays as it was written."""
    terms = [term for term in value.split() if term not in ("today", "now")]
    if not terms:
        return env._("today") if "today" in value else env._("now")
    found = _TERM.match(terms[0])
    if len(terms) > 1 or not found:
        return value
    sign, number, unit = found.groups()
    length = {
        "d": env._("%s days", number),
        "w": env._("%s weeks", number),
        "m": env._("%s months", number),
        "y": env._("%s years", number),
    }[unit]
    return env._("%s ago", length) if sign == "-" else env._("in %s", length)
