from datetime import timedelta
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from odoo.tests import tagged

from .common import DAY
from .tags_common import TagCase

FACTS = st.lists(
    st.fixed_dictionaries(
        {
            "tag": st.integers(0, 2),
            "kind": st.sampled_from(("explicit", "implicit")),
            "days_ago": st.integers(0, 3),
            "confidence": st.sampled_from((0.2, 0.5, 0.5, 0.9)),
            # expired when it arrives, later, never, or as the dimension says
            "expires": st.sampled_from((-1, 1, 5, "infinity", None)),
            "source": st.sampled_from(("form", "survey", "click")),
        }
    ),
    min_size=1,
    max_size=6,
)
LIFE = 2


@tagged("post_install", "-at_install")
class TestTagsOracle(TagCase):
    """What counts is decided by what is known, never by the order of its arrival."""

    def _run(self, examples, check, phases=tuple(Phase)):
        """As elsewhere: hypothesis chooses, nothing of a try stays."""

        @seed(1)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=phases,
            suppress_health_check=list(HealthCheck),
        )
        @given(FACTS, st.randoms(use_true_random=False), st.booleans())
        def examine(facts, rnd, is_exclusive):
            with self.env.cr.savepoint() as savepoint:
                check(facts, rnd, is_exclusive)
                self.env.flush_all()
                savepoint.rollback()
            self.env.invalidate_all(flush=False)

        examine()

    def _as_fact(self, person, fact):
        seen = self.now - timedelta(days=fact["days_ago"])
        expires = fact["expires"]
        if isinstance(expires, int):
            expires = self.now + timedelta(days=expires)
        return {
            "profile_id": person.id,
            "tag_id": (self.boss, self.clerk, self.guest)[fact["tag"]].id,
            "kind": fact["kind"],
            "last_seen": seen,
            "confidence": fact["confidence"],
            "expires": expires,
            "source": fact["source"],
        }

    def _oracle(self, facts, is_exclusive):
        """Plain Python over all the facts: {(tag, kind): row}, and what counts."""
        rows = {}
        for fact in facts:
            seen = self.now - fact["days_ago"] * DAY
            expires = fact["expires"]
            if expires is None:
                expires = seen + LIFE * DAY
            elif expires == "infinity":
                expires = seen.max
            else:
                expires = self.now + expires * DAY
            if expires <= self.now:
                continue
            row = rows.setdefault((fact["tag"], fact["kind"]), [])
            row.append((seen, fact["source"], fact["confidence"], expires))
        known = {}
        for key, seen in rows.items():
            expires = max(it[3] for it in seen)
            known[key] = {
                "times_seen": len(seen),
                "first_seen": min(it[0] for it in seen),
                "last_seen": max(it[0] for it in seen),
                "source": max(it[:2] for it in seen)[1],
                "confidence": max(it[2] for it in seen),
                "expires": expires if expires != expires.max else False,
            }
        return known, self._count(known, is_exclusive)

    def _count(self, known, is_exclusive):
        said = [key for key in known if key[1] == "explicit"]
        done = [key for key in known if key[1] == "implicit"]
        if not is_exclusive:
            return {tag for tag, _kind in known}
        if said:
            return {max(said, key=lambda key: (known[key]["last_seen"], key[0]))[0]}
        if done:
            return {
                max(
                    done,
                    key=lambda key: (
                        known[key]["confidence"],
                        known[key]["last_seen"],
                        key[0],
                    ),
                )[0]
            }
        return set()

    def _found(self, person):
        tags = (self.boss, self.clerk, self.guest)
        rows = self.assignments.search([("profile_id", "=", person.id)])
        known = {
            (tags.index(row.tag_id), row.kind): {
                name: row[name]
                for name in (
                    *("times_seen", "first_seen", "last_seen"),
                    *("source", "confidence", "expires"),
                )
            }
            for row in rows
        }
        return known, {tags.index(tag) for tag in person.tag_ids}

    def test_any_order_and_all_at_once(self, **options):
        """One by one, shuffled, in batches: always what the plain oracle says."""

        def check(facts, rnd, is_exclusive):
            self.rank.write({"is_exclusive": is_exclusive, "life_days": LIFE})
            expected = self._oracle(facts, is_exclusive)
            for person, cut in ((self.anna, None), (self.bert, rnd.randint(0, 6))):
                shuffled = rnd.sample(facts, len(facts))
                rows = [self._as_fact(person, fact) for fact in shuffled]
                if cut is None:
                    for row in rows:
                        self.assignments._see([row])
                else:
                    self.assignments._see(rows[:cut])
                    self.assignments._see(rows[cut:])
                self.assertEqual(self._found(person), expected)
                self.assertEqual(
                    person.search([("tag_ids", "!=", False), ("id", "=", person.id)]),
                    person if expected[1] else person.browse(),
                )

        self._run(60, check, **options)

    def test_conflicts(self):
        """Said and done disagree: what counts of each differs, where one can count."""

        def check(facts, _rnd, is_exclusive):
            self.rank.write({"is_exclusive": is_exclusive, "life_days": LIFE})
            self.assignments._see([self._as_fact(self.anna, fact) for fact in facts])
            known, _counts = self._oracle(facts, is_exclusive)
            best = [
                self._count({k: v for k, v in known.items() if k[1] == kind}, True)
                for kind in ("explicit", "implicit")
            ]
            expected = is_exclusive and all(best) and best[0] != best[1]
            self.assertEqual(self.anna.has_conflict, expected)
            for operator in ("=", "!="):
                found = self.anna.search(
                    [("has_conflict", operator, True), ("id", "=", self.anna.id)]
                )
                self.assertEqual(bool(found), expected == (operator == "="))

        self._run(40, check)

    def test_the_oracle_can_fail(self):
        """A door that forgets which fact is the latest is noticed."""
        from odoo.addons.mass_mailing_contact_strategy.models.insight import (
            contact_tag_facts,
        )

        wrong = {**contact_tag_facts.MERGED, "last_seen": "excluded.last_seen"}
        with (
            patch.object(contact_tag_facts, "MERGED", wrong),
            self.assertRaises(AssertionError),
        ):
            self.test_any_order_and_all_at_once(phases=[Phase.generate])
