from datetime import timedelta

from werkzeug.exceptions import BadRequest, abort

from odoo import fields
from odoo.http import Controller, request, route
from odoo.tools import consteq

from odoo.addons.base.models.res_partner import _tz_get

HEADERS = {
    # The address of the page is its key: it goes to no other site and into no cache.
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
}
FREQUENCIES = ("", "week-3", "week-1", "month-2", "month-1")
"""What is offered: period and number."""
LONGEST_PAUSE = timedelta(days=730)
MOST = 2**31 - 1


def _whole(text):
    """A number that can be an id, or 0."""
    text = text if isinstance(text, str) else ""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 11 else 0
    return number if number <= MOST else 0


class Preferences(Controller):
    """The page where people say how often, about what, and by which way.

    Opening it changes nothing: mail scanners follow every link. Whoever has no valid
    key learns nothing, not even whether there is such a person.
    """

    @route(
        "/contact/preferences",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        multilang=False,
        sitemap=False,
    )
    def preferences_link(self, mailing_id=None, document_id=None, email=None, **query):
        """The link of a mailing, with Odoo's own key; or one's own page, logged in."""
        token = query.get("hash_token")
        if not token and not mailing_id:
            return self._go_to_own()
        mailing_id, document_id = _whole(mailing_id), _whole(document_id)
        mailing = request.env["mailing.mailing"].sudo().browse(mailing_id).exists()
        if not (mailing and document_id and email and token and token.isascii()):
            self._refuse()
        if not consteq(
            mailing._generate_mailing_recipient_token(document_id, email), token
        ):
            self._refuse()
        Profile = request.env["contact.profile"].sudo()
        profile = Profile._of_recipient(mailing, document_id, email)
        if not profile:
            self._refuse()
        return self._go_to(profile._sign_preferences(email, mailing.id))

    def _go_to_own(self):
        """The page of whoever is logged in."""
        if request.env.user._is_public():
            return request.redirect("/mailing/my")
        partner = request.env.user.partner_id.sudo()
        if not partner.profile_id:
            self._refuse()
        return self._go_to(partner.profile_id._sign_preferences(""))

    def _refuse(self):
        """What to do instead; the same for every wrong key.

        :raise HTTPException: always
        """
        response = request.render(
            "mass_mailing_contact_strategy.preferences_unknown", status=404
        )
        response.headers.update(HEADERS)
        response.flatten()
        abort(response)

    def _go_to(self, token, query=""):
        path = f"/contact/preferences/{token}{query}"
        response = request.redirect(path, code=303)
        response.headers.update(HEADERS)
        return response

    @route(
        "/contact/preferences/<string:token>",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        multilang=False,
        sitemap=False,
    )
    def preferences(self, token, done=None, **_query):
        """The page. It says what is on file now, and what was said last."""
        profile, email, mailing = self._find(token)
        self._speak(profile)
        response = request.render(
            "mass_mailing_contact_strategy.preferences",
            self._prepare_page(profile.with_env(request.env(su=True)), email, mailing)
            | {"token": token, "done": done, "lang": request.env.lang},
        )
        response.headers.update(HEADERS)
        return response

    @route(
        "/contact/preferences/<string:token>",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
        multilang=False,
        sitemap=False,
    )
    def preferences_save(self, token, action="save", **post):
        """What the person says. Everything that is offered can be taken back."""
        profile, email, mailing = self._find(token)
        self._speak(profile)
        profile = profile.with_env(request.env(su=True))
        evidence = {"address": email, "mailing_id": mailing.id}
        user = request.env.user
        if not user._is_public() and user.partner_id != profile.partner_id:
            evidence["user_id"] = user.id
        problem = False
        if action == "undo":
            last = profile.wish_ids.change_ids[:1]
            is_last = last.id == _whole(post.get("change"))
            change = profile._undo(last if is_last else last.browse(), **evidence)
        elif action in ("stop", "again"):
            change = profile._hear({"is_stopped": action == "stop"}, **evidence)
        else:
            wishes, problem = self._read_wishes(profile, post)
            change = profile._hear(wishes, self._read_data(post), **evidence)
            self._join_again(post, email, mailing)
        done = "pause" if problem else "saved" if change else "nothing"
        return self._go_to(token, f"?done={done}")

    # ------------------------------------------------------------
    # WHO
    # ------------------------------------------------------------

    def _find(self, token):
        if "\0" in token:
            raise BadRequest()  # Odoo looks for a file before it says 404
        Profile = request.env["contact.profile"]
        profile, email, mailing = Profile._open_preferences(token)
        if not profile:
            self._refuse()
        return profile, email, mailing

    def _speak(self, profile):
        """From here on in the person's language, if it is in use."""
        lang = profile.lang
        if lang and request.env["res.lang"]._get_data(code=lang):
            request.update_context(lang=lang)

    # ------------------------------------------------------------
    # WHAT IS ON FILE
    # ------------------------------------------------------------

    def _prepare_page(self, profile, email, mailing):
        """All that the template says.

        :rtype: dict
        """
        env = profile.env
        wish = profile.wish_ids
        pause = wish.paused_until and profile._day_of(wish.paused_until)
        today = profile._day_of(fields.Datetime.now())
        data = profile._get_correctable()
        address = email or profile.email_normalized
        return {
            "profile": profile,
            "address": address,
            "wish": wish,
            "is_off": wish.is_stopped or profile._is_blacklisted(address),
            "frequencies": self._get_frequencies(wish),
            "categories": self._get_categories(env),
            "channels": env["contact.channel"].search([]),
            "pause": pause if pause and pause > today else None,
            "first_day": today + timedelta(days=1),
            "last_day": today + LONGEST_PAUSE,
            "data": data,
            "languages": env["res.lang"].get_installed() if "lang" in data else [],
            "zones": _tz_get(profile) if "tz" in data else [],
            "left": self._get_left(email, mailing),
            "change": wish.change_ids[:1],
        }

    def _get_categories(self, env):
        """Kinds that are held back by rules. The others are no advertising."""
        return env["contact.category"].search([("obeys_caps", "=", True)])

    def _get_frequencies(self, wish):
        """What is offered, and what was asked for elsewhere.

        :return: list of (value, words, chosen?)
        """
        now = f"{wish.period}-{wish.max_touches}" if wish.period else ""
        values = [*FREQUENCIES, *([] if now in FREQUENCIES else [now])]
        found = []
        for value in values:
            period, _sep, number = value.partition("-")
            words = (
                wish._say_how_often(int(number), period)
                if value
                else request.env._("No limit of mine")
            )
            found.append((value, words.rstrip("."), value == now))
        return found

    def _get_left(self, email, mailing):
        """Lists of the mailing that the address has left: less often may do instead."""
        contacts = mailing.env["mailing.contact"].search(
            [("email_normalized", "=", email)]
        )
        subscriptions = contacts.subscription_ids.filtered("opt_out")
        return subscriptions.list_id.filtered("active") & mailing.contact_list_ids

    # ------------------------------------------------------------
    # WHAT IS SAID
    # ------------------------------------------------------------

    def _read_wishes(self, profile, post):
        """The form as values of a wish.

        :return: (dict, is something wrong with it?)
        """
        form = request.httprequest.form
        values, is_wrong = self._read_pause(profile, post)
        if "often" in post:
            period, _sep, number = post["often"].partition("-")
            number = _whole(number)
            if period in ("week", "month") and 0 < number < 1000:
                values.update(period=period, max_touches=number)
            elif not post["often"]:
                values.update(period=False, max_touches=False)
        Category = self._get_categories(request.env(su=True))
        Channel = request.env["contact.channel"].sudo().search([])
        for name, records in (("category", Category), ("channel", Channel)):
            # What was not on the page yet is not refused by it.
            shown = {_whole(text) for text in form.getlist(f"shown_{name}")}
            if not shown:
                continue
            chosen = {_whole(text) for text in form.getlist(name)}
            refused = set(profile.wish_ids[f"refused_{name}_ids"].ids) - shown
            refused |= {id_ for id_ in records.ids if id_ in shown - chosen}
            values[f"refused_{name}_ids"] = sorted(refused)
        return values, is_wrong

    def _read_pause(self, profile, post):
        """As ``_read_wishes``. What is over needs not be taken back."""
        text = post.get("pause", "").strip()
        today = profile._day_of(fields.Datetime.now())
        if not text:
            until = profile.wish_ids.paused_until
            is_over = until and profile._day_of(until) <= today
            return ({} if is_over else {"paused_until": False}), False
        try:
            day = fields.Date.to_date(text)
        except ValueError:
            return {}, True
        if not today < day <= today + LONGEST_PAUSE:
            return {}, True
        return {"paused_until": profile._start_of_day(day)}, False

    def _read_data(self, post):
        names = ("name", "city", "lang", "tz")
        return {name: post[name] for name in names if name in post}

    def _join_again(self, post, email, mailing):
        """Less often instead of never: back on the lists of the mailing."""
        left = self._get_left(email, mailing)
        if post.get("join") and left:
            left._update_subscription_from_email(email, opt_out=False)
