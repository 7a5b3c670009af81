from odoo.fields import Command
from odoo.tests import tagged

from .common import DAY, HOUR, NOW, GateCase

EMAIL_FIELDS = ("email", "email_from")
SKIPPED = {"mailing.list"}
"""Means its contacts: has a test of its own."""


@tagged("post_install", "-at_install")
class TestGateEveryPath(GateCase):
    """Ways that only look as if they led around the gate."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls._create_partners(4)
        cls.tired, cls.fresh = cls.partners[0], cls.partners[1:]
        cls._create_touch(cls.tired.profile_id, NOW - DAY)
        cls.policy = cls._create_policy(cls._cap(1))

    def assertGoverned(self, mailing):
        self.assertOutcome(mailing, self.partners, sent=3, deferred=1)
        self.assertEqual(self._touches(mailing).profile_id, self.fresh.profile_id)

    def test_copy(self):
        mailing = self._create_mailing(self.partners)
        self._launch(mailing)
        again = mailing.copy()
        self._launch(again)
        self.assertOutcome(again, self.partners, deferred=4)

    def test_queued_before_the_policy_was_switched_on(self):
        self.policy.action_archive()
        mailing = self._create_mailing(self.partners)
        mailing.action_put_in_queue()
        self.policy.action_unarchive()
        self._run_queue()
        self.assertGoverned(mailing)

    def test_scheduled_before_the_policy_was_switched_on(self):
        self.policy.action_archive()
        mailing = self._create_mailing(
            self.partners, schedule_type="scheduled", schedule_date=NOW + HOUR
        )
        mailing.action_schedule()
        self.policy.action_unarchive()
        self._go_to(NOW + 2 * HOUR)
        self._run_queue()
        self.assertOutcome(mailing, self.partners, sent=3, deferred=1)

    def _resend(self, mailing):
        """What OCA's ``mass_mailing_resend`` does, or the addon itself."""
        if hasattr(mailing, "button_draft"):
            mailing.button_draft()
        else:
            mailing.write({"state": "draft"})
        self._launch(mailing)

    def test_resend(self):
        self.policy.rule_ids.on_exceed = "hold"
        mailing = self._create_mailing(self.partners)
        self._launch(mailing)
        self.assertOutcome(mailing, self.partners, sent=3, held=1)
        newcomers = self._create_partners(2, prefix="newcomer")
        self._create_touch(newcomers[0].profile_id, NOW - DAY)
        everybody = self.partners + newcomers
        mailing.mailing_domain = repr([("id", "in", everybody.ids)])
        self._resend(mailing)
        self.assertOutcome(mailing, everybody, sent=4, held=2)
        self.assertEqual(len(self._touches(mailing)), 4)

    def test_resend_of_a_mailing_from_before(self):
        """Whom it has reached it has reached, policy or not."""
        self.policy.action_archive()
        mailing = self._create_mailing(self.partners)
        self._launch(mailing)
        self.policy.action_unarchive()
        newcomers = self._create_partners(1, prefix="newcomer")
        everybody = self.partners + newcomers
        mailing.mailing_domain = repr([("id", "in", everybody.ids)])
        self._resend(mailing)
        self.assertOutcome(mailing, everybody, sent=5)
        self.assertEqual(len(self._touches(mailing)), 5)

    def test_winner_is_sent_in_time_although_all_versions_wait(self):
        for partner in self.fresh:
            self._create_touch(partner.profile_id, NOW - DAY)
        first = self._create_mailing(
            self.partners,
            ab_testing_enabled=True,
            ab_testing_pc=50,
            ab_testing_winner_selection="opened_ratio",
            ab_testing_schedule_datetime=NOW + DAY,
        )
        second = first.copy({"ab_testing_pc": 25})
        (first + second).action_put_in_queue()
        self._run_queue()
        self.assertTrue(first.is_waiting and second.is_waiting)
        self._go_to(NOW + DAY + HOUR)
        self.env["utm.campaign"]._cron_process_mass_mailing_ab_testing()
        self.assertTrue(first.campaign_id.ab_testing_winner_mailing_id)
        for days in (1, 7, 14):
            self._go_to(NOW + days * DAY + 2 * HOUR)
            self._run_queue()
        touches = self.env["contact.touch"].search(
            [("mailing_id.campaign_id", "=", first.campaign_id.id)]
        )
        self.assertEqual(touches.profile_id, self.partners.profile_id)
        self.assertEqual(len(touches), 4)

    # ------------------------------------------------------------
    # Whatever can be mailed
    # ------------------------------------------------------------

    def _mailing_models(self):
        return sorted(
            model._name
            for model in self.env.values()
            if getattr(model, "_mailing_enabled", False)
            and not model._abstract
            and model._name not in SKIPPED
        )

    def _required(self, model):
        if model == "event.registration":
            event = self.env["event.event"].create(
                {"name": "Fair", "date_begin": NOW, "date_end": NOW + DAY}
            )
            return {"event_id": event.id}
        if model == "event.track":
            event = self.env["event.event"].create({"name": "Fair"})
            return {"event_id": event.id}
        return {}

    def _create_of(self, model, partner):
        """A record by which this person is mailed."""
        if model == "res.partner":
            return partner
        Model = self.env[model]
        vals = self._required(model)
        stored = {name for name, field in Model._fields.items() if field.store}
        names = [name for name in EMAIL_FIELDS if name in stored]
        partners = [n for n in Model._mail_get_partner_fields() if n in stored]
        if Model._rec_name and Model._rec_name not in partners:
            vals[Model._rec_name] = partner.name
        for name in names:
            vals[name] = partner.email
        for name in partners:
            is_one = Model._fields[name].type == "many2one"
            vals[name] = partner.id if is_one else [Command.set(partner.ids)]
        self.assertTrue(names or partners, f"how is {model} mailed?")
        return Model.create(vals)

    def test_every_model(self):
        """``action_send_mail(res_ids)`` to whatever can be mailed in this database."""
        models = self._mailing_models()
        self.assertIn("mailing.contact", models)
        for index, model in enumerate(models):
            with self.subTest(model=model):
                tired, fresh = self._create_partners(2, prefix=f"model{index}")
                self._create_touch(tired.profile_id, NOW - DAY)
                records = self._create_of(model, tired) + self._create_of(model, fresh)
                mailing = self._create_mailing(records)
                with self.mock_mail_gateway():
                    mailing.action_send_mail(records.ids)
                    self._deliver()
                self.env.invalidate_all()
                self.assertOutcome(mailing, records, sent=1, deferred=1)
                self.assertEqual(self._touches(mailing).profile_id, fresh.profile_id)
                self.assertEqual(mailing.hold_ids.profile_id, tired.profile_id)

    def test_lists(self):
        contacts = self.env["mailing.contact"].create(
            [{"name": p.name, "email": p.email} for p in self.partners]
        )
        mailing_list = self.env["mailing.list"].create(
            {"name": "List", "contact_ids": [Command.set(contacts.ids)]}
        )
        mailing = self._create_mailing(
            mailing_list,
            contact_list_ids=[Command.set(mailing_list.ids)],
            mailing_domain=[("list_ids", "in", mailing_list.ids)],
        )
        with self.mock_mail_gateway():
            mailing.action_send_mail(contacts.ids)
            self._deliver()
        self.env.invalidate_all()
        self.assertOutcome(mailing, contacts, sent=3, deferred=1)
