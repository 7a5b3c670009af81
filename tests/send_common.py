from .common import GateCase


class SendCase(GateCase):
    """Mailings to lists, and Odoo's composer by itself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lists = cls.env["mailing.list"].create(
            [{"name": "News"}, {"name": "Offers"}, {"name": "Not asked"}]
        )

    def _create_list_contacts(self, count):
        return self.env["mailing.contact"].create(
            [
                {
                    "name": f"Reader {number}",
                    "email": f"reader{number}@strategy.test",
                    "list_ids": self.lists[:1].ids,
                }
                for number in range(count)
            ]
        )

    def _create_list_mailing(self):
        return self._create_mailing(
            self.lists[:1],
            mailing_model_id=self.env["ir.model"]._get_id("mailing.list"),
            contact_list_ids=self.lists[:1].ids,
            mailing_domain=[("list_ids", "in", self.lists[:1].ids)],
        )

    def _create_composer(self, mailing, recipients):
        return (
            self.env["mail.compose.message"]
            .with_context(active_ids=recipients.ids)
            .create(
                {
                    "composition_mode": "mass_mail",
                    "model": recipients._name,
                    "mass_mailing_id": mailing.id,
                    "use_exclusion_list": mailing.use_exclusion_list,
                    "subject": "Spring",
                    "body": "Hello",
                }
            )
        )
