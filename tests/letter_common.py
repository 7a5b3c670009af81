import csv
import io

from .common import GateCase

HOME = {"street": "Main Street 1", "zip": "1010", "city": "Vienna"}


class LetterCase(GateCase):
    """Three people with an address, and letters to them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.austria = cls.env.ref("base.at")
        cls.people = cls._create_partners(
            3, "writer", country_id=cls.austria.id, **HOME
        )

    def _create_letter(self, recipients=None, **vals):
        recipients = self.people if recipients is None else recipients
        return self._create_mailing(recipients, mailing_type="letter", **vals)

    def _reference(self, run, partner):
        return f"{run.id}-{partner.id}"

    def _csv(self, run):
        text = run.csv_id.raw.decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text)))
