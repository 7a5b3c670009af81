from odoo.tests import tagged

from .common import DAY, HOUR, NOW, GateCase


@tagged("post_install", "-at_install")
class TestTouchSettle(GateCase):
    """What became of a message lands in its touch."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls._create_partners(4)
        cls._create_policy(cls._cap(1))

    def setUp(self):
        super().setUp()
        self.mailing = self._create_mailing(self.partners)
        self._launch(self.mailing)
        self._go_to(NOW + HOUR)

    def _touch(self, partner):
        touches = self._touches(self.mailing)
        return touches.filtered(lambda t: t.profile_id == partner.profile_id)

    def _trace(self, partner):
        traces = self.mailing.mailing_trace_ids
        return traces.filtered(lambda t: t.res_id == partner.id)

    def test_each_touch_has_its_trace(self):
        for partner in self.partners:
            touch = self._touch(partner)
            self.assertEqual(touch.trace_id, self._trace(partner))
            self.assertEqual(
                (touch.res_model, touch.res_id), ("res.partner", partner.id)
            )

    def test_signals_notice_responses(self):
        """What is concluded from touches looks for what was written since."""
        touches = self._touches(self.mailing)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE contact_touch SET write_date = %s WHERE id = ANY(%s)",
            [NOW - DAY, touches.ids],
        )
        self.env.invalidate_all()
        opened = self.partners[0]
        self._trace(opened).set_opened()
        written = touches.filtered(lambda touch: touch.write_date > NOW - DAY)
        self.assertEqual(written, self._touch(opened))

    def test_responses(self):
        opened, clicked, replied, bounced = self.partners
        self._trace(opened).set_opened()
        self._trace(clicked).set_clicked()
        self._trace(replied).set_replied()
        self._trace(bounced).set_bounced()
        self.env.invalidate_all()
        names = ("opened", "clicked", "replied", "bounced")
        for partner, expected in (
            (opened, {"opened"}),
            (clicked, {"clicked"}),
            (replied, {"opened", "replied"}),
            (bounced, {"bounced"}),
        ):
            touch = self._touch(partner)
            with self.subTest(expected=expected):
                said = {name for name in names if touch[name]}
                self.assertLessEqual(expected, said)
                self.assertFalse((said - expected) - {"opened"})
                for name in expected - {"opened"}:
                    self.assertEqual(touch[f"{name}_date"], NOW + HOUR)
                self.assertEqual(touch.state, "sent")
                self.assertEqual(touch.date, NOW)

    def test_whatever_came_back_still_counts(self):
        for partner, happened in zip(
            self.partners,
            ("set_opened", "set_clicked", "set_replied", "set_bounced"),
            strict=True,
        ):
            getattr(self._trace(partner), happened)()
            with self.subTest(happened=happened):
                self.assertDefer(partner.profile_id, NOW + 7 * DAY, at=NOW + HOUR)

    def test_touch_outlives_mailing_and_trace(self):
        touch = self._touch(self.partners[0])
        self.mailing.mailing_trace_ids.unlink()
        self.mailing.unlink()
        self.env.invalidate_all()
        self.assertRecordValues(
            touch, [{"state": "sent", "mailing_id": False, "trace_id": False}]
        )
        self.assertDefer(self.partners[0].profile_id, NOW + 7 * DAY, at=NOW + HOUR)

    def test_waiting_in_the_mail_queue(self):
        """A message that leaves later counts from when it leaves."""
        self.env["ir.config_parameter"].set_param("mail.mail.force.send.limit", 0)
        partners = self._create_partners(2, prefix="queued")
        mailing = self._create_mailing(partners)
        mailing.action_launch()
        with self._queue_running():
            self.env["mailing.mailing"]._process_mass_mailing_queue()
        self.env.invalidate_all()
        touches = self._touches(mailing)
        waiting = {"state": "reserved", "date": NOW + HOUR}
        self.assertRecordValues(touches, [waiting] * 2)
        self._go_to(NOW + 2 * DAY)
        with self.mock_mail_gateway():
            self._deliver()
        self.env.invalidate_all()
        sent = {"state": "sent", "date": NOW + 2 * DAY}
        self.assertRecordValues(touches, [sent] * 2)

    def test_calls_and_letters_are_touches_without_a_mailing(self):
        partner = self._create_partners(1, prefix="called")
        self._create_touch(
            partner.profile_id, NOW, channel_id=self.call.id, note="Asked about Spring"
        )
        mailing = self._create_mailing(partner)
        self._launch(mailing)
        self.assertOutcome(mailing, partner, deferred=1)
        self.assertIn("Asked about Spring", mailing.hold_ids.reason)

    def test_sweeper_releases_what_nobody_will_use(self):
        """The process was killed between the reservation and the message."""
        partner = self._create_partners(1, prefix="killed")
        draft = self._create_mailing(partner)
        stale = self._create_touch(
            partner.profile_id,
            NOW,
            state="reserved",
            mailing_id=draft.id,
            res_model="res.partner",
            res_id=partner.id,
        )
        sent = self._touches(self.mailing)
        self.env["contact.touch"]._cron_sweep()
        self.env.invalidate_all()
        self.assertEqual(stale.state, "released")
        self.assertEqual(set(sent.mapped("state")), {"sent"})
        self.assertSend(partner.profile_id, at=NOW + HOUR)

    def test_next_run_takes_up_its_own_reservation(self):
        partner = self._create_partners(1, prefix="killed")
        mailing = self._create_mailing(partner)
        self._create_touch(
            partner.profile_id,
            NOW,
            state="reserved",
            mailing_id=mailing.id,
            res_model="res.partner",
            res_id=partner.id,
        )
        self._launch(mailing)
        self.assertOutcome(mailing, partner, sent=1)
        self.assertEqual(len(self._touches(mailing)), 1)

    def test_reservation_of_a_run_cut_off_counts_for_others(self):
        partner = self._create_partners(1, prefix="killed")
        self._create_touch(
            partner.profile_id,
            NOW,
            state="reserved",
            mailing_id=self.mailing.id,
            res_model="res.partner",
            res_id=partner.id,
        )
        other = self._create_mailing(partner)
        self._launch(other)
        self.assertOutcome(other, partner, deferred=1)


@tagged("post_install", "-at_install")
class TestTouchHistory(GateCase):
    """On install the ledger learns the past."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls._create_partners(7)
        cls.mailing = cls._create_mailing(cls.partners)
        cls.statuses = dict(
            zip(
                cls.partners.ids,
                ("sent", "open", "reply", "bounce", "error", "cancel", "outgoing"),
                strict=True,
            )
        )
        Trace = cls.env["mailing.trace"]
        cls.traces = Trace.create(
            [
                {
                    "mass_mailing_id": cls.mailing.id,
                    "model": "res.partner",
                    "res_id": partner.id,
                    "email": partner.email_normalized,
                    "trace_status": cls.statuses[partner.id],
                    "sent_datetime": NOW - DAY,
                }
                for partner in cls.partners
            ]
        )
        cls.test_trace = Trace.create(
            {
                "mass_mailing_id": cls.mailing.id,
                "model": "res.partner",
                "res_id": cls.partners[0].id,
                "email": cls.partners[0].email_normalized,
                "trace_status": "sent",
                "is_test_trace": True,
            }
        )
        cls.env.flush_all()
        cls.env.cr.execute("DELETE FROM contact_touch")
        cls.env.invalidate_all()

    def _install(self):
        self.env["contact.touch"]._install_history()
        self.env.invalidate_all()

    def test_every_trace_becomes_a_touch(self):
        self._install()
        touches = self._touches(self.mailing)
        states = {touch.res_id: touch.state for touch in touches}
        expected = {
            "sent": "sent",
            "open": "sent",
            "reply": "sent",
            "bounce": "sent",
            "error": "failed",
            "outgoing": "reserved",
        }
        self.assertEqual(
            {k: v for k, v in states.items() if v != "released"},
            {
                res_id: expected[status]
                for res_id, status in self.statuses.items()
                if status in expected
            },
        )
        self.assertEqual(touches.channel_id, self.email)
        self.assertNotIn(self.test_trace, touches.trace_id)
        for touch in touches.filtered(lambda t: t.state == "sent"):
            self.assertEqual(touch.date, NOW - DAY)

    def test_caps_know_the_past_from_the_first_minute(self):
        self._install()
        self._create_policy(self._cap(1))
        for partner in self.partners:
            with self.subTest(status=self.statuses[partner.id]):
                if self.statuses[partner.id] in ("error", "cancel"):
                    self.assertSend(partner.profile_id)
                else:
                    (answer,) = self._check(partner.profile_id)
                    self.assertEqual(answer["decision"], "defer")

    def test_twice_changes_nothing(self):
        self._install()
        before = self.env["contact.touch"].search([]).read()
        self._install()
        self.assertEqual(self.env["contact.touch"].search([]).read(), before)

    def test_records_that_are_gone_count_for_their_address(self):
        contact = self.env["mailing.contact"].create(
            {"name": "Gone", "email": "gone@strategy.test"}
        )
        trace = self.traces[0].copy(
            {
                "model": "mailing.contact",
                "res_id": contact.id,
                "email": "gone@strategy.test",
            }
        )
        self.env.cr.execute("DELETE FROM contact_touch WHERE trace_id = %s", [trace.id])
        contact.unlink()
        partner = self.env["res.partner"].create(
            {"name": "Back", "email": "gone@strategy.test"}
        )
        self._install()
        touch = self.env["contact.touch"].search([("trace_id", "=", trace.id)])
        self.assertEqual(touch.profile_id, partner.profile_id)

    def test_seed_addresses_do_not_count(self):
        self.partners[0].profile_id.is_seed = True
        self._install()
        touch = self._touches(self.mailing).filtered(
            lambda t: t.res_id == self.partners[0].id
        )
        self.assertFalse(touch.counts)
