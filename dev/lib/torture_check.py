"""Look for leaks and losses after torture, in SQL of its own.

Nothing of the addon's code is used: only its tables, what torture wrote down while it
happened (``torture_sql/audit.sql``) and what the mail server took. Each finding says
which rows to look at.
"""

import json
import re

from . import (
    paths,
    torture_kinds,
    torture_members,
    torture_people,
    torture_rules,
)
from .torture_segments import EXACT

SQL = paths.DEV / "lib" / "torture_sql"
SUBJECT = re.compile(r"Torture [\d-]+")  # what the actors call their mailings
# Forms' counters: the name of the field, and the same as SQL
COUNTERS = {
    "expected": "count(s.id)",
    "canceled": "count(s.id) FILTER (WHERE s.trace_status = 'cancel')",
    "failed": "count(s.id) FILTER (WHERE s.trace_status = 'error')",
    "bounced": "count(s.id) FILTER (WHERE s.trace_status = 'bounce')",
    "scheduled": "count(s.id) FILTER (WHERE s.trace_status = 'outgoing')",
    "delivered": "count(s.id) FILTER (WHERE s.trace_status"
    " IN ('sent', 'open', 'reply'))",
    "deferred_count": "(SELECT count(*) FROM contact_hold h"
    " WHERE h.mailing_id = m.id AND h.state = 'deferred')",
    "held_count": "(SELECT count(*) FROM contact_hold h"
    " WHERE h.mailing_id = m.id AND h.state = 'held')",
    "expired_count": "(SELECT count(*) FROM contact_hold h"
    " WHERE h.mailing_id = m.id AND h.state = 'expired')",
}


