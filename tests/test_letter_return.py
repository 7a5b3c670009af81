import base64
import io

from openpyxl import load_workbook

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import DAY, NOW
from .letter_common import LetterCase


@tagged("post_install", "-at_install")
class TestLetterReturn(LetterCase):
    """The printer's final file comes back and settles who was written to."""

    def _take_back(self, run, *rows, head="reference,status,date", **vals):
        text = "\n".join([head, *rows])
        wizard = self.env["contact.print.return"].create(
            {"run_id": run.id, "file": base64.b64encode(text.encode()), **vals}
        )
        wizard.action_take_back()

    def test_printers_file(self):
        letter = self._create_letter()
        self._launch(letter)
        run = letter.print_run_ids
        self._go_to(NOW + 2 * DAY)
        posted, back, lost = (self._reference(run, p) for p in self.people)
        self._take_back(
            run,
            f"{posted},posted,2026-05-13",
            f"{back},returned,2026-05-13",
            f"{lost},failed,",
        )
        touches = {t.res_id: t for t in self._touches(letter)}
        states = [touches[p.id].state for p in self.people]
        self.assertEqual(states, ["sent", "sent", "failed"])
        self.assertEqual(touches[self.people[0].id].date.day, 13)
        self.assertTrue(touches[self.people[1].id].bounced)
        self.assertFalse(touches[self.people[0].id].bounced)
        counts = (run.waiting_count, run.posted_count, run.returned_count)
        self.assertEqual((*counts, run.failed_count), (0, 1, 1, 1))
        self.assertEqual(letter.expected, 3)

    def test_file_with_faults_settles_nothing(self):
        letter = self._create_letter()
        self._launch(letter)
        run = letter.print_run_ids
        one = self._reference(run, self.people[0])
        for rows, words in (
            ([f"{one},posted,", "9-9,posted,"], "Row 3.*no letter"),
            ([f"{one},eaten,"], "Row 2.*eaten"),
            ([f"{one},posted,", f"{one},failed,"], "Row 3.*twice"),
            ([f"{one},posted,31.5."], "Row 2.*no date"),
            ([f"{one},posted,2036-05-13"], "Row 2.*future"),
        ):
            with self.assertRaisesRegex(UserError, words):
                self._take_back(run, *rows)
        with self.assertRaisesRegex(UserError, "column “reference”"):
            self._take_back(run, "x", head="who")
        self.assertEqual(run.waiting_count, 3)

    def test_missing_rows(self):
        letter = self._create_letter()
        self._launch(letter)
        run = letter.print_run_ids
        one = self._reference(run, self.people[0])
        self._take_back(run, one, head="reference")
        self.assertEqual((run.posted_count, run.waiting_count), (1, 2))
        self._take_back(run, one, head="reference", are_missing_failed=True)
        self.assertEqual((run.posted_count, run.failed_count), (1, 2))
        self._policy = self._create_policy(self._cap(1, 7))
        letter.action_retry_failed()
        self._run_queue()
        self.assertEqual(len(letter.print_run_ids), 2)
        self.assertEqual(letter.print_run_ids[0].waiting_count, 2)
        self.assertEqual(len(self._touches(letter, "reserved")), 2)

    def test_spreadsheet_comes_back(self):
        """The printer may give our own spreadsheet back, with a date as such."""
        letter = self._create_letter()
        self._launch(letter)
        run = letter.print_run_ids
        self._go_to(NOW + 2 * DAY)
        book = load_workbook(io.BytesIO(run.xlsx_id.raw))
        sheet = book.worksheets[0]
        for row, cell in enumerate(("date", NOW + DAY, NOW, NOW), 1):
            sheet.cell(row, 12, cell)
        stream = io.BytesIO()
        book.save(stream)
        self.env["contact.print.return"].create(
            {"run_id": run.id, "file": base64.b64encode(stream.getvalue())}
        ).action_take_back()
        self.assertEqual(run.posted_count, 3)
        dates = sorted(self._touches(letter).mapped("date"))
        self.assertEqual(dates, [NOW, NOW, NOW + DAY])

    def test_all_posted(self):
        letter = self._create_letter()
        self._launch(letter)
        letter.print_run_ids.action_all_posted()
        self.assertEqual(letter.print_run_ids.posted_count, 3)
        self.assertEqual(len(self._touches(letter, "sent")), 3)
