from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import DAY, NOW, SECOND
from .signal_common import SignalCase
from .signal_oracle import Fact


@tagged("post_install", "-at_install")
class TestSignalTags(SignalCase):
    """What follows from signals, and why."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna = cls._create_person("anna")
        cls.Assignment = cls.env["contact.tag.assignment"]

    def _run(self, signals, now=NOW):
        # What counts now is asked of the database, whose clock nobody stops.
        with freeze_time(now):
            signals._evaluate(now=now, full=True)
        self.env.invalidate_all()

    def _rows(self):
        return self.Assignment.with_context(active_test=False).search(
            [("profile_id", "=", self.anna.id), ("tag_id", "=", self.tag.id)]
        )

    def test_a_tag_says_how_it_is_known(self):
        dates = (NOW - 9 * DAY, NOW - 2 * DAY, NOW - 5 * DAY)
        self._write_facts([Fact(self.anna.id, date) for date in dates])
        signal = self._create_signal(confidence=0.7, source="click", threshold=3)
        self._run(signal)
        self.assertRecordValues(
            self._rows(),
            [
                {
                    "kind": "implicit",
                    "source": "click",
                    "signal_id": signal.id,
                    "confidence": 0.7,
                    "times_seen": 3,
                    "times_told": 0,
                    "first_seen": NOW - 9 * DAY,
                    "last_seen": NOW - 2 * DAY,
                    "expires": False,
                    "active": True,
                }
            ],
        )
        self.assertEqual(self.anna.implicit_tag_ids, self.tag)
        self.assertFalse(self.anna.explicit_tag_ids)

    def test_several_signals_strengthen_one_tag(self):
        self._write_facts([Fact(self.anna.id, NOW - DAY)] * 2)
        signals = self._create_signal(confidence=0.4)
        signals |= self._create_signal(confidence=0.9, name="Surer")
        self._run(signals)
        self.assertRecordValues(
            self._rows(),
            [{"times_seen": 4, "confidence": 0.9, "signal_id": signals[1].id}],
        )
        signals[1].unlink()
        self._run(signals[0])
        self.assertRecordValues(
            self._rows(),
            [{"times_seen": 2, "confidence": 0.4, "signal_id": signals[0].id}],
        )

    def test_gone_with_the_signal(self):
        touches = self._write_facts([Fact(self.anna.id, NOW - DAY)])
        signal = self._create_signal()
        self._run(signal)
        touches.write({"note": "x", "date": NOW + 9 * DAY})
        self._run(signal)
        self.assertEqual(self._rows().mapped("active"), [False])
        self.assertFalse(self.anna.implicit_tag_ids)

    def test_with_a_life_of_its_own(self):
        touches = self._write_facts([Fact(self.anna.id, NOW - DAY)])
        signal = self._create_signal(life_days=30)
        self._run(signal)
        self.assertEqual(self._rows().expires, NOW + 29 * DAY)
        touches.write({"date": NOW + 99 * DAY})
        self._run(signal)
        self.assertFalse(signal.hit_ids)
        self.assertEqual(self._rows().mapped("active"), [True])

    def test_what_was_told_stays(self):
        touches = self._write_facts([Fact(self.anna.id, NOW - DAY)])
        fact = {"profile_id": self.anna.id, "tag_id": self.tag.id, "kind": "implicit"}
        with freeze_time(NOW):
            self.Assignment._see([{**fact, "times": 2, "expires": "infinity"}])
        signal = self._create_signal()
        self._run(signal)
        self.assertEqual(self._rows().times_seen, 3)
        touches.write({"date": NOW + 9 * DAY})
        self._run(signal)
        self.assertRecordValues(
            self._rows(), [{"active": True, "times_seen": 2, "signal_id": False}]
        )

    def test_deleted_signal(self):
        self._write_facts([Fact(self.anna.id, NOW - DAY)])
        signal = self._create_signal(life_days=3000)
        self._run(signal)
        signal.unlink()
        self.assertEqual(self._rows().mapped("active"), [False])

    def test_another_tag(self):
        self._write_facts([Fact(self.anna.id, NOW - DAY)])
        signal = self._create_signal()
        self._run(signal)
        signal.tag_id = self.other_tag
        self.env.invalidate_all()
        self.assertEqual(self.anna.implicit_tag_ids, self.other_tag)

    # ------------------------------------------------------------
    # Why?
    # ------------------------------------------------------------

    def test_evidence_is_what_was_counted(self):
        dates = (NOW - 8 * DAY, NOW - 7 * DAY, NOW - 7 * DAY + SECOND, NOW, NOW + DAY)
        touches = self._write_facts([Fact(self.anna.id, date) for date in dates])
        other = self._create_person("other")
        self._write_facts([Fact(other.id, NOW)])
        signal = self._create_signal(window_value=7)
        self._run(signal)
        counted = touches[2:4]
        with freeze_time(NOW):
            for action in (
                signal.hit_ids.filtered(
                    lambda hit: hit.profile_id == self.anna
                ).action_open_evidence(),
                self._rows().action_open_evidence(),
            ):
                self.assertEqual(action["res_model"], "contact.touch")
                shown = self.env["contact.touch"].search(action["domain"])
                self.assertEqual(set(shown.ids), set(counted.ids))

    def test_what_nobody_recorded_has_no_evidence(self):
        self.anna.explicit_tag_ids = self.tag
        with self.assertRaises(UserError):
            self._rows().action_open_evidence()
