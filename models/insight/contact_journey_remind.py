from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain

TYPE = "mail.mail_activity_data_todo"
LIST = "/odoo/contact-journey-overdue"


class ContactJourneyStage(models.Model):
    """The owner of a stage is told when people stay longer than it allows.

    By one activity for the stage, with the number of people and a link to them: never
    one for each person. As long as it is open it is brought up to date, day by day;
    where nobody is late any more it goes. Whoever has done it hears no more that day.
    """

    _name = "contact.journey.stage"
    # Whoever has done an activity leaves a message.
    _inherit = ["contact.journey.stage", "mail.thread", "mail.activity.mixin"]

    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        domain="[('share', '=', False)]",
        help="Looks after the people in this stage.",
    )
    is_owner_reminded = fields.Boolean(
        string="Remind the Owner",
        help="Once a day, as long as there are people who are overdue here.",
    )
    reminded_date = fields.Date(string="Last Reminder", readonly=True, copy=False)

    @api.model
    def _cron_remind_owners(self):
        """Tell the owners of all stages; nobody is in those that were put away."""
        stages = self.with_context(active_test=False).search([])
        for stage in stages.with_env(
            self.env
        ):  # activities that are done are not asked
            stage._remind_owner()

    def _remind_owner(self):
        """Write the activity, bring it up to date, or take it back."""
        self.ensure_one()
        owner = self.user_id
        activities = self.activity_search([TYPE])
        count = self._count_overdue_for_owner()
        if not count:
            activities.unlink()
            return
        own = activities.filtered(lambda activity: activity.user_id == owner)[:1]
        (activities - own).unlink()
        in_words = self.with_context(lang=owner.lang, tz=owner.tz)
        today = fields.Date.context_today(in_words)
        if not own and self.reminded_date == today:
            return
        values = {"date_deadline": today, **in_words._say_overdue(count)}
        # It waits in the owner's list: no e-mail every day.
        quiet = {"mail_activity_quick_update": True}
        if own:
            own.with_context(**quiet).write(values)
        else:
            self.with_context(**quiet).activity_schedule(
                TYPE, user_id=owner.id, **values
            )
        self.reminded_date = today

    def _count_overdue_for_owner(self):
        """How many people are late, of those whom the owner may see.

        :return: 0 where nobody is to be told
        """
        owner = self.user_id
        if self.kind != "sla" or not (self.is_owner_reminded and owner.active):
            return 0
        Profile = self.env["contact.profile"].with_user(owner)
        Profile = Profile.with_context(allowed_company_ids=owner.company_ids.ids)
        if not Profile.has_access("read"):
            return 0
        return Profile.search_count(
            Domain("journey_stage_id", "=", self.id)
            & Domain("is_stage_overdue", "=", True)
        )

    def _say_overdue(self, count):
        """The words of the activity, in the language of the context."""
        if count == 1:
            summary = self.env._("1 person is overdue in “%(stage)s”", stage=self.name)
        else:
            summary = self.env._(
                "%(count)s people are overdue in “%(stage)s”",
                count=count,
                stage=self.name,
            )
        words = self.env._(
            "They are there for longer than the %(days)s days that the stage allows.",
            days=self.max_days,
        )
        note = Markup('<p>%s <a href="%s">%s</a></p>') % (
            words,
            LIST,
            self.env._("Who is it?"),
        )
        return {"summary": summary, "note": note}
