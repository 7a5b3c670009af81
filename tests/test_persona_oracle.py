import random
from decimal import Decimal

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from odoo.tests import tagged

from .common import StrategyCase
from .insight_common import InsightMixin


@tagged("post_install", "-at_install")
class TestPersonaOracle(InsightMixin, StrategyCase):
    """Random rules, signals and answers: concluded as a plain oracle concludes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._prepare_insight()
        cls.anna, cls.bea = cls._create_person("anna"), cls._create_person("bea")

    @settings(
        max_examples=40,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        database=None,
    )
    @seed(4)
    @given(st.integers(0, 10**9))
    def test_as_the_oracle_says(self, number):
        """Random rules, signals and answers; what was said is never overwritten."""
        rnd = random.Random(number)
        with self.cr.savepoint(flush=True) as savepoint:
            self._compare_with_oracle(rnd)
            savepoint.rollback()
        self.env.invalidate_all()

    def _compare_with_oracle(self, rnd):
        people = self.anna + self.bea
        cents = lambda: Decimal(rnd.randint(1, 30)) / 10  # noqa: E731
        personas, points = [], {}
        for index in range(rnd.randint(1, 4)):
            fits = rnd.sample(list(people), rnd.randint(0, 2))
            weight, threshold = cents(), cents()
            persona = self._create_persona(
                f"P{index}",
                sequence=rnd.randint(1, 2),
                weight=float(weight),
                threshold=float(threshold),
                domain=self._fits(*fits) if fits else "[]",
            )
            personas.append((persona, threshold))
            for person in fits:
                points.setdefault(person, {})[persona] = weight
        for _index in range(rnd.randint(0, 4)):
            persona, _threshold = rnd.choice(personas)
            value = cents() * rnd.choice((1, 1, -1))
            signal = self._create_signal(points=float(value), persona_id=persona.id)
            for person in rnd.sample(list(people), rnd.randint(0, 2)):
                self._hit(signal, person)
                own = points.setdefault(person, {})
                own[persona] = own.get(persona, Decimal(0)) + value
        said = {}
        for person in people:
            if rnd.random() < 0.4:
                said[person] = rnd.choice(personas)[0]
                person.persona_id = said[person]
        for _run in range(2):
            self.Persona._conclude(people.ids)
            for person in people:
                self.assertEqual(
                    (person.persona_id, person.persona_kind or None),
                    (said[person], "explicit")
                    if person in said
                    else self._oracle(points.get(person, {}), personas),
                )
                scores = {
                    c.persona_id: Decimal(str(c.score))
                    for c in person.persona_candidate_ids
                }
                expected = {p: v for p, v in points.get(person, {}).items() if v > 0}
                self.assertEqual(scores, expected)

    def _oracle(self, own, personas):
        enough = [
            (-own[persona], persona.sequence, persona.id, persona)
            for persona, threshold in personas
            if own.get(persona, 0) > 0 and own[persona] >= threshold
        ]
        if not enough:
            return self.Persona, None
        return min(enough, key=lambda row: row[:3])[-1], "implicit"
