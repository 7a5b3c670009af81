from datetime import datetime
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, MissingError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import DAY, NOW
from .test_security import SecurityCase


@tagged("post_install", "-at_install")
class TestRightsPeople(SecurityCase):
    """Who may not write the strategy cannot get around it by way of people."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.unit = cls.env["res.company"].create({"name": "Unit"})
        cls.mailed = cls._create_touch(
            cls.person, NOW - 2 * DAY, mailing_id=cls.mailing.id
        )

    def _as(self, login, record):
        return record.with_user(self.users[login])

    def test_test_addresses_are_for_managers(self):
        for login in ("mailing", "user"):
            person = self._as(login, self.person)
            with (
                self.subTest(login=login),
                self.assertRaisesRegex(AccessError, "test address"),
            ):
                person.write({"is_seed": True})
            person.tz = "Europe/Oslo"
            with self.assertRaisesRegex(AssertionError, "readonly"), Form(person) as f:
                f.is_seed = True
        self.assertFalse(self.person.is_seed)
        with Form(self._as("manager", self.person)) as form:
            form.is_seed = True
        self.assertTrue(self.person.is_seed)

    def test_who_somebody_is_follows_the_records(self):
        other = self._create_person("bea")
        for login in ("mailing", "manager"):
            person = self._as(login, self.person)
            for vals in (
                {"partner_id": False},
                {"partner_id": other.partner_id.id},
                {"email_normalized": "somebody@else.test"},
                {"company_id": self.unit.id},
            ):
                with (
                    self.subTest(login=login, vals=vals),
                    self.assertRaisesRegex(UserError, "follows"),
                ):
                    person.write(vals)
        self.person.partner_id.with_user(
            self.env.ref("base.user_admin")
        ).email = "new@strategy.test"
        self.assertEqual(self.person.email_normalized, "new@strategy.test")

    def test_history_keeps_its_profile(self):
        with self.assertRaisesRegex(UserError, "Archive"):
            self._as("manager", self.person).unlink()
        self.env.flush_all()
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            self.cr.execute(
                "DELETE FROM contact_profile WHERE id = %s", (self.person.id,)
            )
        self.assertTrue(self.touch.exists())
        target = self._create_person("bea")
        self.person._merge_into(target)
        self.assertEqual(self.touch.profile_id, target)
        self._as("manager", self._create_person("new")).unlink()

    def test_touches_of_mailings_are_history(self):
        touch = self._as("manager", self.mailed)
        for vals in (
            {"state": "failed"},
            {"date": NOW - 99 * DAY},
            {"counts": False},
            {"category_id": self.service.id},
            {"profile_id": self._create_person("bea").id},
            {"mailing_id": False},
            {"channel_id": self.letter.id},
            {"address": "somebody@else.test"},
        ):
            with (
                self.subTest(vals=vals),
                self.assertRaisesRegex(UserError, "history"),
            ):
                touch.write(vals)
        touch.write({"note": "Asked about it", "converted": True})
        self.assertEqual(self.mailed.note, "Asked about it")

    def test_other_touches_are_not_made_those_of_mailings(self):
        touch = self._as("manager", self.touch)
        touch.write({"date": NOW - 3 * DAY, "state": "failed", "counts": False})
        for vals in (
            {"mailing_id": self.mailing.id},
            {"state": "reserved"},
            {"res_id": self.person.partner_id.id},
        ):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                touch.write(vals)

    def test_records_that_are_not_seen_are_not_resolved(self):
        theirs = self._create_person("theirs", company_id=self.unit.id).partner_id
        ours = self.person.partner_id
        ids = [ours.id, theirs.id, ours.search([], order="id desc", limit=1).id + 99]
        Profile = self.env["contact.profile"]
        self.assertEqual(set(Profile.resolve("res.partner", ids)), set(ids[:2]))
        self.assertEqual(
            self._as("user", Profile).resolve("res.partner", ids),
            {ours.id: self.person.id},
        )
        contact = self.env["mailing.contact"].create({"email": "list@strategy.test"})
        for model in ("mailing.contact", "mailing.list"):
            self.assertTrue(self._as("mailing", Profile).resolve(model, contact.ids))
            self.assertFalse(self._as("user", Profile).resolve(model, contact.ids))

    def test_nobody_asks_in_the_name_of_another_unit(self):
        person = self._as("manager", self.person)
        for company in (self.unit, self.unit.id):
            with self.assertRaisesRegex(AccessError, "business unit"):
                person.check_contact("email", company=company)
        self.assertTrue(self.person.check_contact("email", company=self.unit))
        self.users["manager"].company_ids += self.unit
        self.assertTrue(person.check_contact("email", company=self.unit))

    def test_moments_that_cannot_be_meant(self):
        for at in (
            "0001-01-02 00:00:00",
            datetime.max,
            "soon",
            datetime.fromisoformat("2026-05-12T09:00:00+02:00"),
        ):
            with self.subTest(at=at), self.assertRaisesRegex(UserError, "moment"):
                self.person.check_contact("email", at=at)

    def test_an_answer_for_each_or_none(self):
        """Answers are read by position: who vanished meanwhile must not shift them."""
        people = self.person + self._create_person("bea")
        Engine = type(self.env["contact.policy.engine"])
        explain = Engine._explain

        def forget_one(*args):
            verdicts = explain(*args)
            return {id_: verdicts[id_] for id_ in list(verdicts)[1:]}

        with (
            patch.object(Engine, "_explain", forget_one),
            self.assertRaisesRegex(MissingError, "meanwhile"),
        ):
            people.check_contact("email", at=NOW)
