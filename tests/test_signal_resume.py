from types import SimpleNamespace
from unittest.mock import patch

from odoo.tests import tagged

from .common import ADDON, DAY
from .signal_common import OLD, SignalCase
from .signal_oracle import Fact

ROOM = f"odoo.addons.{ADDON}.models.insight"
NO_TEST = SimpleNamespace(module=SimpleNamespace(current_test=None))


@tagged("post_install", "-at_install")
class TestSignalResume(SignalCase):
    """An evaluation in two parts comes to the same as one in a single run."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna, cls.bert = (cls._create_person(name) for name in ("anna", "bert"))
        # who was made in this very second is seen by the next run
        cls.env.cr.execute("UPDATE contact_profile SET create_date = %s", [OLD])
        cls.signals = (
            cls._create_signal(name="Many", threshold=2)
            | cls._create_signal(name="Any", tag_id=cls.other_tag.id)
            | cls._create_signal(
                "contact.profile",
                name="There",
                person_path="id",
                date_path="create_date",
                tag_id=cls.other_tag.id,
            )
        )

    def setUp(self):
        super().setUp()
        self._write_facts([Fact(self.anna.id, OLD), Fact(self.anna.id, OLD + DAY)])
        self._write_facts([Fact(self.bert.id, OLD), Fact(self.bert.id, OLD + DAY)])

    def _tags(self):
        """What was concluded of these people, without when it was written."""
        rows = self.env["contact.tag.assignment"].search_read(
            [("profile_id", "in", (self.anna + self.bert).ids)],
            ["profile_id", "tag_id", "kind", "times_seen", "last_seen", "confidence"],
            order="profile_id, tag_id, kind",
            load="",
        )
        return [{name: row[name] for name in row if name != "id"} for row in rows]

    def _at_once(self):
        """What one run finds; then nothing of it is there."""
        with self.env.cr.savepoint() as savepoint:
            self.signals._evaluate()
            found = self._hits(self.signals), self._tags()
            savepoint.rollback()
        self.env.invalidate_all(flush=False)
        self.assertFalse(self._hits(self.signals))
        return found

    def _run(self, *seconds_left):
        """The cron; after each commit so many seconds are left."""
        left = list(seconds_left)
        commits = []

        def commit(_cron, done=0, **_options):
            commits.append(done)
            return left.pop(0) if left else 60

        Cron = self.env.registry["ir.cron"]
        with (
            patch(f"{ROOM}.contact_signal_evaluate.modules", NO_TEST),
            patch.object(Cron, "_commit_progress", commit),
        ):
            self.env["contact.signal"]._cron_evaluate()
        self.env.invalidate_all()
        return commits

    def test_the_time_is_over(self):
        """The first group is done, and kept; the next run does the others."""
        hits, tags = self._at_once()
        self._run(0)
        done = self.signals.filtered("evaluated_date")
        self.assertTrue(0 < len(done) < len(self.signals))
        first = self._hits(self.signals)
        self.assertTrue(first)
        self.assertLess(set(first), set(hits))
        self._run()
        self.assertEqual(self._hits(self.signals), hits)
        self.assertEqual(self._tags(), tags)
        self.assertEqual(len(self.signals.filtered("evaluated_date")), 3)

    def test_somebody_else_is_at_it(self):
        """A commit gives locks back: what was locked meanwhile is left alone."""
        hits, _tags = self._at_once()
        taken = self.signals[2]
        Signal = self.env.registry["contact.signal"]
        lock, calls = Signal.try_lock_for_update, []

        def lock_others(signals, **options):
            calls.append(signals)
            locked = lock(signals, **options)
            return locked - taken if len(calls) > 1 else locked

        due = set(self.env["contact.signal"]._due_profile_ids())
        self.assertTrue(due)
        with patch.object(Signal, "try_lock_for_update", lock_others):
            self._run()
        self.assertFalse(taken.evaluated_date)
        self.assertFalse(taken.hit_ids)
        self.assertTrue((self.signals - taken).mapped("evaluated_date"))
        self.assertEqual(set(taken._due_profile_ids()), due, "nobody is forgotten")
        self._run()
        self.assertEqual(self._hits(self.signals), hits)

    def test_stopped_between_two_ranges_of_people(self):
        """Whoever was written stays so, and is counted once."""
        hits, tags = self._at_once()
        Signal = self.env.registry["contact.signal"]
        write = Signal._write_differences

        def stop_at_second(signals, low, *args):
            if low:
                raise RuntimeError("stopped")
            return write(signals, low, *args)

        with (
            patch(f"{ROOM}.contact_signal_write.RANGE", self.bert.id),
            patch.object(Signal, "_write_differences", stop_at_second),
            self.assertRaisesRegex(RuntimeError, "stopped"),
        ):
            self._run()
        self.env.invalidate_all()
        found = self._hits(self.signals)
        people = {profile_id for _signal_id, profile_id in found}
        self.assertIn(self.anna.id, people)
        self.assertNotIn(self.bert.id, people)
        self.assertFalse(self.signals.filtered("evaluated_date"))
        since = {hit.id: hit.since for hit in self.signals.hit_ids}
        self._run()
        self.assertEqual(self._hits(self.signals), hits)
        self.assertEqual(self._tags(), tags)
        for hit in self.signals.hit_ids.filtered(lambda hit: hit.id in since):
            self.assertEqual(hit.since, since[hit.id])
