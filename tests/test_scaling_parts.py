"""A mailing divided into parts: each by itself, at once, twice, or not at all."""

import contextlib
import threading
from unittest.mock import patch

import odoo
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.mass_mailing_contact_strategy.models.delivery import (
    mailing_mailing_parts as parts,
)

from .committed_common import CommittedSendCase
from .common import DAY, NOW, GateCase

PATIENCE = 60  # seconds
PEOPLE = 60


@tagged("post_install", "-at_install")
class TestScalingParts(GateCase):
    """One part after the other."""

    def _divided(self, partners, count=4, **vals):
        mailing = self._create_mailing(partners, **vals)
        mailing.write({"state": "sending", "part_count": count})
        return mailing

    def _send_parts(self, mailing):
        with self._queue_running():
            for part in range(mailing.part_count):
                mailing._send_part(part)
            self._deliver()
        self.env.invalidate_all()

    def test_everybody_is_in_one_part(self):
        """Records with the same address are in the same one, however it is written."""
        partners = self._create_partners(30) + self._create_partners(30)
        partners += self._create_partners(1, email=False)
        for partner in partners[30:60]:
            partner.email = f'"Somebody" <{partner.email.upper()}>'
        mailing = self._divided(partners)
        found = {
            part: mailing.with_context(
                **{parts.PART: (mailing.id, part)}
            )._get_remaining_recipients()
            for part in range(4)
        }
        self.assertEqual(
            sorted(res_id for of_part in found.values() for res_id in of_part),
            sorted(partners.ids),
        )
        home = {r: part for part, of_part in found.items() for r in of_part}
        for first, second in zip(partners[:30], partners[30:60], strict=True):
            self.assertEqual(home[first.id], home[second.id])
        self.assertTrue(all(found.values()))

    def test_the_queue_ends_it_after_the_last_part(self):
        partners = self._create_partners(20)
        mailing = self._divided(partners)
        self._send_parts(mailing)
        self.assertEqual(mailing.state, "sending")
        self.assertOutcome(mailing, partners, sent=20)
        self._run_queue()
        self.assertEqual(mailing.state, "done")
        self.assertTrue(mailing.sent_date)

    def test_deferred_people_wait_for_the_mailing(self):
        """The caps hold across the parts, and whoever has to wait is sent to later."""
        self._create_policy(self._cap(1, 7))
        partners = self._create_partners(20)
        self._send_parts(self._divided(partners[:5], 2))
        mailing = self._divided(partners)
        self._send_parts(mailing)
        self.assertOutcome(mailing, partners, sent=15, deferred=5)
        self._run_queue()
        self.assertTrue(mailing.is_waiting)

    def test_a_person_with_records_in_two_parts_gets_it_once(self):
        self._create_policy(self._cap(5, 7))
        partner = self._create_partners(1)
        contacts = self.env["mailing.contact"].create(
            [
                {"name": "Same", "email": f"same{number}@strategy.test"}
                for number in range(12)
            ]
        )
        self.env.flush_all()
        # As after a merge; only people merge profiles, no field does.
        self.env.cr.execute(
            "UPDATE mailing_contact SET profile_id = %s WHERE id = ANY(%s)",
            (partner.profile_id.id, contacts.ids),
        )
        self.env.invalidate_all()
        mailing = self._divided(contacts)
        self._send_parts(mailing)
        self.assertOutcome(mailing, contacts, sent=1, cancel=11)

    def test_a_part_keeps_room_for_the_whole_of_a_more_urgent_mailing(self):
        """Whom that one will reach has nothing to do with parts, its own or these."""
        self.newsletter.useful_days = 30
        self._create_policy(self._cap(1, 7))
        for count in (0, 7):  # sent in one piece, and in parts of its own
            with self.subTest(parts=count):
                partners = self._create_partners(20)
                urgent = self._create_mailing(
                    partners[:8],
                    f"Urgent {count}",
                    policy_priority=5,
                    schedule_type="scheduled",
                    schedule_date=NOW + DAY,
                )
                urgent.action_put_in_queue()
                urgent.part_count = count
                mailing = self._divided(partners, 2)
                self._send_parts(mailing)
                self.assertOutcome(mailing, partners, sent=12, deferred=8)

    def test_a_part_that_runs_again_sends_nothing_again(self):
        partners = self._create_partners(20)
        mailing = self._divided(partners)
        self._send_parts(mailing)
        self._send_parts(mailing)
        self.assertOutcome(mailing, partners, sent=20)

    def test_what_is_left_is_taken_up_by_the_queue(self):
        """One job never ran."""
        partners = self._create_partners(20)
        mailing = self._divided(partners)
        with self._queue_running():
            mailing._send_part(0)
            mailing._send_part(2)
        self._run_queue()
        self.assertOutcome(mailing, partners, sent=20)
        self.assertEqual(mailing.state, "done")

    def test_a_part_of_a_mailing_that_was_called_off_is_not_sent(self):
        partners = self._create_partners(4)
        mailing = self._divided(partners, 1)
        mailing.action_cancel()
        self._send_parts(mailing)
        mailing._send_part(0)
        self.assertFalse(self._touches(mailing))


