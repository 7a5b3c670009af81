import io
import json
from contextlib import suppress
from unittest.mock import patch

from openpyxl import load_workbook

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import ADDON, DAY, HOUR, NOW
from .letter_common import HOME, LetterCase


@tagged("post_install", "-at_install")
class TestLetterRun(LetterCase):
    """A letter passes the gate as an e-mail does, and goes to the printer."""

    def test_run_has_touches_and_files(self):
        letter = self._create_letter(unit_cost=2.5, class_of_service="First class")
        mails = self._launch(letter)
        self.assertFalse(mails)
        self.assertEqual(letter.state, "done")
        run = letter.print_run_ids
        self.assertEqual(run.line_count, 3)
        self.assertEqual(run.waiting_count, 3)
        touches = self._touches(letter)
        self.assertEqual(len(touches), 3)
        for touch in touches:
            self.assertEqual(touch.channel_id, self.letter)
            self.assertEqual(touch.state, "reserved")
            self.assertEqual(touch.cost, 2.5)
            self.assertEqual(touch.class_of_service, "First class")
            self.assertEqual(touch.address, "main street 1, 1010 vienna, at")
        self.assertEqual(run.cost, 7.5)
        rows = self._csv(run)
        self.assertEqual(len(rows), 3)
        self.assertEqual(rows[0]["salutation"], "Dear writer 0")
        self.assertEqual(rows[0]["zip"], "1010")
        self.assertEqual(rows[0]["country"], "Austria")
        self.assertEqual(
            rows[0]["address"].splitlines(),
            ["writer 0", "Main Street 1", "1010 Vienna", "Austria"],
        )
        book = load_workbook(io.BytesIO(run.xlsx_id.raw))
        sheet = list(book.worksheets[0].iter_rows(values_only=True))
        self.assertEqual(list(sheet[0]), list(rows[0]))
        self.assertEqual(sheet[1][6], "1010")

    def test_default_cost_is_the_channels(self):
        self.assertEqual(self._create_letter().unit_cost, self.letter.cost)

    def test_who_has_no_address_is_left_out_and_said_so(self):
        homeless = self._create_partners(1, "homeless")
        letter = self._create_letter(self.people + homeless)
        self._launch(letter)
        self.assertEqual(letter.print_run_ids.line_count, 3)
        self.assertEqual(letter.canceled, 1)
        self.assertEqual(letter.expected, 4)
        trace = self.env["mailing.trace"].search([("res_id", "=", homeless.id)])
        self.assertEqual(trace.failure_type, "paper_missing")
        self.assertFalse(
            self._touches(letter).filtered(
                lambda touch: touch.profile_id == homeless.profile_id
            )
        )

    def test_no_email_is_needed(self):
        nobody = self._create_partners(1, "offline", **HOME)
        nobody.email = False
        letter = self._create_letter(nobody)
        self._launch(letter)
        self.assertEqual(self._touches(letter).profile_id, nobody.profile_id)

    def test_unsubscribed_from_the_list(self):
        news = self.env["mailing.list"].create({"name": "News"})
        contacts = self.env["mailing.contact"].create(
            [
                {"name": p.name, "email": p.email, "list_ids": news.ids}
                for p in self.people
            ]
        )
        contacts[0].subscription_ids.opt_out = True
        letter = self._create_letter(
            news,
            mailing_model_id=self.env["ir.model"]._get_id("mailing.list"),
            contact_list_ids=news.ids,
            mailing_domain=[("list_ids", "in", news.ids)],
        )
        self._launch(letter)
        self.assertEqual(letter.print_run_ids.line_count, 2)
        self.assertNotIn(
            self.people[0].profile_id,
            self._touches(letter)
            .filtered(lambda t: t.state in ("reserved", "sent"))
            .profile_id,
        )

    def test_gate_holds_and_later_run(self):
        """Who had a letter waits, and comes in a later run of the same mailing."""
        self._create_policy(self._cap(1, 2))
        tired = self.people[0]
        self._create_touch(
            tired.profile_id, NOW - DAY, channel_id=self.letter.id, address=False
        )
        letter = self._create_letter()
        self._launch(letter)
        self.assertOutcome(letter, self.people, outgoing=2, deferred=1)
        self.assertTrue(letter.is_waiting)
        self._go_to(NOW + DAY + HOUR)
        self._run_queue()
        self.assertEqual(len(letter.print_run_ids), 2)
        self.assertEqual(letter.print_run_ids.mapped("line_count"), [1, 2])
        self.assertEqual(letter.state, "done")
        later = self._csv(letter.print_run_ids[0])
        self.assertEqual([row["name"] for row in later], [tired.name])

    def test_letters_count_for_emails(self):
        self._create_policy(self._cap(1, 7))
        self._launch(self._create_letter())
        mailing = self._create_mailing(self.people)
        self._launch(mailing)
        self.assertOutcome(mailing, self.people, deferred=3)

    def test_letterbox_rule(self):
        """A rule per inbox counts per letterbox: the others of the household wait."""
        self._create_policy(self._cap(1, 7, count_per="inbox"))
        letter = self._create_letter()
        self._launch(letter)
        self.assertOutcome(letter, self.people, outgoing=1, deferred=2)

    def test_preflight(self):
        self._create_policy(self._cap(1, 7))
        self._create_touch(self.people[0].profile_id, NOW - DAY)
        homeless = self._create_partners(1, "homeless")
        letter = self._create_letter(self.people + homeless)
        result = letter._preflight()
        self.assertEqual(
            [result[name] for name in ("total", "now", "later", "not")], [4, 2, 1, 1]
        )
        self.assertIn("No postal address", [line["label"] for line in result["lines"]])
        self.assertEqual(letter.preflight_state, "ready")

    def test_files_go_with_the_mailing(self):
        letter = self._create_letter()
        self._launch(letter)
        files = letter.print_run_ids.csv_id + letter.print_run_ids.xlsx_id
        touches = self._touches(letter)
        letter.unlink()
        self.assertFalse(files.exists())
        self.assertEqual(len(touches.exists()), 3)

    def test_waiting_letters_stay_current(self):
        """A letter at the printer may be posted any day: it counts from now."""
        self._create_policy(self._cap(1, 2))
        self._launch(self._create_letter())
        self._go_to(NOW + 5 * DAY)
        mailing = self._create_mailing(self.people)
        self._launch(mailing)
        self.assertOutcome(mailing, self.people, deferred=3)

    def test_cut_off_before_the_lines(self):
        """Reservations without a line are decided again: nobody gets two letters."""
        letter = self._create_letter()
        broken = patch.object(
            type(letter), "_write_lines", side_effect=RuntimeError("killed")
        )
        with broken, suppress(RuntimeError):  # no savepoint, which would undo all
            letter._produce()
        self.assertEqual(len(self._touches(letter, "reserved")), 3)
        letter._produce()
        self.assertEqual(len(self._touches(letter)), 3)
        self.assertEqual(letter.print_run_ids.line_count, 3)

    def test_cut_off_before_the_files(self):
        """The next run of the mailing makes them."""
        letter = self._create_letter()
        run_class = type(self.env["contact.print.run"])
        broken = patch.object(run_class, "_make_files", side_effect=RuntimeError("x"))
        with broken, suppress(RuntimeError):  # no savepoint, which would undo all
            letter._produce()
        self.assertFalse(letter.print_run_ids.is_ready)
        self.assertEqual(letter.print_run_ids.line_count, 3)
        more = self._create_partners(1, "late", **HOME)
        letter.mailing_domain = [("id", "in", (self.people + more).ids)]
        letter._produce()
        self.assertEqual(len(letter.print_run_ids), 1)
        self.assertEqual(len(self._csv(letter.print_run_ids)), 4)

    def test_no_formula_in_the_file(self):
        evil = self._create_partners(1, "evil", **HOME)
        evil.name = "=cmd()"
        letter = self._create_letter(evil)
        self._launch(letter)
        self.assertEqual(self._csv(letter.print_run_ids)[0]["name"], "'=cmd()")

    def test_pages(self):
        """The reports show each person the letter and the address."""
        letter = self._create_letter(body_html='<p>Hello <t t-out="object.name"/></p>')
        self._launch(letter)
        run = letter.print_run_ids
        Report = self.env["ir.actions.report"]
        for name in ("letters", "labels"):
            content, _kind = Report._render_qweb_html(
                f"{ADDON}.contact_print_run_{name}", run.ids
            )
            text = content.decode()
            for person in self.people:
                self.assertIn(person.name, text)
            self.assertIn("1010 Vienna", text)
            self.assertEqual("Hello writer 1" in text, name == "letters")

    def test_only_who_sends_settles(self):
        letter = self._create_letter()
        self._launch(letter)
        reader = self._create_user("reader", f"{ADDON}.{ADDON}_group_user")
        run = letter.print_run_ids.with_user(reader)
        self.assertEqual(run.line_count, 3)
        with self.assertRaises(AccessError):
            run.action_all_posted()
        mailer = self._create_user("mailer", "mass_mailing.group_mass_mailing_user")
        letter.print_run_ids.with_user(mailer).action_all_posted()
        self.assertEqual(letter.print_run_ids.posted_count, 3)
        self.assertTrue(json.dumps(run.line_ids.sudo()[0].letter_data))
