from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import StrategyCase
from .insight_common import InsightMixin


@tagged("post_install", "-at_install")
class TestPersonaConclude(InsightMixin, StrategyCase):
    """Who is which persona is concluded from points."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._prepare_insight()
        cls.anna, cls.bea = cls._create_person("anna"), cls._create_person("bea")
        cls.helen = cls._create_persona("Helen", sequence=1)
        cls.igor = cls._create_persona("Igor", sequence=2)

    def _conclude(self, *profiles):
        people = profiles or (self.anna, self.bea)
        return self.Persona._conclude([profile.id for profile in people])

    def _candidates(self, profile):
        return {
            candidate.persona_id.name: (candidate.score, candidate.confidence)
            for candidate in profile.persona_candidate_ids
        }

    def test_whoever_fits(self):
        self.helen.domain = self._fits(self.anna)
        self._conclude()
        self.assertRecordValues(
            self.anna + self.bea,
            [
                {
                    "persona_id": self.helen.id,
                    "persona_kind": "implicit",
                    "persona_confidence": 1,
                },
                {
                    "persona_id": False,
                    "persona_kind": False,
                    "persona_confidence": 0,
                },
            ],
        )
        self.assertTrue(self.anna.persona_date)
        self.assertEqual(
            self._history(self.anna), [(False, "Helen", "implicit", "rule")]
        )
        self.assertFalse(self.anna.persona_change_ids.user_id)
        self.assertFalse(self.bea.persona_change_ids)

    def test_an_empty_rule_is_for_nobody(self):
        self._conclude()
        self.assertFalse((self.anna + self.bea).persona_candidate_ids)

    def test_points_add_up_and_share(self):
        self.helen.domain = self._fits(self.anna)
        more = self._create_signal(points=2.0, persona_id=self.helen.id)
        other = self._create_signal(points=1.0, persona_id=self.igor.id)
        self._hit(more, self.anna)
        self._hit(other, self.anna)
        self._conclude()
        self.assertEqual(
            self._candidates(self.anna), {"Helen": (3, 0.75), "Igor": (1, 0.25)}
        )
        self.assertEqual(self.anna.persona_confidence, 0.75)
        other.points = 9
        self._conclude()
        self.assertEqual(self.anna.persona_id, self.igor)
        other.active = False
        self._conclude()
        self.assertEqual(self._candidates(self.anna), {"Helen": (3, 1)})
        self.assertEqual(
            [row[1] for row in self._history(self.anna)], ["Helen", "Igor", "Helen"]
        )

    def test_signals_take_points_away(self):
        self.helen.domain = self._fits(self.anna)
        against = self._create_signal(points=-1.0, persona_id=self.helen.id)
        self._hit(against, self.anna)
        self._conclude()
        self.assertFalse(self._candidates(self.anna))

    def test_the_threshold_to_the_cent(self):
        self.helen.write({"domain": self._fits(self.anna), "threshold": 1.1})
        small = self._create_signal(points=0.1, persona_id=self.helen.id)
        self._conclude()
        self.assertFalse(self.anna.persona_id)
        self.assertEqual(self._candidates(self.anna), {"Helen": (1, 1)})
        self._hit(small, self.anna)
        self._conclude()
        self.assertEqual(self.anna.persona_id, self.helen)

    def test_of_two_the_first_in_order(self):
        fits = self._fits(self.anna)
        (self.igor + self.helen).write({"domain": fits})
        self._conclude()
        self.assertEqual(self.anna.persona_id, self.helen)
        self.igor.sequence = 0
        self._conclude()
        self.assertEqual(self.anna.persona_id, self.igor)
        self.helen.sequence = 0
        self._conclude()
        self.assertEqual(self.anna.persona_id, self.helen, "the one made first")

    def test_who_falls_below_is_no_persona(self):
        self.helen.domain = self._fits(self.anna)
        self._conclude()
        self.helen.domain = self._fits(self.bea)
        self._conclude()
        self.assertFalse(self.anna.persona_id)
        self.assertFalse(self.anna.persona_kind)
        self.assertFalse(self.anna.persona_date)
        self.assertFalse(self.anna.persona_candidate_ids)
        self.assertEqual(
            self._history(self.anna)[-1], ("Helen", False, "implicit", "rule")
        )

    def test_archived_personas_are_nobody(self):
        self.helen.domain = self._fits(self.anna)
        self._conclude()
        self.helen.active = False
        self._conclude()
        self.assertFalse(self.anna.persona_id)
        self.assertFalse(self.anna.persona_candidate_ids)

    def test_a_persona_that_is_deleted(self):
        self.anna.persona_id = self.helen
        self.igor.domain = self._fits(self.anna)
        self.helen.unlink()
        self._precommit()
        self.assertEqual(self.anna.persona_id, self.igor)
        self.assertEqual(self.anna.persona_kind, "implicit")

    def test_only_differences_are_written(self):
        self.helen.domain = self._fits(self.anna, self.bea)
        self.assertEqual(self._conclude(), self.anna + self.bea)
        candidates = self.anna.persona_candidate_ids
        before = candidates.write_date, self.anna.write_date, self.anna.persona_date
        self.assertFalse(self._conclude())
        self.assertEqual(
            before,
            (candidates.write_date, self.anna.write_date, self.anna.persona_date),
        )
        self.assertEqual(len(self.anna.persona_change_ids), 1)
        # the confidence alone is no change of persona
        self.igor.write({"domain": self._fits(self.anna), "weight": 0.5})
        self.assertEqual(self._conclude(), self.anna)
        self.assertEqual(self.anna.persona_confidence, 0.67)
        self.assertEqual(len(self.anna.persona_change_ids), 1)

    def test_a_rule_that_cannot_be_read_takes_nobody_away(self):
        self.helen.domain = self._fits(self.anna)
        self._conclude()
        self.env.flush_all()
        self.cr.execute(
            "UPDATE contact_persona SET domain = %s WHERE id = %s",
            ('[("no_such_field", "=", 1)]', self.helen.id),
        )
        self.env.invalidate_all()
        self.assertIn("Helen", self.helen.warning)
        self.igor.domain = self._fits(self.bea)
        logger = "contact_persona_conclude"
        with self.assertLogs(f"odoo.addons.{__name__.split('.')[2]}", "WARNING") as log:
            self._conclude()
        self.assertIn(logger, log.output[0])
        self.assertEqual(self.anna.persona_id, self.helen)
        self.assertEqual(self.bea.persona_id, self.igor)

    def test_rules_are_checked(self):
        for domain in ("[", "[('no_such', '=', 1)]", "nonsense(", "[1, 2]"):
            with self.subTest(domain=domain), self.assertRaises(ValidationError):
                self.helen.domain = domain
        for domain in (
            "[('persona_id', '!=', False)]",
            "[('partner_id.persona_id', '!=', False)]",
            "[('persona_candidate_ids.score', '>', 1)]",
        ):
            with (
                self.subTest(domain=domain),
                self.assertRaisesRegex(ValidationError, "itself"),
            ):
                self.helen.domain = domain

    def test_rules_do_not_ask_what_is_hidden(self):
        user = self._create_user("writer", "mass_mailing.group_mass_mailing_user")
        persona = self.helen.with_user(user)
        for path in ("touch_ids.mailing_id", "touch_year_ids", "hold_ids.rule_id"):
            with self.assertRaisesRegex(ValidationError, "business units"):
                persona.domain = repr([(path, "!=", False)])
        with self.assertRaises(AccessError):
            path = "partner_id.user_ids.group_ids.model_access.name"
            persona.domain = repr([(path, "=", "x")])
        persona.domain = "[('lang', '=', 'en_US')]"

    def test_everybody_in_batches_and_edited_people_at_once(self):
        self.helen.domain = "[('lang', '!=', 'xx')]"
        self.Persona._cron_conclude()
        self.assertEqual((self.anna + self.bea).persona_id, self.helen)
        carl = self._create_person("carl")
        self._precommit()
        self.assertEqual(carl.persona_id, self.helen)
        tag = self._create_tag("Boats")
        self.igor.write({"domain": repr([("tag_ids", "in", tag.ids)]), "weight": 5})
        carl.partner_id.write({"explicit_tag_ids": [Command.link(tag.id)]})
        self._precommit()
        self.assertEqual(carl.persona_id, self.igor)

    def test_a_stopped_walk_goes_on(self):
        self.helen.domain = "[('lang', '!=', 'xx')]"
        self.Profile._walk_remember("persona", self.anna.id)
        self.Persona._cron_conclude()
        self.assertFalse(self.anna.persona_id)
        self.assertEqual(self.bea.persona_id, self.helen)
        self.Persona._cron_conclude()
        self.assertEqual(self.anna.persona_id, self.helen)

    def test_queries_do_not_grow_with_people(self):
        people = self._people(30)
        self._precommit()
        self.helen.domain = self._fits(*people)
        signal = self._create_signal(persona_id=self.igor.id)
        self._hit(signal, people)
        self.Persona._conclude(people[:2].ids)
        counts = []
        for some in (people[2:4], people[4:]):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            changed = self.Persona._conclude(some.ids)
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
            self.assertEqual(changed, some)
        self.assertEqual(counts[0], counts[1])
        with self.assertQueryCount(4):
            self.env.invalidate_all()
            self.Persona._conclude(people.ids)
