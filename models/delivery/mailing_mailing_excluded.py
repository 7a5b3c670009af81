from odoo import models
from odoo.tools import SQL

from .stock_methods import is_stock_below

ONLY_EMAILS = "contact_strategy_only_emails"
"""Context key: the addresses (frozenset) that the answer is wanted for."""
EMAIL_LENGTH = 320
"""Longer addresses do not exist. An index cannot hold a text of any length, and a
message must not fail because somebody's address is nonsense."""
STOCK_MAILING = "odoo.addons.mass_mailing.models.mailing"
STOCK_LIST = "odoo.addons.mass_mailing.models.mailing_list"


class MailingMailing(models.Model):
    """Who unsubscribed, and who was reached: asked for some addresses only.

    Odoo reads the whole opt-out list and the whole list of addresses reached again for
    each 50 recipients, so the cost of a mailing grows with the square of its audience.
    Nothing is remembered from one batch to the next: whoever unsubscribes while a
    mailing is on its way is heard with the next batch, as in stock Odoo.

    Where another addon answers one of the questions in its own way, its own way is
    taken, whole list and all.
    """

    _inherit = "mailing.mailing"

    def _opted_out_among(self, emails):
        """Which of these addresses unsubscribed, for this mailing?

        The same answer as ``_get_opt_out_list``, whoever gives it.

        :param emails: normalized addresses
        :rtype: set
        """
        self.ensure_one()
        emails = frozenset(emails)
        asked = self.with_context(**{ONLY_EMAILS: emails})
        return emails.intersection(asked._get_opt_out_list() or ())

    def _seen_among(self, emails):
        """Which of these addresses has this mailing (or its A/B test) reached?

        The same answer as ``_get_seen_list``, whoever gives it.

        :param emails: normalized addresses
        :rtype: set
        """
        self.ensure_one()
        emails = frozenset(emails)
        asked = self.with_context(**{ONLY_EMAILS: emails})
        return emails.intersection(asked._get_seen_list() or ())

    def _get_opt_out_list(self):
        """Leave out addresses that nobody asked about."""
        emails = self.env.context.get(ONLY_EMAILS)
        if emails is None:
            return super()._get_opt_out_list()
        if self._has_stock_opt_out():
            return self._opted_out_of_lists(emails)
        return emails.intersection(super()._get_opt_out_list() or ())

    def _get_seen_list(self):
        """Leave out addresses that nobody asked about."""
        emails = self.env.context.get(ONLY_EMAILS)
        if emails is None:
            return super()._get_seen_list()
        if self._has_stock_seen():
            return self._seen_by_email(emails)
        return emails.intersection(super()._get_seen_list() or ())

    def _has_stock_opt_out(self):
        lists = self.env["mailing.list"]
        return (
            self.mailing_model_name == lists._name
            and is_stock_below(self, MailingMailing, "_get_opt_out_list", STOCK_MAILING)
            and is_stock_below(lists, None, "_mailing_get_opt_out_list", STOCK_LIST)
        )

    def _has_stock_seen(self):
        return (
            not any(self._get_seen_list_extra())
            and is_stock_below(self, MailingMailing, "_get_seen_list", STOCK_MAILING)
            # A test without a campaign is Odoo's to complain about.
            and bool(self.campaign_id or not self.ab_testing_enabled)
        )

    def _opted_out_of_lists(self, emails):
        """As ``mailing.list._mailing_get_opt_out_list``: whoever is still subscribed
        to one of the lists, by another contact if need be, gets the mailing.

        :param emails: normalized addresses
        :rtype: set
        """
        contacts = self.env["mailing.contact"].search_fetch(
            [("email_normalized", "in", list(emails))], ["email_normalized"], order="id"
        )
        subscriptions = self.env["mailing.subscription"].search_fetch(
            [
                ("contact_id", "in", contacts.ids),
                ("list_id", "in", self.contact_list_ids.ids),
            ],
            ["contact_id", "opt_out"],
            order="id",
        )
        out = subscriptions.filtered("opt_out")
        return set(out.contact_id.mapped("email_normalized")) - set(
            (subscriptions - out).contact_id.mapped("email_normalized")
        )

    def _seen_by_email(self, emails):
        """As Odoo's ``_get_seen_list``, which is SQL because traces name their records
        by model and id: records that are gone do not count.

        :param emails: normalized addresses
        :rtype: set
        """
        if self.ab_testing_enabled:
            # All mailings of the campaign; named, so that the index is of use.
            where = SQL(
                """
                s.campaign_id = %(campaign)s AND s.mass_mailing_id IN (
                SELECT id FROM mailing_mailing WHERE campaign_id = %(campaign)s)
                """,
                campaign=self.campaign_id.id,
            )
        else:
            where = SQL(
                "s.mass_mailing_id = %s AND s.model = %s",
                self.id,
                self.mailing_model_real,
            )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT s.email
                  FROM mailing_trace s
                  JOIN %(target)s t ON t.id = s.res_id
                 WHERE %(where)s
                   AND left(s.email, %(length)s) = ANY(%(beginnings)s)
                   AND s.email = ANY(%(emails)s)
                """,
                target=SQL.identifier(self.env[self.mailing_model_real]._table),
                where=where,
                length=EMAIL_LENGTH,
                beginnings=[email[:EMAIL_LENGTH] for email in emails],
                emails=list(emails),
            )
        )
        return {email for (email,) in rows}
