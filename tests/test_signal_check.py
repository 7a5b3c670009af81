from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ADDON, DAY, NOW
from .signal_common import SignalCase
from .signal_oracle import Fact

REFUSED = {
    # field that is named: values
    "Path to the Person": (
        {"person_path": "nothing"},
        {"person_path": "profile_id.nothing"},
        {"person_path": "date"},
        {"person_path": "channel_id"},
        {"person_path": "profile_id.tag_assignment_ids"},
        {"person_path": "profile_id.tag_ids.dimension_id"},
        {"person_path": "."},
    ),
    "Date Path": (
        {"date_path": "note"},
        {"date_path": "nothing"},
        {"date_path": "profile_id.partner_id.child_ids.create_date"},
    ),
    "Value Path": (
        {"aggregate": "sum"},
        {"aggregate": "sum", "value_path": "note"},
        {"aggregate": "average", "value_path": "profile_id"},
        {"aggregate": "distinct", "value_path": "profile_id.tag_ids"},
    ),
    "Domain": (
        {"domain": "[("},
        {"domain": "[('nothing', '=', 1)]"},
        {"domain": "__import__('os')"},
        {"domain": "[('date', '=', 'x')]"},
        {"domain": "5"},
    ),
    "Threshold To": ({"comparison": "between", "threshold": 3, "threshold_to": 2},),
    "Threshold": (
        {"threshold": 1e15},
        {"aggregate": "latest", "threshold": 1e6},
    ),
    "Window Value": ({"window_value": 40000},),
    "Lasts (days)": ({"life_days": 40000},),
    "Tag": ({"tag_id": False},),
    "Persona": ({"effect": "persona"},),
    "Stage": ({"effect": "stage"},),
}


@tagged("post_install", "-at_install")
class TestSignalCheck(SignalCase):
    """What cannot work is refused when it is saved, and says which field it is."""

    def test_refused_in_words(self):
        for label, cases in REFUSED.items():
            for values in cases:
                with (
                    self.subTest(**values),
                    self.assertRaises(ValidationError) as caught,
                    self.env.cr.savepoint(),
                ):
                    self._create_signal(**values)
                self.assertIn(f"{label}:", str(caught.exception))

    def test_negative_window(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(CheckViolation),
            self.env.cr.savepoint(),
        ):
            self._create_signal(window_value=-1)

    def test_model_without_records(self):
        with self.assertRaises(ValidationError):
            self._create_signal("contact.facts.mixin", person_path="profile_id")

    def test_people_before_it_is_switched_on(self):
        people = self._create_partners(12, prefix="many").profile_id
        self._write_facts([Fact(person.id, NOW - 400 * DAY) for person in people])
        self._write_facts([Fact(people[3].id, NOW - 400 * DAY)])
        signal = self._create_signal(active=False, domain="[('note', '=', 'fits')]")
        self.assertIn("12 people", signal.preview)
        self.assertEqual(signal.preview.count("<tr>"), 10)
        first = signal.preview.split("</tr>")[0]
        self.assertIn("many 3", first)
        self.assertIn(">2<", first)
        self.assertFalse(signal.hit_ids)

    def test_preview_of_what_cannot_work(self):
        signal = self.env["contact.signal"].new({"person_path": "nothing"})
        self.assertFalse(signal.preview)
        touch = self.env["ir.model"]._get_id("contact.touch")
        signal = self.env["contact.signal"].new(
            {"model_id": touch, "person_path": "nothing", "date_path": "date"}
        )
        self.assertIn("nothing", signal.preview)

    def test_sentence(self):
        signal = self._create_signal(threshold=2, window_value=30)
        self.assertEqual(
            signal.sentence,
            "When the number of “Touch” is at least 2 within 30 days, then the tag "
            f"“{self.tag.display_name}”.",
        )

    def test_only_who_may_read_the_records(self):
        manager = self._create_user("signal_m", f"{ADDON}.{ADDON}_group_manager")
        signals = self.env["contact.signal"].with_user(manager)
        values = {
            "name": "Spy",
            "tag_id": self.tag.id,
            "date_path": "create_date",
        }
        touch = self.env["ir.model"]._get_id("contact.touch")
        signals.create({**values, "model_id": touch, "person_path": "profile_id"})
        secret = self.env["ir.model"]._get_id("ir.config_parameter")
        with self.assertRaises(AccessError):
            signals.create(
                {**values, "model_id": secret, "person_path": "create_uid.partner_id"}
            )
