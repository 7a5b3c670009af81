import psycopg2
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from . import signal_sql
from .contact_behaviour_check import NOT_UNDERSTOOD
from .contact_signal_check import DEFINITION

PATIENCE = "3s"
"""Longer nobody waits for a number while a form is filled in."""


class ContactSignal(models.Model):
    """Of whom would it be true? Asked before it is switched on, and run by hand."""

    _inherit = "contact.signal"

    preview = fields.Html(compute="_compute_preview", sanitize=False)

    @api.depends(*DEFINITION - {"active"})
    def _compute_preview(self):
        """How many people, and ten of them with the number that was compared."""
        for signal in self:
            signal.preview = signal._say_preview()

    def _say_preview(self):
        if not (self.model_name and self.person_path and self.date_path):
            return False
        try:
            rows = self._ask_examples()
        except psycopg2.errors.QueryCanceled:
            return Markup("<p>%s</p>") % self.env._(
                "There are too many records to count them while you wait. The hourly "
                "run will."
            )
        except AccessError:
            return Markup("<p>%s</p>") % self.env._("You may not read these records.")
        except (*NOT_UNDERSTOOD, ValidationError) as error:
            return Markup("<p class='text-muted'>%s</p>") % self._say_fault(error)
        return self._show_examples(rows)

    def _ask_examples(self):
        """Rows (profile, number, number of people), at most ten."""
        # Unsaved values count, so what is stored must be asked the same way.
        if not self.env.su:
            self.env[self.model_name].check_access("read")
        self._check_paths()
        self._check_value()
        self.env.flush_all()
        with self.env.cr.savepoint(flush=False):
            self.env.cr.execute(
                SQL("SELECT set_config('statement_timeout', %s, true)", PATIENCE)
            )
            scan = signal_sql.Scan(self, fields.Datetime.now())
            self.env.cr.execute(scan.sql_examples(), log_exceptions=False)
            rows = self.env.cr.fetchall()
            self.env.cr.execute("SELECT set_config('statement_timeout', '0', true)")
        return rows

    def _show_examples(self, rows):
        count = rows[0][2] if rows else 0
        title = (
            self.env._("It is true of nobody now.")
            if not count
            else self.env._("It is true of one person now.")
            if count == 1
            else self.env._("It is true of %s people now.", f"{count:,}")
        )
        # Names are shown to whoever may see the people; the count crosses units.
        profiles = self.env["contact.profile"].with_context(active_test=False)
        numbers = {profile_id: number for profile_id, number, _count in rows}
        seen = profiles.search([("id", "in", list(numbers))])
        lines = Markup().join(
            Markup(
                "<tr><td><a href='/odoo/contact.profile/%s'>%s</a></td>"
                "<td class='text-end'>%s</td></tr>"
            )
            % (
                profile_id,
                profiles.browse(profile_id).display_name,
                self._shown(number),
            )
            for profile_id, number, _count in rows
            if profile_id in seen._ids
        )
        return Markup(
            "<p class='fw-bold mb-1'>%s</p><table class='table table-sm w-auto'>%s"
            "</table>"
        ) % (title, lines)

    def _shown(self, number):
        if self.aggregate == "cycle":
            return f"{100 * number:.0f} %"
        return f"{number:,.2f}".rstrip("0").rstrip(".")

    # ------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------

    def action_run_now(self):
        """Look at all people now.

        :raise UserError: a signal is switched off, or another run is at it
        """
        self.check_access("write")
        if not all(self.mapped("active")):
            raise UserError(self.env._("Switch the signal on first."))
        now = fields.Datetime.now()
        self._evaluate(now=now, full=True)
        if any(signal.full_date != now and not signal.error for signal in self):
            raise UserError(
                self.env._("It is being looked at already. Try again in a minute.")
            )
        return self.action_view_hits()

    def action_view_hits(self):
        """Open the people of whom it is true, with the number."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "mass_mailing_contact_strategy.contact_signal_hit_action"
        )
        action["domain"] = [("signal_id", "in", self.ids)]
        action["context"] = {}
        return action
