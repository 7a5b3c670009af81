import contextlib
import time

from odoo import api, fields, models, modules
from odoo.exceptions import UserError
from odoo.tools import SQL

DECIDING_LOCK = 0x636F6E74
"""One at a time decides in a database: key of the advisory lock."""
SENDING_LOCK = 0x73656E64
"""First key of the advisory lock "this mailing is being sent"; the second is its id."""

PAUSES = (0, 0.1, 0.5, 2, 5)
"""Seconds until somebody whose profile is being changed is asked about again."""


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
        """Hold the right to send ``mailing``, waiting for another worker if need be,
        or the right to send one part of it (see ``mailing.mailing._sending_locks``).

        The lock belongs to the connection: if this process is killed, the database
        takes it back. Gives the cursor for the gate's transactions.

        :param mailing: record of mailing.mailing
        """
        if modules.module.current_test:
            yield self.env.cr
            return
        with self.env.registry.cursor() as cr:
            for lock in mailing._sending_locks():
                cr.execute(lock)
            cr.commit()  # pylint: disable=invalid-commit
            try:
                yield cr
            finally:
                cr.rollback()
                cr.execute("SELECT pg_advisory_unlock_all()")
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
    def _pass(self, mailing, res_ids, cr, addresses=None):
        """Decide for some recipients, reserve for those let through, note the rest.

        Whose profile was being merged or deleted at that moment is asked about again.

        :param mailing: record of mailing.mailing
        :param list res_ids: recipients (ids of the mailing's model)
        :param cr: cursor given by `_sending`
        :param dict addresses: {recipient: address} where it is not the record's own
        :return: the recipients to hand on to Odoo, in order: those with a reservation,
            and those whom Odoo itself will cancel (no address, blacklist, opt-out;
            without any policy also records that this mailing has reached before);
            and the recipients who are to be cancelled as duplicates afterwards,
            {recipient: (profile id, address)}
        :raise UserError: somebody's profile stays locked
        """
        passed, crowd = self._pass_once(mailing, res_ids, cr, addresses)
        duplicates = crowd.duplicates
        for pause in PAUSES:
            if not crowd.lost:
                break
            time.sleep(pause)
            again = [res_id for res_id in res_ids if res_id in crowd.lost]
            more, crowd = self._pass_once(mailing, again, cr, addresses)
            passed += more
            duplicates |= crowd.duplicates
        if crowd.lost:
            raise UserError(
                self.env._(
                    "%s recipients are being changed by somebody else for long: the "
                    "mailing is tried again later.",
                    len(crowd.lost),
                )
            )
        return passed, duplicates

    @api.model
    def _pass_once(self, mailing, res_ids, cr, addresses):
        """As `_pass`, which see; whom it could not decide about is in ``lost``.

        Rules are read before the lock is taken, so that nobody waits for it. If they
        were changed while this one waited, they are read again.

        :return: the recipients to hand on to Odoo, and the Crowd
        """
        crowd = mailing._contact_crowd(res_ids, addresses=addresses)
        message = mailing._contact_message()
        Engine = self.env["contact.policy.engine"]
        refused = None
        while refused is None:
            state = Engine._state(self.env.cr)
            plan = Engine._plan(message, people=crowd.people())
            programmed = self._ask_programs(plan, crowd, mailing)
            # What is not committed is not seen by the gate's own cursor.
            self._commit()
            with self._deciding(cr) as now:
                if Engine._state(cr) == state:
                    refused = self._book(plan, crowd, programmed, now, cr)
        # This transaction still shows the world from before the reservations: what
        # follows (messages, traces) must find them.
        self._commit()
        self.env.invalidate_all()
        out = crowd.lost | set(crowd.duplicates) | set(refused)
        if plan.policies or not message.obeys_caps:
            # Odoo would write to a reached record again if its address has changed.
            out |= crowd.reached
        return [res_id for res_id in res_ids if res_id not in out], crowd

    @api.model
    def _book(self, plan, crowd, programmed, now, cr):
        """Decide, reserve, and note who is held back.

        :param dict programmed: {recipient: Verdict} refused already
        :return: {recipient: Verdict} of everybody refused
        """
        crowd.forget_reservations(cr)
        crowd.find_reached(cr)
        self.env["contact.touch"]._keep_waiting_current(
            now, crowd.concerned(plan), cr=cr
        )
        refused = self._take_turns(plan, crowd, programmed, now, cr)
        self.env["contact.hold"]._note(
            crowd.mailing, refused, now, cr, crowd.elsewhere, plan.versions
        )
        return refused

    @api.model
    def _take_turns(self, plan, crowd, programmed, now, cr):
        """As `_book`, turn by turn; nothing is noted yet."""
        Engine = self.env["contact.policy.engine"]
        refused = dict(programmed)
        booking = crowd.mailing._contact_booking(now)
        turn, later = crowd.take_turns(plan, programmed, cr)
        while turn:
            decided = Engine._decide(plan, crowd.people(turn), now, booking, cr)
            refused.update(Engine._explain(plan, decided, cr))
            crowd.lost |= decided.lost
            if later:
                # Whoever is refused by now need not wait for a turn.
                decided = Engine._decide(plan, crowd.people(later), now, cr=cr)
                refused.update(Engine._explain(plan, decided, cr))
                later = [res_id for res_id in later if res_id not in refused]
            turn, later = crowd.next_turn(later)
        refused.update(crowd.follow(refused.values()))
        if refused:
            # Whom Odoo cancels anyway need not wait for it.
            for excluded in crowd.excluded_by_odoo(list(refused)).values():
                for res_id in excluded:
                    refused.pop(res_id, None)
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
        decided = Engine._decide(
            plan, crowd.people(), fields.Datetime.now(), everybody=True
        )
        before = Engine._explain(plan, decided)
        after = Engine._ask_programs(plan, before, mailing)
        return {
            res_id: verdict
            for res_id, verdict in after.items()
            if verdict.refusals and not before[res_id].refusals
        }
