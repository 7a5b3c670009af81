from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain
from odoo.tests import tagged

from .common import StrategyCase
from .segment_use_common import SegmentUseMixin


@tagged("post_install", "-at_install")
class TestSegmentUse(SegmentUseMixin, StrategyCase):
    """Segments wherever Odoo takes a filter."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.oslo = cls._create_partners(3, "oslo", city="Oslo")
        cls.bergen = cls._create_partners(2, "bergen", city="Bergen")
        cls.nowhere = cls._create_partners(1, "nowhere")
        cls.everybody = cls.oslo | cls.bergen | cls.nowhere
        cls.in_oslo = cls._create_segment("Oslo")
        cls.in_bergen = cls._create_segment("Bergen")
        cls.reader = cls.env["mailing.contact"].create(
            {"name": "Reader", "email": cls.oslo[0].email}
        )
        cls.stranger = cls.env["mailing.contact"].create({"name": "No address"})

    def _search(self, domain, among=None):
        among = self.everybody if among is None else among
        return among.search(Domain("id", "in", among.ids) & Domain(domain))

    def assertFound(self, domain, expected, among=None):
        """Searching finds them, and so does filtering in memory."""
        among = self.everybody if among is None else among
        found = self._search(domain, among)
        self.assertEqual(found, found & expected)
        self.assertEqual(found & expected, expected & among)
        self.env.invalidate_all()
        self.assertEqual(set(among.filtered_domain(domain)), set(expected))

    # ------------------------------------------------------------
    # Searching
    # ------------------------------------------------------------

    def test_profile(self):
        people = self.everybody.profile_id
        self.assertFound(
            [("segment_ids", "in", self.in_oslo.ids)], self.oslo.profile_id, people
        )
        self.assertFound(
            [("segment_ids", "not in", self.in_oslo.ids)],
            (self.bergen | self.nowhere).profile_id,
            people,
        )
        self.assertFound([("segment_ids", "=", False)], self.nowhere.profile_id, people)
        self.assertFound(
            [("segment_ids", "!=", False)],
            (self.oslo | self.bergen).profile_id,
            people,
        )

    def test_contact(self):
        both = (self.in_oslo | self.in_bergen).ids
        self.assertFound([("segment_ids", "in", self.in_oslo.ids)], self.oslo)
        self.assertFound([("segment_ids", "in", both)], self.oslo | self.bergen)
        self.assertFound([("segment_ids", "not in", both)], self.nowhere)
        self.assertFound([("segment_ids", "=", False)], self.nowhere)
        self.assertFound(
            ["!", ("segment_ids", "=", self.in_oslo.id)], self.bergen | self.nowhere
        )

    def test_by_name(self):
        self.assertEqual(self._search([("segment_ids", "ilike", "osl")]), self.oslo)
        self.assertEqual(
            self._search([("segment_ids", "not ilike", "osl")]),
            self.bergen | self.nowhere,
        )
        self.assertEqual(
            self._search([("segment_ids.name", "=", "Bergen")]), self.bergen
        )
        self.assertEqual(
            self._search([("segment_ids", "ilike", "none such")]),
            self.env["res.partner"],
        )

    def test_mailing_contact(self):
        among = self.reader | self.stranger
        of_oslo = [("segment_ids", "in", self.in_oslo.ids)]
        self.assertFound(of_oslo, self.reader, among)
        self.assertFound(["!", *of_oslo], self.stranger, among)
        self.assertFound([("segment_ids", "=", False)], self.stranger, among)

    def test_which_segments_somebody_is_in(self):
        self._create_segment("North", domain=[("partner_id.city", "!=", False)])
        names = self.oslo[0].segment_ids.mapped("name")
        self.assertEqual(names, ["North", "Oslo"])
        self.assertEqual(self.reader.segment_ids, self.oslo[0].segment_ids)
        self.assertFalse(self.stranger.segment_ids)

    def test_one_question_for_each_segment(self):
        ids = self.everybody.profile_id.ids
        counts = []
        for few in (ids[:1], ids[:1], ids):  # the first fills Odoo's own caches
            self.env.invalidate_all()
            some = self.env["contact.profile"].browse(few)
            some.mapped("name")
            before = self.cr.sql_log_count
            some.mapped("segment_ids")
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    def test_filter_of_mailings(self):
        mailing_filter = self.env["mailing.filter"].create(
            {
                "name": "Oslo",
                "mailing_domain": repr([("segment_ids", "in", self.in_oslo.ids)]),
                "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
            }
        )
        mailing = self._create_mailing(
            self.everybody,
            mailing_filter_id=mailing_filter.id,
            mailing_domain=mailing_filter.mailing_domain,
        )
        self.assertEqual(
            set(mailing._get_recipients()) & set(self.everybody.ids), set(self.oslo.ids)
        )

    def test_record_rule(self):
        self.env["ir.rule"].create(
            {
                "name": "Oslo only",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": repr([("segment_ids", "in", self.in_oslo.ids)]),
                "groups": [Command.link(self.env.ref("base.group_user").id)],
            }
        )
        user = self._create_user("oslo_only")
        partners = self.env["res.partner"].with_user(user)
        found = partners.search([("id", "in", self.everybody.ids)])
        self.assertEqual(found.ids, self.oslo.ids)
        with self.assertRaises(AccessError):
            self.bergen.with_user(user).check_access("read")

    def test_server_action(self):
        action = self.env["ir.actions.server"].create(
            {
                "name": "Note",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "state": "code",
                "code": (
                    f"records.search([('segment_ids', 'in', {self.in_bergen.ids})])"
                    ".write({'comment': 'here'})"
                ),
            }
        )
        action.with_context(
            active_model="res.partner", active_ids=self.bergen.ids
        ).run()
        self.assertEqual(self.everybody.filtered("comment"), self.bergen)

    def test_not_for_whom_profiles_are_nothing(self):
        user = self._create_user("no_strategy")
        with self.assertRaises(AccessError):
            self.oslo.with_user(user).search([("segment_ids", "!=", False)])

    # ------------------------------------------------------------
    # Leads, registrations ...: no profile of their own
    # ------------------------------------------------------------

    def test_other_models(self):
        if "crm.lead" not in self.env:
            self.skipTest("crm is not installed")
        leads = self.env["crm.lead"].create(
            [
                {"name": "By contact", "partner_id": self.oslo[0].id},
                {"name": "By address", "email_from": f"X <{self.oslo[1].email}>"},
                {"name": "Bergen", "email_from": self.bergen[0].email},
                {"name": "Nobody knows", "email_from": "new@strategy.test"},
                {"name": "No address"},
            ]
        )
        of_oslo = [("segment_ids", "in", self.in_oslo.ids)]
        self.assertFound(of_oslo, leads[:2], leads)
        self.assertFound(["!", *of_oslo], leads[2:], leads)
        self.assertFound([("segment_ids", "=", False)], leads[3:], leads)
        rows = self.env["contact.profile"]._resolve_rows(
            "crm.lead", leads.ids, create=False
        )
        self.assertEqual(
            [profile for _id, profile, _address in rows[:3]],
            [*self.oslo[:2].profile_id.ids, self.bergen[0].profile_id.id],
        )

    def test_field_is_where_mailings_go(self):
        for model in self.env.registry.values():
            if getattr(model, "_mailing_enabled", False) and not model._abstract:
                expected = model._name != "mailing.list"
                self.assertEqual("segment_ids" in model._fields, expected, model._name)
        self.assertNotIn("segment_ids", self.env["res.country"]._fields)

    # ------------------------------------------------------------
    # Broken
    # ------------------------------------------------------------

    def test_broken_is_nobody(self):
        self._break(self.in_oslo)
        self.assertFalse(self._search([("segment_ids", "in", self.in_oslo.ids)]))
        self.assertFalse(self.oslo.segment_ids)

    def test_broken_is_never_everybody_else(self):
        self._break(self.in_oslo)
        for operator, value in (
            ("not in", self.in_oslo.ids),
            ("!=", self.in_oslo.id),
            ("=", False),
            ("not ilike", "oslo"),
        ):
            for among in (self.everybody, self.everybody.profile_id, self.reader):
                with (
                    self.subTest(operator=operator, model=among._name),
                    self.assertRaisesRegex(UserError, "Oslo"),
                ):
                    self._search([("segment_ids", operator, value)], among)
        with self.assertRaises(UserError):
            self._search(["!", ("segment_ids", "in", self.in_oslo.ids)])

    def test_a_segment_that_names_itself_by_a_field(self):
        line = self.in_oslo.condition_ids
        for operator in ("in", "not in"):
            domain = repr([("segment_ids", operator, self.in_oslo.ids)])
            self.env.cr.execute(
                "UPDATE contact_segment_condition SET domain = %s WHERE id = %s",
                [domain, line.id],
            )
            self.env.invalidate_all()
            self.assertIn("Oslo > Oslo", self.in_oslo.problem)
            self.assertFalse(self.in_oslo._get_domain().is_true())
            self.assertFalse(self._search([("segment_ids", "in", self.in_oslo.ids)]))

    def test_a_segment_that_names_a_broken_one_by_a_field(self):
        for operator in ("in", "not in"):
            domain = [("segment_ids", operator, self.in_oslo.ids)]
            other = self._create_segment(f"Not {operator}", domain=domain)
            self.assertFalse(other.problem)
            self._break(self.in_oslo)
            self.assertIn("Oslo", other.problem)
            self._mend(self.in_oslo)
            self.env.invalidate_all()
            self.assertFalse(other.problem)

    def test_deleted_is_never_everybody_else(self):
        gone = self.in_oslo.ids
        self.in_oslo.unlink()
        self.assertFalse(self._search([("segment_ids", "in", gone)]))
        with self.assertRaises(UserError):
            self._search([("segment_ids", "not in", gone)])
