import doctest

from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.reports import difference

from .common import ADDON, DAY, HOUR, NOW, SECOND
from .report_common import ReportCase


class HoldoutCase(ReportCase):
    """A rule that leaves out a share, and a mailing that it kept from some."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy = cls._create_policy(
            {"rule_type": "holdout", "holdout_share": 10}, name="Everybody", sequence=5
        )
        cls.rule = cls.policy.rule_ids
        cls.mailing = cls._create_mailing(cls.people.partner_id)
        cls._hold(cls.anna)
        cls.touch = cls._send(cls.ben)
        cls._send(cls.cid)

    @classmethod
    def _hold(cls, person, date=NOW - 10 * DAY, rules=None, **vals):
        rules = rules or cls.rule
        return cls.env["contact.hold"].create(
            {
                "mailing_id": cls.mailing.id,
                "profile_id": person.id,
                "res_model": "res.partner",
                "res_id": person.partner_id.id,
                "date": date,
                "decision": "hold",
                "state": "held",
                "rule_id": rules[0].id,
                "policy_id": rules[0].policy_id.id,
                "facts": {"rules": [{"rule": rule.id} for rule in rules]},
                **vals,
            }
        )

    @classmethod
    def _send(cls, person, date=NOW - 10 * DAY, **vals):
        values = {"mailing_id": cls.mailing.id, **vals}
        return cls._create_touch(person, date, **values)

    def _row(self, rule=None, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        rows = self.env["contact.holdout"].with_user(user or self.env.user)
        return rows.search([("rule_id", "=", (rule or self.rule).id)])

    def _groups(self, **options):
        row = self._row(**options)
        return row.held_count, row.mailed_count

    def _rates(self, answer):
        row = self._row()
        return row[f"held_{answer}_rate"], row[f"mailed_{answer}_rate"]


@tagged("post_install", "-at_install")
class TestReportHoldout(HoldoutCase):
    """What people did who were mailed, and who were held out."""

    def test_doctests(self):
        self.assertEqual(doctest.testmod(difference).failed, 0)

    def test_groups(self):
        """Whom the rule kept from the mailing, and who got it."""
        self.assertEqual(self._groups(), (1, 2))
        row = self._row()
        self.assertEqual((row.policy_id, row.rule_id), (self.policy, self.rule))

    def test_only_this_rule(self):
        """Whoever other rules refused, too, would not have got it either."""
        cap = self.env["contact.policy.rule"].create(
            {"policy_id": self.policy.id, **self._cap()}
        )
        hold = self.env["contact.hold"].search([("mailing_id", "=", self.mailing.id)])
        hold.facts = {"rules": [{"rule": self.rule.id}, {"rule": cap.id}]}
        self.assertEqual(self._groups(), (0, 0))

    def test_same_mailings(self):
        """Another mailing, from which the rule kept nobody, compares nothing."""
        other = self._create_mailing(self.people.partner_id)
        four = self._create_person("dora")
        self._send(four, mailing_id=other.id)
        self.assertEqual(self._groups(), (1, 2))
        self._hold(self.anna, mailing_id=other.id)
        self.assertEqual(self._groups(), (1, 3))

    def test_ninety_days(self):
        """Also the mailings of which nobody was held out since."""
        hold = self.env["contact.hold"].search([("mailing_id", "=", self.mailing.id)])
        hold.date = NOW - 90 * DAY
        self.assertEqual(self._groups(), (1, 2))
        self.touch.date = NOW - 90 * DAY - SECOND
        self.assertEqual(self._groups(), (1, 1))
        hold.date = NOW - 90 * DAY - SECOND
        self.assertEqual(self._groups(), (0, 0))

    def test_what_did_not_leave(self):
        for vals, count in (
            ({"state": "failed"}, 1),
            ({"state": "sent", "counts": False}, 1),
            ({"counts": True}, 2),
        ):
            self.touch.write(vals)
            self.assertEqual(self._groups(), (1, count))

    def test_in_both_groups(self):
        """The rule was changed: nobody can tell what brought what."""
        self._send(self.anna, NOW - 5 * DAY)
        self.assertEqual(self._groups(), (0, 2))

    def test_an_override(self):
        self.touch.override_id = self.env["contact.override"].create(
            {"mailing_id": self.mailing.id, "reason": "Recall"}
        )
        self.assertEqual(self._groups(), (1, 1))

    def test_test_addresses(self):
        self.ben.is_seed = True
        self.anna.is_seed = True
        self.assertEqual(self._groups(), (0, 1))

    def test_people_of_the_policy(self):
        """Of the first that is for them; a guard is asked about its own."""
        self._create_policy(domain=repr([("name", "=", "cid")]), sequence=1)
        self.assertEqual(self._groups(), (1, 1))
        self.policy.is_guard = True
        self.assertEqual(self._groups(), (1, 2))
        self.policy.domain = repr([("name", "!=", "anna")])
        self.assertEqual(self._groups(), (0, 2))

    def test_each_rule(self):
        """A row for each, also where nobody was held out; none for what is off."""
        other = self._create_policy(
            {"rule_type": "holdout", "holdout_share": 5}, is_guard=True
        )
        rule = other.rule_ids
        self.assertEqual(self._groups(rule=rule), (0, 0))
        rule.active = False
        self.assertFalse(self._row(rule))
        self.policy.active = False
        self.assertFalse(self._row())

    def test_other_units(self):
        """People and messages of other units are not counted; nor their policies."""
        self.ben.partner_id.company_id = self.unit
        self.assertEqual(self._groups(user=self.user), (1, 1))
        hold = self.env["contact.hold"].search([("mailing_id", "=", self.mailing.id)])
        hold.company_id = self.unit
        self.assertEqual(self._groups(user=self.user), (0, 0))
        self.policy.company_id = self.unit
        self.assertFalse(self._row(user=self.user))

    def test_responded(self):
        """Since then, to whatever; an opened message is no answer."""
        self.assertEqual(self._rates("responded"), (0, 0))
        self.touch.write({"opened": True, "opened_date": NOW})
        self.assertEqual(self._rates("responded"), (0, 0))
        self.touch.write({"clicked": True, "clicked_date": NOW})
        self.assertEqual(self._rates("responded"), (0, 500))
        before = {"clicked": True, "clicked_date": NOW - 10 * DAY - SECOND}
        other = self._create_touch(self.anna, NOW - 20 * DAY, **before)
        self.assertEqual(self._rates("responded"), (0, 500))
        other.clicked_date = NOW - 10 * DAY
        self.assertEqual(self._rates("responded"), (1000, 500))

    def test_opted_out(self):
        """As in Dose and Harm."""
        for person, moment, rates in (
            (self.anna, NOW - 10 * DAY - SECOND, (0, 0)),
            (self.ben, NOW, (0, 500)),
            (self.anna, NOW - 10 * DAY, (1000, 500)),
        ):
            self.env["mailing.subscription"].create(
                {
                    "contact_id": self.env["mailing.contact"]
                    .create({"email": person.email_normalized})
                    .id,
                    "list_id": self.env["mailing.list"].create({"name": "News"}).id,
                    "opt_out": True,
                    "opt_out_datetime": moment,
                }
            )
            self.assertEqual(self._rates("opted_out"), rates)

    def test_ordered(self):
        if "sale.order" not in self.env:
            self.assertIn("Without the app Sales", self._row().verdict)
            self.assertEqual(self._rates("ordered"), (0, 0))
            self.skipTest("Sales is not installed.")
        for person, moment, state, rates in (
            (self.anna, NOW - 10 * DAY - HOUR, "sale", (0, 0)),
            (self.ben, NOW, "draft", (0, 0)),
            (self.ben, NOW, "sale", (0, 500)),
            (self.ben, NOW, "sale", (0, 500)),
            (self.anna, NOW - 10 * DAY, "sale", (1000, 500)),
        ):
            order = self.env["sale.order"].create({"partner_id": person.partner_id.id})
            order.write({"state": state, "date_order": moment})
            self.assertEqual(self._rates("ordered"), rates)

    def test_what_it_says(self):
        """A difference, chance, or too few to tell."""
        self.patch(type(self.env["contact.holdout"]), "_knows_orders", lambda _s: True)
        Row = self.env["contact.holdout"]
        for numbers, said in (
            ((1, 29, 20, 1000), "Too few"),
            ((50, 1000, 100, 1000), "26.8 to 73.0 more order"),
            ((100, 1000, 50, 1000), "26.8 to 73.0 fewer order"),
            ((100, 1000, 100, 1000), "26.4 fewer to 26.4 more"),
        ):
            names = ("held_ordered", "held_count", "mailed_ordered", "mailed_count")
            row = Row.new(dict(zip(names, numbers, strict=True)))
            self.assertIn(said, row.verdict)

    def test_click(self):
        action = self._row().action_view_held()
        holds = self.env["contact.hold"].search(action["domain"])
        self.assertEqual(holds.profile_id, self.anna)

    def test_set_based(self):
        """As many statements, however many people."""
        queries = []
        for name in ("dora", "emil", "fred"):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._row()
            queries.append(self.env.cr.sql_log_count - before)
            self._send(self._create_person(name))
        self.assertEqual(queries[1], queries[2])


@tagged("post_install", "-at_install")
class TestReportHoldoutGate(HoldoutCase):
    """As the gate writes it."""

    def test_who_is_held_out(self):
        """The facts of its holds are what the report looks for."""
        self.env.cr.execute(SQL("DELETE FROM contact_hold"))
        engine = self.env["contact.policy.engine"]
        self.rule.holdout_share = 99.99
        self.env.flush_all()
        mailing = self._create_mailing(self.people.partner_id)
        crowd = mailing._contact_crowd(self.people.partner_id.ids, create=False)
        plan = engine._plan(mailing._contact_message())
        decided = engine._decide(plan, crowd.people(), NOW)
        refused = engine._explain(plan, decided)
        self.env["contact.hold"]._note(mailing, refused, NOW, versions=plan.versions)
        self.env.invalidate_all()
        self.assertEqual(self._groups(), (3, 0))
        reader = self._create_user("reader", f"{ADDON}.{ADDON}_group_user")
        self.assertEqual(self._groups(user=reader), (3, 0))
