import base64
import binascii
import csv
import io
from datetime import date, datetime, time

from openpyxl import load_workbook

from odoo import fields, models
from odoo.exceptions import UserError

WORDS = {
    **dict.fromkeys(("printed", "at the printer"), "printed"),
    **dict.fromkeys(("posted", "sent", "delivered"), "posted"),
    **dict.fromkeys(("returned", "undeliverable"), "returned"),
    **dict.fromkeys(("failed", "not printed", "not posted", "error"), "failed"),
}
"""What a printer's file may call what became of a letter."""
VALUES = {
    "printed": {"trace_status": "process", "failure_type": False},
    "posted": {"trace_status": "sent", "failure_type": False},
    "returned": {"trace_status": "bounce", "failure_type": "letter_returned"},
    "failed": {"trace_status": "error", "failure_type": "letter_not_printed"},
}
SHOWN = 10
"""More faults than this are counted, not listed."""


class ContactPrintReturn(models.TransientModel):
    """The printer says what became of the letters.

    A file with the references of the print run. All of it is taken, or nothing: a
    letter that is settled wrongly would count, or not count, for somebody.
    """

    _name = "contact.print.return"
    _description = "The Printer's File"

    run_id = fields.Many2one("contact.print.run", required=True, ondelete="cascade")
    file = fields.Binary(required=True, attachment=False)
    file_name = fields.Char()
    are_missing_failed = fields.Boolean(
        string="Letters that are not in the file were not printed",
        help="They give their allowance back, and can be decided again.",
    )

    def action_take_back(self):
        """Settle the letters as the file says.

        :raise UserError: what is wrong with which rows; then nothing is settled
        """
        self.ensure_one()
        self.check_access("read")
        self.run_id._check_may_settle()
        lines = {
            line.letter_data["reference"]: line for line in self.run_id._get_lines()
        }
        said, faults = {}, []
        for number, row in enumerate(self._read_rows(), 2):
            fault = self._read_row(row, lines, said)
            if fault:
                faults.append(
                    self.env._("Row %(row)s: %(fault)s", row=number, fault=fault)
                )
        if faults:
            more = len(faults) - SHOWN
            if more > 0:
                faults = [*faults[:SHOWN], self.env._("... and %s more.", more)]
            raise UserError("\n".join(faults))
        self._settle(lines, said)
        return {"type": "ir.actions.act_window_close"}

    def _settle(self, lines, said):
        """Write what was said, together for the lines of which the same was said."""
        alike = {}
        for reference, answer in said.items():
            alike.setdefault(answer, []).append(lines[reference].id)
        if self.are_missing_failed:
            missing = [line.id for ref, line in lines.items() if ref not in said]
            alike.setdefault(("failed", None, False), []).extend(missing)
        for (outcome, moment, reason), ids in alike.items():
            vals = {**VALUES[outcome], "failure_reason": reason}
            if outcome in ("posted", "returned"):
                vals["sent_datetime"] = moment or fields.Datetime.now()
            self.run_id.line_ids.sudo().browse(ids).write(vals)

    def _read_row(self, row, lines, said):
        """Add what one row says to ``said``.

        :param dict row: texts or dates by the names of their columns
        :return: what is wrong with it, or None
        """
        reference = str(row.get("reference") or "").strip().lstrip("'")
        word = str(row.get("status") or "posted").strip().lower()
        if reference not in lines:
            return self.env._("“%s” is no letter of this print run.", reference)
        if word not in WORDS:
            return self.env._(
                "“%(word)s” is none of: %(known)s.",
                word=word,
                known=", ".join(sorted(set(WORDS.values()))),
            )
        if reference in said:
            return self.env._("“%s” is in the file twice.", reference)
        try:
            moment = self._read_moment(row.get("date"))
        except ValueError:
            return self.env._("“%s” is no date like 2026-05-31.", row["date"])
        if moment and moment > fields.Datetime.now():
            return self.env._("“%s” lies in the future.", row["date"])
        reason = str(row.get("reason") or "").strip() or False
        said[reference] = WORDS[word], moment, reason
        return None

    def _read_moment(self, value):
        """The moment (naive UTC) that a cell names, or None.

        :raise ValueError: it names none
        """
        if not value:
            return None
        if isinstance(value, datetime):
            return value.replace(microsecond=0, tzinfo=None)
        if isinstance(value, date):
            return datetime.combine(value, time())
        moment = datetime.fromisoformat(str(value).strip())
        return moment.replace(microsecond=0, tzinfo=None)

    def _read_rows(self):
        """The rows of the file, as dicts by lower-case names of columns.

        :raise UserError: it is no such file
        """
        try:
            content = base64.b64decode(self.file)
            table = (
                self._read_xlsx(content)
                if content[:2] == b"PK"
                else self._read_csv(content)
            )
        except (binascii.Error, UnicodeDecodeError, csv.Error, OSError) as error:
            raise UserError(self.env._("The file cannot be read: %s", error)) from error
        except Exception as error:  # what openpyxl says to a broken file is endless
            raise UserError(
                self.env._("The file is no CSV or XLSX file that can be read.")
            ) from error
        head = [str(cell or "").strip().lower() for cell in table[0]] if table else []
        if "reference" not in head:
            raise UserError(
                self.env._(
                    "The file needs a column “reference”, as in the file of the print "
                    "run, and may have “status”, “date” and “reason”."
                )
            )
        return [dict(zip(head, row, strict=False)) for row in table[1:] if any(row)]

    def _read_csv(self, content):
        text = content.decode("utf-8-sig")
        first = text.split("\n", 1)[0]
        delimiter = max(",;\t", key=first.count)
        return list(csv.reader(io.StringIO(text), delimiter=delimiter))

    def _read_xlsx(self, content):
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        return [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