class Check:
    """All questions, asked of one database at rest."""

    def __init__(self, cursor, accepted):
        """Take the mail server's record (JSON lines) into a temporary table.

        :param cursor: psycopg2, on the tortured database
        """
        self.cursor = cursor
        self.findings = []
        self._run("accepted", records=list(accepted))
        merged = self._ask(
            "SELECT profile_id FROM torture_move"
            " UNION SELECT profile_id FROM torture_hold_move"
        )
        merged = self._ask(
            "SELECT DISTINCT partner_id FROM contact_profile"
            " WHERE id = ANY(%(ids)s) AND partner_id IS NOT NULL",
            ids=[row[0] for row in merged],
        )
        merged = [row[0] for row in merged]
        self._run("recipients", merged=merged, exact=list(EXACT))
        self.knows_uncertain = bool(
            self._ask(
                "SELECT FROM information_schema.columns"
                " WHERE table_name = 'contact_touch' AND column_name = 'is_uncertain'"
            )
        )

    def _run(self, name, **values):
        self.cursor.execute((SQL / f"{name}.sql").read_text(encoding="utf-8"), values)

    def _ask(self, statement, **values):
        self.cursor.execute(statement, values or None)
        return self.cursor.fetchall()

    def _count(self, table, where="TRUE"):
        return self._ask(f"SELECT count(*) FROM {table} WHERE {where}")[0][0]

    def _find(self, kind, **facts):
        self.findings.append((kind, {k: str(v) for k, v in facts.items()}))

    def run(self, forms=None):
        """Ask everything.

        :param dict forms: {mailing id: {counter: number}} as the forms show them
        :return: dict of numbers, by the keys of ``./dev/torture --json``
        """
        self.violations()
        self.at_the_server()
        for facts in torture_kinds.wrong(self._ask, self.cursor.execute):
            self._find("violations", **facts)
        self.double_sends()
        self.outcomes()
        self.stale()
        self.counters(forms or {})
        for look in (torture_people, torture_members):
            for facts in look.wrong(self._ask):
                self._find(look.KIND, **facts)
        kinds = ("violations", "double_sends", "lost", "stale_reservations")
        found = [kind for kind, _facts in self.findings]
        uncertain = None
        if self.knows_uncertain:
            uncertain = self._count("contact_touch", "is_uncertain")
        return {
            "mailings": self._count("mailing_mailing", "state <> 'draft'"),
            "recipients": self._count("torture_recipient"),
            "smtp_messages": self._count("torture_accepted", "address LIKE '%@%'"),
            "text_messages": self._count("torture_accepted", "address LIKE '+%'"),
            **{kind: found.count(kind) for kind in kinds},
            "wrong_counters": found.count("wrong_counters"),
            torture_people.KIND: found.count(torture_people.KIND),
            torture_members.KIND: found.count(torture_members.KIND),
            "moves": self._count("contact_journey_move"),
            "tags": self._count("contact_tag_assignment", "active"),
            "hits": self._count("contact_signal_hit"),
            "memberships": self._count("contact_segment_member"),
            "overridden": self._count("contact_touch", "override_id IS NOT NULL"),
            "uncertain": uncertain,
        }

    def rules(self):
        """The rules in force."""
        rows = self._ask(torture_rules.RULES, exact=list(EXACT))
        return [torture_rules.Rule(*row) for row in rows]

    def violations(self):
        """Every rule, every person or inbox, every window."""
        text = (SQL / "cap.sql").read_text(encoding="utf-8")
        rules = self.rules()
        for place, rule in enumerate(rules):
            before = [r for r in rules[:place] if torture_rules.takes_away(r, rule)]
            earlier = {pattern for r in before for pattern in r.fits}
            parts = torture_rules.window(rule)
            statement = text.format(same=torture_rules.SAME[rule.per], **parts)
            if rule.kind == "gap":
                statement = statement.replace("max(v.maximum)", "1")
            for x_id, end, count, maximum, ids in self._ask(
                statement,
                rule=rule.id,
                categories=rule.categories,
                channels=rule.channels,
                window=rule.interval,
                fits=rule.fits,
                fits_earlier=sorted(earlier),
            ):
                self._find(
                    "violations",
                    rule=rule.id,
                    touch=x_id,
                    window_ends=end,
                    count=count,
                    maximum=maximum,
                    touches=sorted(ids),
                )

    def at_the_server(self):
        """The caps per inbox, by what the mail server took; and what it took that the
        ledger does not count."""
        for rule in self.rules():
            if rule.per != "inbox" or rule.is_edited or rule.window == "calendar":
                continue
            text = (SQL / "inbox.sql").read_text(encoding="utf-8")
            for address, end, count, mailings in self._ask(
                text, window=rule.interval, maximum=rule.maximum
            ):
                self._find(
                    "violations",
                    rule=rule.id,
                    inbox=address,
                    window_ends=end,
                    count=count,
                    mailings=mailings,
                )
        for mailing_id, address, at, states in self._ask(
            """
            SELECT a.mailing_id, a.address, min(a.at),
                   (SELECT array_agg(t.id || ' ' || t.state) FROM contact_touch t
                     WHERE t.mailing_id = a.mailing_id AND t.address = a.address)
              FROM torture_accepted a
             WHERE NOT EXISTS (
                   SELECT FROM contact_touch t
                    WHERE t.mailing_id = a.mailing_id AND t.address = a.address
                      AND t.state = 'sent')
             GROUP BY 1, 2
            """
        ):
            self._find(
                "violations",
                what="taken by the mail server, not counted",
                mailing=mailing_id,
                inbox=address,
                at=at,
                touches=states,
            )

    def double_sends(self):
        """The same message accepted twice, or two of the versions of one."""
        for mailing_id, address, times in self._ask(
            "SELECT min(mailing_id), address, array_agg(at::text ORDER BY at)"
            "  FROM torture_accepted"
            " GROUP BY COALESCE(-campaign_id, mailing_id), 2 HAVING count(*) > 1"
        ):
            for _more in times[1:]:
                self._find("double_sends", mailing=mailing_id, inbox=address, at=times)

    def outcomes(self):
        """Exactly one outcome for everybody; and who is said to have got what nobody
        took."""
        uncertain = "COALESCE(t.is_uncertain, FALSE)"
        if not self.knows_uncertain:
            uncertain = "FALSE"
        text = (SQL / "outcomes.sql").read_text(encoding="utf-8")
        for mailing, model, res_id, statuses, hold, state, known, what in self._ask(
            text.format(uncertain=uncertain)
        ):
            self._find(
                "lost",
                what=what,
                mailing=mailing,
                record=f"{model},{res_id}",
                messages=statuses,
                hold=hold,
                state=state,
                known=known,
            )
        for touch_id, mailing_id, address in self._ask(
            f"""
            SELECT t.id, t.mailing_id, t.address FROM contact_touch t
              JOIN mailing_mailing m ON m.id = t.mailing_id
             WHERE t.state = 'sent' AND m.mailing_type IN ('mail', 'sms')
               AND NOT {uncertain}
               AND NOT EXISTS (
                   SELECT FROM torture_accepted a
                    WHERE a.mailing_id = t.mailing_id AND a.address = t.address)
            """
        ):
            self._find(
                "lost",
                what="said to be sent, and nobody took it",
                touch=touch_id,
                mailing=mailing_id,
                inbox=address,
            )

    def stale(self):
        """Reservations without a message on its way."""
        for touch_id, mailing_id, date, status in self._ask(
            """
            SELECT t.id, t.mailing_id, t.date, s.trace_status
              FROM contact_touch t
              LEFT JOIN mailing_trace s ON s.id = t.trace_id
              LEFT JOIN mail_mail m ON m.id = s.mail_mail_id_int
              LEFT JOIN sms_sms text ON text.id = s.sms_id_int
             WHERE t.state = 'reserved'
               AND 'outgoing' NOT IN (COALESCE(m.state, ''), COALESCE(text.state, ''))
            """
        ):
            self._find(
                "stale_reservations",
                touch=touch_id,
                mailing=mailing_id,
                date=date,
                trace=status,
            )

    def counters(self, forms):
        """What the mailings' forms say, beside the same by SQL."""
        columns = ", ".join(COUNTERS.values())
        rows = self._ask(
            f"SELECT m.id, {columns} FROM mailing_mailing m"
            " LEFT JOIN mailing_trace s ON s.mass_mailing_id = m.id GROUP BY m.id"
        )
        for mailing_id, *numbers in rows:
            form = forms.get(mailing_id, {})
            for name, number in zip(COUNTERS, numbers, strict=True):
                if name in form and form[name] != number:
                    self._find(
                        "wrong_counters",
                        mailing=mailing_id,
                        counter=name,
                        form=form[name],
                        sql=number,
                    )


def accepted(folder):
    """What mail server and provider took of the mailings alone, whole lines only."""
    text = "".join(
        (folder / name).read_text(encoding="utf-8")
        for name in ("accepted.jsonl", "accepted_sms.jsonl")
    )
    lines = [line for line in text.splitlines() if line.endswith("}")]
    return [line for line in lines if SUBJECT.fullmatch(json.loads(line)["subject"])]
