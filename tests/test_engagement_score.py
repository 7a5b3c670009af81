import doctest
import random
from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.core import addresses, engagement

from .common import DAY, NOW, StrategyCase
from .insight_common import InsightMixin


@tagged("post_install", "-at_install")
class TestEngagementScore(InsightMixin, StrategyCase):
    """Points for what people did, fading with time."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._prepare_insight()
        cls.anna, cls.bea = cls._create_person("anna"), cls._create_person("bea")
        cls.click = cls._create_signal("engagement", points=5)

    def _refresh(self, now=NOW, people=None):
        with freeze_time(now):
            return self.Profile._refresh_engagement((people or self.anna).ids)

    def test_doctests(self):
        for module in (engagement, addresses):
            result = doctest.testmod(module)
            self.assertGreater(result.attempted, 0)
            self.assertFalse(result.failed)

    def test_classes_at_their_borders(self):
        """Each begins with its number, and all need room."""
        classes = engagement.Classes(70, 40, 10)
        for score, name in (
            *((100, "hot"), (70, "hot"), (69, "warm"), (40, "warm"), (39, "cold")),
            *((10, "cold"), (9, "silent"), (0, "silent")),
        ):
            self.assertEqual(classes.of(score), name, score)
        for borders, is_ordered in (
            *(((3, 2, 1), True), ((100, 99, 98), True), ((101, 2, 1), False)),
            *(((3, 2, 0), False), ((3, 2, 2), False), ((3, 3, 2), False)),
        ):
            is_so = engagement.Classes(*borders).is_ordered
            self.assertEqual(is_so, is_ordered, borders)

    def test_nobody_has_done_anything(self):
        for person in (
            self.anna,
            self.env["mailing.contact"].create({"email": "l@s.test"}).profile_id,
        ):
            self.assertEqual(person.engagement_score, 0)
            self.assertEqual(person.engagement_class, "silent")
        silent = self.Profile.search([("engagement_class", "=", "silent")])
        self.assertIn(self.anna, silent)
        self.assertFalse(self._refresh(people=self.anna + self.bea))

    def test_as_the_oracle_says(self):
        """Random facts: each is weighed by its age, from any later moment."""
        rnd = random.Random(7)
        signals = {}
        for points in (5, 1, 20, -3):
            signals[self._create_signal("engagement", points=points)] = points
        for _round in range(20):
            facts = {
                signal: [
                    NOW - timedelta(days=rnd.uniform(0, 400))
                    for _fact in range(rnd.randint(0, 6))
                ]
                for signal in signals
            }
            self.env["contact.signal.hit"].search([]).unlink()
            for signal, moments in facts.items():
                if moments:
                    self._hit(signal, self.anna, engagement.value_of(moments))
            for now in (NOW, NOW + 1 * DAY, NOW + 77 * DAY):
                self._refresh(now)
                points = sum(
                    signals[signal] * engagement.weight_of((now - moment) / DAY)
                    for signal, moments in facts.items()
                    for moment in moments
                )
                score = engagement.score_of(points)
                self.assertAlmostEqual(self.anna.engagement_score, score, delta=0)
                self.assertEqual(
                    self.anna.engagement_class, engagement.Classes().of(score)
                )

    def test_the_database_weighs_as_the_core(self):
        for half_life in (7, 30, 365):
            self.env["ir.config_parameter"].set_param(
                "mass_mailing_contact_strategy.engagement_half_life", half_life
            )
            for moment in (NOW, NOW - 5000 * DAY, NOW - 20000 * DAY, NOW + 400 * DAY):
                ((weight,),) = self.env.execute_query(
                    SQL("SELECT %s", self.Profile._sql_fact_weight(SQL("%s", moment)))
                )
                expected = engagement.value_of([moment], half_life)
                self.assertAlmostEqual(weight / expected, 1, places=9)

    def test_half_is_left_after_a_half_life(self):
        self._hit(self.click, self.anna, engagement.value_of([NOW] * 4))
        self._refresh()
        self.assertEqual(self.anna.engagement_score, 50)
        self.assertEqual(self.anna.engagement_class, "warm")
        self._refresh(NOW + 30 * DAY)
        self.assertEqual(self.anna.engagement_score, engagement.score_of(10))
        self._refresh(NOW + 3000 * DAY)
        self.assertEqual(self.anna.engagement_score, 0)
        self.assertEqual(self.anna.engagement_class, "silent")

    def test_only_signals_of_engagement_that_are_on(self):
        self._hit(self.click, self.anna, engagement.value_of([NOW]))
        other = self._create_signal("tag", points=50)
        self._hit(other, self.anna, engagement.value_of([NOW]))
        self._refresh()
        self.assertEqual(self.anna.engagement_score, 16)
        self.click.active = False
        self._refresh()
        self.assertEqual(self.anna.engagement_score, 0)

    def test_more_than_enough_is_a_hundred(self):
        self._hit(self.click, self.anna, 2.0**1000)
        self._refresh()
        self.assertEqual(self.anna.engagement_score, 100)
        self.assertEqual(self.anna.engagement_class, "hot")

    def test_only_differences_are_written(self):
        self._hit(self.click, self.anna, engagement.value_of([NOW]))
        people = self.anna + self.bea
        self.assertEqual(self._refresh(people=people), self.anna)
        self.assertFalse(self._refresh(people=people))
        self.assertFalse(self._refresh(NOW + timedelta(minutes=1), people))

    def test_everybody_by_cron(self):
        self._hit(self.click, self.anna + self.bea, engagement.value_of([NOW]))
        with freeze_time(NOW):
            self.Profile._cron_engage()
        self.assertEqual(set((self.anna + self.bea).mapped("engagement_score")), {16})

    def test_queries_do_not_grow_with_people(self):
        people = self._people(20)
        self._hit(self.click, people, engagement.value_of([NOW]))
        self._refresh()
        counts = []
        for some in (people[:2], people[2:]):
            self.env.flush_all()
            before = self.cr.sql_log_count
            self.assertEqual(self._refresh(people=some), some)
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def test_settings(self):
        Settings = self.env["res.config.settings"]
        values = Settings.create({})
        self.assertEqual(values.contact_engagement_half_life, 30)
        self.assertEqual(values.contact_engagement_hot, 60)
        self._hit(self.click, self.anna, engagement.value_of([NOW] * 4))
        Settings.create(
            {"contact_engagement_hot": 50, "contact_engagement_warm": 20}
        ).set_values()
        self._refresh()
        self.assertEqual(self.anna.engagement_class, "hot")
        for vals in (
            {"contact_engagement_half_life": 6},
            {"contact_engagement_half_life": 4000},
            {"contact_engagement_hot": 101},
            {"contact_engagement_warm": 70},
            {"contact_engagement_cold": 0},
            {"contact_quality_stale_months": 0},
        ):
            with self.subTest(vals=vals), self.assertRaises(ValidationError):
                Settings.create(vals).set_values()

    def test_another_half_life_weighs_anew(self):
        """What was weighed with another half-life would count as far too much."""
        kept = self._create_signal("tag")
        self._hit(kept, self.anna)
        self._hit(self.click, self.anna, engagement.value_of([NOW] * 4))
        settings = self.env["res.config.settings"]
        settings.create({"contact_engagement_half_life": 60}).set_values()
        self.assertFalse(self.click.hit_ids)
        self.assertTrue(kept.hit_ids)
