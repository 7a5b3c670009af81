from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.core.keeping import needed_since
from odoo.addons.mass_mailing_contact_strategy.core.rules import Closed, Counted, Limit
from odoo.addons.mass_mailing_contact_strategy.core.windows import Window

from .engine_questions import Asked

PERIODS = {"week": Window(7, "day"), "month": Window(1, "month")}


class ContactWish(models.Model):
    """What people asked for, as the engine asks it: in addition to all policies, and
    whoever writes. So it can only tighten."""

    _inherit = "contact.wish"

    @api.model
    def _ask(self, message, at):
        """The questions for a message that obeys caps.

        SQL, as it is part of the statement that decides. People asked for few different
        things, so there are few questions.

        :param Message message: what is to be sent
        :param datetime at: the moment that is decided for (naive UTC)
        :return: list of Asked
        """
        self.env.flush_all()
        rows = self._kinds(self.env.cr)
        if not rows:
            return []
        limits = [self._ask_limit(*row) for row in rows if row[0]]
        return [*limits, self._ask_pause(at), *self._ask_refused(message)]

    @api.model
    def _kinds(self, cr):
        """The different limits that people asked for, and one without any.

        :return: list of (period, touches) or (None, None)
        """
        cr.execute(
            "SELECT DISTINCT period, CASE WHEN period IS NOT NULL"
            " THEN max_touches END FROM contact_wish ORDER BY 1, 2"
        )
        return cr.fetchall()

    @api.model
    def _ask_limit(self, period, maximum):
        question = Limit(
            **self._own_word("defer"),
            maximum=maximum,
            counted=Counted(PERIODS[period]),
        )
        who = SQL("wish.period = %s AND wish.max_touches = %s", period, maximum)
        terms = self._terms("limit", max=maximum, period=period)
        return Asked(question, self._who(who), terms=terms, is_cap=True)

    @api.model
    def _ask_pause(self, at):
        def until(alias):
            return SQL(
                "(SELECT wish.paused_until FROM contact_wish wish"
                " WHERE wish.profile_id = %s)",
                SQL.identifier(alias, "id"),
            )

        who = self._who(SQL("wish.paused_until > %s", at))
        question = Closed(**self._own_word("defer"))
        return Asked(question, who, until=until, terms=self._terms("pause"))

    @api.model
    def _ask_refused(self, message):
        refused = [("stop", SQL("wish.is_stopped"))]
        for what, table, column, record_id in (
            ("channel", "channel", "channel_id", message.channel_id),
            ("category", "category", "category_id", message.category_id),
        ):
            if record_id:
                which = SQL(
                    "EXISTS (SELECT FROM %s rel"
                    " WHERE rel.wish_id = wish.id AND rel.%s = %s)",
                    SQL.identifier(f"contact_wish_{table}_rel"),
                    SQL.identifier(column),
                    record_id,
                )
                refused.append((what, which))
        return [
            Asked(
                Closed(**self._own_word("hold")),
                self._who(which),
                terms=self._terms(what),
            )
            for what, which in refused
        ]

    @api.model
    def _own_word(self, on_exceed):
        return {
            "rule_id": None,
            "policy_id": None,
            "on_exceed": on_exceed,
            "is_own_word": True,
        }

    @api.model
    def _who(self, which):
        """People of whose wish something is true."""
        return Domain.custom(
            to_sql=lambda _model, alias, _query: SQL(
                "EXISTS (SELECT FROM contact_wish wish"
                " WHERE wish.profile_id = %s AND %s)",
                SQL.identifier(alias, "id"),
                which,
            )
        )

    @api.model
    def _terms(self, what, **values):
        return {"type": "wish", "wish": what, "per": "person", **values}


class ContactPolicyEngine(models.AbstractModel):
    """People are asked, too."""

    _inherit = "contact.policy.engine"

    @api.model
    def _ask_people(self, message, at):
        """Elevated: what somebody asked for binds whoever writes."""
        asked = super()._ask_people(message, at)
        return asked + self.env["contact.wish"].sudo()._ask(message, at)

    @api.model
    def _state(self, cr):
        """Somebody may ask for something that nobody had asked for before."""
        return (*super()._state(cr), *self.env["contact.wish"]._kinds(cr))


class ContactPolicyRule(models.Model):
    """Wishes are said as rules are."""

    _inherit = "contact.policy.rule"

    @api.model
    def _say_wish(self, terms, _step):
        if terms["wish"] == "limit":
            said = {
                "week": self.env._("at most %s messages in any 7 days", terms["max"]),
                "month": self.env._("at most %s messages in any month", terms["max"]),
            }
            return said[terms["period"]]
        return {
            "pause": self.env._("nothing for a while"),
            "stop": self.env._("nothing at all"),
            "channel": self.env._("nothing on this channel"),
            "category": self.env._("nothing of this kind"),
        }[terms["wish"]]


class ContactTouch(models.Model):
    """What people asked for needs single touches."""

    _inherit = "contact.touch"

    @api.model
    def _needed_since(self, now):
        """Not before the longest period somebody may have asked for."""
        longest = needed_since(PERIODS["month"], now)
        return min(super()._needed_since(now), longest)
