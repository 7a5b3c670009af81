from freezegun import freeze_time

from odoo.tests import tagged

from .common import ADDON, DAY, HOUR, NOW
from .journey_common import JourneyCase

LATE = NOW - 15 * DAY  # the starter stage allows 14 days


@tagged("post_install", "-at_install")
class TestJourneyRemind(JourneyCase):
    """The owner of a stage is told of people who are overdue: once a day, in one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["contact.profile"].search([]).active = False
        cls.owner = cls._create_user("owner", f"{ADDON}.{ADDON}_group_user")
        cls.lead.write({"user_id": cls.owner.id, "is_owner_reminded": True})

    def _activities(self):
        """What is open, of all stages."""
        return self.env["mail.activity"].search([("res_model", "=", self.Stage._name)])

    def _remind(self):
        self.Stage._cron_remind_owners()
        self.env.invalidate_all()
        return self._activities()

    def test_one_for_all_people(self):
        self._create_travellers(3, self.lead, LATE)
        self._create_traveller(self.lead, NOW, name="newcomer")
        mails = self.env["mail.mail"].search_count([])
        activity = self._remind()
        self.assertRecordValues(
            activity,
            [
                {
                    "res_id": self.lead.id,
                    "user_id": self.owner.id,
                    "summary": "3 people are overdue in “Lead”",
                    "date_deadline": NOW.date(),
                    "automated": True,
                }
            ],
        )
        self.assertIn('href="/odoo/contact-journey-overdue"', activity.note)
        self.assertIn("14 days", activity.note)
        self.assertEqual(self.lead.reminded_date, NOW.date())
        self.assertEqual(self.lead.with_user(self.owner).activity_ids, activity)
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)

    def test_brought_up_to_date(self):
        """The same one the next day, with the number of that day."""
        people = self._create_travellers(3, self.lead, LATE)
        activity = self._remind()
        people[:2].with_context(stage_reason="Bought").journey_stage_id = self.customer
        with freeze_time(NOW + DAY):
            self.assertEqual(self._remind(), activity)
            self.assertEqual(activity.summary, "1 person is overdue in “Lead”")
            self.assertEqual(activity.date_deadline, (NOW + DAY).date())
            people[2].journey_stage_id = self.customer
            self.assertFalse(self._remind(), "nobody is late any more")

    def test_done_is_done_for_the_day(self):
        self._create_travellers(2, self.lead, LATE)
        self._remind().with_user(self.owner).action_done()
        self.assertFalse(self._remind())
        with freeze_time(NOW + HOUR):
            self.assertFalse(self._remind())
        with freeze_time(NOW + DAY):
            self.assertEqual(len(self._remind()), 1)

    def test_who_is_told(self):
        """The owner of today; nobody where that is switched off or who cannot look."""
        self._create_travellers(2, self.lead, LATE)
        own = self.lead.activity_schedule("mail.mail_activity_data_todo", summary="Own")
        own.automated = False
        self._remind()
        other = self._create_user("other", f"{ADDON}.{ADDON}_group_user")
        self.lead.reminded_date = False
        self.lead.user_id = other
        self.assertEqual((self._remind() - own).user_id, other)
        for vals in (
            {"is_owner_reminded": False},
            {"user_id": False},
            {"user_id": self._create_user("stranger").id},
            {"kind": "gate"},
        ):
            with self.subTest(vals), self.env.cr.savepoint() as savepoint:
                self.lead.write(vals)
                self.assertEqual(self._remind(), own)
                savepoint.rollback()
                self.env.invalidate_all(flush=False)
        self.assertEqual(len(self._remind()), 2)

    def test_only_whom_the_owner_may_see(self):
        unit = self.env["res.company"].create({"name": "Unit"})
        self._create_traveller(self.lead, LATE, name="ours")
        self._create_traveller(self.lead, LATE, name="theirs", company_id=unit.id)
        self.assertEqual(self._remind().summary, "1 person is overdue in “Lead”")
        self.owner.company_ids += unit
        self.assertEqual(self._remind().summary, "2 people are overdue in “Lead”")

    def test_in_the_owner_s_language(self):
        """The stage's name, too; and the day is the owner's."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.lead.with_context(lang="fr_FR").name = "Piste"
        self.owner.write({"lang": "fr_FR", "tz": "Pacific/Auckland"})
        self._create_traveller(self.lead, LATE)
        with freeze_time(NOW.replace(hour=23)):
            activity = self._remind()
            self.assertIn("Piste", activity.summary)
            self.assertEqual(activity.date_deadline, (NOW + DAY).date())

    def test_put_away_with_its_stage(self):
        person = self._create_traveller(self.lead, LATE)
        self._remind()
        person.journey_stage_id = self.customer
        self.lead.action_archive()
        self.assertFalse(self._remind())
