from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from .common import DAY, NOW, SECOND
from .signal_common import OLD, SignalCase
from .signal_oracle import Fact

LOGGER = (
    "odoo.addons.mass_mailing_contact_strategy.models.insight.contact_signal_evaluate"
)


@tagged("post_install", "-at_install")
class TestSignalRun(SignalCase):
    """When and of whom signals are evaluated."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna = cls._create_person("anna")
        cls.bert = cls._create_person("bert")

    def _people(self, signal, now=NOW, **options):
        signal._evaluate(now=now, **options)
        signal.invalidate_recordset()
        return signal.hit_ids.profile_id

    def test_window_ends_at_the_second(self):
        self._write_facts([Fact(self.anna.id, NOW - 7 * DAY)])
        signal = self._create_signal(window_value=7)
        self.assertEqual(self._people(signal, NOW - SECOND, full=True), self.anna)
        self.assertFalse(self._people(signal, NOW, full=True))

    def test_window_ends_by_the_passing_of_time_alone(self):
        self._write_facts([Fact(self.anna.id, NOW - 7 * DAY)])
        signal = self._create_signal(window_value=7)
        self.assertEqual(self._people(signal, NOW - DAY), self.anna)
        self.env.cr.execute("UPDATE contact_profile SET is_signal_due = NULL")
        self.assertEqual(self._people(signal, NOW - SECOND), self.anna)
        self.assertFalse(self._people(signal, NOW))

    def test_a_month_is_a_calendar_month(self):
        end = NOW.replace(month=3, day=31)
        self._write_facts([Fact(self.anna.id, NOW.replace(month=2, day=28))])
        signal = self._create_signal(window_value=1, window_unit="month")
        self.assertFalse(self._people(signal, end, full=True))
        self.assertEqual(self._people(signal, end - SECOND, full=True), self.anna)

    def test_future_records_do_not_count_yet(self):
        self._write_facts([Fact(self.anna.id, NOW + DAY)])
        signal = self._create_signal()
        self.assertFalse(self._people(signal))
        self.assertEqual(self._people(signal, NOW + DAY), self.anna)

    def test_test_addresses_are_left_out(self):
        self._write_facts([Fact(self.anna.id, OLD)])
        signal = self._create_signal()
        self.assertEqual(self._people(signal), self.anna)
        self.anna.is_seed = True
        self.assertFalse(self._people(signal, NOW + DAY))

    def test_only_differences_are_written(self):
        self._write_facts([Fact(self.anna.id, OLD), Fact(self.bert.id, OLD)])
        signal = self._create_signal()
        self._people(signal)
        self.env.cr.execute("SELECT xmin, ctid FROM contact_signal_hit")
        before = self.env.cr.fetchall()
        self._people(signal, NOW + DAY, full=True)
        self.env.cr.execute("SELECT xmin, ctid FROM contact_signal_hit")
        self.assertEqual(self.env.cr.fetchall(), before)

    def test_one_that_fails_stops_no_other(self):
        self._write_facts([Fact(self.anna.id, OLD)])
        good, bad = self._create_signal(), self._create_signal(name="Bad")
        self.env.flush_all()
        self.env.cr.execute(
            SQL("UPDATE contact_signal SET domain = '[(' WHERE id = %s", bad.id)
        )
        self.env.invalidate_all()
        with self.assertLogs(LOGGER, "WARNING") as logs:
            (good | bad)._evaluate(now=NOW)
        self.assertEqual(len(logs.output), 1)
        self.assertTrue(bad.error)
        self.assertFalse(good.error)
        self.assertEqual(good.hit_ids.profile_id, self.anna)
        with mute_logger(LOGGER):
            bad.domain = "[]"
        self.assertFalse(bad.error)
        self.assertEqual(self._people(bad), self.anna)

    def test_an_edited_signal_asks_everybody(self):
        self._write_facts([Fact(self.anna.id, OLD), Fact(self.anna.id, OLD)])
        self._write_facts([Fact(self.bert.id, OLD)])
        signal = self._create_signal()
        self.assertEqual(self._people(signal), self.anna | self.bert)
        signal.threshold = 2
        self.assertEqual(self._people(signal, NOW + SECOND), self.anna)

    def test_switched_off_is_true_of_nobody(self):
        self._write_facts([Fact(self.anna.id, OLD)])
        signal = self._create_signal()
        self._people(signal)
        self.assertEqual(self.anna.implicit_tag_ids, self.tag)
        signal.active = False
        self.assertFalse(signal.hit_ids)
        self.assertFalse(self.anna.implicit_tag_ids)
        with self.assertRaises(UserError):
            signal.action_run_now()

    def test_as_many_queries_for_many_people(self):
        people = self._create_partners(30).profile_id
        self._write_facts([Fact(person.id, OLD) for person in people])
        signal = self._create_signal()
        queries = []
        for limit in (3, 30):
            signal.domain = repr([("profile_id", "in", people.ids[:limit])])
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            signal._evaluate(now=NOW, full=True)
            self.env.flush_all()
            queries.append(self.env.cr.sql_log_count - before)
        self.assertEqual(len(signal.hit_ids), 30)
        self.assertLessEqual(queries[1], queries[0] + 2)

    # ------------------------------------------------------------
    # Whose record is it?
    # ------------------------------------------------------------

    def test_paths_to_the_person(self):
        contact = self.env["mailing.contact"].create(
            [{"name": "m", "email": "m@strategy.test"} for _index in range(2)]
        )
        owner = contact.profile_id.ensure_one()
        partner = self.anna.partner_id
        cases = {
            ("res.partner", "id"): (f"[('id', '=', {partner.id})]", self.anna),
            ("res.partner", "email"): (f"[('id', '=', {partner.id})]", self.anna),
            ("res.partner", "user_id.partner_id"): ("[('id', '=', 0)]", None),
            ("mailing.contact", "id"): (f"[('id', 'in', {contact.ids})]", owner),
            ("mailing.contact", "email"): (f"[('id', 'in', {contact.ids})]", owner),
            ("contact.profile", "id"): (f"[('id', '=', {self.bert.id})]", self.bert),
        }
        for (model, path), (domain, person) in cases.items():
            with self.subTest(model=model, path=path):
                signal = self._create_signal(
                    model,
                    person_path=path,
                    date_path="create_date",
                    domain=domain,
                )
                now = self.env.cr.now() + DAY
                found = self._people(signal, now.replace(microsecond=0))
                self.assertEqual(found, person or found.browse())
                if person == owner:
                    self.assertEqual(signal.hit_ids.fact_count, 2)

    def test_an_address_with_a_name(self):
        mailing = self._create_mailing(self.anna.partner_id)
        traces = self.env["mailing.trace"].create(
            [
                {
                    "model": "res.partner",
                    "res_id": 1,
                    "mass_mailing_id": mailing.id,
                    "email": email,
                    "open_datetime": OLD,
                }
                for email in ("Anna <ANNA@strategy.test>", " anna@Strategy.test ", "x")
            ]
        )
        self._date_writing(traces, OLD)
        signal = self._create_signal(
            "mailing.trace", person_path="email", date_path="open_datetime"
        )
        self.assertEqual(self._people(signal), self.anna)
        self.assertEqual(signal.hit_ids.fact_count, 2)

    def test_another_address_has_other_records(self):
        mailing = self._create_mailing(self.anna.partner_id)
        trace = self.env["mailing.trace"].create(
            {
                "model": "res.partner",
                "res_id": 1,
                "mass_mailing_id": mailing.id,
                "email": "new@strategy.test",
                "open_datetime": OLD,
            }
        )
        self._date_writing(trace, OLD)
        signal = self._create_signal(
            "mailing.trace", person_path="email", date_path="open_datetime"
        )
        self.assertFalse(self._people(signal))
        self.anna.partner_id.email = "new@strategy.test"
        self.assertEqual(self._people(signal, NOW + DAY), self.anna)
        self.anna.partner_id.email = "other@strategy.test"
        self.assertFalse(self._people(signal, NOW + 2 * DAY))

    def test_a_phone_number(self):
        """Written in any way; of several who have it, a person before a company."""
        if "phone_sanitized" not in self.env["res.partner"]._fields:
            self.skipTest("phone_validation is not installed")
        country = self.env.ref("base.no").id
        anna, bert = self.anna.partner_id, self.bert.partner_id
        anna.write({"phone": "22 86 44 00", "country_id": country})
        self.assertEqual(self.anna.phone_sanitized, "+4722864400")
        shop, other = self.env["res.partner"].create(
            [
                {"name": "Shop", "is_company": True, "phone": "+47 (22) 86-44-00"},
                {"name": "Other", "is_company": True, "phone": "ask for it"},
            ]
        )
        self._date_writing(shop + other, OLD)
        signal = self._create_signal(
            "res.partner",
            person_path="phone",
            domain=repr([("id", "in", (shop + other).ids)]),
            date_path="create_date",
        )
        self.assertEqual(self._people(signal), self.anna)
        self.assertEqual(signal.hit_ids.fact_count, 1)
        nobody = self.anna.browse()
        for moment, partner, phone, owner, heir in (
            # who has a number that somebody left is found by the night's run at last
            (1, anna, "+47 22 86 44 01", nobody, shop.profile_id),
            (2, bert, "+47 22 86 44 00", self.bert, self.bert),
            (3, anna, "+47 22 86 44 00", self.anna, self.anna),
            (4, anna, False, nobody, self.bert),
        ):
            with self.subTest(moment):
                self.env.flush_all()
                self.env.cr.execute("UPDATE contact_profile SET is_signal_due = NULL")
                partner.phone = phone
                self.env.flush_all()
                self.assertIn(self._people(signal, NOW + moment * DAY), (owner, heir))
                now = NOW + moment * DAY + SECOND
                self.assertEqual(self._people(signal, now, full=True), heir)

    # ------------------------------------------------------------
    # Merged, and needed by nobody
    # ------------------------------------------------------------

    def test_merged_people_count_together(self):
        self._write_facts([Fact(self.anna.id, OLD), Fact(self.bert.id, OLD)])
        signal = self._create_signal()
        self.assertEqual(self._people(signal), self.anna | self.bert)
        self.bert._merge_into(self.anna)
        self.assertEqual(self._people(signal, NOW + DAY), self.anna)
        self.assertEqual(signal.hit_ids.fact_count, 2)

    def test_hits_keep_no_profile(self):
        contact = self.env["mailing.contact"].create({"email": "x@strategy.test"})
        profile = contact.profile_id
        self.env["contact.signal.hit"].create(
            {"signal_id": self._create_signal().id, "profile_id": profile.id}
        )
        contact.unlink()
        self.assertFalse(profile.exists())
