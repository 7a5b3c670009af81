from odoo.tests import tagged

from odoo.addons.mass_mailing_contact_strategy.models.insight import (
    contact_signal_starters,
    signal_starters_apps,
)

from .common import ADDON, StrategyCase

OFFERED = contact_signal_starters.OFFERED
STARTERS = signal_starters_apps.STARTERS
ALWAYS = {"reads_mails", "clicks_mails", "many_lists", "engagement_open"}


@tagged("post_install", "-at_install")
class TestSignalStarters(StrategyCase):
    """Signals to begin with."""

    def _starter(self, code):
        return self.env.ref(f"{ADDON}.contact_signal_{code}", False)

    def _offered(self):
        return self.env["contact.signal"]._offered_codes()

    def test_codes_are_unique(self):
        self.assertEqual(len({s.code for s in STARTERS}), len(STARTERS))

    def test_there_and_switched_off(self):
        for code in ALWAYS:
            signal = self._starter(code)
            self.assertTrue(signal, code)
            self.assertFalse(signal.active, code)
            self.assertTrue(signal.sentence)

    def test_each_that_fits_was_offered(self):
        """A number or a field in the table that is wrong would be skipped silently."""
        Signal = self.env["contact.signal"]
        for starter in STARTERS:
            if Signal._can_offer(starter):
                with self.subTest(starter.code):
                    self.assertIn(starter.code, self._offered())
                    self.assertTrue(self._starter(starter.code))

    def test_deleted_does_not_come_back(self):
        self._starter("reads_mails").unlink()
        count = self.env["contact.signal"].with_context(active_test=False).search_count
        before = count([])
        self.env["contact.signal"]._offer_starters()
        self.assertEqual(count([]), before)
        self.assertFalse(self._starter("reads_mails"))

    def test_comes_back_with_its_app(self):
        Parameter = self.env["ir.config_parameter"]
        Parameter.set_param(OFFERED, ",".join({*self._offered(), "card_end"}))
        self.env["contact.signal"]._offer_starters()
        there = "loyalty.card" in self.env
        self.assertEqual("card_end" in self._offered(), there)

    def test_gone_with_its_app(self):
        """Odoo deletes the model of an app that goes; nothing breaks."""
        model = self.env["ir.model"].create({"name": "App", "model": "x_app"})
        signal = self.env["contact.signal"].create(
            {
                "name": "Of the app",
                "active": True,
                "model_id": model.id,
                "person_path": "create_uid.partner_id",
                "date_path": "create_date",
                "effect": "engagement",
            }
        )
        self.env["contact.signal"]._cron_evaluate()
        model.with_context(_force_unlink=True).unlink()
        self.assertFalse(signal.exists())
        self.env["contact.signal"]._cron_evaluate()
        self.env["contact.signal"]._cron_evaluate_all()
