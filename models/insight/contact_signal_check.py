import ast
import math

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from . import signal_path, signal_sql

NOT_UNDERSTOOD = (
    AttributeError,
    KeyError,
    MemoryError,
    OverflowError,
    RecursionError,
    SyntaxError,
    TypeError,
    ValueError,
    AssertionError,
    NotImplementedError,
    psycopg2.Error,
)
"""What reading a domain, or asking it, can raise."""
TARGETS = {"tag": "tag_id", "persona": "persona_id", "stage": "stage_id"}
NEEDS_NUMBER = ("sum", "average")
NEEDS_VALUE = (*NEEDS_NUMBER, "distinct")
LARGEST = 1e12
LONGEST = 36500
"""Days: what happened longer ago than a hundred years does not matter."""
DEFINITION = {
    *("model_id", "domain", "person_path", "date_path", "window_value", "window_unit"),
    *("aggregate", "value_path", "comparison", "threshold", "threshold_to", "effect"),
    "active",
}
"""What says of whom a signal is true: all people are asked anew when it changes."""
OF_TAGS = {"tag_id", "tag_kind", "source", "confidence", "life_days"}


class ContactSignal(models.Model):
    """A signal that cannot work is refused when it is saved, with the field's name."""

    _inherit = "contact.signal"

    _window_positive = models.Constraint(
        "CHECK (window_value IS NULL OR window_value >= 0)",
        "A window is not shorter than nothing.",
    )
    _confidence_share = models.Constraint(
        "CHECK (confidence >= 0 AND confidence <= 1)",
        "Confidence lies between 0 and 1.",
    )
    _life_positive = models.Constraint(
        "CHECK (life_days IS NULL OR life_days >= 0)",
        "A tag cannot last less than no days.",
    )

    def _get_domain(self) -> Domain:
        """The records the signal is about."""
        self.ensure_one()
        return Domain(ast.literal_eval(self.domain or "[]"))

    def _get_fact_domain(self) -> Domain:
        """As Odoo itself would search: what is archived only where it is named."""
        domain = self._get_domain()
        active = self.env[self.model_name]._active_name
        named = (condition.field_expr for condition in domain.iter_conditions())
        if active and active not in named:
            domain &= Domain(active, "=", True)
        return domain

    # ------------------------------------------------------------
    # Who writes
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """See ``_check_reader``; a signal that is switched on is soon looked at."""
        signals = super().create(vals_list)
        signals._check_reader()
        signals._look_soon()
        return signals

    def write(self, vals):
        """Whoever changes what a signal says has it looked at anew."""
        changed = not DEFINITION.isdisjoint(vals)
        if changed:
            vals = {"evaluated_date": False, "error": False, **vals}
        res = super().write(vals)
        if changed:
            self._check_reader()
            self._forget()
            self._look_soon()
        elif not OF_TAGS.isdisjoint(vals):
            self._derive_tags()
        return res

    def unlink(self):
        """What only these signals kept is kept no more."""
        self.sudo().hit_ids.unlink()
        self.sudo().filtered("life_days").write({"life_days": 0})
        self._derive_tags()
        return super().unlink()

    def _forget(self):
        """Who is switched off, or reads another model, says nothing."""
        # Elevated: hits are written by signals alone.
        hits = self.sudo().filtered(lambda signal: not signal.active).hit_ids
        people = hits.profile_id
        if hits:
            hits.unlink()
            self._after_hits(set(people.ids))

    def _look_soon(self):
        cron = self.env.ref(
            "mass_mailing_contact_strategy.ir_cron_signal_evaluate", False
        )
        if cron and any(self.mapped("active")):
            # Elevated: the jobs are not the user's, this wish is.
            cron.sudo()._trigger()

    def _check_reader(self):
        """Whom a signal is true of may be asked only by who may read its records.

        Not a constraint: those run with elevated rights.

        :raise AccessError: the user may not read them
        """
        if self.env.su:
            return
        for signal in self:
            Model = self.env[signal.model_name]
            Model.check_access("read")
            paths = (signal.person_path, signal.date_path, signal.value_path or "id")
            for path in paths:
                signal._check_path_readable(Model, path)
            with signal._reading("domain"):
                Model.search_count(signal._get_domain(), limit=1)

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
    # What is written
    # ------------------------------------------------------------

    @api.constrains(*DEFINITION - {"active"}, *OF_TAGS, "persona_id", "stage_id")
    def _check_definition(self):
        for signal in self:
            signal._check_model()
            signal._check_paths()
            signal._check_numbers()
            signal._check_effect()
            signal._try()

    def _check_model(self):
        Model = self.env.get(self.model_name)
        if Model is None or Model._abstract or Model._transient:
            self._refuse("model_id", self.env._("it keeps no records"))
        with self._reading("domain"):
            self._get_domain().validate(Model.sudo())

    def _check_paths(self):
        Model = self.env[self.model_name].sudo()
        with self._reading("person_path"):
            signal_path.person_of(Model, self.person_path)
        with self._reading("date_path"):
            last = signal_path.walk(Model, self.date_path)[-1]
        if last.type not in signal_path.DATES:
            self._refuse("date_path", self.env._("it does not end at a date"))
        if self.aggregate not in NEEDS_VALUE:
            return
        if not self.value_path:
            self._refuse("value_path", self.env._("this needs a field to look at"))
        with self._reading("value_path"):
            last = signal_path.walk(Model, self.value_path)[-1]
        if last.type in ("one2many", "many2many", "binary", "properties", "json"):
            self._refuse("value_path", self.env._("it does not end at one value"))
        if self.aggregate in NEEDS_NUMBER and last.type not in signal_path.NUMBERS:
            self._refuse("value_path", self.env._("it does not end at a number"))

    def _check_numbers(self):
        is_time = self.aggregate in ("latest", "earliest", "next")
        largest = LONGEST if is_time else LARGEST
        for name in ("threshold", "threshold_to", "points"):
            value = self[name]
            limit = LARGEST if name == "points" else largest
            if not math.isfinite(value) or abs(value) > limit:
                self._refuse(name, self.env._("it is too large"))
        days = {"week": 7, "month": 31}.get(self.window_unit, 1)
        if (self.window_value or 0) * days > LONGEST:
            self._refuse("window_value", self.env._("it is too long"))
        if self.window_value and not self.window_unit:
            self._refuse("window_unit", self.env._("days, weeks or months?"))
        if (self.life_days or 0) > LONGEST:
            self._refuse("life_days", self.env._("it is too long"))
        if self.comparison == "between" and self.threshold_to < self.threshold:
            self._refuse(
                "threshold_to", self.env._("the second number is the larger one")
            )

    def _check_effect(self):
        name = TARGETS.get(self.effect)
        if name and not self[name]:
            self._refuse(name, self.env._("what shall follow from the signal?"))
        if self.effect == "tag" and not self.tag_kind:
            self._refuse("tag_kind", self.env._("said or concluded?"))

    def _try(self):
        """Let the database read the question, without asking it."""
        self.env.flush_all()
        with self._reading("domain"), self.env.cr.savepoint(flush=False):
            scan = signal_sql.Scan(self, fields.Datetime.now())
            self.env.cr.execute(
                SQL("EXPLAIN %s", scan.sql_hits()), log_exceptions=False
            )

    def _reading(self, name):
        return _Reading(self, name)

    def _say_fault(self, error):
        """What is wrong with a path or a domain, in words."""
        if isinstance(error, psycopg2.Error):
            return self.env._("the database cannot compare these values")
        if not isinstance(error, signal_path.PathError):
            return str(error)
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

    def _refuse(self, name, reason):
        raise ValidationError(
            self.env._(
                "Signal “%(signal)s”, %(field)s: %(reason)s.",
                signal=self.name or "",
                field=self._fields[name]._description_string(self.env),
                reason=reason,
            )
        )


class _Reading:
    """Say which field cannot be understood.

    :raise ValidationError: instead of what following it raises
    """

    def __init__(self, signal, name):
        self.signal, self.name = signal, name

    def __enter__(self):
        return self

    def __exit__(self, _kind, error, _traceback):
        if isinstance(error, NOT_UNDERSTOOD) and not isinstance(
            error, (ValidationError, AccessError)
        ):
            self.signal._refuse(self.name, self.signal._say_fault(error))
