from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import ADDON, DAY, HOUR, SECOND, StrategyCase


@tagged("post_install", "-at_install")
class TestScreensOverview(StrategyCase):
    """The first screen: who is where, and how much do they hear from us?"""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls._create_user("overview_user", f"{ADDON}.{ADDON}_group_user")
        cls.now = fields.Datetime.now()
        cls.persona = cls.env["contact.persona"].create({"name": "Sailor"})
        cls.stage, cls.later = cls.env["contact.journey.stage"].create(
            [{"name": "Friend"}, {"name": "Best friend"}]
        )
        cls.before = cls._overview("people")
        cls.people = cls._create_partners(6, "overview").profile_id
        cls._say(cls.people[:3], "persona_id", cls.persona.id)
        cls._say(cls.people[:2], "journey_stage_id", cls.stage.id)
        cls._say(cls.people[2:], "journey_stage_id", cls.later.id)

    @classmethod
    def _say(cls, people, name, value):
        """As crons write: without the doors, which other tests are about."""
        cls.env.flush_all()
        column = cls.env["contact.profile"]._fields[name].name
        cls.env.cr.execute(
            f"UPDATE contact_profile SET {column} = %s WHERE id = ANY(%s)",
            [value, people.ids],
        )
        cls.env.invalidate_all()

    @classmethod
    def _overview(cls, part, **context):
        Profile = cls.env["contact.profile"].with_user(cls.user)
        return Profile.with_context(**context).get_overview([part])[part]

    def _cell(self, people, persona, stage):
        return {(p, s): n for p, s, n in people["cells"]}.get((persona, stage), 0)

    def test_who_is_where(self):
        """Every person stands in exactly one cell, and the sums agree."""
        people = self._overview("people")
        self.assertEqual(people["total"], self.before["total"] + 6)
        self.assertEqual(self._cell(people, self.persona.id, self.stage.id), 2)
        self.assertEqual(self._cell(people, self.persona.id, self.later.id), 1)
        self.assertEqual(self._cell(people, False, self.later.id), 3)
        for axis, name in (("personas", self.persona), ("stages", self.stage)):
            counts = {line["id"]: line["count"] for line in people[axis]}
            self.assertEqual(sum(counts.values()), people["total"])
            self.assertEqual(counts[name.id], 3 if axis == "personas" else 2)
        for bar in ("engagement", "quality"):
            total = sum(share["count"] for share in people[bar])
            self.assertEqual(total, people["total"])

    def test_numbers_are_the_people_behind_them(self):
        """A number that is clicked opens as many people as it says."""
        self._say(self.people[:4], "quality_score", 80)
        self._say(self.people[4:], "quality_score", 79)
        self._say(self.people[1:2], "engagement_class", "hot")
        people = self._overview("people")
        Profile = self.env["contact.profile"].with_user(self.user)
        for share in people["engagement"] + people["quality"]:
            with self.subTest(share["key"]):
                found = Profile.search_count([*people["domain"], *share["domain"]])
                self.assertEqual(found, share["count"])

    def test_test_addresses_are_not_reported(self):
        self.people[0].is_seed = True
        people = self._overview("people")
        self.assertEqual(people["total"], self.before["total"] + 5)

    def test_other_units_are_not_reported(self):
        """The counts are of people whom the user may see."""
        unit = self.env["res.company"].create({"name": "Elsewhere"})
        before = self._overview("people")["total"]
        self.people[0].partner_id.company_id = unit
        self.assertEqual(self._overview("people")["total"], before - 1)

    def test_archived_lines_stay_while_in_use(self):
        """A persona that is archived is a line as long as somebody is of it."""
        self.persona.active = False
        names = [line["name"] for line in self._overview("people")["personas"]]
        self.assertIn("Sailor", names)
        self._say(self.people, "persona_id", None)
        names = [line["name"] for line in self._overview("people")["personas"]]
        self.assertNotIn("Sailor", names)

    def test_reasons(self):
        """What is wrong with most people's data comes first."""
        check = self.env["contact.quality.check"].search([], limit=1)
        self.people.quality_check_ids = check
        reasons = self._overview("reasons")
        counts = [reason["count"] for reason in reasons]
        self.assertEqual(counts, sorted(counts, reverse=True))
        Profile = self.env["contact.profile"].with_user(self.user)
        everybody = self._overview("people")["domain"]
        for reason in reasons:
            domain = [*everybody, ("quality_check_ids", "in", [reason["id"]])]
            found = Profile.search_count(domain)
            self.assertEqual(reason["count"], found, reason["name"])
        self.assertIn(check.id, [reason["id"] for reason in reasons])

    # ------------------------------------------------------------
    # Pressure
    # ------------------------------------------------------------

    def _bars(self, channel):
        lines = {line["id"]: line["people"] for line in self._overview("pressure")}
        return lines.get(channel.id if channel else False)

    def test_pressure(self):
        """People by what they got in seven days: counted, and not a second longer."""
        for person, count in zip(self.people, (0, 1, 1, 2, 9, 0), strict=True):
            for n in range(count):
                self._create_touch(person, self.now - n * HOUR)
        self._create_touch(self.people[0], self.now - 7 * DAY - HOUR)
        self._create_touch(self.people[0], self.now - DAY, state="failed")
        self._create_touch(self.people[0], self.now - DAY, counts=False)
        self.assertEqual(self._bars(self.email), [2, 1, 0, 0, 0, 0, 1])
        self.assertIsNone(self._bars(False))
        self._create_touch(self.people[1], self.now - DAY, channel_id=self.sms.id)
        self.assertEqual(self._bars(self.sms), [1, 0, 0, 0, 0, 0, 0])
        self.assertEqual(self._bars(False), [1, 2, 0, 0, 0, 0, 1])

    def test_pressure_leads_to_the_people(self):
        """The number of touches of a week is searched as it is counted."""
        for person, count in zip(self.people, (0, 1, 1, 2, 9, 0), strict=True):
            for n in range(count):
                self._create_touch(person, self.now - n * HOUR)
        self._create_touch(self.people[1], self.now - DAY, channel_id=self.sms.id)
        Profile = self.env["contact.profile"].with_user(self.user)
        for context in ({}, {"touch_channel_id": self.email.id}):
            Asked = Profile.with_context(**context)
            mine = Asked.browse(self.people.ids)
            counts = mine.mapped("touch_week_count")
            for operator, value in (
                *(("=", n) for n in range(4)),
                *((">=", n) for n in range(3)),
                *(("<", n) for n in range(3)),
                *(("!=", n) for n in range(3)),
                ("in", [0, 2]),
                ("not in", [1]),
            ):
                with self.subTest(operator=operator, value=value, context=context):
                    found = Asked.search(
                        [
                            ("id", "in", mine.ids),
                            ("touch_week_count", operator, value),
                        ]
                    )
                    said = {
                        "=": lambda n, v: n == v,
                        "!=": lambda n, v: n != v,
                        ">=": lambda n, v: n >= v,
                        "<": lambda n, v: n < v,
                        "in": lambda n, v: n in v,
                        "not in": lambda n, v: n not in v,
                    }[operator]
                    expected = [
                        person.id
                        for person, n in zip(mine, self._counts(mine), strict=True)
                        if said(n, value)
                    ]
                    self.assertEqual(sorted(found.ids), sorted(expected))
            self.assertEqual(counts[1], 1 if context else 2)

    def _counts(self, people):
        return [person.touch_week_count for person in people]

    def test_caps(self):
        """The caps over seven days are named, each as its policy says it."""
        policy = self._create_policy(
            self._cap(2, channel_ids=self.email.ids),
            self._cap(4, value=1, unit="month"),
        )
        (cap,) = self._overview("caps")
        self.assertEqual(cap["policy_id"], policy.id)
        self.assertEqual((cap["maximum"], cap["channel_ids"]), (2, self.email.ids))
        self.assertIn("At most 2 e-mails in any 7 days", cap["name"])
        policy.rule_ids.filtered("channel_ids").window_unit = "week"
        self.assertFalse(self._overview("caps"))  # seven weeks
        policy.rule_ids.filtered("channel_ids").window_value = 1
        self.assertEqual(len(self._overview("caps")), 1)

    def test_held_and_reviews(self):
        """Rules are counted by whom they held back; old policies ask for a thought."""
        now = self.now.replace(microsecond=0)
        self.patch(fields.Datetime, "now", lambda: now)
        policy = self._create_policy(self._cap(1), review_date=fields.Date.today())
        for days in (7, 8):
            self._create_policy(
                self._cap(1), review_date=fields.Date.today() + days * DAY
            )
        mailing = self._create_mailing(self.people.partner_id)
        ages = (DAY, 7 * DAY, 7 * DAY + SECOND)
        for person, age in zip(self.people[:3], ages, strict=True):
            self.env["contact.hold"].create(
                {
                    "mailing_id": mailing.id,
                    "profile_id": person.id,
                    "res_model": "res.partner",
                    "res_id": person.partner_id.id,
                    "date": now - age,
                    "decision": "hold",
                    "state": "held",
                    "rule_id": policy.rule_ids.id,
                    "facts": {},
                }
            )
        (held,) = self._overview("held")
        self.assertEqual((held["id"], held["count"]), (policy.rule_ids.id, 2))
        self.assertIn("At most 1 touch", held["name"])
        review, _in_seven_days = self._overview("reviews")
        self.assertEqual(review["id"], policy.id)

    # ------------------------------------------------------------
    # First steps, rights, cost
    # ------------------------------------------------------------

    def test_first_steps(self):
        """A step is done as soon as somebody has done it."""
        steps = {step["name"]: step for step in self._overview("steps")}
        self.assertTrue(steps["Add people"]["done"])
        self.assertFalse(steps["Write a policy"]["done"])
        self.assertTrue(steps["Write a policy"]["action"])
        self._create_policy(self._cap(1))
        steps = {step["name"]: step for step in self._overview("steps")}
        self.assertTrue(steps["Write a policy"]["done"])

    def test_all_parts_in_an_empty_database(self):
        """With nobody there every part still answers."""
        self.env["contact.profile"].search([]).action_archive()
        overview = self.env["contact.profile"].with_user(self.user).get_overview()
        self.assertEqual(overview["people"]["total"], 0)
        self.assertEqual(overview["people"]["cells"], [])
        self.assertEqual(overview["pressure"], [])
        self.assertFalse(overview["steps"][0]["done"])

    def test_nonsense_is_refused(self):
        Profile = self.env["contact.profile"]
        for parts in (["nothing"], [None], "people", 7, [["people"]]):
            with self.subTest(parts), self.assertRaises(UserError):
                Profile.get_overview(parts)

    def test_rights(self):
        """Whoever may not read profiles gets no numbers about them either."""
        stranger = self._create_user("overview_stranger")
        with self.assertRaises(AccessError):
            self.env["contact.profile"].with_user(stranger).get_overview()

    def test_cost(self):
        """More people, and more of everything, take no more queries."""
        Profile = self.env["contact.profile"].with_user(self.user)

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            Profile.get_overview()
            return self.env.cr.sql_log_count - before

        self._create_touch(self.people[0], self.now - HOUR)
        count()
        few = count()
        more = self._create_partners(20, "more").profile_id
        self._say(more, "persona_id", self.persona.id)
        for person in more:
            self._create_touch(person, self.now - HOUR)
        self.assertEqual(count(), few)

    def test_whoever_only_works_here_is_not_counted(self):
        """Odoo's own users are no people to write to, until something says so."""
        before = self._overview("people")
        worker = self._create_user("overview_worker", f"{ADDON}.{ADDON}_group_user")
        person = worker.partner_id.profile_id
        self.assertTrue(person)
        people = self._overview("people")
        self.assertEqual(people["total"], before["total"])
        Profile = self.env["contact.profile"].with_user(self.user)
        found = Profile.search(people["domain"])
        self.assertEqual(len(found), people["total"])
        self.assertNotIn(person, found)
        said = self.env["contact.tag.assignment"].create(
            {
                "profile_id": person.id,
                "tag_id": self.env.ref(f"{ADDON}.contact_tag_need_save_time").id,
                "source": "user",
            }
        )
        self.assertEqual(self._overview("people")["total"], before["total"] + 1)
        said.unlink()
        self.assertEqual(self._overview("people")["total"], before["total"])
        self._create_touch(person, self.now)
        self.assertEqual(self._overview("people")["total"], before["total"] + 1)
