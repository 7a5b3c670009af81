"""What the tests of tags make and ask again and again."""

from odoo import fields

from .common import StrategyCase

TAG_COLUMN = "explicit_tag_ids."


class TagCase(StrategyCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rank = cls._create_dimension("Rank", is_exclusive=True)
        cls.boss, cls.clerk, cls.guest = cls._create_tags(
            cls.rank, "Boss", "Clerk", "Guest"
        )
        cls.hobby = cls._create_dimension("Hobby")
        cls.tents, cls.boats = cls._create_tags(cls.hobby, "Tents", "Boats, canoes")
        cls.anna = cls._create_person("anna")
        cls.bert = cls._create_person("bert")
        cls.now = fields.Datetime.now()
        cls.assignments = cls.env["contact.tag.assignment"]

    @classmethod
    def _create_dimension(cls, name, **vals):
        return cls.env["contact.tag.dimension"].create({"name": name, **vals})

    @classmethod
    def _create_tags(cls, dimension, *names):
        return cls.env["contact.tag"].create(
            [{"name": name, "dimension_id": dimension.id} for name in names]
        )

    def _fact(self, profile, tag, **vals):
        return {"profile_id": profile.id, "tag_id": tag.id, **vals}

    def _see(self, profile, tag, **vals):
        return self.assignments._see([self._fact(profile, tag, **vals)])

    def _rows(self, profile, tag=None):
        domain = [("profile_id", "=", profile.id)]
        if tag:
            domain.append(("tag_id", "=", tag.id))
        return self.assignments.with_context(active_test=False).search(domain)

    def assertKnown(self, profile, said="", concluded="", counts=""):
        """Names of tags, sorted: as fields say, and as searches find."""
        for name, expected in (
            ("explicit_tag_ids", said),
            ("implicit_tag_ids", concluded),
            ("tag_ids", counts),
        ):
            self.assertEqual(" ".join(sorted(profile[name].mapped("name"))), expected)
            for tag in self.boss + self.clerk + self.guest + self.tents + self.boats:
                found = profile.search([(name, "=", tag.id), ("id", "=", profile.id)])
                self.assertEqual(bool(found), tag.name in expected.split(" "), tag.name)


class TagFileCase(TagCase):
    """Users with files."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls._create_user(
            "importer",
            "base.group_partner_manager",
            "base.group_allow_export",
            "mass_mailing.group_mass_mailing_user",
        )

    def _import(self, model, header, *rows, dryrun=False, **options):
        """As the importer's buttons do, with a file."""
        lines = [header, *rows]
        text = "\n".join(
            ";".join('"{}"'.format(cell.replace('"', '""')) for cell in line)
            for line in lines
        )
        wizard = (
            self.env["base_import.import"]
            .with_user(self.user)
            .create(
                {
                    "res_model": model,
                    "file": text.encode(),
                    "file_name": "people.csv",
                    "file_type": "text/csv",
                }
            )
        )
        options = {
            "quoting": '"',
            "separator": ";",
            "has_headers": True,
            "encoding": "utf-8",
            **options,
        }
        preview = wizard.parse_preview(dict(options))
        fields = [
            "/".join(preview["matches"].get(place) or []) or False
            for place in range(len(header))
        ]
        self.assertTrue(all(fields), preview["matches"])
        return wizard.execute_import(fields, list(header), options, dryrun)

    def assertRead(self, answer):
        self.assertEqual(answer["messages"], [])
        self.assertTrue(answer["ids"])
        self.env.invalidate_all()
