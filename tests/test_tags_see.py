from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import SQL

from .common import ADDON, DAY, SECOND
from .tags_common import TagCase


@tagged("post_install", "-at_install")
class TestTagsSee(TagCase):
    """Seeing something again strengthens and prolongs it."""

    def test_seen_for_the_first_time(self):
        self._see(self.anna, self.boss, note="at the fair")
        row = self._rows(self.anna)
        self.assertRecordValues(
            row,
            [
                {
                    "dimension_id": self.rank.id,
                    "kind": "explicit",
                    "source": "user",
                    "times_seen": 1,
                    "times_told": 1,
                    "confidence": 1.0,
                    "note": "at the fair",
                    "expires": False,
                    "active": True,
                }
            ],
        )
        self.assertEqual(row.first_seen, row.last_seen)
        self.assertKnown(self.anna, said="Boss", counts="Boss")

    def test_seen_again(self):
        dates = [self.now - days * DAY for days in (3, 9, 6)]
        for date, source, sure in zip(
            dates, ("form", "survey", "sales"), (0.2, 0.9, 0.5), strict=True
        ):
            self._see(
                self.anna,
                self.tents,
                kind="implicit",
                last_seen=date,
                source=source,
                confidence=sure,
                expires=date + 100 * DAY,
                res_model="res.partner",
                res_id=len(source),
            )
        row = self._rows(self.anna)
        self.assertEqual((row.times_seen, row.times_told), (3, 3))
        self.assertEqual((row.first_seen, row.last_seen), (dates[1], dates[0]))
        self.assertEqual((row.source, row.res_id), ("form", 4), "of the latest")
        self.assertEqual(row.confidence, 0.9)
        self.assertEqual(row.expires, dates[0] + 100 * DAY)

    def test_said_and_concluded_are_two_rows(self):
        self._see(self.anna, self.boss)
        self._see(self.anna, self.boss, kind="implicit", confidence=0.4)
        self.assertEqual(len(self._rows(self.anna)), 2)
        self.assertKnown(self.anna, said="Boss", concluded="Boss", counts="Boss")

    def test_life_of_the_dimension(self):
        """Counted from when it was seen; what is said to last lasts."""
        self.hobby.life_days = 10
        self._see(self.anna, self.tents, last_seen=self.now - DAY)
        self.assertEqual(self._rows(self.anna).expires, self.now + 9 * DAY)
        self._see(self.anna, self.tents, last_seen=self.now - 3 * DAY)
        self.assertEqual(self._rows(self.anna).expires, self.now + 9 * DAY)
        self._see(self.anna, self.tents, expires="infinity")
        self.assertFalse(self._rows(self.anna).expires)
        self._see(self.anna, self.tents)
        self.assertFalse(self._rows(self.anna).expires)

    def test_expiry_to_the_second(self):
        """It counts until the moment, and not at it; without any job."""
        now = self.env.cr.now().replace(microsecond=0)
        self._see(self.anna, self.tents)
        row = self._rows(self.anna)
        row.expires = now + SECOND
        self.assertKnown(self.anna, said="Tents", counts="Tents")
        row.expires = now
        self.assertTrue(row.active)
        self.assertKnown(self.anna)
        self.assertEqual(
            self.anna.search([("tag_ids", "=", False), ("id", "=", self.anna.id)]),
            self.anna,
        )

    def test_what_has_expired_begins_anew(self):
        """Nothing of it counts, and it is kept."""
        self._see(self.anna, self.tents, kind="implicit", confidence=0.9)
        old = self._rows(self.anna)
        old.write({"expires": self.now - DAY})
        self._see(self.anna, self.tents, kind="implicit", confidence=0.3)
        new = self._rows(self.anna) - old
        self.assertFalse(old.active)
        self.assertEqual((new.confidence, new.times_seen), (0.3, 1))

    def test_what_is_long_past_when_it_becomes_known(self):
        self._see(self.anna, self.tents, expires=self.now - DAY)
        self._see(self.anna, self.tents)
        self._see(self.anna, self.tents, expires=self.now - DAY)
        rows = self._rows(self.anna)
        self.assertEqual(sorted(rows.mapped("active")), [False, False, True])
        self.assertEqual(rows.filtered("active").times_seen, 1)

    def test_a_query_does_what_dicts_do(self):
        """All at once, with what several rows say about one thing."""
        query = SQL(
            "SELECT profile.id, %s::int, 'implicit', 0.5, 1 + mod(profile.id, 2)"
            " FROM contact_profile profile, generate_series(1, 2)"
            " WHERE profile.id = ANY(%s)",
            self.tents.id,
            (self.anna + self.bert).ids,
        )
        columns = ("profile_id", "tag_id", "kind", "confidence", "times")
        changed = self.assignments._see(query, columns)
        self.assertEqual(changed, self.anna + self.bert)
        for person in changed:
            self.assertEqual(self._rows(person).times_seen, 2 * (1 + person.id % 2))
        self.assertKnown(self.anna, concluded="Tents", counts="Tents")

    def test_what_signals_know_is_replaced(self):
        """They count all anew with every run; what was told stays."""
        signal = self.env["contact.signal"].create(
            {
                "name": "Orders",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "person_path": "profile_id",
                "tag_id": self.tents.id,
            }
        )
        derived = {"kind": "implicit", "signal_id": signal.id, "source": "rule"}
        moment = self.now - DAY
        known = {**derived, "times": 7, "confidence": 0.8, "last_seen": moment}
        self.assertTrue(self._see(self.anna, self.tents, **known))
        self.assertFalse(self._see(self.anna, self.tents, **known), "nothing new")
        row = self._rows(self.anna)
        self.assertEqual((row.times_seen, row.times_told), (7, 0))
        less = {**known, "times": 5, "confidence": 0.6}
        self.assertTrue(self._see(self.anna, self.tents, **less))
        self.assertEqual((row.times_seen, row.confidence), (5, 0.6))
        self._see(self.anna, self.tents, kind="implicit", confidence=0.7)
        self.assertEqual((row.times_seen, row.times_told), (6, 1))
        self._see(self.anna, self.tents, **less)
        self.assertEqual((row.times_seen, row.confidence), (6, 0.7))
        self.assertEqual(row.signal_id, signal)

    def test_as_many_queries_for_one_as_for_many(self):
        self.assertEqual(*(self._queries(size) for size in (2, 100)))

    def _queries(self, size):
        people = self._create_partners(size, prefix=f"many{size}").profile_id
        facts = [self._fact(person, self.tents) for person in people]
        self.assignments._see(facts[:1])  # caches warm
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.assignments._see(facts)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before


