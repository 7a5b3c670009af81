from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup

from odoo import api, fields, models, tools

from .engine_zone import ZoneBook

TOKEN = "mass_mailing_contact_strategy.preferences"
LINK_DAYS = 30
"""So long a page stays open. The link in a mailing opens it anew, for ever."""


class ContactProfile(models.Model):
    """What the person asked for, and the page where people say it."""

    _inherit = "contact.profile"

    wish_ids = fields.One2many("contact.wish", "profile_id", string="Wishes")
    wish_summary = fields.Char(string="They Asked for", compute="_compute_wish_summary")

    @api.depends("wish_ids.summary")
    def _compute_wish_summary(self):
        for profile in self:
            profile.wish_summary = profile.wish_ids[:1].summary

    # ------------------------------------------------------------
    # MERGE
    # ------------------------------------------------------------

    def _before_merge(self, target):
        """Several people are one: of what they asked for the tighter holds.

        Elevated: a wish of another business unit is the same person's.
        """
        res = super()._before_merge(target)
        wishes = (self | target).sudo().wish_ids.sorted("id")
        if len(wishes) < 2:
            return res
        kept = wishes.filtered(lambda wish: wish.profile_id == target) or wishes[0]
        tightest = wishes._tightest()
        others = wishes - kept
        # history goes on in the row that stays
        others.change_ids.write({"wish_id": kept.id})
        others.unlink()
        kept._keep(tightest, "merge", user_id=self.env.uid)
        return res

    # ------------------------------------------------------------
    # THE LINK
    # ------------------------------------------------------------

    def _sign_preferences(self, email, mailing_id=False):
        """What opens the person's page, without a login.

        :param str email: address that the link was sent to
        :param int mailing_id: mailing that it was sent by
        """
        self.ensure_one()
        values = [self.id, email or "", mailing_id or 0]
        return tools.hash_sign(
            self.env(su=True), TOKEN, values, expiration_hours=LINK_DAYS * 24
        )

    def _open_preferences(self, token):
        """Who may be changed with a token: the person, elevated; nobody if it is wrong.

        The person may have become part of another profile since, or have left the
        address to somebody else: then the token opens nothing of the new owner.

        :return: (contact.profile, address, mailing.mailing)
        """
        nobody = self.sudo().browse(), "", self.env["mailing.mailing"]
        try:
            values = tools.verify_hash_signed(self.env(su=True), TOKEN, token)
        except ValueError:
            return nobody
        if not values:
            return nobody
        profile_id, email, mailing_id = values
        self = self.sudo()
        profile = self._of_address(self.browse(profile_id), email)
        if not profile:
            return nobody
        mailings = self.env["mailing.mailing"].sudo()
        return profile, email, mailings.browse(mailing_id or ()).exists()

    def _of_address(self, profile, email):
        """The person whom a message to this address was for.

        :param profile: the profile then, which may be gone
        """
        profile = profile.exists()
        if not email:
            return profile
        contacts = profile.mailing_contact_ids.mapped("email_normalized")
        if profile and email in [profile.email_normalized, *contacts]:
            return profile
        return self.browse(self._profiles_by_email({email}).get(email) or ())

    def _of_recipient(self, mailing, document_id, email):
        """The person who got a mailing.

        :param mailing: mailing.mailing
        :param int document_id: the record that it was sent to
        :param str email: the address that it was sent to
        """
        rows = self._resolve_rows(mailing.mailing_model_real, [document_id], False)
        profile_id = next((profile for _id, profile, _address in rows if profile), ())
        email = tools.email_normalize(email) or email
        return self._of_address(self.sudo().browse(profile_id), email)

    # ------------------------------------------------------------
    # WHAT THE PERSON SAYS
    # ------------------------------------------------------------

    def _hear(self, wishes, data=None, way="page", **evidence):
        """The person says something on the page; Odoo's blacklist hears it, too.

        :param dict wishes: see ``contact.wish._keep``
        :param dict data: see ``_correct``
        :param evidence: see ``contact.wish._keep``
        :return: contact.wish.change, empty if nothing is different
        """
        wish = self.env["contact.wish"]._of(self)
        address = evidence.get("address") or self.email_normalized
        was_off = self._is_blacklisted(address)
        old, new = self._correct(data or {})
        is_off = wishes.get("is_blacklisted", wishes.get("is_stopped", was_off))
        if address and is_off != was_off:
            blacklist = self.env["mail.blacklist"]
            change = blacklist._add if is_off else blacklist._remove
            reason = self.env._("Said on the preference page")
            change(address, message=Markup("<p>%s</p>") % reason)
        extra = (
            {**old, "is_blacklisted": was_off},
            {**new, "is_blacklisted": bool(is_off)},
        )
        return wish._keep(wishes, way, extra=extra, **evidence)

    def _undo(self, change, **evidence):
        """The person takes the last change back, data and blacklist with it.

        :return: contact.wish.change, empty where there was a later change
        """
        wish = self.wish_ids
        if not change or change != wish.change_ids[:1] or change.way != "page":
            return self.env["contact.wish.change"]
        return self._hear(change.before, change.before, way="undo", **evidence)

    def _is_blacklisted(self, address):
        address = tools.email_normalize(address)
        return bool(address) and bool(
            self.env["mail.blacklist"].search_count([("email", "=", address)], limit=1)
        )

    # ------------------------------------------------------------
    # DAYS OF THE PERSON
    # ------------------------------------------------------------

    def _get_zone(self):
        """The clock that the engine decides by, too.

        :rtype: ZoneInfo
        """
        book = ZoneBook(self.env, self.company_id or self.env.company)
        return ZoneInfo(book.find(self.tz, self.lang)[1])

    def _start_of_day(self, day):
        """The first moment of a day where the person lives (naive UTC).

        Where clocks jump over midnight the day begins later: a time that they never
        show stands for the one that they show instead.
        """
        zone = self._get_zone()
        moment = datetime.combine(day, datetime.min.time(), zone).astimezone(UTC)
        return moment.replace(tzinfo=None)

    def _day_of(self, moment):
        """The day of a moment (naive UTC) where the person lives."""
        moment = fields.Datetime.to_datetime(moment).replace(tzinfo=UTC)
        return moment.astimezone(self._get_zone()).date()


class ContactWish(models.Model):
    """Several wishes as one."""

    _inherit = "contact.wish"

    def _tightest(self):
        """What all of them ask for together, so that none is broken.

        Two limits over different windows are one: the smaller number in the longer
        window keeps both.
        """
        limits = self.filtered("period")
        pauses = [wish.paused_until for wish in self if wish.paused_until]
        periods = limits.mapped("period")
        return {
            "max_touches": min(limits.mapped("max_touches"), default=False),
            "period": min(periods, default=False),  # month before week
            "paused_until": max(pauses, default=False),
            "is_stopped": any(self.mapped("is_stopped")),
            "refused_category_ids": self.refused_category_ids.ids,
            "refused_channel_ids": self.refused_channel_ids.ids,
        }
