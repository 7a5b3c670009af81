from dataclasses import replace
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import split_every

PAPER = ("letter", "call")
"""Types of mailings that no mail server carries: people do."""
NO_EMAIL = "mailing_type == 'mail'"
"""How views say: not for e-mails."""
CHUNK = 10000
"""Recipients decided together, as for e-mails."""


class MailingMailing(models.Model):
    """Letters and calls: mailings that people carry out.

    They pass the same gate as an e-mail, and what the gate lets through becomes a line
    of a print run or of a call list, which is a mailing trace like any other. So
    Odoo's statistics, holds and the ledger follow by themselves. Until somebody says
    what was posted or said, the touch stays reserved and counts.

    Loaded after the parts and before the segments and the queue, so that both are
    asked first, and jobs never see such a mailing.
    """

    _inherit = "mailing.mailing"

    mailing_type = fields.Selection(
        selection_add=[("letter", "Letter"), ("call", "Call")],
        ondelete={"letter": "cascade", "call": "cascade"},
    )
    salutation = fields.Char(
        translate=True,
        default=lambda self: self.env._("Dear {name}"),
        help="{name} becomes the name of the person.",
    )
    class_of_service = fields.Char(
        string="Class of Service",
        help="How the letter goes out: first class, bulk, registered, glossy ...",
    )
    unit_cost = fields.Monetary(
        string="Cost of One",
        compute="_compute_unit_cost",
        store=True,
        readonly=False,
        precompute=True,
        currency_field="unit_currency_id",
        help="With paper, printing and postage of this class of service, or with the "
        "time of a call. Written to each touch.",
    )
    unit_currency_id = fields.Many2one(
        "res.currency", compute="_compute_unit_cost", store=True, precompute=True
    )
    print_run_ids = fields.One2many("contact.print.run", "mailing_id")
    print_run_count = fields.Integer(compute="_compute_print_run_count")

    _unit_cost_not_negative = models.Constraint(
        "CHECK(unit_cost >= 0)", "The cost of one cannot be negative."
    )

    @api.depends("mailing_type")
    def _compute_unit_cost(self):
        """What the channel costs, until somebody knows better."""
        for mailing in self:
            if mailing.mailing_type not in PAPER:
                mailing.unit_cost = mailing.unit_currency_id = False
                continue
            # Elevated: who sends need not be a user of the strategy's channels.
            channel = mailing.sudo()._contact_channel()
            mailing.unit_cost = channel.cost
            mailing.unit_currency_id = channel.currency_id

    @api.depends("print_run_ids")
    def _compute_print_run_count(self):
        for mailing in self:
            mailing.print_run_count = len(mailing.print_run_ids)

    @api.depends("mailing_type")
    def _compute_medium_id(self):
        """Letters and calls have a medium of their own."""
        result = super()._compute_medium_id()
        Medium = self.env["utm.medium"]
        for mailing in self:
            if mailing.mailing_type in PAPER and not mailing.medium_id:
                name = "phone" if mailing.mailing_type == "call" else "letter"
                mailing.medium_id = Medium._fetch_or_create_utm_medium(name)
        return result

    def _contact_message(self):
        """The cost of this very class of service."""
        message = super()._contact_message()
        if self._is_paper():
            message = replace(
                message,
                cost=Decimal(str(self.unit_cost)),
                currency_id=self.unit_currency_id.id or None,
            )
        return message

    def _contact_booking(self, now):
        """As ``_contact_message``."""
        booking = super()._contact_booking(now)
        if self._is_paper():
            booking = replace(
                booking,
                cost=self.unit_cost,
                currency_id=self.unit_currency_id.id or None,
            )
        return booking

    def unlink(self):
        """The files of the print runs go, too: the database knows nothing of them."""
        self.check_access("unlink")
        self.sudo().print_run_ids.unlink()
        return super().unlink()

    # ------------------------------------------------------------
    # Sending
    # ------------------------------------------------------------

    def _action_send_mail(self, res_ids=None):
        """Letters and calls are written down instead of being mailed."""
        paper = self.filtered(lambda mailing: mailing.mailing_type in PAPER)
        for mailing in paper:
            mailing._produce(res_ids)
        others = self - paper
        return not others or super(MailingMailing, others)._action_send_mail(res_ids)

    def _produce(self, res_ids=None):
        """Decide, reserve, and write down who gets a letter or a call.

        If the work is cut off, the next run takes up what is left: a reservation
        without a line is decided again, and lines without a file get theirs.

        :param list res_ids: recipients (default: whoever is left)
        :raise UserError: nobody is left
        """
        self.ensure_one()
        res_ids = res_ids or self._get_remaining_recipients()
        if not res_ids:
            raise UserError(self.env._("There are no recipients selected."))
        gate = self.env["contact.gate"]
        with gate._sending(self) as cr:
            todo = self._without_line(self._still_to_send(res_ids))
            for chunk in split_every(CHUNK, todo, list):
                passed, duplicates = gate._pass(self, chunk, cr)
                self._write_lines(passed, duplicates)
                gate._commit()
                self.env["contact.touch"]._release_untraced(self, passed)
            self.sudo().print_run_ids._make_files()
            gate._commit()
        self.write(
            {
                "state": "done",
                "sent_date": fields.Datetime.now(),
                "kpi_mail_required": False,
            }
        )
        gate._commit()

    def _without_line(self, res_ids):
        """Those of the recipients who have no line yet."""
        lines = self.env["mailing.trace"].search_fetch(
            Domain("mass_mailing_id", "=", self.id)
            & Domain("model", "=", self.mailing_model_real)
            & Domain("res_id", "in", res_ids),
            ["res_id"],
        )
        known = set(lines.mapped("res_id"))
        return [res_id for res_id in res_ids if res_id not in known]

    def _write_lines(self, passed, duplicates):
        """A line for everybody: to be carried out, or cancelled and why.

        Only who has a reservation gets a letter: the address may have come after the
        gate was asked.

        :param list passed: recipients, as given by the gate
        :param dict duplicates: {recipient: (profile id, address)}
        """
        rows = self._reserved_for(passed)
        excluded = self._contact_excluded(self._contact_rows(passed, False), passed)
        reasons = dict.fromkeys(duplicates, "mail_dup")
        reasons.update((r, "paper_missing") for r in passed if r not in rows)
        reasons.update(dict.fromkeys(excluded["nowhere"], "paper_missing"))
        reasons.update(dict.fromkeys(excluded["blacklist"], "mail_bl"))
        reasons.update(dict.fromkeys(excluded["optout"], "mail_optout"))
        lines = [
            {"res_id": res_id, "trace_status": "cancel", "failure_type": reason}
            for res_id, reason in reasons.items()
        ]
        rows = [(r, p, None) for r, p in rows.items() if r not in reasons]
        lines += self._prepare_lines(rows)
        common = {
            "mass_mailing_id": self.id,
            "model": self.mailing_model_real,
            "trace_type": self.mailing_type,
        }
        # Elevated, as Odoo does for its own traces.
        self.env["mailing.trace"].sudo().create([{**common, **line} for line in lines])

    def _reserved_for(self, res_ids):
        """{recipient: profile id} of those with a reservation that has no line yet."""
        # Elevated: of whatever business unit the person is.
        touches = self.env["contact.touch"].sudo()
        found = touches.search_fetch(
            Domain("mailing_id", "=", self.id)
            & Domain("res_model", "=", self.mailing_model_real)
            & Domain("res_id", "in", res_ids)
            & Domain("state", "=", "reserved")
            & Domain("trace_id", "=", False),
            ["res_id", "profile_id"],
        )
        return {touch.res_id: touch.profile_id.id for touch in found}

    def _prepare_lines(self, rows):
        """Values of the lines that are to be carried out.

        :param list rows: (recipient, profile id, None)
        """
        if self.mailing_type == "call":
            return [{"res_id": res_id} for res_id, _profile, _key in rows]
        if not rows:
            return []
        run = self.sudo().print_run_ids.filtered(lambda run: not run.is_ready)[:1]
        run = run or run.create({"mailing_id": self.id})
        partners = self._paper_partners(rows)
        return [
            {
                "res_id": res_id,
                "print_run_id": run.id,
                "letter_data": run._prepare_line(res_id, partners[res_id]),
            }
            for res_id, _profile, _key in rows
        ]

    def action_retry_failed(self):
        """Letters that were not printed and calls that reached nobody: once more.

        They are decided again, with everything that has happened meanwhile.
        """
        paper = self.filtered(lambda mailing: mailing.mailing_type in PAPER)
        for mailing in paper:
            failed = self.env["mailing.trace"].search(
                [("mass_mailing_id", "=", mailing.id), ("trace_status", "=", "error")]
            )
            if res_ids := failed.mapped("res_id"):
                failed.unlink()
                mailing._ask_again(res_ids)
        others = self - paper
        return super(MailingMailing, others).action_retry_failed() if others else None

    # ------------------------------------------------------------
    # Screens
    # ------------------------------------------------------------

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Hide what the app for SMS, if there, shows for whatever is no e-mail.

        In Python, as a view cannot name what may not be installed.
        """
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "form":
            for node in arch.xpath("//*[contains(@invisible, $sms)]", sms=NO_EMAIL):
                before = node.get("invisible")
                node.set("invisible", f"({before}) or mailing_type in {PAPER}")
        return arch, view

    def action_view_print_runs(self):
        """Open the print runs of this mailing: the only one at once."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "mass_mailing_contact_strategy.contact_print_run_action"
        )
        action["domain"] = [("mailing_id", "=", self.id)]
        if len(self.print_run_ids) == 1:
            action["res_id"] = self.print_run_ids.id
            action["views"] = [(False, "form")]
        return action

    def action_view_calls(self):
        """Open the call list of this mailing."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "mass_mailing_contact_strategy.contact_touch_action_call"
        )
        action["domain"] = [("mailing_id", "=", self.id)]
        action["context"] = {"search_default_filter_to_call": 1}
        return action
