import random

from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.ledger import (
    contact_touch_response as answers,
)

from .common import ADDON, DAY, HOUR, NOW
from .test_ledger_fold import OLD, FoldCase

SETTINGS = (
    "clicked,replied,converted",
    "opened",
    "converted",
    "replied,opened",
    answers.NONE,
)


@tagged("post_install", "-at_install")
class TestLedgerFoldResponse(FoldCase):
    """How often we have written since the last answer, after touches were folded."""

    def _random_answers(self, people, seed):
        """Touches of three years, some of them answered, at once or much later."""
        chance = random.Random(seed)
        companies = [self.env.company.id, self.unit.id, False]
        values = []
        for _index in range(120):
            date = NOW - chance.randrange(1, 1000 * 24) * HOUR
            given = {}
            for kind in answers.RESPONSES:
                if chance.random() < 0.06:
                    given[kind] = True
                    if chance.random() < 0.7:
                        later = chance.choice([HOUR, DAY, 30 * DAY, 200 * DAY])
                        given[f"{kind}_date"] = min(date + later, NOW)
            values.append(
                {
                    "profile_id": chance.choice(people).id,
                    "address": "somebody@strategy.test",
                    "channel_id": chance.choice([self.email, self.call]).id,
                    "company_id": chance.choice(companies),
                    "state": chance.choice(["sent"] * 5 + ["failed", "released"]),
                    "date": date,
                    "counts": chance.random() < 0.8,
                    **given,
                }
            )
        return self.Touch.create(values)

    def _sends(self, people, readers):
        """{(setting, reader): numbers}"""
        found = {}
        for setting in SETTINGS:
            self.env["ir.config_parameter"].set_param(answers.POSITIVE, setting)
            self.env.invalidate_all()
            for reader in readers:
                seen = people.with_user(reader)
                numbers = seen.mapped(lambda person: person.sends_since_response)
                found[setting, reader.id] = numbers
                for number in {*numbers, 0, 3}:
                    for compared in ("=", ">", "<="):
                        domain = [("sends_since_response", compared, number)]
                        self.assertEqual(
                            seen.search([("id", "in", people.ids), *domain]),
                            seen.filtered_domain(domain).sorted("id"),
                        )
        return found

    def test_the_same_before_and_after(self):
        self.unit = self.env["res.company"].create({"name": "Unit"})
        user = self._create_user("years", f"{ADDON}.{ADDON}_group_user")
        people = self._create_partners(5).profile_id.sorted("id")
        self._keep(6)
        for seed in (1, 2, 3):
            self._random_answers(people, seed)
            before = self._sends(people, self.env.user + user)
            self.assertTrue(any(map(any, before.values())))
            self.assertTrue(self._fold_all(limit=30))
            after = self._sends(people, self.env.user + user)
            self.assertEqual(after, before)

    def _steps(self, people):
        """{setting: places on a ladder}, asked of each, and of all at once."""
        at = SQL("%s::timestamp", NOW)
        begins = [(1, None), (4, None), (9, SQL("%s::timestamp", NOW - 400 * DAY))]
        found = {}
        for setting in SETTINGS:
            self.env["ir.config_parameter"].set_param(answers.POSITIVE, setting)
            silence = people._sql_silence("contact_profile", begins, at)
            each = self.env.execute_query(
                SQL(
                    "SELECT id, %s FROM contact_profile WHERE id = ANY(%s) ORDER BY 1",
                    silence,
                    people.ids,
                )
            )
            everybody = dict(self.env.execute_query(people._sql_silences(begins, at)))
            found[setting] = [place for _id, place in each]
            self.assertEqual(found[setting], [everybody.get(i) for i in people.ids])
        return found

    def test_a_ladder_before_and_after(self):
        self.unit = self.env["res.company"].create({"name": "Unit"})
        people = self._create_partners(5).profile_id.sorted("id")
        never_mailed = people[-1]
        self._keep(6)
        for seed in (1, 2, 3):
            self._random_answers(people - never_mailed, seed)
            before = self._steps(people)
            self.assertGreater(
                len({place for row in before.values() for place in row}), 2
            )
            self.assertTrue(self._fold_all(limit=30))
            self.assertEqual(self._steps(people), before)

    def test_merged_people(self):
        """What two people got is counted since the last answer of either."""
        anna, bea = self._create_partners(2).profile_id
        for days in (0, 10, 20):
            self._create_touch(anna, OLD + days * DAY)
            self._create_touch(bea, OLD + days * DAY + HOUR)
        self._create_touch(anna, NOW - DAY)
        answer = self._create_touch(bea, OLD - DAY, clicked=True)
        answer.clicked_date = OLD + 10 * DAY
        self._keep(6)
        self._fold_all()
        self.assertEqual((anna + bea).mapped("touch_count"), [1, 0])
        self.assertEqual(anna.sends_since_response, 4)
        self.assertEqual(bea.sends_since_response, 2)
        bea._merge_into(anna)
        self.env.invalidate_all()
        # three of 10 and 20 days later, one of yesterday
        self.assertEqual(anna.sends_since_response, 4)

    def test_an_answer_from_now_on(self):
        """Whoever answers now has got nothing since, whatever was folded."""
        person = self._create_person()
        self._create_touch(person, OLD)
        new = self._create_touch(person, NOW - DAY)
        self._keep(6)
        self._fold_all()
        self.assertEqual(person.sends_since_response, 2)
        new.write({"replied": True, "replied_date": NOW})
        self.env.invalidate_all()
        self.assertEqual(person.sends_since_response, 0)
