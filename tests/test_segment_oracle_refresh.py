import random

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.audience.contact_segment_refresh_write import (  # noqa: E501
    _among,
)
from odoo.addons.mass_mailing_contact_strategy.models.audience.segment_leaves import (
    NARROW,
    ONLY,
)

from . import segment_oracle
from .common import DAY, NOW
from .segment_oracle_case import HYPOTHESIS, OracleCase

OLD = NOW - 100 * DAY
WRITTEN = (
    *("contact.profile", "res.partner", "contact.touch", "mailing.contact"),
    *("contact.tag.assignment", "contact.tag", "contact.tag.dimension"),
    *("mailing.trace", "res.company"),
)


@tagged("post_install", "-at_install")
class TestSegmentOracleRefresh(OracleCase):
    """Random trees in a waterfall with limits, live and refreshed: as by hand, also
    when only those were looked at of whom something happened."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["contact.segment"].search([]).action_archive()
        # Limits are about everybody there is.
        cls.Profile.with_context(active_test=False).search([]).unlink()
        # A grade is what the test says, whatever else is edited.
        cls.classPatch(type(cls.Profile), "_refresh_engagement", lambda *_ids: None)

    @HYPOTHESIS
    @given(st.integers(0, 2**32))
    def test_waterfalls(self, number):
        """Who is in each of them, before and after something happened."""
        with self.env.cr.savepoint() as savepoint:
            self._check_waterfall(random.Random(number))
            savepoint.rollback()
        self.env.invalidate_all()

    @HYPOTHESIS
    @given(st.integers(0, 2**32))
    def test_only_some(self, number):
        """Asked about few people, a segment says the same of them."""
        with self.env.cr.savepoint() as savepoint:
            self._check_only(random.Random(number))
            savepoint.rollback()
        self.env.invalidate_all()

    def _some_people(self, rnd, count):
        people = {}
        for number in range(count):
            person = self._random_person(rnd, number)
            profile = self._make(person)
            people[profile] = person
            self._grade(profile, person, rnd)
        return people

    def _grade(self, profile, person, rnd):
        person.score = rnd.choice((0, 1, 5, 9))
        profile.engagement_score = person.score

    def _age(self):
        """All was written long ago."""
        self.env.flush_all()
        for model in WRITTEN:
            table = SQL.identifier(self.env[model]._table)
            self.env.cr.execute(SQL("UPDATE %s SET write_date = %s", table, OLD))
        self.env.invalidate_all()

    # ------------------------------------------------------------
    # A waterfall
    # ------------------------------------------------------------

    def _check_waterfall(self, rnd):
        people = self._some_people(rnd, 9)
        others = [self._plain(rnd, number) for number in range(2)]
        steps = self._steps(rnd, others)
        kept = self.env["contact.segment"].search([("kind", "=", "refreshed")])
        at = NOW
        kept._refresh(at, full=True)
        self._check_steps(steps, people, at)
        for _turn in range(2):
            self._age()
            for profile in rnd.sample(list(people), 2):
                self._happen(profile, people[profile], rnd, at)
            at += rnd.choice((DAY / 12, DAY, 7 * DAY))
            kept._refresh(at)
            self._check_steps(steps, people, at)

    def _plain(self, rnd, number):
        line, written = self._random_line(rnd, [])
        segment = self._create_segment(
            written,
            name=f"Other {number}",
            company_id=self.env.company.id,
            kind=rnd.choice(("live", "refreshed")),
        )
        return segment, (line,)

    def _steps(self, rnd, others):
        waterfall = self.env["contact.segment.waterfall"].create({"name": "W"})
        steps = []
        for number in range(rnd.choice((1, 2, 3))):
            line, written = self._random_line(rnd, others)
            limit = rnd.choice((0, 1, 2, 4))
            segment = self._create_segment(
                written,
                name=f"Step {number}",
                company_id=self.env.company.id,
                kind=rnd.choice(("live", "refreshed")),
                max_members=limit,
                rank_path="engagement_score",
                waterfall_id=waterfall.id,
                waterfall_sequence=number,
            )
            steps.append((segment, (line,), limit))
        return steps

    def _check_steps(self, steps, people, at):
        everybody = self.Profile.union(*people)
        found = segment_oracle.pour(
            [(lines, limit) for _segment, lines, limit in steps],
            [(profile.id, person) for profile, person in people.items()],
            at,
        )
        self.env.invalidate_all()
        for (segment, _lines, limit), ids in zip(steps, found, strict=True):
            self.assertFalse(segment.error)
            told = f"{segment.name} {segment.kind} {limit} {segment._say_outline()}"
            inside = everybody.search(segment._get_domain(at)) & everybody
            self.assertEqual(set(inside.ids), ids, f"{told}\n{at}\n{people}")

    def _happen(self, profile, person, rnd, at):
        """Something happens to somebody, now."""
        what = rnd.choice(("touch", "touch", "persona", "tag", "grade", "city"))
        if what == "touch":
            _date, *touch = self._random_touch(rnd)
            person.touches.append((at, *touch))
            self._make_touch(profile, at, *touch)
        elif what == "persona":
            persona = rnd.choice((None, *self.personas))
            person.persona = persona and persona.id
            profile.persona_id = persona
        elif what == "tag":
            tag, kind = rnd.choice(self.tags), rnd.choice(("explicit", "implicit"))
            if not any(fact[:2] == (tag.id, kind) for fact in person.tags):
                person.tags.append((tag.id, kind, 0.8, at))
                seen = {"first_seen": at, "last_seen": at}
                self._tag(profile, tag, kind, confidence=0.8, **seen)
        elif what == "grade":
            self._grade(profile, person, rnd)
        elif person.has_contact:
            person.city = rnd.choice(("Oslo", "Malmö", None))
            profile.partner_id.city = person.city

    # ------------------------------------------------------------
    # Only some people
    # ------------------------------------------------------------

    def _check_only(self, rnd):
        people = self._some_people(rnd, 9)
        for number in range(12):
            line, written = self._random_line(rnd, [])
            segment = self._create_segment(
                written, name=f"S{number}", company_id=self.env.company.id
            )
            some = rnd.sample(list(people), rnd.randint(0, 5))
            ids = [profile.id for profile in some]
            segment._create_table(
                "scope", SQL("SELECT unnest(%s::int[]) AS profile_id", ids)
            )
            segment._narrow_scope(NOW)
            few = segment.with_context(**{ONLY: True})
            domain = _among(NARROW) & few._compile_conditions(NOW)
            expected = {
                profile.id
                for profile in some
                if segment_oracle.holds_all((line,), people[profile], NOW)
            }
            found = set(self.Profile.search(domain).ids)
            self.assertEqual(found, expected, segment._say_outline())
