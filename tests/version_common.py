"""Policies that change from one transaction to the next."""

from contextlib import contextmanager

from odoo.exceptions import UserError
from odoo.tests import new_test_user

from .common import ADDON, NOW, SECOND, StrategyCase

CAP_2 = "At most 2 touches in any 7 days, otherwise wait until free"
CAP_3 = "At most 3 touches in any 7 days, otherwise wait until free"
GONE = "\N{MINUS SIGN}"


class VersionCase(StrategyCase):
    """A policy, those who write it, and transactions of the test's choice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            login: new_test_user(
                cls.env,
                f"version_{login}",
                groups=f"base.group_user,{ADDON}.{ADDON}_group_{group}",
            )
            for login, group in (
                ("reader", "user"),
                ("author", "manager"),
                ("other", "manager"),
            )
        }
        cls.policy = cls._create_policy(cls._cap(2), name="Loyal", sequence=20)
        cls.rule = cls.policy.rule_ids
        cls.env.cr.flush()

    def setUp(self):
        super().setUp()
        self._now = NOW
        # What the database says when a transaction began.
        self.patch(type(self.env.cr), "now", lambda _cursor: self._now)

    def _save(self):
        """What a commit does, and the next transaction begins."""
        self.env.cr.flush()
        self.env.invalidate_all()
        self._now += SECOND

    def _as(self, login, record):
        return record.with_user(self.users[login])

    def _versions(self, policy=None):
        """What is or was in force, the newest last."""
        versions = (policy or self.policy).version_ids
        return versions.filtered("number").sorted("number")

    def _need_approval(self, four_eyes=False):
        params = self.env["ir.config_parameter"]
        params.set_param(f"{ADDON}.policy_approval", "True")
        params.set_param(f"{ADDON}.policy_four_eyes", str(four_eyes))

    def assertVersions(self, count, policy=None):
        """So many there are, numbered without a gap; gives the newest."""
        self._save()
        versions = self._versions(policy)
        self.assertEqual(versions.mapped("number"), list(range(1, count + 1)))
        return versions[-1:]

    def assertChanges(self, version, *said):
        """The differences to the version before, as signs and sentences."""
        found = [f"{sign} {text}" for sign, text in version._say_changes()]
        self.assertEqual(found, list(said))


class DraftCase(VersionCase):
    """Changes need approval."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gap = cls.env["contact.policy.rule"].create(
            {"policy_id": cls.policy.id, **cls._gap(24), "sequence": 20}
        )
        cls.env.cr.flush()

    def setUp(self):
        super().setUp()
        self._need_approval()
        self._save()

    def _change(self, login="author"):
        """The draft of somebody's change."""
        action = self._as(login, self.policy).action_change()
        draft = self.env["contact.policy"].browse(action["res_id"])
        return self._as(login, draft)

    def _approve(self, draft, login="other"):
        self._save()
        self._as(login, draft).action_approve()
        self._save()

    @contextmanager
    def assertRefused(self, said):
        """At the end of the transaction nothing of it stays."""
        with self.assertRaisesRegex(UserError, said), self.env.cr.savepoint():
            yield
            self._save()
        self.env.invalidate_all(flush=False)
