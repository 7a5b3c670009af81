"""What domains that people write mean: negations, dates that move, texts.

Odoo's own answer depends on who asks (time zone), on the database (accents), and
leaves those without a record out of a negation about it. Here each has one meaning.
"""

import re
import unicodedata
from datetime import date, datetime, timedelta

from odoo.fields import Domain
from odoo.tools import SQL

from .domain_paths import NESTED

ORDERED = ("<", ">", "<=", ">=")
EQUAL = {"=": "in", "in": "in", "!=": "not in", "not in": "not in"}
COMPARED = (*ORDERED, *EQUAL)
DAY = timedelta(days=1)
_MARKS = re.compile("[\u0300-\u036f]")


def understand(domain, model, clock):
    """The domain with real dates, where people without a value are in negations.

    :param Domain domain: as written
    :param model: what it is about
    :param clock: ``core.moments.Clock``: when is "today", and where
    :rtype: Domain
    :raise ValueError: a field or a date cannot be understood
    """
    return domain.map_conditions(lambda one: _understand_one(one, model, clock))


def to_sql(domain, model, alias, query):
    """The domain as SQL. "Contains" knows neither case nor accents, also where the
    database has no function for them.

    :param Domain domain: see ``understand``
    :param model: what it is about
    :param str alias: of its table in the statement
    :param query: gets the joins
    :rtype: SQL
    """
    domain = domain.optimize_full(model)
    if not model.env.registry.has_unaccent:
        domain = _without_accents(domain, model).optimize_full(model)
    return domain._to_sql(model, alias, query)


# ------------------------------------------------------------
# Negation
# ------------------------------------------------------------


def _understand_one(condition, model, clock):
    name, operator, value = condition.field_expr, condition.operator, condition.value
    if operator in NESTED:
        comodel = _end_of(model, name)[0]
        inner = understand(Domain(value), comodel, clock)
        if operator.startswith("not "):
            return ~Domain(name, operator.removeprefix("not "), inner)
        return Domain(name, operator, inner)
    is_path = "." in name and _end_of(model, name.rpartition(".")[0])[0] is not None
    if not is_path:
        return _date_of(condition, model, clock)
    if operator in Domain.NEGATIVE_OPERATORS or operator == "!=":
        positive = Domain(name, _positive(operator), value)
        return ~_understand_one(positive, model, clock)
    if operator in EQUAL and (rest := _without_nothing(value)) is not None:
        nothing = ~Domain(name, "not in", [False])
        return nothing | _date_of(Domain(name, "in", rest), model, clock)
    return _date_of(condition, model, clock)


def _positive(operator):
    return "=" if operator == "!=" else Domain.NEGATIVE_OPERATORS[operator]


def _without_nothing(value):
    """The other values where "nothing" is one of them; else None.

    Zero is equal to False, and yet a value.
    """
    is_one = isinstance(value, str) or not hasattr(value, "__iter__")
    values = [value] if is_one else list(value)
    if not any(one is False or one is None for one in values):
        return None
    return [one for one in values if one is not False and one is not None]


def _end_of(model, path):
    """(the model a path leads to, the last field); None where it leads to none."""
    field = None
    for name in path.split("."):
        field = model._fields.get(name) if model is not None else None
        if field is None:
            return None, None
        model = model.env.get(field.comodel_name) if field.comodel_name else None
    return model, field


# ------------------------------------------------------------
# Dates
# ------------------------------------------------------------


def _date_of(condition, model, clock):
    """A condition on a date, with a real one."""
    _model, field = _end_of(model, condition.field_expr)
    operator, value = condition.operator, condition.value
    if field is None or field.type not in ("date", "datetime"):
        return condition
    if operator not in COMPARED or value is False or value is None:
        return condition
    if operator in ORDERED:
        moment = _moment(value, clock)
        if field.type == "date":
            return Domain(condition.field_expr, operator, _as_day(moment, clock))
        return _compare_moment(condition.field_expr, operator, moment, clock)
    values = value if not isinstance(value, (str, date)) else [value]
    found = Domain.OR(
        _equals(condition.field_expr, field, one, clock) for one in values
    )
    return ~found if EQUAL[operator] == "not in" else found


def _equals(name, field, value, clock):
    if value is False or value is None:
        return Domain(name, "=", False)
    moment = _moment(value, clock)
    if field.type == "date":
        return Domain(name, "=", _as_day(moment, clock))
    if isinstance(moment, datetime):
        return Domain(name, "=", moment)
    # a path to many must find both in one record
    return _both(name, clock.start_of(moment), clock.start_of(moment + DAY))


def _both(name, first, end):
    path, _dot, last = name.rpartition(".")
    inside = Domain(last, ">=", first) & Domain(last, "<", end)
    for step in reversed(path.split(".") if path else []):
        inside = Domain(step, "any", inside)
    return inside


def _compare_moment(name, operator, moment, clock):
    """A day is a span: after it is from the next one on."""
    if not isinstance(moment, datetime):
        if operator in (">", "<="):
            moment += DAY
        operator = {">": ">=", "<=": "<"}.get(operator, operator)
        moment = clock.start_of(moment)
    return Domain(name, operator, moment)


def _moment(value, clock):
    return clock.parse(value) if isinstance(value, str) else value


def _as_day(moment, clock):
    return clock.day_of(moment) if isinstance(moment, datetime) else moment


# ------------------------------------------------------------
# Texts
# ------------------------------------------------------------


def fold(text):
    """Without accents, as ``_sql_fold`` does it.

    >>> fold("Ærø, Škoda")
    'Ærø, Skoda'
    """
    return _MARKS.sub("", unicodedata.normalize("NFKD", text))


def _sql_fold(value):
    return SQL(
        "regexp_replace(normalize(%s, NFKD), %s, '', 'g')", value, _MARKS.pattern
    )


def _without_accents(domain, model):
    """Replace "contains" in a domain that is optimised."""
    return domain.map_conditions(lambda one: _fold_one(one, model))


def _fold_one(condition, model):
    name, operator, value = condition.field_expr, condition.operator, condition.value
    field = model._fields.get(name)
    if operator in NESTED and isinstance(value, Domain) and field.comodel_name:
        inner = _without_accents(value, model.env[field.comodel_name])
        return Domain(name, operator, inner)
    if not operator.endswith("ilike") or field is None or not field.column_type:
        return condition
    if operator.startswith("not "):
        return ~_contains(name, operator.removeprefix("not "), value)
    return _contains(name, operator, value)


def _contains(name, operator, value):
    pattern = fold(str(value))
    if operator == "ilike":
        pattern = f"%{pattern}%"

    def contains(model, alias, query):
        # who may not read the field may not ask for it either
        model._check_field_access(model._fields[name], "read")
        column = SQL("(%s)::text", model._field_to_sql(alias, name, query))
        return SQL("%s ILIKE %s", _sql_fold(column), pattern)

    return Domain.custom(to_sql=contains)
