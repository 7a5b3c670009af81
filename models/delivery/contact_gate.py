import contextlib
import logging

from odoo import api, fields, models, modules
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.sql_arrays import int_array

_logger = logging.getLogger(__name__)

DECIDING_LOCK = 0x636F6E74
"""One at a time decides in a database: key of the advisory lock."""
SENDING_LOCK = 0x73656E64
"""First key of the advisory lock "this mailing is being sent"; the second is its id."""


class ContactGate(models.AbstractModel):
    """The gate in front of every mailing.

    Why a cursor of its own: Odoo's cursors run at REPEATABLE READ, where a lock that
    was waited for still shows the world from before the wait, and two workers book the
    same allowance. The gate's cursor runs at READ COMMITTED, takes the lock in a
    statement of its own, reads the clock after it, and commits the reservations before
    any message is made. So whatever is killed afterwards, no cap is exceeded.

    In tests there is one connection only: everything runs on it, without locks.
    """

    _name = "contact.gate"
    _description = "Contact Gate"

    @api.model
    @contextlib.contextmanager
    def _sending(self, mailing):
        """Hold the right to send ``mailing``, waiting for another worker if need be.

        The lock belongs to the connection: if this process is killed, the database
        takes it back. Gives the cursor for the gate's transactions.

        :param mailing: record of mailing.mailing
        """
        if modules.module.current_test:
            yield self.env.cr
            return
        with self.env.registry.cursor() as cr:
            cr.execute(SQL("SELECT pg_advisory_lock(%s, %s)", SENDING_LOCK, mailing.id))
            cr.commit()  # pylint: disable=invalid-commit
            try:
                yield cr
            finally:
                cr.rollback()
                cr.execute(
                    SQL("SELECT pg_advisory_unlock(%s, %s)", SENDING_LOCK, mailing.id)
                )
                cr.commit()  # pylint: disable=invalid-commit

    @api.model
    @contextlib.contextmanager
    def _deciding(self, cr):
        """A transaction on the gate's cursor in which nobody else decides.

        Commits at the end. Gives the moment of the decision (naive UTC, whole
        seconds), read after the lock so that decisions and their dates have one order.
        """
        if modules.module.current_test:
            yield fields.Datetime.now()
            return
        try:
            cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
            # Short index look-ups for thousands of people: compiling or splitting
            # them over workers costs more than it brings.
            cr.execute("SET LOCAL jit = off")
            cr.execute("SET LOCAL max_parallel_workers_per_gather = 0")
            cr.execute(SQL("SELECT pg_advisory_xact_lock(%s)", DECIDING_LOCK))
            yield fields.Datetime.now()
            cr.commit()  # pylint: disable=invalid-commit
        except BaseException:
            cr.rollback()
            raise

    @api.model
    def _pass(self, mailing, res_ids, cr):
        """Decide for some recipients, reserve for those let through, note the rest.

        :param mailing: record of mailing.mailing
        :param list res_ids: recipients (ids of the mailing's model)
        :param cr: cursor given by `_sending`
        :return: the recipients to hand on to Odoo, in order: those with a reservation,
            and those of whom there is nothing to decide (no address, or this mailing
            has reached the record before): Odoo itself knows what to do with them;
            and the Crowd, whose duplicates are to be cancelled afterwards
        """
        crowd = Crowd(self.env, mailing, res_ids)
        plan = self.env["contact.policy.engine"]._plan(mailing._contact_message())
        programmed = self._ask_programs(plan, crowd, mailing)
        # What is not committed is not seen by the gate's own cursor.
        self._commit()
        with self._deciding(cr) as now:
            crowd.forget_reservations(cr)
            crowd.find_reached(cr)
            self.env["contact.touch"]._keep_waiting_current(
                now, [p for p, _a in crowd.people.values()], cr=cr
            )
            refused = self._book(plan, crowd, programmed, now, cr)
            self.env["contact.hold"]._note(mailing, refused, now, cr=cr)
        # This transaction still shows the world from before the reservations: what
        # follows (messages, traces) must find them.
        self._commit()
        self.env.invalidate_all()
        out = crowd.duplicates | crowd.lost | set(refused)
        return [res_id for res_id in res_ids if res_id not in out], crowd

    @api.model
    def _book(self, plan, crowd, programmed, now, cr):
        """Decide and reserve, wave by wave.

        :param dict programmed: {recipient: Verdict} refused already
        :return: {recipient: Verdict} of everybody refused
        """
        Engine = self.env["contact.policy.engine"]
        refused = dict(programmed)
        for wave in crowd.waves(set(programmed), one_per_person=bool(plan.policies)):
            people = [crowd.people[res_id] for res_id in wave]
            booking = crowd.mailing._contact_booking(wave, now)
            verdicts = Engine._decide(plan, people, now, booking=booking, cr=cr)
            for res_id, verdict in zip(wave, verdicts, strict=True):
                if verdict is None:
                    crowd.lost.add(res_id)
                elif verdict.refusals:
                    refused[res_id] = verdict
        refused.update(crowd.follow(refused.values()))
        return refused

    @api.model
    def _commit(self):
        """End this environment's transaction; in tests, only write what is pending."""
        if modules.module.current_test:
            self.env.flush_all()
        else:
            # The gate commits by design: see the class.
            self.env.cr.commit()  # pylint: disable=invalid-commit

    @api.model
    def _ask_programs(self, plan, crowd, mailing):
        """{recipient: Verdict} of those whom a programmed rule refuses.

        Asked before the lock is taken: a program may take its time.
        """
        if not plan.programs:
            return {}
        Engine = self.env["contact.policy.engine"]
        self.env.flush_all()
        res_ids = list(crowd.people)
        verdicts = Engine._decide(
            plan, [crowd.people[res_id] for res_id in res_ids], fields.Datetime.now()
        )
        asked = Engine._ask_programs(plan, verdicts, mailing)
        return {
            res_id: after
            for res_id, before, after in zip(res_ids, verdicts, asked, strict=True)
            if before and not before.refusals and after.refusals
        }


