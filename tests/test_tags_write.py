from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import ADDON, DAY
from .tags_common import TagCase


@tagged("post_install", "-at_install")
class TestTagsWrite(TagCase):
    """Whoever writes the field, and wherever: it is noted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls._create_user("tagger", f"{ADDON}.{ADDON}_group_user")
        cls.contact = cls.env["mailing.contact"].create(
            {"name": "Carl", "email": "carl@strategy.test"}
        )

    def _records(self):
        """Ways to a person: (record, profile)."""
        carl = self.contact.profile_id
        return (
            (self.anna, self.anna),
            (self.bert.partner_id, self.bert),
            (self.contact, carl),
        )

    def test_commands(self):
        for record, profile in self._records():
            with self.subTest(record=record):
                record.explicit_tag_ids = [
                    Command.link(self.boss.id),
                    Command.link(self.tents.id),
                ]
                self.assertKnown(profile, said="Boss Tents", counts="Boss Tents")
                self.assertEqual(record.explicit_tag_ids, self.boss + self.tents)
                record.write({"explicit_tag_ids": [Command.unlink(self.boss.id)]})
                self.assertKnown(profile, said="Tents", counts="Tents")
                record.explicit_tag_ids = self.tents + self.clerk
                self.assertKnown(profile, said="Clerk Tents", counts="Clerk Tents")
                record.explicit_tag_ids = [
                    Command.clear(),
                    Command.create(
                        {"name": record._name, "dimension_id": self.hobby.id}
                    ),
                ]
                self.assertEqual(profile.tag_ids.mapped("name"), [record._name])
                record.explicit_tag_ids = False
                self.assertKnown(profile)
                self.assertEqual(len(self._rows(profile)), 4, "nothing is deleted")

    def test_said_again(self):
        """One by one it is seen again; a list of all says nothing new of the rest."""
        for record, profile in self._records():
            record.explicit_tag_ids = self.tents
            record.write({"explicit_tag_ids": [Command.link(self.tents.id)]})
            record.explicit_tag_ids = self.tents + self.boss
            self.assertEqual(self._rows(profile, self.tents).times_seen, 2)
            row = self._rows(profile, self.boss)
            self.assertEqual((row.source, row.kind), ("user", "explicit"))

    def test_the_latest_counts(self):
        """Both are kept; who said it last, also if it was said before."""
        self.anna.explicit_tag_ids = self.boss
        self._rows(self.anna).write(
            {"last_seen": self.now - DAY, "first_seen": self.now - DAY}
        )
        self.anna.explicit_tag_ids = [Command.link(self.clerk.id)]
        self.assertKnown(self.anna, said="Boss Clerk", counts="Clerk")
        self._rows(self.anna, self.clerk).write(
            {"last_seen": self.now - DAY, "first_seen": self.now - DAY}
        )
        partner = self.anna.partner_id
        partner.write({"explicit_tag_ids": [Command.link(self.boss.id)]})
        self.assertKnown(self.anna, said="Boss Clerk", counts="Boss")

    def test_new_records(self):
        """Their profile is there only after they are."""
        said = [Command.set([self.boss.id]), Command.link(self.tents.id)]
        partners = self.env["res.partner"].create(
            [
                {"name": "Dora", "email": "dora@x.test", "explicit_tag_ids": said},
                {"name": "Emil", "email": "emil@x.test"},
                {"name": "Fred", "explicit_tag_ids": [self.tents.id]},
            ]
        )
        dora, emil, fred = partners.profile_id
        self.assertKnown(dora, said="Boss Tents", counts="Boss Tents")
        self.assertKnown(emil)
        self.assertKnown(fred, said="Tents", counts="Tents")
        contact = self.env["mailing.contact"].create(
            {"email": "gerd@x.test", "explicit_tag_ids": said}
        )
        self.assertKnown(contact.profile_id, said="Boss Tents", counts="Boss Tents")
        again = self.env["res.partner"].create(
            {
                "name": "Gerd",
                "email": "gerd@x.test",
                "explicit_tag_ids": [Command.set([self.clerk.id])],
            }
        )
        self.assertEqual(again.profile_id, contact.profile_id)
        self.assertEqual(
            again.explicit_tag_ids,
            self.boss + self.clerk + self.tents,
            "who was known before keeps it",
        )

    def test_a_contact_without_an_address_is_nobody(self):
        with self.assertRaises(UserError):
            self.env["mailing.contact"].create(
                {"name": "Nobody", "explicit_tag_ids": self.boss.ids}
            )

    def test_forms(self):
        """As the client does it."""
        view = self.env["ir.ui.view"].create(
            {
                "name": "tags",
                "model": "contact.profile",
                "arch": "<form><field name='explicit_tag_ids'/></form>",
            }
        )
        with Form(self.anna.with_user(self.user), view=view) as form:
            form.explicit_tag_ids.add(self.boss)
        self.assertKnown(self.anna, said="Boss", counts="Boss")
        self.assertEqual(self._rows(self.anna).user_id, self.user)

    def test_what_is_concluded_is_not_written(self):
        self._see(self.anna, self.tents, kind="implicit")
        for name in ("implicit_tag_ids", "tag_ids"):
            with self.assertRaises(UserError):
                self.anna[name] = self.boss
        (values,) = self.anna.copy_data()
        self.assertFalse([name for name in values if name.endswith("tag_ids")])

    def test_rights(self):
        """Whoever may not write profiles, or see a person, notes nothing."""
        internal = self._create_user("internal", "base.group_partner_manager")
        with self.assertRaises(AccessError):
            self.bert.partner_id.with_user(internal).explicit_tag_ids = self.boss
        with self.assertRaises(AccessError):
            self.env["res.partner"].with_user(internal).create(
                {"name": "New", "explicit_tag_ids": self.boss.ids}
            )
        self.bert.partner_id.with_user(self.user).sudo(False)
        self.bert.with_user(self.user).explicit_tag_ids = self.boss
        self.assertKnown(self.bert, said="Boss", counts="Boss")

    def test_tags_that_are_not_in_use(self):
        """Not noted any more, counted no more, and not lost."""
        self.anna.explicit_tag_ids = self.boss + self.tents
        self.boss.active = False
        self.assertKnown(self.anna, said="Tents", counts="Tents")
        self.anna.explicit_tag_ids = self.anna.explicit_tag_ids + self.clerk
        self.boss.active = True
        self.assertEqual(
            self.anna.explicit_tag_ids, self.boss + self.clerk + self.tents
        )
        self.boss.active = False
        with self.assertRaises(UserError):
            self.bert.explicit_tag_ids = self.boss
        self.hobby.active = False
        self.assertKnown(self.anna, said="Clerk", counts="Clerk")

    def test_what_is_exclusive_changes_what_counts(self):
        self.anna.explicit_tag_ids = self.boss + self.clerk
        self.assertKnown(self.anna, said="Boss Clerk", counts="Clerk")
        self.rank.is_exclusive = False
        self.assertKnown(self.anna, said="Boss Clerk", counts="Boss Clerk")

    def test_groups(self):
        """Lists and charts group by tags, on every record."""
        self.anna.explicit_tag_ids = self.boss + self.tents
        self.bert.explicit_tag_ids = self.tents
        for Model, people in (
            (self.anna, self.anna + self.bert),
            (self.anna.partner_id, self.anna.partner_id + self.bert.partner_id),
        ):
            groups = dict(
                Model._read_group(
                    [("id", "in", people.ids)], ["explicit_tag_ids"], ["__count"]
                )
            )
            self.assertEqual(groups, {self.boss: 1, self.tents: 2})

    def test_tags_in_use_are_not_deleted(self):
        self.anna.explicit_tag_ids = self.boss
        for record in (self.boss, self.rank):
            with self.assertRaises(UserError):
                record.unlink()
        self.hobby.unlink()

    def test_as_many_queries_for_one_as_for_many(self):
        for name in ("res.partner", "mailing.contact"):
            few, many = (self._queries(name, size) for size in (5, 50))
            self.assertEqual(few, many, name)

    def _queries(self, name, size):
        records = self.env[name].create(
            [
                {"name": f"n{i}", "email": f"{name}.{size}.{i}@q.test"}
                for i in range(size)
            ]
        )
        values = [
            {"explicit_tag_ids": [Command.link(tag.id)]}
            for tag in (self.boss, self.tents)
        ]
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        for value in values:
            records.write(value)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before


@tagged("post_install", "-at_install")
class TestTagsMerge(TagCase):
    """Two people turn out to be one; a person is needed by nothing any more."""

    def test_merge(self):
        """One row for each thing, counts added; the latest names the source."""
        self._see(self.anna, self.boss, last_seen=self.now - DAY, source="form")
        self._see(self.bert, self.boss, times=3, source="survey", confidence=0.5)
        self._see(self.bert, self.boss, kind="implicit", confidence=0.3)
        self._see(self.bert, self.tents)
        self.bert._merge_into(self.anna)
        self.assertFalse(self.bert.exists())
        self.assertKnown(
            self.anna, said="Boss Tents", concluded="Boss", counts="Boss Tents"
        )
        row = self._rows(self.anna, self.boss).filtered(
            lambda it: it.active and it.kind == "explicit"
        )
        self.assertEqual((row.times_seen, row.times_told), (4, 4))
        self.assertEqual((row.source, row.confidence), ("survey", 1.0))
        self.assertEqual(row.first_seen, self.now - DAY)
        self.assertEqual(len(self._rows(self.anna)), 4, "nothing is deleted")

    def test_merge_of_several(self):
        """Who merges knows nothing; those who come know the same."""
        carl, dora = self._create_person("carl"), self._create_person("dora")
        for person in (carl, dora, self.bert):
            self._see(person, self.tents)
        (self.bert | carl | dora)._merge_into(self.anna)
        row = self._rows(self.anna).filtered("active")
        self.assertEqual(row.times_seen, 3)
        self.assertKnown(self.anna, said="Tents", counts="Tents")

    def test_merge_with_what_has_expired(self):
        self._see(self.anna, self.tents)
        self._rows(self.anna).expires = self.now - DAY
        self._see(self.bert, self.tents)
        self.bert._merge_into(self.anna)
        row = self._rows(self.anna).filtered("active")
        self.assertEqual((row.times_seen, row.expires), (1, False))

    def test_by_the_wizard(self):
        """Odoo's own way to merge contacts."""
        self._see(self.anna, self.boss)
        self._see(self.bert, self.boss)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        partners = self.anna.partner_id + self.bert.partner_id
        wizard._merge(partners.ids, self.anna.partner_id)
        self.assertEqual(self.anna.exists().explicit_tag_ids, self.boss)

    def test_who_is_kept(self):
        """What was told keeps a person; what a signal concluded does not."""
        signal = self.env["contact.signal"].create(
            {
                "name": "Orders",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "person_path": "profile_id",
                "tag_id": self.tents.id,
            }
        )
        contacts = self.env["mailing.contact"].create(
            [{"email": f"kept{index}@x.test"} for index in range(3)]
        )
        told, derived, nothing = contacts.profile_id
        self._see(told, self.tents)
        self._see(derived, self.tents, kind="implicit", signal_id=signal.id)
        contacts.unlink()
        self.assertEqual((told + derived + nothing).exists(), told)
