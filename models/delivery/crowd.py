"""The recipients of a mailing, as the gate sees them."""

from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.identity.contact_profile_people import (  # noqa: E501
    LINKED,
)
from odoo.addons.mass_mailing_contact_strategy.models.sql_arrays import int_array

from .crowd_turns import Turns

NOBODY = SQL("FALSE")
FEW = 10000
"""For so many addresses it is cheaper to ask about each than to read whole lists."""


class Crowd(Turns):
    """Some recipients of one mailing, and who they are.

    Those about whom there is nothing special to say are never looked at one by one.
    """

    def __init__(self, env, mailing, res_ids, create=True, addresses=None):
        self.env = env
        self.mailing = mailing
        self.model = mailing.mailing_model_real
        self.res_ids = res_ids
        # Later runs know the records only, not what a template made of them.
        self.elsewhere = set(addresses or ())
        # Elevated: a cap counts for people the sender may not see.
        self.profiles = env["contact.profile"].sudo()
        self.rows = self._find_rows(create, addresses or {})
        self.reached = set()
        self.reached_profiles = set()
        self.duplicates = {}  # {recipient: (profile id, address)}
        self._shared = {}
        self.lost = set()

    def _find_rows(self, create, addresses):
        """{recipient: (profile id, address)}; None where the database finds them."""
        if addresses or self.model not in LINKED:
            return self._look_up(create, addresses)
        if create:
            self.profiles._prepare_people(self.model, self.res_ids)
        return None

    def _look_up(self, create, addresses):
        """{recipient: (profile id, address)}, by the records or by ``addresses``."""
        rows = self.profiles._resolve_rows(self.model, self.res_ids, create=create)
        owners = {}
        if addresses:
            owners = self.profiles._profiles_by_email(set(addresses.values()), create)
        return {
            res_id: (owners.get(addresses[res_id]), addresses[res_id])
            if res_id in addresses
            else (profile, address)
            for res_id, profile, address in rows
        }

    def people(self, res_ids=None):
        """These recipients (default: all), as the database finds them.

        :rtype: People
        """
        if res_ids is None:
            res_ids = self.res_ids
        if self.rows is not None:
            res_ids = [res_id for res_id in res_ids if res_id in self.rows]
        return self.profiles._find_people(self.model, res_ids, self.rows)

    def _is_one_to_one(self):
        """Is each recipient somebody else? Contacts are: each owns its profile."""
        return self.model == "res.partner" and self.rows is None

    def forget_reservations(self, cr):
        """Take up what an earlier run, cut off before it made the messages, left.

        Nobody else sends this mailing now, so a reservation without a message is ours:
        it is withdrawn, and decided and booked again with the moment of today.
        """
        cr.execute(
            SQL(
                """
                DELETE FROM contact_touch WHERE id IN (
                       SELECT id FROM (%s) own
                        WHERE state = 'reserved' AND trace_id IS NULL)
                """,
                self._own_touches(self.mailing.ids),
            )
        )

    def _own_touches(self, mailing_ids):
        """What these mailings have reserved for or sent to these very records.

        Each is looked up by itself, in the index of ``_one_per_message``: the database
        would rather read all that the mailing has sent so far, which is little to its
        knowledge, and more with each batch.
        """
        return SQL(
            """
            SELECT touch.*
              FROM unnest(%s) AS asked(res_id)
             CROSS JOIN LATERAL (
                   SELECT id, res_id, profile_id, state, trace_id
                     FROM contact_touch
                    WHERE mailing_id = ANY(%s) AND res_model = %s
                      AND res_id = asked.res_id AND state IN ('reserved', 'sent')
                   OFFSET 0) touch
            """,
            int_array(self.res_ids),
            int_array(mailing_ids),
            self.model,
        )

    def find_reached(self, cr):
        """Set aside whom this mailing has reached before.

        The record itself, also where it belongs to another person by now, and other
        records of the same person. Touches without a record are history that somebody
        imported: they count, but no message of this mailing stands behind them.

        Of an A/B test nobody gets two versions, though Odoo draws the samples of those
        that are sent at the same time without knowing of each other.
        """
        versions = self._versions()
        own = self._own_touches(versions)
        ways = [SQL("SELECT res_id, profile_id FROM (%s) own", own)]
        if not self._is_one_to_one():
            ways.append(self._touches_of_people(versions))
        if len(versions) > 1 and not self.mailing.ab_testing_is_winner_mailing:
            ways.append(self._held_by_others(versions))
        cr.execute(SQL(" UNION ").join(ways))
        rows = cr.fetchall()
        self.reached = {res_id for res_id, _profile in rows}.intersection(self.res_ids)
        self.reached_profiles = {profile for _res_id, profile in rows}

    def _versions(self):
        """This mailing, and the other versions of its A/B test: their ids."""
        mailing = self.mailing.sudo()  # elevated: whoever may see the other versions
        if not (mailing.ab_testing_enabled and mailing.campaign_id):
            return mailing.ids
        return mailing._get_ab_testing_siblings_mailings().ids

    def _held_by_others(self, versions):
        """Who waits for another version of the test, or was refused it: that is whose
        sample they are in. The winner takes them all."""
        return SQL(
            """
            SELECT res_id, profile_id FROM contact_hold
             WHERE mailing_id = ANY(%s) AND mailing_id <> %s AND res_model = %s
               AND res_id = ANY(%s) AND profile_id IS NOT NULL
            """,
            int_array(versions),
            self.mailing.id,
            self.model,
            int_array(self.res_ids),
        )

    def _touches_of_people(self, mailing_ids):
        """What these mailings reserved for or sent to any record of these people."""
        return SQL(
            """
            SELECT res_id, profile_id FROM contact_touch
             WHERE mailing_id = ANY(%s) AND res_model = %s AND res_id IS NOT NULL
               AND state IN ('reserved', 'sent') AND profile_id = ANY(%s)
            """,
            int_array(mailing_ids),
            self.model,
            self.people().profile_ids(),
        )

    def excluded_by_odoo(self, res_ids, cr=None):
        """Whom Odoo itself will cancel.

        :param res_ids: recipients asked about
        :param cr: cursor to use instead of the environment's
        :return: dict ``nowhere`` (no address), ``blacklist`` and ``optout``: sets of
            recipients
        """
        mailboxes = self.people(res_ids).mailboxes
        cr = cr or self.env.cr
        conditions = {
            "nowhere": SQL("address IS NULL"),
            "blacklist": self._blacklisted()
            if self.mailing.use_exclusion_list
            else NOBODY,
            "optout": self._opted_out(res_ids, mailboxes, cr),
        }
        cr.execute(
            SQL(
                "SELECT %s FROM (%s) who",
                SQL(", ").join(
                    SQL("array_agg(res_id) FILTER (WHERE %s)", condition)
                    for condition in conditions.values()
                ),
                mailboxes,
            )
        )
        found = zip(conditions, cr.fetchone(), strict=True)
        return {name: set(ids or ()) for name, ids in found}

    def _blacklisted(self):
        """Condition on ``address``. Elevated, as in Odoo's composer: everybody's
        blacklist counts."""
        self.env["mail.blacklist"].sudo().flush_model(["email", "active"])
        return SQL("address IN (SELECT email FROM mail_blacklist WHERE active)")

    def _opted_out(self, res_ids, mailboxes, cr):
        """Condition on ``address``: a few are looked up, or simply all are read."""
        if len(res_ids) > FEW:
            out = list(self.mailing._get_opt_out_list() or ())
        else:
            cr.execute(
                SQL("SELECT address FROM (%s) who WHERE address IS NOT NULL", mailboxes)
            )
            out = list(self.mailing._opted_out_among(a for (a,) in cr.fetchall()))
        return SQL("address = ANY(%s)", out) if out else NOBODY

    def same_mailbox(self):
        """{recipient: address} of those whose address is another recipient's, too."""
        self.env.cr.execute(
            SQL(
                """
                WITH who AS MATERIALIZED (%s)
                SELECT res_id, address FROM who
                 WHERE address IN (
                       SELECT address FROM who GROUP BY 1 HAVING count(*) > 1)
                """,
                self.people().mailboxes,
            )
        )
        return dict(self.env.cr.fetchall())

    def follow(self, verdicts):
        """A second record of somebody refused waits (or stays out) with the first: it
        is decided again, too, should the first have left the recipients by then.

        :param verdicts: the Verdicts of the refused
        :return: {recipient: Verdict} of the duplicates concerned, duplicates no more
        """
        if not self.duplicates:
            return {}
        refused = {verdict.profile_id: verdict for verdict in verdicts}
        followers = {
            res_id: refused[profile_id]
            for res_id, (profile_id, _address) in self.duplicates.items()
            if profile_id in refused
        }
        for res_id in followers:
            del self.duplicates[res_id]
        return followers