class Crowd:
    """Some recipients of one mailing, and who they are."""

    def __init__(self, env, mailing, res_ids, create=True):
        rows = env["contact.profile"]._resolve_rows(
            mailing.mailing_model_real, res_ids, create=create
        )
        self.env = env
        self.mailing = mailing
        known = {r: (profile, address) for r, profile, address in rows if profile}
        self.people = {r: known[r] for r in res_ids if r in known}
        # Previews make no profiles: somebody without one has no history either.
        self.new_addresses = {r: address for r, p, address in rows if address and not p}
        self.new = set(self.new_addresses)
        self.reached = set()
        self.reached_profiles = set()
        self.duplicates = set()
        self.lost = set()

    def forget_reservations(self, cr):
        """Take up what an earlier run, cut off before it made the messages, left.

        Nobody else sends this mailing now, so a reservation without a message is ours:
        it is withdrawn, and decided and booked again with the moment of today.
        """
        cr.execute(
            SQL(
                """
                DELETE FROM contact_touch
                 WHERE mailing_id = %s AND state = 'reserved' AND trace_id IS NULL
                   AND res_id = ANY(%s)
                """,
                self.mailing.id,
                int_array(self.people),
            )
        )

    def find_reached(self, cr):
        """Set aside whom this mailing has reached before.

        The record itself: Odoo will see its trace and cancel. Another record of the
        same person: a duplicate.
        """
        cr.execute(
            SQL(
                """
                SELECT res_id, profile_id FROM contact_touch
                 WHERE mailing_id = %s AND state IN ('reserved', 'sent')
                   AND profile_id = ANY(%s)
                """,
                self.mailing.id,
                int_array(profile for profile, _address in self.people.values()),
            )
        )
        rows = cr.fetchall()
        self.reached = {res_id for res_id, _profile in rows} & set(self.people)
        self.reached_profiles = {profile for _res_id, profile in rows}

    def waves(self, without, one_per_person):
        """Lists of recipients in which no inbox and no person occurs twice.

        Whoever shares an inbox is decided after the other, knowing the other's
        reservation. A second record of the same person is a duplicate where a strategy
        is in force and the message obeys it; else each record is written to, as Odoo
        does.
        """
        if not without and self._all_new_and_different():
            return [list(self.people)]
        one_per_person = one_per_person and self.mailing._contact_message().obeys_caps
        seen = set(self.reached_profiles) if one_per_person else set()
        waves, turns = [], {}
        for res_id, (profile_id, address) in self.people.items():
            if res_id in without or res_id in self.reached:
                continue
            if one_per_person and profile_id in seen:
                self.duplicates.add(res_id)
                continue
            seen.add(profile_id)
            turn = max(turns.get(("p", profile_id), 0), turns.get(("a", address), 0))
            turns["p", profile_id] = turn + 1
            if address:
                turns["a", address] = turn + 1
            if turn == len(waves):
                waves.append([])
            waves[turn].append(res_id)
        return waves

    def _all_new_and_different(self):
        """The usual case, told apart quickly: nothing to sort."""
        if self.reached_profiles or not self.people:
            return False
        profiles, addresses = zip(*self.people.values(), strict=True)
        return len(self.people) == len(set(profiles)) == len(set(addresses))

    def follow(self, verdicts):
        """A second record of somebody refused waits (or stays out) with the first: it
        is decided again, too, should the first have left the recipients by then.

        :param verdicts: the Verdicts of the refused
        :return: {recipient: Verdict} of the duplicates concerned, duplicates no more
        """
        refused = {verdict.profile_id: verdict for verdict in verdicts}
        followers = {
            res_id: refused[self.people[res_id][0]]
            for res_id in self.duplicates
            if self.people[res_id][0] in refused
        }
        self.duplicates -= set(followers)
        return followers

    def cancel_duplicates(self):
        """A second record of a person gets the trace that Odoo gives a duplicate.

        After the messages were made: Odoo takes an address with a trace, also a
        cancelled one, for reached, and would cancel the first record as well.
        """
        self.env["mailing.trace"].sudo().create(
            [
                {
                    "mass_mailing_id": self.mailing.id,
                    "model": self.mailing.mailing_model_real,
                    "res_id": res_id,
                    "email": self.people[res_id][1],
                    "trace_status": "cancel",
                    "failure_type": "mail_dup",
                }
                for res_id in sorted(self.duplicates)
            ]
        )
