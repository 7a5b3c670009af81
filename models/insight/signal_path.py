"""Where a path of fields leads, as the form checks it and as SQL follows it."""

from dataclasses import dataclass

from odoo.fields import Domain

PEOPLE = ("contact.profile", "res.partner", "mailing.contact")
"""Models whose records are people."""
NUMBERS = ("integer", "float", "monetary")
DATES = ("date", "datetime")
EMAIL_NAMES = ("email", "mail")
PHONE_NAMES = ("phone", "mobile")
COLUMNS = {
    "profile": "id",
    "partner": "partner_id",
    "email": "email_normalized",
    "phone": "phone_sanitized",
}
"""By which column of the profile a person is found, by the kind of key."""
TOO_LONG = 8


class PathError(ValueError):
    """A path that cannot be followed; ``args``: a code, and the name it is about."""


def walk(model, path):
    """The fields of a dotted path.

    :param model: where it starts
    :param str path: such as ``order_id.partner_id``
    :return: list of fields
    :raise PathError: ``unknown``, ``several`` or ``not_stored``, with a field's name
    """
    fields = []
    names = (path or "").split(".")
    if len(names) > TOO_LONG:
        raise PathError("unknown", path)
    for position, name in enumerate(names):
        field = model._fields.get(name)
        if field is None:
            raise PathError("unknown", name)
        if position < len(names) - 1:
            if field.type in ("one2many", "many2many"):
                raise PathError("several", name)
            if field.type != "many2one":
                raise PathError("unknown", names[position + 1])
        if not _is_column(model, field):
            raise PathError("not_stored", name)
        fields.append(field)
        if field.type == "many2one":
            model = model.env[field.comodel_name]
    return fields


def _is_column(model, field):
    """Can SQL read it: a column, or a column of a record that it is related to?"""
    if field.store:
        return bool(field.column_type) or field.type in ("one2many", "many2many")
    if not field.related:
        return False
    try:
        *steps, last = walk(model, field.related)
    except PathError:
        return False
    return all(step.type == "many2one" for step in steps) and bool(last.column_type)


@dataclass(frozen=True)
class Person:
    """How a record says whose it is.

    ``kind``: ``profile`` (the key is a profile), ``partner`` (a contact, which owns one
    profile), ``email`` or ``phone`` (text that a profile has).
    """

    kind: str
    path: str

    @property
    def column(self):
        """Name of the profile's column that has the key."""
        return COLUMNS[self.kind]


def person_of(model, path):
    """Where the path to the person ends.

    :rtype: Person
    :raise PathError: also ``nobody``: it does not end at a person
    """
    fields = walk(model, path)
    last = fields[-1]
    if last.type in ("one2many", "many2many"):
        raise PathError("several", last.name)
    if path == "id":
        return _person_of_model(model._name, "")
    if last.type == "many2one":
        return _person_of_model(last.comodel_name, f"{path}.")
    if last.type == "char":
        for kind, names in (("email", EMAIL_NAMES), ("phone", PHONE_NAMES)):
            if any(name in last.name for name in names):
                return Person(kind, path)
    raise PathError("nobody", path)


def _person_of_model(model_name, prefix):
    if model_name not in PEOPLE:
        raise PathError("nobody", model_name)
    own_id = prefix[:-1] or "id"
    return {
        "contact.profile": Person("profile", own_id),
        "res.partner": Person("partner", own_id),
        # several of them may be one person
        "mailing.contact": Person("profile", f"{prefix}profile_id"),
    }[model_name]


def to_sql(model, alias, path, query):
    """The value at the end of a path, with the joins it needs.

    :param model: elevated
    :param query: gets the joins
    :rtype: SQL
    """
    *steps, last = path.split(".")
    for name in steps:
        model, alias = model._fields[name].join(model, alias, query)
    return model._field_to_sql(alias, last, query)


def steps_of(paths, domains):
    """The records beside a fact that decide about it: many2one prefixes of paths.

    :param paths: dotted paths
    :param domains: domains on the same model
    :return: set of dotted prefixes
    """
    paths = [
        *paths,
        *(
            condition.field_expr
            for domain in domains
            for condition in domain.iter_conditions()
        ),
    ]
    prefixes = set()
    for path in paths:
        names = path.split(".")
        prefixes.update(".".join(names[:end]) for end in range(1, len(names)))
    return prefixes


def follow(model, alias, prefix, query):
    """Join to the end of a prefix: (model, alias), or None where it has many ends."""
    for name in prefix.split("."):
        field = model._fields.get(name)
        if not field or field.type != "many2one" or not _is_column(model, field):
            return None
        model, alias = field.join(model, alias, query)
    return model, alias


def is_moving(domain):
    """Does a domain name dates that move with the day, such as ``-7d``?"""
    return any(
        isinstance(value, str) and _is_relative(value)
        for condition in Domain(domain).iter_conditions()
        for value in _values(condition.value)
    )


def _values(value):
    return value if isinstance(value, (list, tuple, set)) else (value,)


def _is_relative(text):
    first = text.strip().split(" ")[0]
    return first in ("today", "now") or (
        first[:1] in "+-=" and first[-1:].isalpha() and any(map(str.isdigit, first))
    )
