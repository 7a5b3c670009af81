from contextlib import contextmanager
from datetime import datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import SUPERUSER_ID, api
from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user
from odoo.tools import mute_logger

from odoo.addons.base.tests.common import BaseCommon
from odoo.addons.mail.models.mail_mail import MailDeliveryException
from odoo.addons.mass_mailing.tests.common import MassMailCommon

ADDON = "mass_mailing_contact_strategy"
NOW = datetime(2026, 5, 12, 9)  # a Tuesday, summer time in Europe
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


class StrategyMixin:
    """What the tests of the contact strategy make and ask again and again."""

    @classmethod
    def _prepare_strategy(cls):
        cls.env["contact.policy"].search([]).action_archive()
        cls.email, cls.sms, cls.letter, cls.call = (
            cls.env.ref(f"{ADDON}.contact_channel_{code}")
            for code in ("email", "sms", "letter", "call")
        )
        cls.newsletter, cls.promotion, cls.service, cls.transactional = (
            cls.env.ref(f"{ADDON}.contact_category_{code}")
            for code in ("newsletter", "promotion", "service", "transactional")
        )

    @classmethod
    def _create_user(cls, login, *groups, **vals):
        groups = ("base.group_user", *groups)
        return new_test_user(cls.env, login=login, groups=",".join(groups), **vals)

    @classmethod
    def _create_partners(cls, count, prefix="person", **vals):
        return cls.env["res.partner"].create(
            [
                {
                    "name": f"{prefix} {index}",
                    "email": f"{prefix}.{index}@strategy.test",
                    **vals,
                }
                for index in range(count)
            ]
        )

    @classmethod
    def _create_person(cls, name="anna", **vals):
        """A profile, by way of a contact."""
        values = {"name": name, "email": f"{name}@strategy.test", **vals}
        return cls.env["res.partner"].create(values).profile_id

    @classmethod
    def _create_policy(cls, *rules, **vals):
        """A policy with these rules (dicts; see `_cap`)."""
        return cls.env["contact.policy"].create(
            {
                "name": "Everybody",
                "rule_ids": [Command.create(rule) for rule in rules],
                **vals,
            }
        )

    @staticmethod
    def _cap(maximum=2, value=7, unit="day", **vals):
        return {
            "rule_type": "cap",
            "max_touches": maximum,
            "window_value": value,
            "window_unit": unit,
            **vals,
        }

    @staticmethod
    def _gap(value=24, unit="hour", **vals):
        return {
            "rule_type": "gap",
            "window_value": value,
            "window_unit": unit,
            **vals,
        }

    @staticmethod
    def _code(code, **vals):
        return {"rule_type": "code", "name": "Program", "code": code, **vals}

    @classmethod
    def _create_touch(cls, profile, date, **vals):
        values = {
            "profile_id": profile.id,
            "address": profile.email_normalized,
            "channel_id": cls.email.id,
            "date": date,
            **vals,
        }
        return cls.env["contact.touch"].create(values)

    @classmethod
    def _create_mailing(cls, recipients, subject="Spring", **vals):
        """A mailing to these records."""
        return cls.env["mailing.mailing"].create(
            {
                "subject": subject,
                "body_html": "<p>Hello</p>",
                "mailing_type": "mail",
                "mailing_model_id": cls.env["ir.model"]._get_id(recipients._name),
                "mailing_domain": [("id", "in", recipients.ids)],
                "category_id": cls.newsletter.id,
                **vals,
            }
        )

    def _check(self, profiles, channel="email", at=NOW, **options):
        return profiles.check_contact(channel, at=at, **options)

    def assertSend(self, profiles, channel="email", at=NOW, **options):
        for answer in self._check(profiles, channel, at, **options):
            self.assertEqual(answer["decision"], "send", answer)
            self.assertFalse(answer["next_allowed"])
            self.assertEqual(answer["reasons"], [])

    def assertDefer(self, profile, until, channel="email", at=NOW, **options):
        """Not now, but at ``until`` and not a second earlier."""
        (answer,) = self._check(profile, channel, at, **options)
        self.assertEqual(answer["decision"], "defer", answer)
        self.assertEqual(answer["next_allowed"], until)
        self.assertSend(profile, channel, until, **options)
        (just_before,) = self._check(profile, channel, until - SECOND, **options)
        self.assertNotEqual(just_before["decision"], "send")
        return answer

    def assertHold(self, profile, channel="email", at=NOW, **options):
        (answer,) = self._check(profile, channel, at, **options)
        self.assertEqual(answer["decision"], "hold", answer)
        return answer


