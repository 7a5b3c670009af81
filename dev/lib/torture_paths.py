"""The ways of torture's mailings that are not a launch of a new one: tests of two
versions and their winners, copies, resending, and the composer of a list view.
"""

from datetime import datetime, timedelta, timezone

MAILING = "mailing.mailing"
SHARES = (15, 25, 35)  # per cent of the audience that get a version
LATER = timedelta(hours=2)  # never within torture: an actor ends the tests


class Repeating:
    """Part of the actors; ``random``, ``facts`` and ``api`` are theirs."""

    def other_way(self):
        """A mailing that comes about in another way."""
        if self.world.unfinished()[0] >= self.BACKLOG + 3:
            return
        ways = (self._test_versions, self._compose, self._copy, self._resend)
        self.random.choices(ways, (5, 3, 2, 2))[0]()

    def _test_versions(self):
        """Two versions, each to a part of the audience, launched one after the other
        or together."""
        end = datetime.now(timezone.utc) + LATER
        values = {
            "subject": self._subject(),
            "email_from": "sender@torture.test",
            "body_html": self._body(),
            "category_id": self._category(),
            **self._audience("mail"),
            "ab_testing_enabled": True,
            "ab_testing_pc": self.random.choice(SHARES),
            "ab_testing_winner_selection": self.random.choice(
                ("manual", "opened_ratio")
            ),
            "ab_testing_schedule_datetime": end.strftime("%Y-%m-%d %H:%M:%S"),
        }
        first = self.api.call(MAILING, "create", vals_list=[values])
        other = {
            "subject": self._subject(),
            "ab_testing_pc": self.random.choice(SHARES),
        }
        second = self.api.call(MAILING, "copy", first, default=other)
        if self.random.random() < 0.5:
            self.api.call(MAILING, "action_launch", [*first, *second])
        else:
            for version in (first, second):
                self.api.call(MAILING, "action_send_mail", version)

    def end_test(self):
        """A test is over: the winner goes to everybody else."""
        versions = self._versions()
        if versions:
            self._end(self.random.choice(versions))

    def _versions(self):
        return self.api.call(
            MAILING,
            "search_read",
            domain=[
                ("ab_testing_enabled", "=", True),
                ("campaign_id.ab_testing_winner_mailing_id", "=", False),
                ("state", "in", ("sending", "done")),
            ],
            fields=["ab_testing_winner_selection", "campaign_id"],
        )

    def _end(self, version):
        how = "action_select_as_winner"
        if version["ab_testing_winner_selection"] != "manual":
            how = "action_send_winner_mailing"
        self.api.call(MAILING, how, [version["id"]])

    def end_tests(self):
        """At the end: each has a winner."""
        ended = set()
        for version in self._versions():
            if version["campaign_id"][0] not in ended:
                ended.add(version["campaign_id"][0])
                self._end(version)

    def _compose(self):
        """To those chosen in a list view."""
        subject = self._subject()
        groups = self.random.sample([f"g{n}" for n in range(6)], 1)
        values = {
            "subject": subject,
            "body": self._body(),
            "composition_mode": "mass_mail",
            "model": "res.partner",
            "res_domain": repr([("ref", "in", groups)]),
            "mass_mailing_name": subject,
            "email_from": "sender@torture.test",
        }
        made = self.api.call("mail.compose.message", "create", vals_list=[values])
        self.api.call("mail.compose.message", "action_send_mail", made)

    def _copy(self):
        """The same again, under another subject."""
        mailing = self._mailing(("ab_testing_enabled", "=", False))
        if mailing:
            subject = self._subject()
            # A text message says in its text which one it is.
            other = {"subject": subject, "body_plaintext": f"{subject} hello"}
            copied = self.api.call(MAILING, "copy", mailing, default=other)
            self.api.call(MAILING, "action_launch", copied)

    def _resend(self):
        """Taken back to a draft, and launched again, for whom it has not reached."""
        mailing = self._mailing(
            ("state", "=", "done"), ("ab_testing_enabled", "=", False)
        )
        if mailing:
            self.api.call(MAILING, "write", mailing, vals={"state": "draft"})
            self.api.call(MAILING, "action_launch", mailing)
