import random

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import tagged

from . import segment_oracle
from .common import NOW
from .segment_oracle_case import HYPOTHESIS, OracleCase


@tagged("post_install", "-at_install")
class TestSegmentOracle(OracleCase):
    """Random trees over random people: the database, memory, and one by hand agree."""

    @HYPOTHESIS
    @given(st.integers(0, 2**32))
    def test_trees(self, number):
        """Members are those of whom the words are true; all others are outside."""
        with self.env.cr.savepoint() as savepoint:
            self._check_trees(random.Random(number))
            savepoint.rollback()
        self.env.invalidate_all()

    def _check_trees(self, rnd):
        described = [self._random_person(rnd, number) for number in range(10)]
        profiles = [self._make(person) for person in described]
        everybody = self.Profile.union(*profiles)
        others = []
        for number in range(12):
            lines, written = zip(
                *(
                    self._random_line(rnd, others)
                    for _n in range(rnd.choice((1, 1, 2)))
                ),
                strict=True,
            )
            segment = self._create_segment(
                *written, name=f"S{number}", company_id=self.env.company.id
            )
            expected = self.Profile.union(
                *(
                    profile
                    for person, profile in zip(described, profiles, strict=True)
                    if segment_oracle.holds_all(lines, person, NOW)
                )
            )
            domain = segment._compile_conditions(NOW)
            told = f"{segment._say_outline()}\n{described}"
            self.assertEqual(self._who(domain, everybody), expected, told)
            self.assertEqual(self._who(~domain, everybody), everybody - expected, told)
            if number < 4:
                others.append((segment, lines))
