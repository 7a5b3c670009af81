from odoo.tests import HttpCase, tagged

from .tags_common import TAG_COLUMN as COLUMN
from .tags_common import TagFileCase


@tagged("post_install", "-at_install")
class TestTagsExport(TagFileCase, HttpCase):
    """What is exported is what was said, and is imported again unchanged."""

    def _export(self, records, *columns):
        return records.with_user(self.user).export_data(list(columns))["datas"]

    def test_round_trip(self):
        self.anna.explicit_tag_ids = self.boss + self.tents + self.boats
        self.bert.explicit_tag_ids = self.clerk
        self._see(self.bert, self.tents, kind="implicit")
        people = self.anna + self.bert
        columns = [".id", COLUMN + "rank", "name", COLUMN + "hobby"]
        for records in (people, people.partner_id):
            rows = self._export(records, *columns)
            self.assertEqual(
                [row[1::2] for row in rows],
                [["Boss", '"Boats, canoes",Tents'], ["Clerk", ""]],
            )
            self.assertEqual([row[2] for row in rows], ["anna", "bert"])
            answer = self.env["res.partner"].load(
                columns, self._export(people.partner_id, *columns)
            )
            self.assertTrue(answer["ids"], answer["messages"])
            self.env.invalidate_all()
            self.assertEqual(self._export(records, *columns), rows)

    def test_one_answer_only(self):
        """Of several the one that counts: so the file can be read again."""
        self.anna.explicit_tag_ids = self.boss + self.guest
        self.assertEqual(self._export(self.anna, COLUMN + "rank"), [["Guest"]])

    def test_beside_lines_of_their_own(self):
        """A company's people have lines; its tags stand on its own line."""
        firm = self.anna.partner_id
        children = self._create_partners(2, parent_id=firm.id)
        firm.explicit_tag_ids = self.tents
        rows = self._export(firm, "name", COLUMN + "hobby", "child_ids/name")
        self.assertEqual(
            rows,
            [
                ["anna", "Tents", children[0].name],
                ["", "", children[1].name],
            ],
        )

    def test_the_wizard_offers_them(self):
        self.authenticate("importer", "importer")
        for compatible in (True, False):
            found = self.make_jsonrpc_request(
                "/web/export/get_fields",
                {"model": "res.partner", "domain": [], "import_compat": compatible},
            )
            labels = {it["id"]: it["string"] for it in found}
            self.assertEqual(labels[COLUMN + "rank"], "Tag: Rank")
        found = self.make_jsonrpc_request(
            "/web/export/get_fields",
            {
                "model": "res.partner",
                "domain": [],
                "prefix": "parent_id",
                "import_compat": False,
            },
        )
        self.assertFalse([it for it in found if COLUMN in it["id"]])

    def test_templates(self):
        """A saved list of columns is found again."""
        export = self.env["ir.exports"].create(
            {
                "name": "Tags",
                "resource": "res.partner",
                "export_fields": [
                    (0, 0, {"name": "name"}),
                    (0, 0, {"name": COLUMN + "rank"}),
                ],
            }
        )
        self.authenticate("importer", "importer")
        found = self.make_jsonrpc_request(
            "/web/export/namelist", {"model": "res.partner", "export_id": export.id}
        )
        self.assertEqual([it["id"] for it in found], ["name", COLUMN + "rank"])
