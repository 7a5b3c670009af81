from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.mass_mailing_contact_strategy.models.delivery.sms import SMS_MARKETING

from .common import ADDON, DAY, NOW, StrategyCase


@tagged("post_install", "-at_install")
class TestSmsAbsentOrPresent(StrategyCase):
    """The addon does not depend on SMS Marketing, and knows when it is there."""

    def test_extensions_are_in_front_of_their_models(self):
        is_there = "sms_id_int" in self.env["mailing.trace"]._fields
        for definition in SMS_MARKETING:
            if definition._name not in self.env:
                self.assertFalse(is_there)
                continue
            mro = type(self.env[definition._name]).__mro__
            self.assertEqual(definition in mro, is_there)
            others = [c for c in mro[1:] if c not in SMS_MARKETING]
            if is_there:
                self.assertLess(mro.index(definition), mro.index(others[0]))

    def test_once_is_enough(self):
        before = [type(model).__mro__ for model in self.env.values()]
        self.env["contact.gate"]._register_hook()
        self.assertEqual([type(model).__mro__ for model in self.env.values()], before)

    def test_models_that_users_change_keep_them(self):
        """Whenever a field is added, Odoo puts all models together again."""
        before = type(self.env["mailing.mailing"]).__mro__
        self.env.registry._setup_models__(self.env.cr, ["mailing.mailing"])
        self.assertEqual(type(self.env["mailing.mailing"]).__mro__, before)

    def test_may_we_write_by_number(self):
        """What a person's inbox is depends on the channel, app or no app."""
        person = self._create_person("anna", phone="+32475001234")
        other = self._create_person("bert", phone="+32475001234")
        self._create_policy(self._cap(1, count_per="inbox"))
        self._create_touch(
            person, NOW - DAY, channel_id=self.sms.id, address="+32475001234"
        )
        self.assertDefer(other, NOW + 6 * DAY, "sms")
        self.assertSend(other, "email")

    def test_whose_a_number_is_nobody_says(self):
        person = self._create_person("anna")
        user = self._create_user("manager", f"{ADDON}.{ADDON}_group_manager")
        with self.assertRaises(UserError):
            person.with_user(user).own_phone = "+32475001234"
