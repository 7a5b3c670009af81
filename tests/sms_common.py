from .common import GateCase

GATEWAY = "/api/sms/3/send"


class SmsCase(GateCase):
    """Text messages on their way, to a provider that answers as the test says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sms.cost = 0.07

    def setUp(self):
        super().setUp()
        if "sms_id_int" not in self.env["mailing.trace"]._fields:
            self.skipTest("mass_mailing_sms is not installed")
        # Not at the top: without the app nothing of it must be imported.
        from odoo.addons.sms.tools.sms_api import SmsApi

        # What the provider took, in order.
        self.numbers = []
        # {number: the provider's answer, or an error to raise}; else: success.
        self.answers = {}
        self.patch(
            SmsApi,
            "_contact_iap",
            lambda _api, endpoint, params, **_options: self._answer(endpoint, params),
        )

    def _answer(self, endpoint, params):
        self.assertEqual(endpoint, GATEWAY)
        results = []
        for message in params["messages"]:
            for to in message["numbers"]:
                state = self.answers.get(to["number"], "success")
                if isinstance(state, Exception):
                    raise state
                if state in ("success", "processing"):
                    self.numbers.append(to["number"])
                results.append({"uuid": to["uuid"], "state": state, "credit": 1})
        return results

    def _deliver(self):
        """Also what waits in the queue of text messages."""
        result = super()._deliver()
        if "sms.sms" in self.env:
            self.env["sms.sms"].sudo()._process_queue()
        return result

    @classmethod
    def _create_callers(cls, count, prefix="caller", first=0, **vals):
        """Contacts with a number, and an address."""
        partners = cls._create_partners(count, prefix=prefix, **vals)
        for index, partner in enumerate(partners):
            partner.phone = cls._number(first + index)
        return partners

    @staticmethod
    def _number(index):
        return f"+3247500{index:04}"

    @classmethod
    def _create_sms_mailing(cls, recipients, subject="Short", **vals):
        return cls._create_mailing(
            recipients,
            subject=subject,
            **{"mailing_type": "sms", "body_plaintext": "Hello", **vals},
        )

    def _create_sms_composer(self, recipients, user=None, **vals):
        """As the list view opens it."""
        Composer = self.env["sms.composer"]
        if user:
            Composer = Composer.with_user(user)
        return Composer.with_context(
            active_model=recipients._name, active_ids=recipients.ids
        ).create(
            {
                "composition_mode": "mass",
                "res_model": recipients._name,
                "res_ids": repr(recipients.ids),
                "body": "Hello",
                **vals,
            }
        )
