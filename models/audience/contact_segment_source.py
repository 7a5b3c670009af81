from odoo import api, fields, models

from odoo.addons.mass_mailing_contact_strategy.models.insight.signal_starters import (
    ENGAGEMENT,
    INVOICE,
    LEAD,
    TRACE,
    Starter,
    _lt,
)

SENT = "[('is_test_trace', '=', False), ('sent_datetime', '!=', False)]"
OF_RECORDS = {
    "model_id": "model",
    "domain": "domain",
    "person_path": "person",
    "date_path": "date",
    "value_path": "value",
}
"""Fields of a line, and what a starter of a signal calls them."""
SOURCES = (
    Starter(
        "mail_sent",
        _lt("Got a mail"),
        date="sent_datetime",
        domain=SENT,
        **TRACE,
    ),
    *ENGAGEMENT,
    Starter("invoiced", _lt("Was invoiced"), **INVOICE),
    Starter("asked", _lt("Asked about something"), **LEAD),
    Starter(
        "rated",
        _lt("Rated us"),
        "rating.rating",
        "partner_id",
        date="rated_on",
        domain="[('consumed', '=', True)]",
    ),
    Starter("list_joined", _lt("Joined a list"), "mailing.subscription", "contact_id"),
    Starter(
        "list_left",
        _lt("Left a list"),
        "mailing.subscription",
        "contact_id",
        date="opt_out_datetime",
        domain="[('opt_out', '=', True)]",
    ),
)
"""What people do, in the apps that may be there: where the engagement of signals is
read from, and more."""


class ContactSegmentCondition(models.Model):
    """What people do, by name: nobody has to know where it is written."""

    _inherit = "contact.segment.condition"

    ready_source = fields.Selection(
        "_selection_ready_source",
        string="They",
        compute="_compute_ready_source",
        readonly=False,
        help="Fills in the records, whom they are about and when they happened.",
    )

    @api.model
    def _selection_ready_source(self):
        """Those whose app is installed."""
        Signal = self.env["contact.signal"]
        return [
            (source.code, self.env._(source.name))
            for source in SOURCES
            if Signal._can_offer(source)
        ]

    @api.depends("model_id", "domain", "person_path", "date_path")
    def _compute_ready_source(self):
        """Which of them it is, if it is one as it was offered."""
        offered = dict(self._selection_ready_source())
        for line in self:
            line.ready_source = next(
                (
                    source.code
                    for source in SOURCES
                    if source.code in offered and line._is_source(source)
                ),
                False,
            )

    def _is_source(self, source):
        return (
            self.model_name == source.model
            and self.person_path == source.person
            and self.date_path == source.date
            and (self.domain or "[]") == source.domain
        )

    @api.onchange("kind")
    def _onchange_kind(self):
        """A condition on people says nothing about records, and the other way round."""
        if self.kind != self._origin.kind:
            self.domain = "[]"

    @api.onchange("ready_source")
    def _onchange_ready_source(self):
        source = next((one for one in SOURCES if one.code == self.ready_source), None)
        if not source or self._is_source(source):
            return
        values = {
            name: getattr(source, of_source) or False
            for name, of_source in OF_RECORDS.items()
        }
        values["model_id"] = self.env["ir.model"]._get_id(source.model)
        self.update(values)

    def _say_records(self, clock=None):
        """By the name of what they did, where it has one."""
        offered = dict(self._selection_ready_source())
        if self.ready_source in offered and not self.last_records:
            return self.env._("“%s”", offered[self.ready_source])
        return super()._say_records(clock)
