from odoo import api, fields, models
from odoo.fields import Domain

TYPE = "mail.mail_activity_data_todo"


class ContactPolicy(models.Model):
    """A strategy is thought about again: its owner is told when the day has come.

    By one activity for each day that somebody set. Whoever has done it hears no more
    until there is another day to review the policy on.
    """

    _name = "contact.policy"
    # Whoever has done an activity leaves a message.
    _inherit = ["contact.policy", "mail.thread", "mail.activity.mixin"]

    review_reminded_date = fields.Date(
        string="Reminded of", readonly=True, copy=False, help="The day to review it."
    )

    @api.model
    def _cron_remind_reviews(self):
        """Tell the owners of the policies whose day has come."""
        due = self.search(
            Domain("review_date", "<=", fields.Date.today())
            & Domain("user_id.active", "=", True)
        )
        for policy in due:
            if policy.review_reminded_date != policy.review_date:
                policy._remind_review()

    def _remind_review(self):
        """One activity in place of any older one."""
        self.ensure_one()
        self.activity_search([TYPE]).unlink()
        in_words = self.with_context(lang=self.user_id.lang)
        self.activity_schedule(
            TYPE,
            date_deadline=self.review_date,
            summary=in_words.env._("Is “%s” still right?", in_words.name),
            note=in_words.env._(
                "You wanted to think about this policy again. Change its rules where "
                "people should hear less or more, and choose the next day to review it."
            ),
            user_id=self.user_id.id,
        )
        self.review_reminded_date = self.review_date
