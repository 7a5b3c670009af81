import base64
import csv
import io

import xlsxwriter
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError

COLUMNS = (
    *("reference", "salutation", "name", "company", "street", "street2"),
    *("zip", "city", "state", "country", "address"),
)
"""Of the files: what a printer needs, and the address as the country writes it."""
ORDER = ("country", "zip", "street", "name", "reference")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so would be calculated by the program that opens the file."""
WAITING = ("outgoing", "process")
OUTCOMES = {
    "waiting_count": WAITING,
    "posted_count": ("pending", "sent", "open", "reply"),
    "returned_count": ("bounce",),
    "failed_count": ("error",),
    "cancelled_count": ("cancel",),
}


class ContactPrintRun(models.Model):
    """The letters of a mailing that go to the printer together.

    A mailing has one for each time that people were let through: deferred people come
    in a later one. Its files are made once, with the lines as they are then.
    """

    _name = "contact.print.run"
    _description = "Print Run"
    _order = "id DESC"

    name = fields.Char(compute="_compute_name")
    mailing_id = fields.Many2one(
        "mailing.mailing", required=True, ondelete="cascade", index=True, readonly=True
    )
    company_id = fields.Many2one(related="mailing_id.company_id", store=True)
    date = fields.Datetime(default=fields.Datetime.now, readonly=True)
    is_ready = fields.Boolean(readonly=True, help="Its files are there.")
    class_of_service = fields.Char(related="mailing_id.class_of_service")
    csv_id = fields.Many2one("ir.attachment", readonly=True)
    xlsx_id = fields.Many2one("ir.attachment", readonly=True)
    line_ids = fields.One2many("mailing.trace", "print_run_id", readonly=True)
    line_count = fields.Integer(string="Letters", compute="_compute_counts")
    waiting_count = fields.Integer(string="At the printer", compute="_compute_counts")
    posted_count = fields.Integer(string="Posted", compute="_compute_counts")
    returned_count = fields.Integer(string="Returned", compute="_compute_counts")
    failed_count = fields.Integer(string="Not printed", compute="_compute_counts")
    cancelled_count = fields.Integer(string="Cancelled", compute="_compute_counts")
    cost = fields.Monetary(compute="_compute_counts", help="Of all that was not lost.")
    currency_id = fields.Many2one(related="mailing_id.unit_currency_id")

    @api.depends("mailing_id.subject", "date")
    def _compute_name(self):
        for run in self:
            moment = fields.Datetime.context_timestamp(run, run.date)
            run.name = f"{run.mailing_id.sudo().subject} ({moment:%Y-%m-%d %H:%M})"

    @api.depends("line_ids.trace_status")
    def _compute_counts(self):
        """Every letter is counted once."""
        # Elevated: the numbers are the same for everybody who sees the run.
        groups = (
            self.env["mailing.trace"]
            .sudo()
            ._read_group(
                [("print_run_id", "in", self.ids)],
                ["print_run_id", "trace_status"],
                ["__count"],
            )
        )
        counted = {}
        for run, status, count in groups:
            counted[run.id, status] = count
        for run in self:
            for name, statuses in OUTCOMES.items():
                run[name] = sum(counted.get((run.id, status), 0) for status in statuses)
            run.line_count = sum(run[name] for name in OUTCOMES)
            lost = run.failed_count + run.cancelled_count
            run.cost = (run.line_count - lost) * run.mailing_id.sudo().unit_cost

    # ------------------------------------------------------------
    # Files
    # ------------------------------------------------------------

    def _prepare_line(self, res_id, partner):
        """What is printed for one recipient.

        :param partner: record of res.partner
        :rtype: dict
        """
        self.ensure_one()
        company = partner.commercial_company_name or partner.parent_id.name
        if partner.is_company or company == partner.name:
            company = ""
        salutation = self.mailing_id.with_context(lang=partner.lang).salutation or ""
        address = partner._display_address(without_company=True)
        lines = [company, partner.name, *address.splitlines()]
        return {
            "reference": f"{self.id}-{res_id}",
            "salutation": salutation.replace("{name}", partner.name or ""),
            "name": partner.name or "",
            "company": company or "",
            "street": partner.street or "",
            "street2": partner.street2 or "",
            "zip": partner.zip or "",
            "city": partner.city or "",
            "state": partner.state_id.name or "",
            "country": partner.country_id.name or "",
            "address": "\n".join(
                line.strip() for line in lines if line and line.strip()
            ),
        }

    def _get_lines(self):
        """The lines of the run that are not cancelled, in the order of the post."""
        lines = self.sudo().line_ids.filtered(lambda t: t.trace_status != "cancel")
        return lines.sorted(lambda t: [t.letter_data[name] for name in ORDER])

    def _make_files(self):
        """Write the files of those runs that have none."""
        for run in self.filtered(lambda run: not run.is_ready):
            rows = [
                [line.letter_data[name] for name in COLUMNS]
                for line in run._get_lines()
            ]
            name = f"letters-{run.id}"
            run.csv_id = run._attach(f"{name}.csv", self._as_csv(rows), "text/csv")
            run.xlsx_id = run._attach(
                f"{name}.xlsx",
                self._as_xlsx(rows),
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            )
            run.is_ready = True

    def _attach(self, name, content, mimetype):
        return self.env["ir.attachment"].create(
            {
                "name": name,
                "datas": base64.b64encode(content),
                "mimetype": mimetype,
                "res_model": self._name,
                "res_id": self.id,
            }
        )

    @api.model
    def _as_csv(self, rows):
        """The rows as a text that spreadsheets read, and do not calculate."""
        stream = io.StringIO()
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL)
        writer.writerow(COLUMNS)
        for row in rows:
            writer.writerow(["'" + c if c.startswith(FORMULA) else c for c in row])
        return stream.getvalue().encode("utf-8-sig")

    @api.model
    def _as_xlsx(self, rows):
        """The rows as a spreadsheet: texts, also where they look like numbers."""
        stream = io.BytesIO()
        book = xlsxwriter.Workbook(stream, {"in_memory": True})
        sheet = book.add_worksheet()
        bold, wrap = book.add_format({"bold": True}), book.add_format()
        wrap.set_text_wrap()
        for column, name in enumerate(COLUMNS):
            sheet.write_string(0, column, name, bold)
        for number, row in enumerate(rows, 1):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell, wrap)
        sheet.set_column(0, len(COLUMNS) - 1, 18)
        book.close()
        return stream.getvalue()

    def _get_letters(self):
        """What the letters say, for the report.

        :return: list of (line's data, body as Markup)
        """
        self.ensure_one()
        lines = self._get_lines()
        mailing = self.mailing_id
        bodies = {}
        if mailing.body_html:
            bodies = mailing._render_field("body_html", lines.mapped("res_id"))
        return [
            (line.letter_data, Markup(bodies.get(line.res_id) or "")) for line in lines
        ]

    # ------------------------------------------------------------
    # What became of the letters
    # ------------------------------------------------------------

    def _check_may_settle(self):
        """May this user say what became of the letters?

        :raise AccessError: no
        """
        self.check_access("read")
        if not self.env.user.has_group("mass_mailing.group_mass_mailing_user"):
            raise AccessError(
                self.env._("Only those who may send a mailing decide about it.")
            )
        self.mailing_id.check_access("write")

    def action_all_posted(self):
        """Everything that is still at the printer was posted today.

        :raise AccessError: the user may not send the mailing
        """
        self._check_may_settle()
        waiting = self.sudo().line_ids.filtered(lambda t: t.trace_status in WAITING)
        waiting.set_sent()
        return True

    def action_take_back(self):
        """Open the dialog for the printer's file."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("The Printer's File"),
            "res_model": "contact.print.return",
            "view_mode": "form",
            "target": "new",
            "context": {"default_run_id": self.id},
        }

    def action_download_csv(self):
        """Give the addresses as CSV."""
        self.ensure_one()
        self.check_access("read")
        return self._download(self.csv_id)

    def action_download_xlsx(self):
        """Give the addresses as a spreadsheet."""
        self.ensure_one()
        self.check_access("read")
        return self._download(self.xlsx_id)

    def _download(self, attachment):
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{attachment.id}?download=true",
        }

    def action_view_lines(self):
        """Open the letters of this run, in Odoo's own list of messages."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Letters"),
            "res_model": "mailing.trace",
            "view_mode": "list,form",
            "domain": [("print_run_id", "=", self.id)],
        }