@tagged("post_install", "-at_install")
class TestTagsByHand(TagCase):
    """Rows that users and programs make themselves."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls._create_user("tagger", f"{ADDON}.{ADDON}_group_user")

    def _vals(self, tag, **vals):
        return {"profile_id": self.anna.id, "tag_id": tag.id, **vals}

    def test_create(self):
        Row = self.assignments.with_user(self.user)
        rows = Row.create(
            [
                self._vals(self.tents, kind="implicit", confidence=0.4),
                self._vals(self.boss),
                self._vals(self.tents, kind="implicit", confidence=0.7),
            ]
        )
        self.assertEqual(rows[0], rows[2], "it is known already")
        self.assertEqual((rows[0].times_seen, rows[0].confidence), (2, 0.7))
        self.assertEqual(rows.user_id, self.user)
        self.assertEqual(Row.create(self._vals(self.boss)), rows[1])
        self.assertEqual(rows[1].times_seen, 2)
        self.assertEqual(rows[1].display_name, "Rank: Boss")

    def test_nonsense_is_refused(self):
        for vals in (
            {"profile_id": self.anna.id},
            self._vals(self.tents, profile_id=2**30),
            self._vals(self.tents, kind="maybe"),
            self._vals(self.tents, last_seen="yesterday"),
        ):
            with self.assertRaises(ValidationError):
                self.assignments.create(vals)

    def test_it_does_not_become_something_else(self):
        row = self.assignments.create(self._vals(self.boss))
        row.write({"tag_id": self.boss.id, "note": "the same"})
        for vals in (
            {"tag_id": self.clerk.id},
            {"profile_id": self.bert.id},
            {"kind": "implicit"},
        ):
            with self.assertRaises(UserError):
                row.write(vals)

    def test_archived_and_deleted_rows_count_no_more(self):
        row = self.assignments.create(self._vals(self.boss))
        row.action_archive()
        self.assertKnown(self.anna)
        row.action_unarchive()
        self.assertKnown(self.anna, said="Boss", counts="Boss")
        row.unlink()
        self.assertKnown(self.anna)

    def test_people_of_other_units(self):
        unit = self.env["res.company"].create({"name": "Unit"})
        theirs = self._create_person("theirs", company_id=unit.id)
        self._see(theirs, self.boss)
        Row = self.assignments.with_user(self.user)
        self.assertFalse(Row.search([("profile_id", "=", theirs.id)]))
        with self.assertRaises(AccessError):
            Row.create({"profile_id": theirs.id, "tag_id": self.boss.id})
        with self.assertRaises(AccessError):
            theirs.with_user(self.user).explicit_tag_ids = self.clerk
        self.assertEqual(self._rows(theirs).times_seen, 1)

    def test_expired_rows_are_archived_by_the_cron(self):
        row, other = self.assignments.create(
            [self._vals(self.boss), self._vals(self.tents)]
        )
        row.expires = self.now - SECOND
        other.expires = self.now + DAY
        self.assertEqual(self.assignments.search([("is_expired", "=", True)]), row)
        self.assertIn(other, self.assignments.search([("is_expired", "=", False)]))
        done = []
        self.patch(
            type(self.env["ir.cron"]),
            "_commit_progress",
            lambda _cron, processed=0, **_vals: done.append(processed) or 60,
        )
        self.assignments._cron_archive_expired()
        self.assertFalse(row.active)
        self.assertTrue(other.active)
        self.assertEqual(sum(done), 1)
