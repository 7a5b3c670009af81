from datetime import date, datetime, timezone

from odoo.tests import BaseCase, tagged

from odoo.addons.mass_mailing_contact_strategy.core import storable
from odoo.addons.mass_mailing_contact_strategy.core.storable import (
    NOT_UNDERSTOOD,
    TOO_LARGE,
)


@tagged("post_install", "-at_install")
class TestCoreStorable(BaseCase):
    """What a database cannot keep is told from what it can, up to the last one."""

    def _check(self, fault_of, expected, **options):
        for fault, values in expected.items():
            for value in values:
                with self.subTest(value=value):
                    self.assertEqual(fault_of(value, **options), fault)

    def test_numbers(self):
        self._check(
            storable.fault_of_number,
            {
                None: (0, None, False, "", 7, -7.5, "7", 1e15, -1e15, 2**31),
                TOO_LARGE: (1.1e15, -1.1e15, "2e15", float("inf"), 10**400),
                NOT_UNDERSTOOD: (float("nan"), "seven", [], {}, (), [1], object()),
            },
        )

    def test_whole_numbers(self):
        """A column holds 2,147,483,647 and not one more."""
        self._check(
            storable.fault_of_number,
            {
                None: (2**31 - 1, 1 - 2**31, "2147483647"),
                TOO_LARGE: (2**31, -(2**31) - 1, "2147483648"),
                NOT_UNDERSTOOD: ("7.5", float("nan")),
            },
            is_whole=True,
        )

    def test_ids(self):
        self._check(
            storable.fault_of_id,
            {
                None: (None, False, 0, 1, 2**31 - 1),
                TOO_LARGE: (2**31,),
                NOT_UNDERSTOOD: (True, -1, "7", 7.0, [7], ""),
            },
        )

    def test_relations(self):
        self._check(
            storable.fault_of_ids,
            {
                None: (
                    *(None, False, [], (), [4], [[4, 7]], [(5,)], [(6, 0, [1, 2])]),
                    *([(0, "virtual_7", {})], [(1, 7, {})], [(2, 7)], [(3, 7, 0)]),
                    *([(6, 0, ())], [(5, "all")], [(6, 0, [False])]),
                ),
                TOO_LARGE: ([2**31], [(4, 2**31)], [(6, 0, [1, 2**31])], [1, 2**31]),
                NOT_UNDERSTOOD: (
                    *(0, "", {}, "7", 7, [()], [(4, 1, 0, 0)], [("4", 1)]),
                    *([(7, 1, 0)], [(-1, 1, 0)], [(0, 0, 0)], [(1, 7)], [(6, 0, 7)]),
                    *([(1, "7", {})], [(4, "7")], [(2, -1)], [(6, 0, ["7"])], [(6,)]),
                ),
            },
        )

    def test_texts(self):
        self._check(
            storable.fault_of_text,
            {
                None: (None, False, 7, "", "x", "Ährenkranz", "x" * 501),
                NOT_UNDERSTOOD: ("a\0b", "\ud800", [], ("a",), {"a"}, {}),
            },
        )
        self._check(
            storable.fault_of_key,
            {None: (7, "x" * 500), TOO_LARGE: ("x" * 501,), NOT_UNDERSTOOD: ("\0", [])},
        )

    def test_moments(self):
        """Years in which every zone can show every moment."""
        aware = datetime(2026, 5, 12, tzinfo=timezone.utc)
        self._check(
            storable.fault_of_moment,
            {
                None: (
                    *(None, False, "", "1900-01-01", "2999-12-31 23:59:59"),
                    *(date(2026, 5, 12), datetime(2026, 5, 12), " 2026-05-12 "),
                ),
                TOO_LARGE: ("1899-12-31", "3000-01-01", date(3000, 1, 1)),
                NOT_UNDERSTOOD: ("soon", 7, aware, [], aware.time(), "2026-02-30"),
            },
        )

    def test_nested(self):
        self._check(
            storable.fault_of_json,
            {
                None: ({"a": [1, None, "x", {"b": 1.5}]}, [], {}, 7),
                TOO_LARGE: ([1e16], {"a": {"b": [float("inf")]}}),
                NOT_UNDERSTOOD: ({"a\0": 1}, [["\0"]], {"a": ["\ud800"]}),
            },
        )

    def test_shown(self):
        """Nothing that is repeated can break what it is repeated in."""
        for value, text in (
            *(("fax", "fax"), (7, "7"), ("Ähre", "Ähre"), (None, "None")),
            *((["Ähre"], "['\\xc4hre']"), ({"a": 1}, "{'a': 1}")),
            *((("a",), "('a',)"), ("a\0b", "'a\\x00b'"), ("\ud800", "'\\ud800'")),
        ):
            with self.subTest(value=value):
                self.assertEqual(storable.shown(value), text)
        self.assertEqual(len(storable.shown(["x"] * 99)), 50)
