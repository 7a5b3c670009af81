from odoo import api, fields, models

from odoo.addons.mass_mailing_contact_strategy.core import outline
from odoo.addons.mass_mailing_contact_strategy.models import domain_words
from odoo.addons.mass_mailing_contact_strategy.models.insight.contact_behaviour import (
    BEHAVIOUR,
)
from odoo.addons.mass_mailing_contact_strategy.models.written_domain import MISREAD

from .contact_segment_condition import GROUPS
from .segment_problem import SegmentProblem

MANY = 4
"""So many names are said; of the others how many they are."""
INDENT = "    "
OF_LINE = (
    *("kind", "is_negated", "is_empty", "persona_ids", "stage_ids", "tag_ids"),
    *("tag_kind", "min_confidence", "seen_days", "other_segment_ids", "mailing_ids"),
    *("response", "list_ids", "list_state", "share_from", "share_to", "share_key"),
    *sorted(BEHAVIOUR),
)


class ContactSegmentCondition(models.Model):
    """Each line as one would say it."""

    _inherit = "contact.segment.condition"

    @api.depends(*OF_LINE)
    @api.depends_context("lang", "uid")
    def _compute_sentence(self):
        """“is Loyal family”, “opened at least 2 of the last 5 mailings”."""
        for line in self:
            line.sentence = line._say()

    def _say(self, clock=None):
        """The line in words.

        :param clock: ``core.moments.Clock``: say real dates
        :rtype: str
        """
        said = self._say_kinds(clock).get(self.kind)
        text = said() if said else self.kind or ""
        if not self.is_negated:
            return text
        return self.env._("not: %s", text)

    def _say_dates(self, at=None):
        """The line with the days that are meant today, for its unit's clock.

        :param datetime at: naive UTC; default: now
        :rtype: str
        """
        return self._say(self._clock(at or fields.Datetime.now()))

    def _say_kinds(self, clock):
        """{kind: function that says it}. Override for other kinds; call super."""
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        return {
            **{kind: lambda kind=kind: kinds[kind] for kind in GROUPS},
            "domain": lambda: self._say_fields(clock),
            "persona": self._say_persona,
            "stage": self._say_stage,
            "tag": lambda: self._say_tag(clock),
            "behaviour": lambda: self._say_behaviour(clock),
            "response": self._say_response,
            "list": self._say_list,
            "segment": lambda: self.env._(
                "is in %s", self._say_names("other_segment_ids")
            ),
            "share": self._say_share,
        }

    def _say_names(self, name):
        """“A, B or C”. Elevated: a sentence must not fail for want of a name's rights,
        and names of what one has chosen are no secret."""
        records = self.sudo().with_context(active_test=False)[name]
        names = [f"“{record.display_name}”" for record in records[:MANY]]
        if len(records) > MANY:
            names.append(self.env._("%s others", len(records) - MANY))
        return self.env._(" or ").join(names) or "…"

    def _say_fields(self, clock):
        try:
            domain = self._get_domain()
        except MISREAD:
            return self.env._("fields that cannot be understood")
        if domain.is_true():
            return self.env._("everybody")
        words = domain_words.say(domain, self.env["contact.profile"], clock)
        return words or self.env._("fits %s conditions on fields", _count(domain))

    def _say_persona(self):
        if self.is_empty:
            return self.env._("has no persona")
        return self.env._("is %s", self._say_names("persona_ids"))

    def _say_stage(self):
        if self.is_empty:
            return self.env._("is at no stage")
        return self.env._("is at the stage %s", self._say_names("stage_ids"))

    def _say_tag(self, clock):
        kind = {
            "explicit": self.env._("said"),
            "implicit": self.env._("concluded"),
        }.get(self.tag_kind)
        text = (
            self.env._("has no tag")
            if self.is_empty
            else self.env._("has the tag %s", self._say_names("tag_ids"))
        )
        details = [kind] if kind else []
        if self.min_confidence:
            sure = f"{100 * self.min_confidence:.0f} %"
            details.append(self.env._("at least %s sure", sure))
        if self.seen_days:
            details.append(self._say_seen(clock))
        return f"{text} ({', '.join(details)})" if details else text

    def _say_seen(self, clock):
        if not clock:
            return self.env._("seen within %s days", self.seen_days)
        since = fields.Datetime.subtract(clock.now, days=self.seen_days)
        moment = domain_words.say_moment(self.env, since, clock)
        return self.env._("seen since %s", moment)

    def _say_response(self):
        mailings = self._say_names("mailing_ids")
        return {
            "sent": self.env._("got %s", mailings),
            "opened": self.env._("opened %s", mailings),
            "clicked": self.env._("clicked in %s", mailings),
            "replied": self.env._("replied to %s", mailings),
            "bounced": self.env._("could not be reached by %s", mailings),
        }.get(self.response, "…")

    def _say_list(self):
        if self.is_empty:
            return self.env._("is subscribed to no list")
        lists = self._say_names("list_ids")
        if self.list_state == "out":
            return self.env._("has opted out of %s", lists)
        return self.env._("is subscribed to %s", lists)

    def _say_share(self):
        terms = {
            "first": f"{self.share_from:g}",
            "last": f"{self.share_to:g}",
            "draw": self.share_key or "",
        }
        if self.share_from:
            return self.env._(
                "is in the share from %(first)s to %(last)s %% of draw “%(draw)s”",
                **terms,
            )
        return self.env._("is in the first %(last)s %% of draw “%(draw)s”", **terms)

    def _say_behaviour(self, clock):
        """“at least 2 of the last 5 “Mails” with Opened”: numbers of records are said
        before the records, all else as signals say it."""
        if not self.model_name:
            return self.env._("did something")
        if self.aggregate != "count":
            return self._say_what(clock)
        records = self._say_records(clock)
        if self._is_about_none():
            text = self.env._("no %s", records)
        else:
            text = self.env._(
                "%(compared)s of %(records)s",
                compared=self._say_comparison(),
                records=records,
            )
        return " ".join(filter(None, (text, self._say_window(clock))))

    def _is_about_none(self):
        """“Less than 1” is how it is compared, and not how it is said."""
        return (self.comparison == "<" and 0 < self.threshold <= 1) or (
            self.comparison == "<=" and 0 <= self.threshold < 1
        )


class ContactSegment(models.Model):
    """The whole segment in words, as an indented outline."""

    _inherit = "contact.segment"

    @api.depends(
        "condition_ids",
        *(f"condition_ids.{name}" for name in ("sequence", "level", *OF_LINE)),
    )
    @api.depends_context("lang", "uid")
    def _compute_sentence(self):
        """One line for each, those of a group further to the right."""
        for segment in self:
            segment.sentence = segment._say_outline()

    def _say_outline(self, clock=None):
        """
        :param clock: ``core.moments.Clock``: say real dates
        """
        lines = self._lines()
        try:
            levels = [
                (level, node.item) for level, node in outline.walk(self._parse(lines))
            ]
        except SegmentProblem:
            levels = [(line.level, line) for line in lines]
        said = (f"{INDENT * max(level, 0)}{line._say(clock)}" for level, line in levels)
        return "\n".join(said) or self.env._("everybody")

    def _say_dates(self, at=None):
        """The outline with the days that are meant today.

        :param datetime at: naive UTC; default: now
        :rtype: str
        """
        clocks = self.condition_ids[:1]
        clock = clocks._clock(at or fields.Datetime.now()) if clocks else None
        return self._say_outline(clock)


def _count(domain):
    return sum(1 for _condition in domain.iter_conditions())
