from unittest import SkipTest

from odoo.tests import tagged

from .tags_common import TAG_COLUMN as COLUMN
from .tags_common import TagFileCase


@tagged("post_install", "-at_install")
class TestTagsImport(TagFileCase):
    """Odoo's importer knows a column for each dimension."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if "base_import.import" not in cls.env:
            raise SkipTest("the importer is not installed")

    def test_columns(self):
        """For contacts and mailing contacts, and for who may note what people said."""
        Importer = self.env["base_import.import"]
        for model in ("res.partner", "mailing.contact", "contact.profile"):
            tree = Importer.with_user(self.user).get_fields_tree(model)
            found = {it["name"]: it["string"] for it in tree}
            self.assertEqual(found[COLUMN + "rank"], "Tag: Rank")
            self.assertEqual(found[COLUMN + "hobby"], "Tag: Hobby")
            self.rank.active = False
            tree = Importer.with_user(self.user).get_fields_tree(model)
            self.assertNotIn(COLUMN + "rank", [it["name"] for it in tree])
            self.rank.active = True
        internal = self._create_user("internal", "base.group_partner_manager")
        tree = Importer.with_user(internal).get_fields_tree("res.partner")
        self.assertNotIn(COLUMN + "rank", [it["name"] for it in tree])
        plain = self.env["res.partner"].fields_get()
        self.assertNotIn(COLUMN + "rank", plain, "they are no fields")

    def test_import(self):
        """By the headers that people write, and by those of an export."""
        for model, header in (
            ("res.partner", ("name", "email", "Tag: Rank", "Tag: Hobby")),
            ("mailing.contact", ("name", "email", COLUMN + "rank", COLUMN + "hobby")),
        ):
            self.assertRead(
                self._import(
                    model,
                    header,
                    ("Ida", f"ida@{model}.test", "boss", "Tents"),
                    ("Jon", f"jon@{model}.test", "", 'Tents,"Boats, canoes"'),
                    ("Kim", f"kim@{model}.test", " CLERK ", "Boats, canoes"),
                    ("Leo", f"leo@{model}.test", "", ""),
                )
            )
            found = [
                self.env[model].search([("email", "=", f"{name}@{model}.test")])
                for name in ("ida", "jon", "kim", "leo")
            ]
            self.assertEqual(
                [record.explicit_tag_ids for record in found],
                [
                    self.boss + self.tents,
                    self.boats + self.tents,
                    self.clerk + self.boats,
                    self.boss.browse(),
                ],
            )
            row = self._rows(found[0].profile_id, self.boss)
            self.assertEqual(
                (row.source, row.kind, row.user_id), ("import", "explicit", self.user)
            )

    def test_what_was_said_before_is_kept(self):
        """Empty cells say nothing; what was said again is stronger."""
        self.anna.explicit_tag_ids = self.boss + self.tents
        partner = self.anna.partner_id
        People = self.env["res.partner"].with_user(self.user)
        answer = People.with_context(import_file=True).load(
            [".id", COLUMN + "rank", COLUMN + "hobby", "explicit_tag_ids/.id"],
            [[str(partner.id), "", "tents", str(self.boats.id)]],
        )
        self.assertRead(answer)
        self.assertEqual(
            self.anna.explicit_tag_ids, self.boss + self.boats + self.tents
        )
        self.assertEqual(self._rows(self.anna, self.tents).times_seen, 2)

    def test_wrong_values(self):
        """The error of the row names what is possible; nothing is imported."""
        before = self.env["res.partner"].search_count([])
        answer = self._import(
            "res.partner",
            ("name", "email", "Tag: Rank", "Tag: Hobby"),
            ("Ida", "ida@x.test", "Boss", "Tents"),
            ("Jon", "jon@x.test", "100%er", "Tents"),
            ("Kim", "kim@x.test", "Boss, Clerk", "Tents"),
        )
        self.assertFalse(answer["ids"])
        wrong, two = answer["messages"]
        self.assertEqual(wrong["type"], "error")
        self.assertEqual(wrong["rows"], {"from": 1, "to": 1})
        self.assertEqual(wrong["field_path"], [COLUMN + "rank"])
        self.assertEqual(wrong["moreinfo"], ["Boss", "Clerk", "Guest"])
        self.assertIn("100%er", wrong["message"])
        self.assertIn("Only one answer", two["message"])
        self.env.invalidate_all()
        self.assertEqual(self.env["res.partner"].search_count([]), before)

    def test_test(self):
        """The button *Test* finds errors, and leaves nothing behind."""
        rows = [
            ("name", "email", "Tag: Rank"),
            ("Ida", "ida@x.test", "Boss"),
        ]
        answer = self._import("res.partner", *rows, dryrun=True)
        self.assertEqual(answer["messages"], [])
        self.env.invalidate_all()
        self.assertFalse(self.env["res.partner"].search([("email", "=", "ida@x.test")]))
        self.assertFalse(self._rows(self.anna.search([("name", "=", "Ida")])))

    def test_what_to_do_with_unknown_ones(self):
        """As with Odoo's own relations: leave empty, skip the record, create."""
        rows = [
            ("name", "email", "Tag: Rank"),
            ("Ida", "ida@x.test", "Queen"),
            ("Jon", "jon@x.test", "Boss"),
        ]
        column = COLUMN + "rank"
        People = self.env["res.partner"]
        mine = [("email", "like", "@x.test")]
        for options, expected in (
            ({"import_set_empty_fields": [column]}, {"Ida": "", "Jon": "Boss"}),
            ({"import_skip_records": [column]}, {"Jon": "Boss"}),
            (
                {"name_create_enabled_fields": {column: True}},
                {"Ida": "Queen", "Jon": "Boss"},
            ),
        ):
            self.assertRead(self._import("res.partner", *rows, **options))
            people = People.search(mine)
            found = {
                it.name: " ".join(it.explicit_tag_ids.mapped("name")) for it in people
            }
            self.assertEqual(found, expected)
            people.unlink()

    def test_lines_of_another_record(self):
        """People below their company."""
        answer = (
            self.env["res.partner"]
            .with_user(self.user)
            .load(
                ["name", COLUMN + "hobby", "child_ids/name", f"child_ids/{COLUMN}rank"],
                [["Firm", "Tents", "Ida", "Boss"], ["", "", "Jon", "Clerk"]],
            )
        )
        self.assertRead(answer)
        firm = self.env["res.partner"].browse(answer["ids"])
        self.assertEqual(firm.explicit_tag_ids, self.tents)
        tags = {it.name: it.explicit_tag_ids for it in firm.child_ids}
        self.assertEqual(tags, {"Ida": self.boss, "Jon": self.clerk})

    def test_in_the_order_of_people(self):
        """Whatever the order of the file; the answer is in the file's."""
        partners = self._create_partners(3, prefix="loaded")
        data = self.env["ir.model.data"].create(
            {
                "name": "third",
                "module": "__loaded__",
                "model": "res.partner",
                "res_id": partners[2].id,
            }
        )
        for fields, names in (
            ([".id", COLUMN + "hobby"], [str(id_) for id_ in partners.ids]),
            (["id", COLUMN + "hobby"], [None, None, data.complete_name]),
        ):
            rows = [[name, "Tents"] for name in reversed(names) if name]
            told = self.env["res.partner"].load(fields, rows)
            self.assertFalse(told["messages"])
            self.assertEqual(told["ids"], partners.ids[::-1][: len(rows)])
        facts = self.env["contact.tag.assignment"].search(
            [("profile_id", "in", partners.profile_id.ids)], order="id"
        )
        self.assertEqual(facts.profile_id.ids, sorted(partners.profile_id.ids))
        self.assertEqual(facts[-1].times_seen, 2)

    def test_as_many_queries_for_one_as_for_many(self):
        """Beyond what Odoo itself asks for each row."""

        def count(size, with_tags):
            self.env.flush_all()
            self.env.invalidate_all()
            fields = ["name", "email", *([COLUMN + "rank"] if with_tags else ())]
            rows = [
                [f"n{i}", f"{size}.{i}.{with_tags}@q.test", "Boss"][: len(fields)]
                for i in range(size)
            ]
            before = self.env.cr.sql_log_count
            self.assertTrue(self.env["res.partner"].load(fields, rows)["ids"])
            return self.env.cr.sql_log_count - before

        count(2, True)
        few, many = (count(size, True) - count(size, False) for size in (5, 50))
        self.assertEqual(few, many)
