from unittest.mock import patch

from odoo.tests import tagged

from .common import ADDON, DAY, NOW, GateCase

HOME = {"street": "Storgata 1", "zip": "0150", "city": "Oslo"}


@tagged("post_install", "-at_install")
class TestRuleHousehold(GateCase):
    """People of one household share an allowance."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.household = cls.env.ref(f"{ADDON}.contact_tag_dimension_home")
        cls.anna = cls._create_person("anna", **HOME)
        cls.bert = cls._create_person("bert", **HOME)
        cls.policy = cls._create_policy(cls._cap(1, 7, count_per="household"))
        cls._create_touch(cls.anna, NOW - DAY)

    def _tag(self, people, name="Berg", **vals):
        tag = self.env["contact.tag"].create(
            {"name": name, "dimension_id": self.household.id}
        )
        self.env["contact.tag.assignment"].create(
            [
                {"profile_id": who.id, "tag_id": tag.id, "kind": "explicit", **vals}
                for who in people
            ]
        )
        return tag

    def test_same_address(self):
        self.assertIn("per household", self.policy.rule_ids.sentence)
        answer = self.assertDefer(self.bert, NOW + 6 * DAY)
        self.assertEqual(len(answer["reasons"][0]["touch_ids"]), 1)

    def test_written_in_another_way(self):
        self.bert.partner_id.write({"street": "  storgata   1 ", "city": "OSLO"})
        self.assertDefer(self.bert, NOW + 6 * DAY)

    def test_who_moves_out(self):
        self.bert.partner_id.street = "Storgata 2"
        self.assertSend(self.bert)
        self.bert.partner_id.street = "Storgata 1"
        self.assertDefer(self.bert, NOW + 6 * DAY)

    def test_who_works_there(self):
        """The address of a company is nobody's home."""
        firm = self.env["res.partner"].create(
            {"name": "Firm", "is_company": True, "email": "f@strategy.test", **HOME}
        )
        clerk = self._create_person("clerk", parent_id=firm.id, **HOME)
        self.assertSend(clerk | firm.profile_id)

    def test_no_place(self):
        for vals in ({"street": False}, {"zip": False, "city": ""}):
            people = (
                self._create_person(f"{name}.{len(vals)}", **{**HOME, **vals})
                for name in ("carl", "dora")
            )
            carl, dora = people
            self._create_touch(carl, NOW - DAY)
            self.assertSend(dora)

    def test_tag(self):
        """A tag says more than an address: who has one belongs to it alone."""
        carl = self._create_person("carl", street="Elsewhere 1", city="Bergen")
        self._tag(self.anna | carl)
        dora = self._create_person("dora")
        for at_once in (False, True):
            large = patch.object(
                type(self.env["contact.policy.engine"]),
                "_is_large_part",
                lambda *_, at_once=at_once: at_once,
            )
            with large, self.subTest(at_once=at_once):
                self.assertDefer(carl, NOW + 6 * DAY)
                self.assertSend(self.bert)
                self.assertSend(dora)

    def test_tag_that_has_expired(self):
        carl = self._create_person("carl")
        tag = self._tag(self.anna | carl)
        self.assertDefer(carl, NOW + 6 * DAY)
        tag.active = False
        self.assertSend(carl)
        self.assertDefer(self.bert, NOW + 6 * DAY)

    def test_people(self):
        self.policy.rule_ids.write({"count_what": "people", "max_touches": 1})
        self.assertSend(self.anna)
        self.assertDefer(self.bert, NOW + 6 * DAY)

    def test_a_mailing_to_all_of_them(self):
        """One of each household gets it."""
        homes = [{**HOME, "street": f"Street {number}"} for number in range(2)]
        people = self.env["res.partner"]
        for number, home in enumerate(homes):
            people += self._create_partners(3, f"home{number}", **home)
        mailing = self._create_mailing(people)
        self._launch(mailing)
        self.assertOutcome(mailing, people, sent=2, deferred=4)

    def test_profiles_made_by_statement(self):
        """What the statement that makes many profiles says is what the field says."""
        partners = self.env["res.partner"].create(
            [
                {"name": "One", **HOME, "street2": "c/o  Two"},
                {"name": "Two", "street": "Öst 1", "city": "ÅS", "country_id": 1},
                {"name": "Three", "is_company": True, **HOME},
                {"name": "Four"},
            ]
        )
        said = partners.mapped("profile_id.home")
        self.assertTrue(said[0] and said[1])
        self.assertFalse(said[2] or said[3])
        profiles = partners.profile_id
        self.env.add_to_compute(profiles._fields["home"], profiles)
        self.assertEqual(profiles.mapped("home"), said)
