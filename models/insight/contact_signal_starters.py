import logging

from odoo import api, models
from odoo.exceptions import ValidationError

from . import signal_path
from .signal_starters import DIMENSION
from .signal_starters_apps import STARTERS

_logger = logging.getLogger(__name__)
ADDON = "mass_mailing_contact_strategy"
OFFERED = f"{ADDON}.offered_signals"


class ContactSignal(models.Model):
    """Signals to begin with come with the apps whose records they read.

    Each is offered once: one that was deleted does not come back, unless its app goes
    and comes again. All are switched off, but for those that move the journey.
    """

    _inherit = "contact.signal"

    def _register_hook(self):
        """After modules were installed or removed."""
        res = super()._register_hook()
        if self.pool.updated_modules:
            self._offer_starters()
        else:
            self._forget_offered(self._offered_codes())
        return res

    @api.model
    def _offered_codes(self):
        # Elevated: nobody's settings.
        Parameter = self.env["ir.config_parameter"].sudo()
        return set((Parameter.get_param(OFFERED) or "").split(",")) - {""}

    @api.model
    def _forget_offered(self, offered):
        """What went with its app may come back with it."""
        gone = {
            starter.code
            for starter in STARTERS
            if starter.code in offered and starter.model not in self.env
        }
        if gone:
            self._write_offered(offered - gone)
        return offered - gone

    @api.model
    def _write_offered(self, codes):
        Parameter = self.env["ir.config_parameter"].sudo()
        Parameter.set_param(OFFERED, ",".join(sorted(codes)))

    @api.model
    def _offer_starters(self):
        """Make what was not offered yet and fits what is installed."""
        before = self._forget_offered(self._offered_codes())
        offered = set(before)
        for starter in STARTERS:
            if starter.code not in offered and self._can_offer(starter):
                self._make_starter(starter)
                offered.add(starter.code)
        if offered != before:
            self._write_offered(offered)

    @api.model
    def _can_offer(self, starter):
        """Are the model, its fields and the stage there?"""
        if starter.model not in self.env:
            return False
        Model = self.env[starter.model].sudo()
        try:
            signal_path.person_of(Model, starter.person)
            for path in (starter.date, starter.value or "id"):
                signal_path.walk(Model, path)
        except signal_path.PathError:
            return False
        return not starter.stage or bool(self._stage_of(starter))

    @api.model
    def _stage_of(self, starter):
        xmlid = f"{ADDON}.contact_journey_stage_{starter.stage}"
        return self.env.ref(xmlid, raise_if_not_found=False)

    @api.model
    def _make_starter(self, starter):
        self = self.with_context(lang="en_US").sudo()
        try:
            with self.env.cr.savepoint():
                signal = self.create(self._prepare_starter(starter))
        except ValidationError as error:
            # another app of the same name keeps other fields
            _logger.info("Signal %s is not offered: %s", starter.code, error)
            return
        self._translate_name(signal, starter.name)
        self._name_record(signal, f"contact_signal_{starter.code}")

    def _prepare_starter(self, starter):
        values = {
            "name": starter.name._translate("en_US"),
            "active": starter.active,
            "model_id": self.env["ir.model"]._get_id(starter.model),
            "domain": starter.domain,
            "person_path": starter.person,
            "date_path": starter.date,
            "window_value": starter.days,
            "window_unit": "day",
            "aggregate": starter.aggregate,
            "value_path": starter.value,
            "comparison": starter.comparison,
            "threshold": starter.threshold,
            "source": starter.source,
            "confidence": starter.confidence,
        }
        if starter.tag:
            values |= {"effect": "tag", "tag_id": self._tag_of(starter).id}
        elif starter.stage:
            values |= {"effect": "stage", "stage_id": self._stage_of(starter).id}
        else:
            values |= {"effect": "engagement", "points": starter.points}
        return values

    def _tag_of(self, starter):
        """The tag a starter gives, made when it is needed first."""
        code, title = DIMENSION
        Dimension = self.env["contact.tag.dimension"].with_context(active_test=False)
        dimension = Dimension.search([("code", "=", code)], limit=1)
        if not dimension:
            dimension = Dimension.create(
                {
                    "name": title._translate("en_US"),
                    "code": code,
                    "area": "behaviour",
                    "sequence": 200,
                }
            )
            self._translate_name(dimension, title)
        name = starter.tag._translate("en_US")
        Tag = self.env["contact.tag"].with_context(active_test=False)
        tag = Tag.search(
            [("dimension_id", "=", dimension.id), ("name", "=", name)], limit=1
        )
        if not tag:
            tag = Tag.create({"name": name, "dimension_id": dimension.id})
            self._translate_name(tag, starter.tag)
        return tag

    def _translate_name(self, record, term):
        for code, _name in self.env["res.lang"].get_installed():
            if code != "en_US":
                record.with_context(lang=code).name = term._translate(code)

    def _name_record(self, record, name):
        """For whoever refers to it; it is the user's from now on."""
        self.env["ir.model.data"]._update_xmlids(
            [
                {
                    "xml_id": f"{ADDON}.{name}",
                    "record": record,
                    "noupdate": True,
                }
            ]
        )
