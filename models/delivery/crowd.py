"""The recipients of a mailing, as the gate sees them."""

from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.sql_arrays import int_array


class Crowd:
    """Some recipients of one mailing, and who they are."""

    def __init__(self, env, mailing, res_ids, create=True, addresses=None):
        self.env = env
        self.mailing = mailing
        # Later runs know the records only, not what a template made of them.
        self.elsewhere = set(addresses or ())
        rows = self._resolve(res_ids, create, addresses or {})
        known = {r: (p, address) for r, p, address in rows if p and address}
        self.people = {r: known[r] for r in res_ids if r in known}
        # Previews make no profiles: somebody without one has no history either.
        self.new_addresses = {r: address for r, p, address in rows if address and not p}
        self.reached = set()
        self.reached_profiles = set()
        self.reached_addresses = set()
        self.duplicates = set()
        self.lost = set()

    def _resolve(self, res_ids, create, addresses):
        """Rows (recipient, profile id, address), by the records or by ``addresses``."""
        Profile = self.env["contact.profile"].sudo()
        rows = Profile._resolve_rows(
            self.mailing.mailing_model_real, res_ids, create=create
        )
        if not addresses:
            return rows
        owners = Profile._profiles_by_email(set(addresses.values()), create)
        return [
            (res_id, owners.get(addresses[res_id]), addresses[res_id])
            if res_id in addresses
            else (res_id, profile, address)
            for res_id, profile, address in rows
        ]

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

        The record itself, also where it belongs to another person by now, and other
        records of the same person. Touches without a record are history that somebody
        imported: they count, but no message of this mailing stands behind them.
        """
        cr.execute(
            SQL(
                """
                SELECT res_id, profile_id FROM contact_touch
                 WHERE mailing_id = %s AND res_model = %s AND res_id IS NOT NULL
                   AND state IN ('reserved', 'sent')
                   AND (profile_id = ANY(%s) OR res_id = ANY(%s))
                """,
                self.mailing.id,
                self.mailing.mailing_model_real,
                int_array(profile for profile, _address in self.people.values()),
                int_array(self.people),
            )
        )
        rows = cr.fetchall()
        self.reached = {res_id for res_id, _profile in rows} & set(self.people)
        self.reached_profiles = {profile for _res_id, profile in rows}

    def excluded_by_odoo(self, res_ids):
        """Whom Odoo itself will cancel.

        :param res_ids: recipients asked about
        :return: dict ``blacklist`` and ``optout``: sets of recipients
        """
        addresses = {r: self.people[r][1] for r in res_ids if r in self.people}
        addresses.update({r: a for r, a in self.new_addresses.items() if r in res_ids})
        if not addresses:
            return {}
        emails = set()
        if self.mailing.use_exclusion_list:
            # Elevated, as in Odoo's composer: everybody's blacklist counts.
            blocked = self.env["mail.blacklist"].sudo()
            blocked = blocked.search_fetch(
                [("email", "in", list(set(addresses.values())))], ["email"]
            )
            emails = set(blocked.mapped("email"))
        opted_out = set(self.mailing._get_opt_out_list() or ())
        return {
            "blacklist": {r for r, address in addresses.items() if address in emails},
            "optout": {r for r, address in addresses.items() if address in opted_out},
        }

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
