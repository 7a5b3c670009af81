from odoo import fields
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.tests import tagged

from .common import ADDON, DAY, HOUR, StrategyCase


@tagged("post_install", "-at_install")
class TestScreensTimeline(StrategyCase):
    """Everything that happened between a person and us, page by page."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls._create_user("timeline_user", f"{ADDON}.{ADDON}_group_user")
        cls.anna = cls._create_person("Anna Berg", email="anna@strategy.test")
        cls.now = fields.Datetime.now()
        cls.tag = cls.env["contact.tag"].create(
            {
                "name": "New",
                "dimension_id": cls.env["contact.tag.dimension"]
                .create({"name": "Level", "code": "screens_level"})
                .id,
            }
        )
        cls.stage = cls.env["contact.journey.stage"].create({"name": "Friend"})
        cls.persona = cls.env["contact.persona"].create({"name": "Sailor"})

    def _events(self, **options):
        return self.anna.with_user(self.user).get_timeline(**options)["events"]

    def _fill_timeline(self):
        """One of each, an hour after another, the touch last."""
        later = iter(self.now - 10 * DAY + n * HOUR for n in range(10))
        self.env["contact.tag.assignment"].create(
            {
                "profile_id": self.anna.id,
                "tag_id": self.tag.id,
                "first_seen": next(later),
                "last_seen": self.now,
            }
        )
        self.env["contact.journey.move"].create(
            {"profile_id": self.anna.id, "stage_id": self.stage.id, "date": next(later)}
        )
        self.env["contact.persona.change"].create(
            {
                "profile_id": self.anna.id,
                "persona_id": self.persona.id,
                "kind": "implicit",
                "confidence": 0.6,
                "date": next(later),
            }
        )
        mailing = self._create_mailing(self.anna.partner_id)
        self.env["contact.hold"].create(
            {
                "mailing_id": mailing.id,
                "profile_id": self.anna.id,
                "res_model": "res.partner",
                "res_id": self.anna.partner_id.id,
                "date": next(later),
                "decision": "hold",
                "state": "held",
                "facts": {},
            }
        )
        moment = next(later)
        return self._create_touch(
            self.anna,
            moment,
            note="Spring",
            opened=True,
            opened_date=moment + HOUR,
        )

    def test_timeline_has_everything(self):
        """Messages, responses, holds, moves, personas, what was said; newest first."""
        self._fill_timeline()
        events = self._events()
        self.assertEqual(
            [event["source"] for event in events],
            ["touch", "hold", "persona", "move", "tag"],
        )
        touch, hold, persona, move, tag = events
        self.assertEqual(touch["title"], "Spring")
        self.assertEqual([mark["label"] for mark in touch["marks"]], ["Opened"])
        self.assertEqual(hold["title"], "Spring")
        self.assertEqual(persona["title"], "Persona: Sailor")
        self.assertIn("60%", persona["text"])
        self.assertEqual(move["title"], "Now Friend")
        self.assertEqual(tag["title"], "Level: New")
        self.assertEqual(
            [event["way"] for event in events], ["out", "own", "own", "own", "in"]
        )

    def test_timeline_leaves_out_what_never_was(self):
        """A reservation that was given back is no event."""
        touch = self._create_touch(self.anna, self.now - DAY)
        self.assertTrue(self._events())
        touch.state = "released"
        self.assertFalse(self._events())

    def test_timeline_pages_add_up(self):
        """Page by page one reads everything once, also what happened together."""
        self._fill_timeline()
        for n in range(7):
            self._create_touch(self.anna, self.now - 10 * DAY + (n // 4) * HOUR)
        self.env["contact.journey.move"].create(
            [
                {
                    "profile_id": self.anna.id,
                    "stage_id": self.stage.id,
                    "date": self.now - 10 * DAY,
                }
                for _n in range(3)
            ]
        )
        whole = self._events(limit=100)
        for limit in (1, 2, 3, 5):
            read, before = [], None
            while before is not False:
                page = self.anna.get_timeline(before=before, limit=limit)
                self.assertLessEqual(len(page["events"]), limit)
                read += page["events"]
                before = page["next"]
            self.assertEqual(
                [(e["source"], e["id"]) for e in read],
                [(e["source"], e["id"]) for e in whole],
            )

    def test_timeline_of_somebody_else(self):
        """Nobody else's events are told."""
        self._fill_timeline()
        other = self._create_person("Bo")
        self.assertEqual(other.get_timeline()["events"], [])

    def test_timeline_refuses_nonsense(self):
        """A place that is none, and a number that is none, are refused in words."""
        for options in (
            {"before": "yesterday"},
            {"before": "2026-05-12 09:00:00/touch/99999999999"},
            {"before": "0001-01-01 00:00:00/touch/1"},
            {"before": 7},
            {"limit": 0},
            {"limit": 101},
            {"limit": "20"},
            {"limit": True},
        ):
            with self.subTest(options), self.assertRaises(UserError):
                self.anna.get_timeline(**options)
        with self.assertRaises(MissingError):
            self.env["contact.profile"].new().get_timeline()

    def test_timeline_is_for_those_with_rights(self):
        """Whoever may not read profiles gets no timeline either."""
        stranger = self._create_user("timeline_stranger")
        with self.assertRaises(AccessError):
            self.anna.with_user(stranger).get_timeline()

    def test_timeline_costs_no_query_per_event(self):
        """A long page takes as many queries as a short one."""
        for n in range(45):
            self._create_touch(self.anna, self.now - n * HOUR, note="Spring")
        self.env.flush_all()

        def count(limit):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.anna.get_timeline(limit=limit)
            return self.env.cr.sql_log_count - before

        count(5)
        self.assertEqual(count(40), count(5))

    # ------------------------------------------------------------
    # Records that signals speak of
    # ------------------------------------------------------------

    def _hit(self, model, path, **vals):
        signal = self.env["contact.signal"].create(
            {
                "name": "Is somebody's child",
                "model_id": self.env["ir.model"]._get_id(model),
                "person_path": path,
                "date_path": "create_date",
                "effect": "tag",
                "tag_id": self.tag.id,
                **vals,
            }
        )
        self.env["contact.signal.hit"].create(
            {"signal_id": signal.id, "profile_id": self.anna.id, "fact_count": 3}
        )
        # What is made within a test is made this very moment.
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET create_date = create_date - interval '1 day'"
        )
        self.env.invalidate_all()
        return signal

    def test_timeline_has_the_records_of_signals(self):
        """What made a signal true stands in the timeline, whatever app it is of."""
        children = self._create_partners(3, parent_id=self.anna.partner_id.id)
        self._hit("res.partner", "parent_id")
        events = self._events()
        self.assertEqual(
            {(event["model"], event["id"]) for event in events},
            {("res.partner", child.id) for child in children},
        )
        self.assertEqual({event["way"] for event in events}, {"in"})
        read, before = [], None
        while before is not False:
            page = self.anna.get_timeline(before=before, limit=1)
            read += page["events"]
            before = page["next"]
        self.assertEqual(read, events)

    def test_timeline_hides_records_without_rights(self):
        """Whoever may not read the records sees nothing of them."""
        self._create_partners(1, parent_id=self.anna.partner_id.id)
        self._hit("ir.cron", "user_id.partner_id")
        self._hit("res.partner", "parent_id")
        self.assertEqual({event["model"] for event in self._events()}, {"res.partner"})

    def test_timeline_by_a_date_of_another_record(self):
        """A date may be found along a path; the order and the pages stay right."""
        self._create_partners(4, parent_id=self.anna.partner_id.id)
        self._hit("res.partner", "parent_id", date_path="parent_id.create_date")
        whole = self._events()
        self.assertEqual(len(whole), 4)
        read, before = [], None
        while before is not False:
            page = self.anna.get_timeline(before=before, limit=3)
            read += page["events"]
            before = page["next"]
        self.assertEqual(read, whole)
