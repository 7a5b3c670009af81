from odoo.exceptions import AccessError
from odoo.tests import tagged

from .fuzz import FuzzCase

ORACLES = {
    # model: domains that would tell by their number of hits
    "contact.profile": (
        [("touch_ids.note", "ilike", "Secret")],
        [("touch_ids.mailing_id.subject", "ilike", "Secret")],
        [("hold_ids.mailing_id.subject", "ilike", "Secret")],
        [("hold_ids.rule_id.policy_id.name", "ilike", "Secret")],
        [("name", "=", "theirs")],
    ),
    "contact.touch": (
        [("note", "ilike", "Secret")],
        [("mailing_id.subject", "ilike", "Secret")],
        [("profile_id.name", "=", "theirs")],
        [("profile_id", "ilike", "theirs")],
    ),
    "contact.hold": (
        [("mailing_id.subject", "ilike", "Secret")],
        [("mailing_id", "ilike", "Secret")],
        [("touch_ids.note", "ilike", "Secret")],
        [("policy_id.name", "ilike", "Secret")],
    ),
    "contact.policy": ([("name", "ilike", "Secret")],),
    "contact.policy.rule": ([("policy_id.name", "ilike", "Secret")],),
    "res.partner": ([("profile_id.touch_ids.note", "ilike", "Secret")],),
}
LOGINS = ("mailing", "manager")


@tagged("post_install", "-at_install")
class TestAccessTableUnits(FuzzCase):
    """A user of one business unit learns nothing of another's messages."""

    def _ask(self, login, model):
        return self.env[model].with_user(self.users[login])

    def test_oracles(self):
        """A condition on what is hidden finds nothing, however it is asked."""
        for model, domains in ORACLES.items():
            for domain in domains:
                self.assertTrue(self.env[model].sudo().search(domain), domain)
                for login in LOGINS:
                    with self.subTest(login=login, domain=domain):
                        Model = self._ask(login, model)
                        self.assertFalse(Model.search(domain))
                        self.assertEqual(Model.search_count(domain), 0)
                        groups = Model.formatted_read_group(domain, [], ["__count"])
                        self.assertEqual(groups[0]["__count"], 0)

    def test_names(self):
        for model, record in self.foreign.items():
            name = record.display_name
            for login in LOGINS:
                asked = record.with_user(self.users[login])
                with self.subTest(model=model, login=login):
                    found = asked.name_search("Secret") + asked.name_search("theirs")
                    self.assertNotIn(record.id, dict(found))
                    for call in (
                        lambda asked=asked: asked.read(["display_name"]),
                        lambda asked=asked: asked.web_read({"display_name": {}}),
                        lambda asked=asked: asked.export_data(["display_name"]),
                        lambda asked=asked: asked.write({"active": False}),
                        lambda asked=asked: asked.unlink(),
                    ):
                        with self.assertRaises(AccessError) as caught:
                            asked.invalidate_recordset()
                            call()
                        self.assertNotIn("Secret", str(caught.exception))
                    self.assertTrue(name)

    def test_nested_reading(self):
        """What hangs on a person of both units is shown of one's own unit only."""
        secret = self.foreign["contact.touch"].mailing_id
        touch = self._create_touch(
            self.person,
            "2026-05-01 09:00:00",
            company_id=self.unit.id,
            mailing_id=secret.id,
            note="Secret note",
        )
        hold = self._create_hold(
            self.person, secret, touch, company_id=self.unit.id, res_id=10**6
        )
        self.hold.touch_ids += touch
        spec = {
            "display_name": {},
            "touch_count": {},
            "touch_ids": {"fields": {"display_name": {}, "note": {}}},
            "hold_ids": {"fields": {"display_name": {}, "headline": {}, "reason": {}}},
        }
        for login in LOGINS:
            self.env.invalidate_all()
            (values,) = self.person.with_user(self.users[login]).web_read(spec)
            self.assertNotIn("Secret", str(values), login)
            self.assertEqual(values["touch_count"], 1)
            self.assertNotIn(hold.id, [row["id"] for row in values["hold_ids"]])
            nested = {"touch_ids": {"fields": {"note": {}}}, "headline": {}}
            (values,) = self.hold.with_user(self.users[login]).web_read(nested)
            self.assertNotIn("Secret", str(values), login)
