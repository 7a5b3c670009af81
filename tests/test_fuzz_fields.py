from odoo import models
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ADDON
from .fuzz import HOSTILE, INJECTION, LONG, MARKUP, SIGNAL, FuzzCase

NUMBERS = (0, -1, 2**31 - 1, -(2**31), 2**53)
TEXTS = ("", INJECTION, MARKUP, LONG, "%s%(x)s{x}")
AT_LIMITS = {
    "integer": NUMBERS,
    "float": (*NUMBERS, 1e15),
    "monetary": (*NUMBERS, 1e15),
    "many2one": (False, 2**31 - 1),
    "char": TEXTS,
    "text": TEXTS,
    "html": TEXTS,
    "boolean": (True, False),
    "date": (False, "0001-01-01", "9999-12-31"),
    "datetime": (False, "0001-01-01 00:00:00", "9999-12-31 23:59:59"),
}
WRITTEN_BY_NOBODY = {"contact.print.run", "contact.wish"}


@tagged("post_install", "-at_install")
class TestFuzzFields(FuzzCase):
    """Every field of the addon, written and created with what it cannot hold."""

    def _own_fields(self, model):
        """The fields that the addon gives to a model, delegated ones included."""
        fields = self.env[model]._fields
        return [
            name
            for name, field in fields.items()
            if (field.store or name in ("name", "code"))
            and name not in models.MAGIC_COLUMNS
            and (model.startswith("contact.") or field._modules == (ADDON,))
        ]

    def setUp(self):
        super().setUp()
        self.faults, self.accepted = {}, set()
        self.before = self._snapshot()
        loggers = ("odoo.http", "odoo.sql_db", "odoo.tools.mail", "werkzeug")
        self.enterContext(mute_logger(*loggers))

    def _try(self, what, model, *call):
        _result, error = self._call_here(*call)
        if fault := self._fault(error):
            self.faults[what] = fault
        elif not error:
            self.accepted.add(model)

    def assertRefusedInWords(self):
        said = "\n".join(f"{what}: {fault}" for what, fault in self.faults.items())
        self.assertFalse(self.faults, said)
        self.assertEqual(self.accepted | WRITTEN_BY_NOBODY, set(self.records))

    def test_write(self):
        for model, record in self.records.items():
            for name in self._own_fields(model):
                for value in HOSTILE:
                    what = f"{model}.{name} = {ascii(value)[:30]}"
                    call = ("system", model, "write", record.ids, {name: value})
                    self._try(what, model, *call)
        self.assertRefusedInWords()

    def test_create(self):
        for model, vals in self._valid().items():
            for name in self._own_fields(model):
                for value in HOSTILE[::5]:
                    what = f"{model} with {name} = {ascii(value)[:30]}"
                    call = ("system", model, "create", {**vals, name: value})
                    self._try(what, model, *call)
        # nobody creates those
        self.accepted |= {"res.partner", "contact.hold", "contact.quality.check"}
        self.assertRefusedInWords()

    def test_onchange(self):
        """Whatever a form can send: numbers, texts, moments at their limits."""
        for model, record in self.records.items():
            for name in self._own_fields(model):
                kind = self.env[model]._fields[name].type
                for value in AT_LIMITS.get(kind, ()):
                    spec = {name: {}, "display_name": {}}
                    what = f"{model} {name} := {ascii(value)[:30]}"
                    call = ("onchange", record.ids, {name: value}, [name], spec)
                    self._try(what, model, "system", model, *call)
        self.assertRefusedInWords()
        self.assertEqual(self._snapshot(), self.before)

    def _valid(self):
        """Values that make a record of each model."""
        return {
            "contact.channel": {"name": "Fax", "code": "fax"},
            "contact.category": {"name": "News", "code": "news"},
            "contact.profile": {},
            "contact.touch": {"profile_id": self.person.id},
            "contact.persona": {"name": "Igor"},
            "contact.override": {"profile_id": self.person.id, "reason": "Recall"},
            "contact.policy": {"name": "Policy"},
            "contact.policy.rule": {
                "policy_id": self.policy.id,
                **self._cap(7, 77, count_per="inbox"),
            },
            "contact.preflight": {"mailing_id": self.mailing.id},
            "contact.preflight.line": {
                "kind": "not",
                "preflight_id": self.preflight.id,
            },
            "contact.tag.dimension": {"name": "Question"},
            "contact.tag": {
                "name": "Answer",
                "dimension_id": self.known.dimension_id.id,
            },
            "contact.tag.assignment": {
                "profile_id": self.person.id,
                "tag_id": self.known.tag_id.id,
            },
            "contact.segment": {"name": "Everybody"},
            "contact.signal": {
                **SIGNAL,
                "model_id": self.env["ir.model"]._get_id("contact.touch"),
                "tag_id": self.known.tag_id.id,
            },
            "mailing.mailing": {"subject": "Mailing"},
        }
