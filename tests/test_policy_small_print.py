from decimal import Decimal
from types import SimpleNamespace

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.mass_mailing_contact_strategy.models.policy.engine_plan import (
    Decision,
    Group,
)
from odoo.addons.mass_mailing_contact_strategy.models.policy.engine_zone import ZoneBook
from odoo.addons.mass_mailing_contact_strategy.models.policy.recipients import (
    Recipients,
)

from .common import ADDON, SECOND
from .version_common import VersionCase


@tagged("post_install", "-at_install")
class TestPolicySmallPrint(VersionCase):
    """Details of what versions say, and of who may ask what."""

    # ------------------------------------------------------------
    # Versions
    # ------------------------------------------------------------

    def test_a_policy_that_starts_by_itself_is_one_of_several(self):
        tag = self.env["contact.tag"].search([], limit=1)
        other = self._create_policy(self._cap(2), name="Starts", start_tag_id=tag.id)
        (self.policy | other).write({"description": "<p>Changed</p>"})
        self.assertFalse(other.start_tag_id)

    def test_a_draft_is_not_in_force(self):
        self._need_approval()
        self._save()
        policies = self.env["contact.policy"].with_user(self.users["author"])
        draft = policies.create({"name": "New", "active": False})
        self._save()
        self.assertTrue(draft.proposal_ids)
        Version = self.env["contact.policy.version"]
        self.assertEqual(Version._in_force(draft), {})
        self.assertTrue(Version._in_force(self.policy))

    def test_by_which_versions_was_decided(self):
        unit = self.env.company
        branch, other = self.env["res.company"].create(
            [{"name": "Branch", "parent_id": unit.id}, {"name": "Other"}]
        )
        own = self._create_policy(self._cap(2), name="Own", company_id=unit.id)
        self._save()
        version, general = self._versions(own), self._versions()
        at = version.valid_from

        def asked(company, moment=at):
            found = version.browse()._in_force_at(moment, company)
            return [one for one in (version, general) if one in found]

        self.assertEqual(asked(unit), [version, general])
        self.assertEqual(asked(branch), [version, general])
        self.assertEqual(asked(other), [general])
        self.assertNotIn(version, asked(unit, at - SECOND))
        self.assertEqual(asked(unit, general.valid_from - SECOND), [])
        own.active = False
        self.assertVersions(2, own)
        last = self._versions(own)[-1]
        found = last.browse()._in_force_at(last.valid_from, unit)
        self.assertNotIn(own, found.policy_id)

    def test_its_place_among_the_others(self):
        other = self._create_policy(self._cap(2), name="Second", sequence=30)
        self._save()
        order = self.policy._version_terms()["order"]
        self.assertEqual(order.count(self.policy.id), 1)
        self.assertEqual(order.count(other.id), 1)
        self.assertLess(order.index(self.policy.id), order.index(other.id))
        self.policy.sequence = 40
        version = self.assertVersions(2)
        said = [text for _sign, text in version._say_changes()]
        self.assertEqual(said, ["Asked first", "Asked after “Second”"])

    def test_the_reason_is_kept_with_what_is_amended(self):
        self._save()
        self.policy.write({"is_guard": True, "change_reason": "For all"})
        self.env.cr.flush()
        self.policy.write({"domain": "[('tz', '=', 'UTC')]"})
        self.assertEqual(self.assertVersions(2).reason, "For all")
        self.rule.max_touches = 3
        self.env.cr.flush()
        self.policy.write({"is_guard": False, "change_reason": "Said at last"})
        self.assertEqual(self.assertVersions(3).reason, "Said at last")

    # ------------------------------------------------------------
    # What is different in rules that read alike
    # ------------------------------------------------------------

    def _said(self, **values):
        """The difference from the first value of each to the second."""
        before, after = ({k: v[i] for k, v in values.items()} for i in (0, 1))
        return self.env["contact.policy.rule"]._say_version_details(before, after)

    def test_details_of_a_rule(self):
        Rule = self.env["contact.policy.rule"]
        dollar, euro = self.env.ref("base.USD"), self.env.ref("base.EUR")
        label = Rule._fields["currency_id"]._description_string(self.env)
        self.assertEqual(
            self._said(currency_id=(dollar.id, euro.id)), f"{label}: USD → EUR"
        )
        self.assertEqual(
            self._said(currency_id=(False, euro.id)), f"{label}: none → EUR"
        )
        label = Rule._fields["count_per"]._description_string(self.env)
        kinds = dict(Rule._fields["count_per"]._description_selection(self.env))
        self.assertEqual(
            self._said(count_per=("inbox", "gone")), f"{label}: {kinds['inbox']} → none"
        )
        label = Rule._fields["holdout_key"]._description_string(self.env)
        self.assertEqual(self._said(holdout_key=(False, "a")), f"{label}: none → a")
        self.assertEqual(self._said(holdout_key=("a", "")), f"{label}: a → none")

    def test_details_that_are_gone_or_the_same(self):
        self.assertEqual(self._said(of_an_addon_that_is_gone=(1, 2)), "")
        self.assertEqual(self._said(max_touches=(2, 2)), "")

    # ------------------------------------------------------------
    # Who asks, and about what
    # ------------------------------------------------------------

    def test_where_messages_go_to(self):
        Profile = self.env["contact.profile"]
        for code, column in (
            ("email", "email_normalized"),
            ("letter", "email_normalized"),
            ("sms", "phone_sanitized"),
            ("call", "phone_sanitized"),
        ):
            channel = self.env.ref(f"{ADDON}.contact_channel_{code}")
            self.assertEqual(Profile._inbox(channel.id), column, code)

    def test_business_unit_that_is_asked_for(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        people = self._as("reader", self._create_partners(1).profile_id)
        question = ("email", None, None, None)
        self.assertTrue(people.check_contact(*question, self.env.company.id))
        self.assertTrue(people.check_contact(*question, self.env.company))
        with self.assertRaises(AccessError):
            people.check_contact(*question, other.id)
        self.assertTrue(people.sudo().check_contact(*question, other.id))

    def test_what_is_asked_about(self):
        Profile = self.env["contact.profile"]
        message = Profile._message("email", None, None)
        self.assertEqual(message.currency_id, self.email.currency_id.id)
        self.assertEqual(message.company_id, self.env.company.id)
        for nonsense in ("x" * 3000, "no such channel", 0, None, [1]):
            with self.assertRaises(UserError):
                Profile._find("contact.channel", nonsense)

    # ------------------------------------------------------------
    # The engine
    # ------------------------------------------------------------

    def test_rules_that_refused(self):
        items = {
            number: SimpleNamespace(question=SimpleNamespace(rule_id=rule_id))
            for number, rule_id in ((1, 7), (2, None), (3, 5))
        }
        people = [(11, 21, "a@x.test")]
        groups = [Group(1, numbers, [], (None, None), people) for numbers in ([1, 3],)]
        decision = Decision(None, items, groups)
        self.assertEqual(decision.refused(), {11: [5, 7]})
        decision.groups = [Group(1, [2], [], (None, None), people)]
        self.assertEqual(decision.refused(), {11: [0]})

    def test_weeks_of_the_company(self):
        company = self.env.company
        company.partner_id.lang = "en_US"
        self.assertEqual(ZoneBook(self.env, company).company_lang, "en_US")

    def test_weeks_of_languages_that_nobody_uses(self):
        Lang = self.env["res.lang"].with_context(active_test=False)
        unused = Lang.search([("active", "=", False)], limit=1)
        starts = self.env["res.lang"]._week_starts()
        self.assertIn(unused.code, starts)
        self.assertIn("en_US", starts)

    def test_rate_of_a_currency(self):
        main = self.env.company.currency_id
        half = self.env["res.currency"].create(
            {"name": "HLF", "symbol": "h", "rate_ids": [(0, 0, {"rate": 2})]}
        )
        self.assertEqual(half._rate_to(main), Decimal("0.5"))
        self.assertEqual(main._rate_to(half), Decimal(2))
        self.assertEqual(half._rate_to(half), Decimal(1))

    def test_a_note_of_a_program(self):
        profile = self._create_person()
        for note, kept in ((None, None), ("Enough", "Enough"), (7, "7")):
            recipients = Recipients(self.rule)
            recipients.hold(profile, note=note)
            refusal = recipients._refusals[profile.id]
            self.assertEqual(refusal.note, kept)
