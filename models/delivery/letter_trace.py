from odoo import fields, models


class MailingTrace(models.Model):
    """A line of a print run or of a call list, with what was printed on it.

    What stands on the paper is kept as it was: the address may change before somebody
    says that the letter came back.
    """

    _inherit = "mailing.trace"

    trace_type = fields.Selection(
        selection_add=[("letter", "Letter"), ("call", "Call")],
        ondelete={"letter": "cascade", "call": "cascade"},
    )
    failure_type = fields.Selection(
        selection_add=[
            ("paper_missing", "No postal address or telephone number"),
            ("letter_not_printed", "Not printed or not posted"),
            ("letter_returned", "Returned by the post"),
            ("call_not_reached", "Not reached"),
            ("call_wrong_number", "Wrong number"),
        ]
    )
    print_run_id = fields.Many2one(
        "contact.print.run", ondelete="set null", index="btree_not_null", readonly=True
    )
    letter_data = fields.Json(readonly=True)


class MailingTraceReport(models.Model):
    """Odoo's report knows the types of mailings."""

    _inherit = "mailing.trace.report"

    mailing_type = fields.Selection(
        selection_add=[("letter", "Letter"), ("call", "Call")],
        ondelete={"letter": "cascade", "call": "cascade"},
    )
