from datetime import timedelta

from odoo import fields, models

ICONS = {
    "email": "fa-envelope-o",
    "sms": "fa-mobile",
    "letter": "fa-file-text-o",
    "call": "fa-phone",
}
RESPONSES = {
    # field: colour of its mark
    "opened": "secondary",
    "clicked": "success",
    "replied": "success",
    "converted": "success",
    "bounced": "danger",
    "complained": "danger",
}
POSITIVE = ("opened", "clicked", "replied", "converted")
LATE = 4
"""Responses come up to so many weeks after the message; later ones are not drawn."""


class ContactProfile(models.Model):
    """Messages, responses and what was held back, in the person's timeline."""

    _inherit = "contact.profile"

    def _get_timeline_sources(self):
        """Add messages and holds."""
        return [
            *super()._get_timeline_sources(),
            self._get_touch_events,
            self._get_hold_events,
        ]

    def _get_touch_events(self, position, limit):
        touches = self._timeline_records(
            "touch",
            self.env["contact.touch"],
            position,
            limit,
            domain=[("profile_id", "=", self.id), ("state", "!=", "released")],
        )
        return [self._prepare_touch_event(touch) for touch in touches]

    def _prepare_touch_event(self, touch):
        """A message, and what came back."""
        channel = touch.channel_id
        # Elevated, as the name of the touch: it must not fail for want of the
        # mailing's rights.
        mailing = touch.sudo().mailing_id.display_name
        title = mailing or touch.note or channel.name
        said = [channel.name, touch.category_id.name]
        if mailing and touch.note:
            said.append(touch.note)
        return self._prepare_event(
            "touch",
            touch,
            touch.date,
            way="out",
            icon=ICONS.get(channel.code, "fa-paper-plane-o"),
            title=title,
            text=" · ".join(part for part in said if part and part != title),
            marks=self._prepare_touch_marks(touch),
        )

    def _prepare_touch_marks(self, touch):
        marks = []
        if touch.state != "sent":
            states = dict(touch._fields["state"]._description_selection(self.env))
            color = "danger" if touch.state == "failed" else "info"
            marks.append({"label": states[touch.state], "color": color})
        if touch.is_uncertain:
            label = touch._fields["is_uncertain"]._description_string(self.env)
            marks.append({"label": label, "color": "warning"})
        for name, color in RESPONSES.items():
            if touch[name]:
                label = touch._fields[name]._description_string(self.env)
                date = fields.Datetime.to_string(touch[f"{name}_date"])
                marks.append({"label": label, "color": color, "date": date})
        return marks

    def _get_hold_events(self, position, limit):
        Hold = self.env["contact.hold"]
        holds = self._timeline_records("hold", Hold, position, limit)
        return [self._prepare_hold_event(hold) for hold in holds]

    def _prepare_hold_event(self, hold):
        """Called for each time the person was held back or deferred.

        Override to say why: call super and add to the event.

        :rtype: dict
        """
        states = dict(hold._fields["state"]._description_selection(self.env))
        return self._prepare_event(
            "hold",
            hold,
            hold.date,
            icon="fa-hand-paper-o",
            # Elevated: as the name of a touch
            title=hold.sudo().mailing_id.subject,
            marks=[{"label": states[hold.state], "color": "warning"}],
        )

    def _say_earlier(self):
        """What was folded into sums."""
        return self.touch_year_summary or super()._say_earlier()

    def _count_responses(self, weeks):
        """Opens, clicks, replies and conversions."""
        counted = dict(super()._count_responses(weeks))
        now = fields.Datetime.now()
        names = [f"{name}_date" for name in POSITIVE]
        touches = self.env["contact.touch"].search_fetch(
            [
                ("profile_id", "in", self.ids),
                ("date", ">=", now - timedelta(weeks=weeks + LATE)),
            ],
            ["profile_id", *names],
            order="id",
        )
        for touch in touches:
            numbers = counted.setdefault(touch.profile_id.id, [0] * weeks)
            for name in names:
                if touch[name] and touch[name] <= now:
                    age = (now - touch[name]) // timedelta(weeks=1)
                    if age < weeks:
                        numbers[weeks - 1 - age] += 1
        return counted
