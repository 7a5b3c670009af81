from odoo.tests import tagged
from odoo.tools import mute_logger

from .fuzz import RAW, FuzzCase
from .test_fuzz_fields import TEXTS

CELLS = (
    *TEXTS,
    *("\0", "a\0b", "\ud800", "0", "-1", "1.5", "nan", "inf", "1e308", str(2**63)),
    *("true", "{}", "[[6, 0, [1099511627776]]]", "base.user_root", "no.such_id"),
    *("0001-01-01", "9999-12-31 23:59:59", "2026-13-45", "2026-05-12 09:00:00+02:00"),
)


@tagged("post_install", "-at_install")
class TestFuzzImport(FuzzCase):
    """Files that users import: each wrong cell is named in the importer's own way."""

    def setUp(self):
        super().setUp()
        self.faults = {}
        self.enterContext(mute_logger("odoo.http", "odoo.sql_db", "odoo.tools.mail"))

    def _load(self, model, columns, *rows):
        result, error = self._call_here("system", model, "load", columns, list(rows))
        what = f"{model} {columns} {ascii(rows)[:40]}"
        if fault := self._fault(error):
            self.faults[what] = fault
        for message in result["messages"] if result else ():
            if RAW.search(str(message.get("message"))):
                self.faults[what] = str(message["message"])[:200]
        return result

    def _columns(self, model):
        """What the importer offers for each field: by name, by id, by external id."""
        for name, field in self.env[model]._fields.items():
            if not field.store or field.readonly or field.type == "binary":
                continue
            yield name
            if field.relational:
                yield f"{name}/.id"
                yield f"{name}/id"

    def test_cells(self):
        before = self._snapshot()
        for model in self.records:
            if model in ("res.partner", "mailing.mailing"):
                continue  # Odoo's own
            for column in self._columns(model):
                for cell in CELLS:
                    self._load(model, [column], [cell])
        self.assertFalse(self.faults, "\n".join(map(str, self.faults.items())))
        self.assertEqual(self._snapshot(), before)

    def test_columns(self):
        """Paths that lead nowhere, ids of other business units, short rows."""
        foreign = self.foreign["contact.profile"]
        for columns, row in (
            (["name/name"], ["x"]),
            ([".id", "is_seed"], [str(foreign.id), "1"]),
            (["partner_id/.id"], [str(foreign.partner_id.id)]),
            ([".id", "tz"], ["7"]),
            ([], []),
        ):
            self._load("contact.profile", columns, row)
        self.assertFalse(self.faults, "\n".join(map(str, self.faults.items())))

    def test_a_good_file_is_taken(self):
        """The proof that something is looked at at all."""
        result = self._load(
            "contact.channel", ["name", "code"], ["Fax", "fax"], ["Telex", "telex"]
        )
        self.assertFalse(result["messages"])
        self.assertEqual(len(result["ids"]), 2)
