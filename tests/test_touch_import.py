from odoo.tests import tagged

from .common import NOW, StrategyCase

HEADER = (
    *("person_email", "person_phone", "person_partner_id/id", "channel_id"),
    *("category_id", "date", "cost"),
)
DATE = "2026-05-11 10:00:00"


@tagged("post_install", "-at_install")
class TestTouchImport(StrategyCase):
    """What happened outside comes in by Odoo's own import, and counts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna = cls._create_person("anna", phone="+43 1 234 5678")
        cls.bert = cls._create_person("bert", phone="+43 (1) 999")

    def _load(self, *rows, header=HEADER):
        importing = self.env["contact.touch"].with_context(import_file=True)
        return importing.load(list(header), [list(row) for row in rows])

    def test_by_each_way(self):
        self.env["ir.model.data"].create(
            {
                "name": "bert",
                "module": "agency",
                "model": "res.partner",
                "res_id": self.bert.partner_id.id,
            }
        )
        result = self._load(
            (" Anna@Strategy.Test", "", "", "Letter", "Promotion", DATE, "2.5"),
            ("", "0043-1-2345678", "", "Call", "Promotion", DATE, ""),
            ("", "", "agency.bert", "E-mail", "", DATE, ""),
        )
        self.assertFalse(result["messages"])
        letter, call, mail = self.env["contact.touch"].browse(result["ids"])
        self.assertEqual((letter + call).profile_id, self.anna)
        self.assertEqual(mail.profile_id, self.bert)
        self.assertEqual(letter.channel_id, self.letter)
        self.assertEqual(letter.cost, 2.5)
        self.assertEqual(call.cost, self.call.cost)
        self.assertEqual(letter.category_id, self.promotion)
        self.assertEqual(mail.state, "sent")
        self.assertEqual(mail.person_partner_id, self.bert.partner_id)

    def test_they_count(self):
        self._create_policy(self._cap(1, 7))
        self.assertSend(self.anna)
        self._load(("anna@strategy.test", "", "", "Letter", "", DATE, ""))
        (answer,) = self.anna.check_contact("email", at=NOW)
        self.assertEqual(answer["decision"], "defer")

    def test_faults_name_their_row(self):
        """Nothing is imported, and each faulty row says what is wrong with it."""
        result = self._load(
            ("anna@strategy.test", "", "", "Letter", "", DATE, ""),
            ("nobody@strategy.test", "", "", "Letter", "", DATE, ""),
            ("anna@strategy.test", "+431999", "", "Letter", "", DATE, ""),
            ("", "12", "", "Letter", "", DATE, ""),
            ("anna@strategy.test", "", "", "Pigeon", "", DATE, ""),
        )
        self.assertFalse(result["ids"])
        said = {
            message["rows"]["from"]: message["message"]
            for message in result["messages"]
        }
        self.assertIn(4, said)
        self.assertIn("Pigeon", said[4])
        result = self._load(
            ("anna@strategy.test", "", "", "Letter", "", DATE, ""),
            ("nobody@strategy.test", "", "", "Letter", "", DATE, ""),
            ("anna@strategy.test", "+431999", "", "Letter", "", DATE, ""),
            ("", "12", "", "Letter", "", DATE, ""),
        )
        self.assertFalse(result["ids"])
        said = {
            message["rows"]["from"]: message["message"]
            for message in result["messages"]
        }
        self.assertEqual(set(said), {1, 2, 3})
        self.assertIn("nobody@strategy.test", said[1])
        self.assertIn("different people", said[2])
        self.assertIn("“12”", said[3])

    def test_same_number_twice(self):
        self._create_person("carl", phone="0043 1 999")
        result = self._load(("", "+43 1 999", "", "Letter", "", DATE, ""))
        self.assertIn("Several people", result["messages"][0]["message"])

    def test_importer_offers_the_columns(self):
        if "base_import.import" not in self.env:
            self.skipTest("the importer is not installed")
        tree = self.env["base_import.import"].get_fields_tree("contact.touch")
        offered = {field["name"] for field in tree}
        self.assertLessEqual(
            {"person_email", "person_phone", "person_partner_id", "cost"}, offered
        )
