import random
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.core.keeping import needed_since
from odoo.addons.mass_mailing_contact_strategy.core.windows import Window
from odoo.addons.mass_mailing_contact_strategy.models.ledger.contact_touch_fold import (
    KEPT_MONTHS,
)
from odoo.addons.mass_mailing_contact_strategy.models.ledger.contact_touch_year import (
    KEY,
    SUMS,
)

from .common import DAY, NOW, GateCase

OLD = NOW - 500 * DAY
FLAGS = ("opened", "clicked", "replied", "converted", "bounced", "complained")


class FoldCase(GateCase):
    def setUp(self):
        super().setUp()
        self.Touch = self.env["contact.touch"]
        self.Year = self.env["contact.touch.year"]

    def _keep(self, months):
        """Save the setting, as its form does."""
        settings = self.env["res.config.settings"].create(
            {"contact_touch_months": months}
        )
        settings.execute()

    def _fold_all(self, limit=1000):
        """Fold what there is, in batches of this size; the number of touches."""
        total, done = 0, limit
        while done:
            done, _since = self.Touch._fold(limit=limit)
            total += done
        return total

    def _sums(self, profiles):
        """{key: sums} of single touches and of sums together, by plain SQL."""
        self.env.flush_all()
        year = "EXTRACT(year FROM date)::int AS year"
        keys = ", ".join(year if name == "year" else name for name in KEY)
        single = ", ".join(f"({v.code}) AS {k}" for k, v in SUMS.items())
        both = ", ".join(f"sum({name})" for name in SUMS)
        rows = self.env.execute_query(
            SQL(
                f"""
                SELECT {", ".join(KEY)}, {both}, min(first_date), max(last_date) FROM (
                    SELECT {keys}, {single}, min(date) AS first_date,
                           max(date) AS last_date
                      FROM contact_touch GROUP BY {", ".join(map(str, range(1, 7)))}
                     UNION ALL
                    SELECT {", ".join(KEY)}, {", ".join(SUMS)}, first_date, last_date
                      FROM contact_touch_year) both_kinds
                 WHERE profile_id = ANY(%s) GROUP BY {", ".join(KEY)}
                """,
                profiles.ids,
            )
        )
        return {row[: len(KEY)]: row[len(KEY) :] for row in rows}

    def _random_touches(self, profiles, count, seed):
        """Touches of three years, of all kinds."""
        chance = random.Random(seed)
        companies = [self.env.company.id, False]
        values = []
        for _index in range(count):
            profile = chance.choice(profiles)
            values.append(
                {
                    "profile_id": profile.id,
                    "address": profile.email_normalized,
                    "channel_id": chance.choice([self.email, self.call]).id,
                    "category_id": chance.choice([self.newsletter.id, False]),
                    "company_id": chance.choice(companies),
                    "state": chance.choice(["sent"] * 6 + ["failed", "released"]),
                    "date": NOW - chance.random() * 1000 * DAY,
                    "cost": chance.choice([0, 0.5, 1.25]),
                    "counts": chance.random() < 0.8,
                    **{flag: chance.random() < 0.3 for flag in FLAGS},
                }
            )
        return self.Touch.create(values)

    def _send_long_ago(self, partners):
        """A mailing of long ago, folded since."""
        self._go_to(OLD)
        mailing = self._create_mailing(partners)
        self._launch(mailing)
        self.assertEqual(mailing.state, "done")
        self.assertEqual(set(self._touches(mailing).mapped("state")), {"sent"})
        self._go_to(NOW)
        self._keep(13)
        self._fold_all()
        self.assertFalse(self._touches(mailing))
        return mailing


