from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import DAY, NOW, StrategyCase


@tagged("post_install", "-at_install")
class TestCategoryChannel(StrategyCase):
    def test_what_is_there_after_the_installation(self):
        for code in ("email", "sms", "letter", "call"):
            channel = self.env["contact.channel"].search([("code", "=", code)])
            self.assertEqual(len(channel), 1)
            self.assertGreater(channel.cost, 0)
        self.assertRecordValues(
            self.transactional + self.service + self.newsletter,
            [
                {"obeys_caps": False, "counts": False},
                {"obeys_caps": False, "counts": True},
                {"obeys_caps": True, "counts": True},
            ],
        )

    @mute_logger("odoo.sql_db")
    def test_codes_are_unique(self):
        for model in ("contact.channel", "contact.category"):
            record = self.env[model].search([], limit=1)
            with self.assertRaises(IntegrityError):
                self.env[model].create({"name": "Twin", "code": record.code})

    @mute_logger("odoo.sql_db")
    def test_numbers_that_cannot_be_meant(self):
        for record, vals in (
            (self.email, {"cost": -1}),
            (self.newsletter, {"useful_days": 0}),
            (self.newsletter, {"useful_days": -3}),
        ):
            with self.assertRaises(IntegrityError):
                record.write(vals)
                record.flush_recordset()

    def test_category_of_touches_stays(self):
        touch = self._create_touch(
            self._create_person(), NOW, category_id=self.promotion.id
        )
        with self.assertRaisesRegex(UserError, "1 touches.*Archive"):
            self.promotion.unlink()
        self.promotion.action_archive()
        self.assertEqual(touch.category_id, self.promotion)

    def test_channel_of_touches_stays(self):
        self._create_touch(self._create_person(), NOW, channel_id=self.letter.id)
        with self.assertRaisesRegex(UserError, "1 touches.*Archive"):
            self.letter.unlink()
        self.assertTrue(self.letter.exists())

    def test_category_and_channel_of_rules_stay(self):
        """Without them the rule would speak of everything."""
        rule = self._create_policy(
            self._cap(1, channel_ids=self.call.ids, category_ids=self.promotion.ids),
            self._cap(2, 8, channel_ids=self.call.ids, category_ids=self.promotion.ids),
        ).rule_ids
        for record in (self.call, self.promotion):
            with self.assertRaisesRegex(UserError, "is about it"):
                record.unlink()
        rule.invalidate_recordset()
        self.assertEqual(rule.channel_ids, self.call)
        self.assertEqual(rule.category_ids, self.promotion)

    def test_rule_about_an_archived_channel_or_category_means_the_same(self):
        policy = self._create_policy(
            self._cap(0, channel_ids=self.call.ids),
            self._cap(0, 8, category_ids=self.promotion.ids),
        )
        sentences = policy.rule_ids.mapped("sentence")
        self.call.action_archive()
        self.promotion.action_archive()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(policy.rule_ids.mapped("sentence"), sentences)
        person = self._create_person()
        self.assertSend(person)
        self.assertHold(person, category=self.promotion)
        self.assertHold(person, self.call)

    def test_later_edits_do_not_rewrite_history(self):
        person = self._create_person()
        free = self._create_touch(person, NOW, category_id=self.transactional.id)
        counted = self._create_touch(person, NOW, category_id=self.newsletter.id)
        price = counted.cost
        self.transactional.counts = True
        self.newsletter.counts = False
        self.email.cost = 99
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(free.counts)
        self.assertTrue(counted.counts)
        self.assertEqual(counted.cost, price)

    def test_the_two_switches(self):
        self._create_policy(self._cap(1))
        for obeys, counts in ((1, 1), (1, 0), (0, 1), (0, 0)):
            category = self.env["contact.category"].create(
                {
                    "name": "Kind",
                    "code": f"kind_{obeys}{counts}",
                    "obeys_caps": obeys,
                    "counts": counts,
                }
            )
            with self.subTest(obeys=obeys, counts=counts):
                person = self._create_person(f"kind{obeys}{counts}")
                self._create_touch(person, NOW - DAY, category_id=category.id)
                if counts:
                    self.assertDefer(person, NOW + 6 * DAY)
                else:
                    self.assertSend(person)
                self._create_touch(person, NOW - DAY)
                if obeys:
                    self.assertDefer(person, NOW + 6 * DAY, category=category)
                else:
                    self.assertSend(person, category=category)

    def test_message_of_no_kind_obeys_and_counts(self):
        self._create_policy(self._cap(1))
        person = self._create_person()
        touch = self._create_touch(person, NOW - DAY)
        self.assertTrue(touch.counts)
        self.assertDefer(person, NOW + 6 * DAY)
