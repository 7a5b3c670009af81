from odoo import api, fields, models
from odoo.fields import Domain

OF_SENTENCE = (
    *("model_id", "domain", "aggregate", "value_path", "comparison", "threshold"),
    *("threshold_to", "window_value", "window_unit", "effect", "tag_id", "tag_kind"),
    *("life_days", "persona_id", "stage_id", "points"),
)


class ContactSignal(models.Model):
    """Signals in words."""

    _inherit = "contact.signal"

    sentence = fields.Char(compute="_compute_sentence", string="In Words")

    @api.depends(*OF_SENTENCE)
    @api.depends_context("lang")
    def _compute_sentence(self):
        """As one would say it to a colleague."""
        for signal in self:
            signal.sentence = self.env._(
                "When %(what)s, then %(then)s.",
                what=signal._say_what(),
                then=signal._say_effect(),
            )

    def _say_what(self):
        """“2 or more opened mails within 30 days”."""
        parts = {"number": self._say_number(), "compared": self._say_comparison()}
        if not self.window_value:
            return self.env._("%(number)s is %(compared)s", **parts)
        parts["window"] = {
            "week": self.env._("%s weeks", self.window_value),
            "month": self.env._("%s months", self.window_value),
        }.get(self.window_unit, self.env._("%s days", self.window_value))
        if self.aggregate == "next":
            return self.env._(
                "%(number)s is %(compared)s, looking %(window)s ahead", **parts
            )
        return self.env._("%(number)s is %(compared)s within %(window)s", **parts)

    def _say_number(self):
        records = self._say_records()
        value = self._say_value()
        return {
            "count": self.env._("the number of %s", records),
            "sum": self.env._("the sum of %s", value),
            "average": self.env._("the average of %s", value),
            "distinct": self.env._("the number of different values of %s", value),
            "latest": self.env._("the number of days since the latest of %s", records),
            "earliest": self.env._("the number of days since the first of %s", records),
            "next": self.env._("the number of days until the next of %s", records),
            "gap_mean": self.env._("the mean of days between %s", records),
            "gap_spread": self.env._("the spread of days between %s", records),
            "cycle": self.env._(
                "the share that has passed of the usual time between %s", records
            ),
        }.get(self.aggregate, "")

    def _say_records(self):
        name = self.sudo().model_id.name or self.env._("records")
        if not self._is_narrowed():
            return self.env._("“%s”", name)
        return self.env._("“%s” that fit", name)

    def _is_narrowed(self):
        try:
            return not Domain(self._get_domain()).is_true()
        except Exception:  # noqa: BLE001, it is being typed
            return True

    def _say_value(self):
        """The last field of the path, where it belongs to."""
        return self.env._(
            "“%(field)s” of %(records)s",
            field=self.value_path or "",
            records=self._say_records(),
        )

    def _say_comparison(self):
        as_share = self.aggregate == "cycle"
        first, second = (
            f"{round(100 * value, 2):g} %" if as_share else f"{value:g}"
            for value in (self.threshold or 0, self.threshold_to or 0)
        )
        return {
            ">=": self.env._("at least %s", first),
            ">": self.env._("more than %s", first),
            "<=": self.env._("at most %s", first),
            "<": self.env._("less than %s", first),
            "between": self.env._(
                "between %(first)s and %(second)s", first=first, second=second
            ),
        }.get(self.comparison, first)

    def _say_effect(self):
        if self.effect == "tag":
            tag = self.tag_id.display_name or "…"
            if self.life_days:
                return self.env._(
                    "the tag “%(tag)s” for %(days)s days",
                    tag=tag,
                    days=self.life_days,
                )
            return self.env._("the tag “%s”", tag)
        points = f"{self.points or 0:g}"
        if self.effect == "persona":
            return self.env._(
                "%(points)s points for the persona “%(persona)s”",
                points=points,
                persona=self.persona_id.name or "…",
            )
        if self.effect == "stage":
            return self.env._("the stage “%s”", self.stage_id.name or "…")
        return self.env._("%s points of engagement for each", points)
