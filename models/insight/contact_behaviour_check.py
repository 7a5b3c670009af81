import math

import psycopg2

from odoo import fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models import domain_words
from odoo.addons.mass_mailing_contact_strategy.models.written_domain import MISREAD

from . import signal_path, signal_sql

NOT_UNDERSTOOD = (
    *MISREAD,
    MemoryError,
    OverflowError,
    AssertionError,
    NotImplementedError,
    psycopg2.Error,
)
"""What reading a domain, or asking it, can raise."""
NEEDS_NUMBER = ("sum", "average")
NEEDS_VALUE = (*NEEDS_NUMBER, "distinct")
LARGEST = 1e12
LONGEST = 36500
"""Days: what happened longer ago than a hundred years does not matter."""
MOST = 1000
"""Nobody means more of the last records."""


class ContactBehaviourMixin(models.AbstractModel):
    """A question that cannot be asked is refused when it is saved, with the field's
    name; and so is one that its writer may not ask."""

    _inherit = "contact.behaviour.mixin"

    # ------------------------------------------------------------
    # Who asks
    # ------------------------------------------------------------

    def _check_reader(self):
        """What people did may be asked only by who may read its records.

        Not a constraint: those run with elevated rights.

        :raise AccessError: the user may not read them
        """
        if self.env.su:
            return
        for question in self:
            Model = self.env[question.model_name]
            Model.check_access("read")
            paths = (question.person_path, question.date_path, question.value_path)
            for path in filter(None, paths):
                question._check_path_readable(Model, path)
            for name, domain in zip(
                ("domain", "among_domain"), question._get_domains(), strict=True
            ):
                with question._reading(name):
                    Model.search_count(domain, limit=1)

    def _check_path_readable(self, Model, path):
        for field in signal_path.walk(Model, path):
            Model.check_access("read")
            if not Model._has_field_access(field, "read"):
                raise AccessError(
                    self.env._(
                        "You may not read “%(field)s”.",
                        field=field._description_string(self.env),
                    )
                )
            if field.comodel_name:
                Model = self.env[field.comodel_name]

    # ------------------------------------------------------------
    # What is asked
    # ------------------------------------------------------------

    def _check_behaviour(self):
        """:raise ValidationError: it cannot be asked"""
        self.ensure_one()
        self._check_model()
        self._check_paths()
        self._check_value()
        self._check_comparison()
        self._check_window()
        self._try()

    def _check_model(self):
        Model = self.env.get(self.model_name)
        if Model is None or Model._abstract or Model._transient:
            self._refuse("model_id", self.env._("it keeps no records"))
        for name in ("domain", "among_domain"):
            with self._reading(name):
                domain = (
                    self._get_domain() if name == "domain" else self._get_among_domain()
                )
                domain.validate(Model.sudo())

    def _check_paths(self):
        Model = self.env[self.model_name].sudo()
        with self._reading("person_path"):
            signal_path.person_of(Model, self.person_path)
        with self._reading("date_path"):
            last = signal_path.walk(Model, self.date_path)[-1]
        if last.type not in signal_path.DATES:
            self._refuse("date_path", self.env._("it does not end at a date"))

    def _check_value(self):
        if self.aggregate not in NEEDS_VALUE:
            return
        if not self.value_path:
            self._refuse("value_path", self.env._("this needs a field to look at"))
        Model = self.env[self.model_name].sudo()
        with self._reading("value_path"):
            last = signal_path.walk(Model, self.value_path)[-1]
        if last.type in ("one2many", "many2many", "binary", "properties", "json"):
            self._refuse("value_path", self.env._("it does not end at one value"))
        if self.aggregate in NEEDS_NUMBER and last.type not in signal_path.NUMBERS:
            self._refuse("value_path", self.env._("it does not end at a number"))

    def _check_comparison(self):
        if not self.aggregate or not self.comparison:
            self._refuse("comparison", self.env._("what is compared, and how?"))
        is_time = self.aggregate in ("latest", "earliest", "next")
        for name in ("threshold", "threshold_to"):
            self._check_size(name, LONGEST if is_time else LARGEST)
        if self.comparison == "between" and self.threshold_to < self.threshold:
            self._refuse(
                "threshold_to", self.env._("the second number is the larger one")
            )

    def _check_size(self, name, limit):
        value = self[name]
        if not math.isfinite(value) or abs(value) > limit:
            self._refuse(name, self.env._("it is too large"))

    def _check_window(self):
        days = {"week": 7, "month": 31}.get(self.window_unit, 1)
        if (self.window_value or 0) < 0:
            self._refuse("window_value", self.env._("it is less than nothing"))
        if (self.window_value or 0) * days > LONGEST:
            self._refuse("window_value", self.env._("it is too long"))
        if self.window_value and not self.window_unit:
            self._refuse("window_unit", self.env._("days, weeks or months?"))
        if self.date_from and self.date_to and self.date_to < self.date_from:
            self._refuse("date_to", self.env._("it is before the first day"))
        if not 0 <= (self.last_records or 0) <= MOST:
            self._refuse("last_records", self.env._("at most %s", MOST))

    def _try(self):
        """Let the database read the question, without asking it."""
        self.env.flush_all()
        with self._reading("domain"), self.env.cr.savepoint(flush=False):
            scan = signal_sql.Scan(self, fields.Datetime.now())
            self.env.cr.execute(
                SQL("EXPLAIN %s", self._sql_asked(scan)), log_exceptions=False
            )

    def _sql_asked(self, scan):
        return scan.sql_people()[0]

    # ------------------------------------------------------------
    # Answers in words
    # ------------------------------------------------------------

    def _reading(self, name):
        return _Reading(self, name)

    def _say_fault(self, error):
        """What is wrong with a path or a domain, in words."""
        if isinstance(error, psycopg2.Error):
            return self.env._("the database cannot compare these values")
        if not isinstance(error, signal_path.PathError):
            return self._say_missing_field() or str(error)
        code, name = error.args
        return {
            "unknown": self.env._("there is no field “%s” there", name),
            "several": self.env._("“%s” leads to several records", name),
            "not_stored": self.env._("“%s” is not kept in the database", name),
            "nobody": self.env._(
                "it must end at a contact, a mailing contact, a profile, or a field "
                "with an e-mail address or a phone number"
            ),
        }[code]

    def _say_missing_field(self):
        """Which field one of the domains names that is gone, or None."""
        try:
            Model, domains = self.env[self.model_name].sudo(), self._get_domains()
        except NOT_UNDERSTOOD:
            return None
        said = (domain_words.say_missing(domain, Model) for domain in domains)
        return next(filter(None, said), None)

    def _say_itself(self):
        """Which question it is, at the beginning of a sentence."""
        return self.display_name or ""

    def _refuse(self, name, reason):
        raise ValidationError(
            self.env._(
                "%(question)s, %(field)s: %(reason)s.",
                question=self._say_itself(),
                field=self._fields[name]._description_string(self.env),
                reason=reason,
            )
        )


class _Reading:
    """Say which field cannot be understood.

    :raise ValidationError: instead of what following it raises
    """

    def __init__(self, question, name):
        self.question, self.name = question, name

    def __enter__(self):
        return self

    def __exit__(self, _kind, error, _traceback):
        if isinstance(error, NOT_UNDERSTOOD) and not isinstance(
            error, (ValidationError, AccessError)
        ):
            self.question._refuse(self.name, self.question._say_fault(error))