@tagged("post_install", "-at_install", "contact_concurrency")
class TestScalingPartsAtOnce(CommittedSendCase):
    """Real connections and commits: the test removes what it makes."""

    def setUp(self):
        super().setUp()
        with self._committed_people(PEOPLE, "parallel") as (maker, partners):
            mailings = [
                maker._create_mailing(partners, subject=subject)
                for subject in ("Divided", "Other")
            ]
            for mailing in mailings:
                mailing.write({"state": "sending", "part_count": 3})
            self._keep(*mailings)

    def _at_once(self, *works):
        errors = []

        def run(work):
            try:
                with self._transaction() as env:
                    work(env)
            except BaseException as error:  # noqa: BLE001, reported by the test
                errors.append(error)

        threads = [threading.Thread(target=run, args=(work,)) for work in works]

        def send(mails, auto_commit=False, **_options):
            if auto_commit:
                mails.env.cr.commit()  # pylint: disable=invalid-commit

        with (
            patch.object(odoo.modules.module, "current_test", False),
            patch.object(self.registry["mail.compose.message"], "_batch_size", 7),
            patch.object(self.registry["mail.mail"], "send", send),
        ):
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(PATIENCE)
        self.assertFalse(any(thread.is_alive() for thread in threads), "a deadlock")
        self.assertFalse(errors, errors)

    def _part(self, index, part):
        mailing_id = self.mailing_ids[index]
        return lambda env: env["mailing.mailing"].browse(mailing_id)._send_part(part)

    def _sent(self):
        """{mailing: [recipients with a message]}; the same one twice stays twice."""
        with self._transaction() as env:
            traces = env["mailing.trace"].search(
                [("mass_mailing_id", "in", self.mailing_ids)], order="res_id"
            )
            return {
                mailing.id: traces.filtered(
                    lambda t, m=mailing: t.mass_mailing_id == m
                ).mapped("res_id")
                for mailing in traces.mass_mailing_id
            }

    def test_parts_of_two_mailings_and_a_double_job(self):
        """Everybody gets one message in all, though each job runs twice."""
        works = [self._part(index, part) for part in range(3) for index in (0, 1)]
        self._at_once(*works, *works[:3])
        sent = self._sent()
        everybody = sorted(res_id for of_one in sent.values() for res_id in of_one)
        self.assertEqual(everybody, self.partner_ids)
        with self._transaction() as env:
            holds = env["contact.hold"].search([("mailing_id", "in", self.mailing_ids)])
            self.assertEqual(len(holds), PEOPLE)

    def test_a_whole_run_waits_for_the_parts(self):
        """Somebody presses the button while the jobs run."""

        def whole(env):
            mailing = env["mailing.mailing"].browse(self.mailing_ids[0])
            with contextlib.suppress(UserError):  # the parts were quicker
                mailing.action_send_mail()

        self._at_once(*(self._part(0, part) for part in range(3)), whole)
        self.assertEqual(self._sent(), {self.mailing_ids[0]: self.partner_ids})