@tagged("post_install", "-at_install")
class TestLedgerFold(FoldCase):
    """Old touches become sums, and nothing else changes."""

    def test_sums_before_are_sums_after(self):
        """Whatever the batches are, nothing is lost and nothing counted twice."""
        self._create_policy(self._cap(2, 90), self._gap(24))
        people = self._create_partners(6).profile_id
        self._keep(4)
        for seed, limit in enumerate((3, 17, 1000)):
            touches = self._random_touches(people, 80, seed)
            before, decided = self._sums(people), self._check(people)
            old = touches.filtered(
                lambda t: t.date < NOW - relativedelta(months=4, days=1)
            )
            folded = self._fold_all(limit=limit)
            self.assertGreaterEqual(folded, len(old))
            self.assertGreater(folded, 40)
            self.assertEqual(self._sums(people), before)
            self.assertEqual(self._check(people), decided)
            self.assertFalse(old.exists())
            self.assertEqual(len(touches.exists()), 80 - folded)
        self.assertFalse(self._fold_all())

    def test_off_unless_somebody_says_so(self):
        touch = self._create_touch(self._create_person(), OLD)
        self.Touch._cron_tidy()
        self.assertEqual(self.Touch._fold(), (0, OLD.min))
        self.assertTrue(touch.exists())

    def test_cron_folds_in_batches(self):
        people = self._create_partners(3).profile_id
        self._random_touches(people, 30, 1)
        self._keep(2)
        before = self._sums(people)
        with self._queue_running():
            self.Touch._cron_tidy()
        self.assertEqual(self._sums(people), before)
        self.assertTrue(self.Year.search([("profile_id", "in", people.ids)]))

    def test_not_before_its_time(self):
        """A touch is folded when it is older than what was set, to the day."""
        person = self._create_person()
        limit = (NOW - relativedelta(months=13)).replace(hour=0)
        kept = self._create_touch(person, limit)
        gone = self._create_touch(person, limit - timedelta(seconds=1))
        self._keep(13)
        self._fold_all()
        self.assertEqual((kept.exists(), gone.exists()), (kept, self.Touch))

    def test_nothing_in_the_window_of_any_rule(self):
        """Archived rules may come back; guards and calendar windows look back too."""
        person = self._create_person()
        inside, outside = NOW - 305 * DAY, NOW - 400 * DAY
        touches = [self._create_touch(person, day) for day in (inside, outside)]
        self._create_policy(
            self._cap(1, 10, "month", window_kind="calendar"),
            is_guard=True,
            active=False,
        ).rule_ids.action_archive()
        # Written behind the back of the form.
        self.env["ir.config_parameter"].set_param(KEPT_MONTHS, 2)
        self._fold_all()
        self.assertTrue(touches[0].exists())
        self.assertFalse(touches[1].exists())

    def test_windows_never_reach_before(self):
        """Of all windows, clocks and days; and not later on, either."""
        for value, unit in ((1, "hour"), (36, "hour"), (7, "day"), (5, "week"),
                            (1, "month"), (25, "month")):  # fmt: skip
            for kind in ("rolling", "calendar"):
                window = Window(value, unit, kind)
                for day in range(0, 800, 3):
                    now = NOW + day * DAY
                    since = needed_since(window, now)
                    for later in (0, 1, 2, 3, 30):
                        lower, _upper = window.bounds(now + later * DAY)
                        self.assertLess(since + 5 * DAY, lower, (window, now, later))

    def test_what_may_still_change_is_kept(self):
        partners = self._create_partners(6)
        people = partners.profile_id
        done = self._create_mailing(partners, state="done")
        queued = self._create_mailing(partners, state="in_queue")
        trace = self.env["mailing.trace"].create(
            {
                "mass_mailing_id": done.id,
                "model": "res.partner",
                "res_id": partners[0].id,
                "trace_status": "error",
            }
        )
        reserved = self._create_touch(people[0], OLD, state="reserved")
        failed = self._create_touch(
            people[1], OLD, state="failed", trace_id=trace.id, mailing_id=done.id
        )
        of_queue = self._create_touch(people[2], OLD, mailing_id=queued.id)
        named, was_named = (self._create_touch(p, OLD) for p in people[3:5])
        for touch, state in ((named, "deferred"), (was_named, "held")):
            self.env["contact.hold"].create(
                {
                    "mailing_id": done.id,
                    "profile_id": touch.profile_id.id,
                    "res_model": "res.partner",
                    "res_id": touch.profile_id.partner_id.id,
                    "date": NOW,
                    "decision": "defer",
                    "state": state,
                    "touch_ids": [Command.set(touch.ids)],
                }
            )
        plain = self._create_touch(people[5], OLD, mailing_id=done.id)
        self._keep(2)
        self._fold_all()
        kept = reserved | failed | of_queue | named
        self.assertEqual((kept | was_named | plain).exists(), kept)
        queued.state = "done"
        trace.unlink()
        named_hold = self.env["contact.hold"].search([("touch_ids", "in", named.ids)])
        named_hold._expire("stopped")
        self._fold_all()
        self.assertEqual(kept.exists(), reserved)

    def test_folded_touches_do_not_come_back(self):
        """Filling the ledger from traces leaves out what was folded, and only that."""
        partners = self._create_partners(3)
        self._create_policy(self._cap(1))
        mailing = self._send_long_ago(partners)
        before = self._sums(partners.profile_id)
        self.Touch._install_history()
        self.assertFalse(self._touches(mailing))
        self.assertEqual(self._sums(partners.profile_id), before)
        recent = self.env["mailing.trace"].create(
            {
                "mass_mailing_id": mailing.id,
                "model": "res.partner",
                "res_id": self._create_partners(1, prefix="new").id,
                "trace_status": "sent",
                "sent_datetime": NOW - DAY,
            }
        )
        self.Touch.search([("trace_id", "=", recent.id)]).unlink()
        self.Touch._install_history()
        self.assertEqual(self._touches(mailing).trace_id, recent)

    def test_late_answers(self):
        """Odoo's own statistics take an answer to a folded message; nothing fails."""
        mailing = self._send_long_ago(self._create_partners(2))
        mailing.mailing_trace_ids.set_opened()
        mailing.mailing_trace_ids.set_clicked()
        mailing.mailing_trace_ids[0].set_bounced()
        self.assertEqual(mailing.mailing_trace_ids[1].trace_status, "open")
        self.assertFalse(self._touches(mailing))

    def test_mailing_put_back_in_the_queue(self):
        """Whoever got it does not get it again; whoever is new does."""
        self._create_policy(self._cap(1))
        partners = self._create_partners(3)
        mailing = self._send_long_ago(partners)
        new = self._create_partners(1, prefix="new")
        mailing.mailing_domain = [("id", "in", (partners + new).ids)]
        mailing.state = "in_queue"
        self._run_queue()
        self.assertEqual(self._touches(mailing).profile_id, new.profile_id)
        self.assertEqual(len(mailing.mailing_trace_ids), 4)
