from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from .common import ADDON, DAY, NOW, StrategyCase, StrategyMixin


@tagged("post_install", "-at_install")
class TestPolicyTry(StrategyCase):
    """Which policy applies to somebody, and what its rules say."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna = cls._create_person("anna")
        cls.bert = cls._create_person("bert")
        only_anna = repr([("id", "=", cls.anna.id)])
        cls.guard = cls._create_policy(
            cls._gap(), name="Guard", is_guard=True, sequence=1
        )
        cls.loyal = cls._create_policy(
            cls._cap(2, 7),
            cls._cap(1, 3, category_ids=cls.promotion.ids),
            name="Loyal",
            domain=only_anna,
            sequence=2,
        )
        cls.everybody = cls._create_policy(cls._cap(1, 7), sequence=3)
        cls._create_touch(cls.anna, NOW - 2 * DAY)

    def _try(self, profile, **options):
        message = profile._message("email", options.get("category"), None)
        return profile._try_policies(message, NOW)

    def test_each_policy(self):
        said = self._try(self.anna)
        states = [(p["name"], p["state"]) for p in said["policies"]]
        self.assertEqual(
            states, [("Guard", "guards"), ("Loyal", "applies"), ("Everybody", "later")]
        )
        said = self._try(self.bert)
        self.assertEqual(
            [p["state"] for p in said["policies"]], ["guards", "no", "applies"]
        )

    def test_each_rule(self):
        """Yes, with what is used; nothing to do with it; no, and why."""
        said = self._try(self.anna)
        self.assertEqual(said["decision"], "send")
        cap, promotions = said["policies"][1]["rules"]
        self.assertEqual((cap["says"], cap["used"]), ("yes", (1, 2)))
        self.assertEqual((promotions["says"], promotions["used"]), ("silent", None))
        self.assertEqual(said["policies"][2]["rules"], [])
        said = self._try(self.anna, category="promotion")
        self.assertEqual(said["policies"][1]["rules"][1]["says"], "yes")
        self._create_touch(self.anna, NOW - DAY, category_id=self.promotion.id)
        said = self._try(self.anna, category="promotion")
        self.assertEqual(said["decision"], "defer")
        self.assertIn("(Europe", said["moment"].replace("(UTC", "(Europe"))
        cap, promotions = said["policies"][1]["rules"]
        self.assertEqual((cap["says"], promotions["says"]), ("no", "no"))
        self.assertIn("Used up by", promotions["sentence"])

    def test_the_persons_own_wish(self):
        self.env["contact.wish"]._of(self.bert).is_stopped = True
        said = self._try(self.bert)
        self.assertEqual(said["decision"], "hold")
        self.assertEqual(len(said["wishes"]), 1)

    def test_dialog(self):
        """Nothing is booked; the answer is that of this moment."""
        touches = self.env["contact.touch"].search_count([])
        user = self._create_user("reader", f"{ADDON}.{ADDON}_group_user")
        wizard = self.env["contact.policy.try"].with_user(user).create({})
        self.assertFalse(wizard.answer_html)
        wizard.write({"profile_id": self.anna.id, "moment": NOW})
        said = str(wizard.answer_html)
        for words in ("Yes", "applies as a guard", "one above it applies", "1 of 2"):
            self.assertIn(words, said)
        self.assertEqual(self.env["contact.touch"].search_count([]), touches)
        self.loyal.rule_ids[0].max_touches = 1
        wizard.invalidate_recordset(["answer_html"])
        self.assertIn("Later", str(wizard.answer_html))

    def test_who_may(self):
        user = self._create_user("nobody")
        message = self.anna._message("email", None, None)
        with self.assertRaises(AccessError):
            self.anna.with_user(user)._try_policies(message, NOW)

    def test_people_without_a_policy(self):
        Profile = self.env["contact.profile"]
        ours = [("id", "in", (self.anna | self.bert).ids)]
        self.assertFalse(Profile.search([*ours, ("has_policy", "=", False)]))
        self.everybody.active = False
        found = Profile.search([*ours, ("has_policy", "=", False)])
        self.assertEqual(found, self.bert)
        self.assertEqual(Profile.search([*ours, ("has_policy", "=", True)]), self.anna)
        self.assertTrue(self.anna.has_policy)
        self.assertFalse(self.bert.has_policy)
        self.loyal.active = False
        self.assertFalse(Profile.search([*ours, ("has_policy", "=", True)]))


@tagged("post_install", "-at_install")
class TestPolicyTryTour(StrategyMixin, HttpCase):
    """From the page of a person to the reason."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._prepare_strategy()

    def test_why_not_from_a_profile(self):
        self._create_user("strategist", f"{ADDON}.{ADDON}_group_manager")
        self._create_policy(self._cap(1, channel_ids=self.email.ids))
        person = self._create_person("anna")
        self._create_touch(person, self.env.cr.now(), note="Newsletter")
        self.start_tour(
            f"/odoo/contact.profile/{person.id}",
            "contact_strategy_why_not",
            login="strategist",
        )