class StrategyCase(StrategyMixin, BaseCommon):
    """Rules and decisions, without mail."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._prepare_strategy()


class CommittedCase(StrategyMixin, TransactionCase):
    """Real connections and commits: the test itself removes what it makes."""

    @contextmanager
    def _transaction(self):
        """An environment on a connection of its own, committed at the end."""
        with self.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})
            cr.commit()  # pylint: disable=invalid-commit

    @staticmethod
    def _make_with(env):
        """The makers of people, policies and mailings, in this environment."""
        return type("Maker", (StrategyMixin,), {"env": env})


class GateCase(StrategyMixin, MassMailCommon):
    """Mailings on their way, at a time of the test's choice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._prepare_strategy()
        cls.queue = cls.env.ref("mass_mailing.ir_cron_mass_mailing_queue")

    def setUp(self):
        super().setUp()
        self._now = NOW
        # The database's own clock, too: Odoo stamps records with it.
        self.patch(type(self.env.cr), "now", lambda _cursor: self._now)
        self._clock = freeze_time(NOW)
        self._clock.start()
        self.addCleanup(lambda: self._clock.stop())

    def _go_to(self, moment):
        """It is ``moment`` (naive UTC) from now on."""
        self._clock.stop()
        self._now = moment
        self._clock = freeze_time(moment)
        self._clock.start()

    def _launch(self, mailing):
        """Send a mailing as its button and the queue do, and deliver its mails."""
        mailing.action_launch()
        return self._run_queue()

    def _run_queue(self):
        """What the queue's cron does, and the mail queue's after it."""
        with self._queue_running():
            self.env["mailing.mailing"]._process_mass_mailing_queue()
            self._deliver()
        self.env.invalidate_all()
        return self._new_mails

    def _fail(self, mailing):
        """As ``_launch``, but the mail server is out of order."""
        mailing.action_launch()
        self._run_queue_and_fail()

    @mute_logger("odoo.addons.mail.models.mail_mail")
    def _run_queue_and_fail(self):
        """As ``_run_queue``, but the mail server is out of order."""

        def broken(*_args, **_kwargs):
            raise MailDeliveryException("No", "No server")

        with self._queue_running():
            self.send_email_mocked.side_effect = broken
            self.env["mailing.mailing"]._process_mass_mailing_queue()
            self._deliver()
        self.env.invalidate_all()

    @contextmanager
    def _queue_running(self):
        """Run the queue's code in this transaction; errors reach the test."""
        with (
            self.mock_mail_gateway(),
            patch.object(
                type(self.env["ir.cron"]), "_commit_progress", return_value=3600
            ),
        ):
            yield

    def _deliver(self):
        """Send what waits in the mail queue."""
        mails = self.env["mail.mail"].sudo().search([("state", "=", "outgoing")])
        mails.send()

    def _touches(self, mailing, state=None):
        domain = [("mailing_id", "=", mailing.id)]
        if state:
            domain.append(("state", "=", state))
        return self.env["contact.touch"].search(domain)

    def _statuses(self, mailing):
        """{recipient id: trace status} of a mailing."""
        traces = self.env["mailing.trace"].search(
            [("mass_mailing_id", "=", mailing.id)]
        )
        return {trace.res_id: trace.trace_status for trace in traces}

    def assertOutcome(self, mailing, recipients, **expected):
        """Everybody has one outcome, and so many people have each.

        :param expected: numbers of sent, deferred, held, expired, cancel, error
        """
        outcomes = self._outcomes(mailing)
        self.assertEqual(set(outcomes), set(recipients.ids))
        counted = {}
        for outcome in outcomes.values():
            counted[outcome] = counted.get(outcome, 0) + 1
        self.assertEqual(counted, {k: v for k, v in expected.items() if v})
        self.assertEqual(mailing.deferred_count, expected.get("deferred", 0))
        self.assertEqual(mailing.held_count, expected.get("held", 0))
        self.assertEqual(mailing.expired_count, expected.get("expired", 0))

    def _outcomes(self, mailing):
        """{recipient id: outcome}; fails where somebody has two."""
        outcomes = {}
        for trace in self.env["mailing.trace"].search(
            [("mass_mailing_id", "=", mailing.id)]
        ):
            self.assertNotIn(trace.res_id, outcomes)
            status = trace.trace_status
            outcomes[trace.res_id] = (
                status if status in ("cancel", "error", "outgoing") else "sent"
            )
        for hold in self.env["contact.hold"].search([("mailing_id", "=", mailing.id)]):
            if hold.state in ("sent", "overridden"):
                self.assertIn(outcomes.get(hold.res_id), ("sent", "error"))
                continue
            self.assertNotIn(hold.res_id, outcomes)
            outcomes[hold.res_id] = hold.state
        return outcomes
