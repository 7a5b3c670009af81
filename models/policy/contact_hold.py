from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.tools import format_list
from odoo.tools.misc import format_datetime

NAMED_TOUCHES = 5
"""A sentence that names more than these is no longer read."""


class ContactHold(models.Model):
    """Which rule said no, in words."""

    _inherit = "contact.hold"

    rule_id = fields.Many2one(
        "contact.policy.rule",
        ondelete="set null",
        index="btree_not_null",
        readonly=True,
    )
    policy_id = fields.Many2one(
        "contact.policy", ondelete="set null", index="btree_not_null", readonly=True
    )
    version_id = fields.Many2one(
        "contact.policy.version",
        string="Version",
        ondelete="set null",
        index="btree_not_null",
        readonly=True,
        help="What the policy said when it was decided.",
    )
    reason = fields.Text(compute="_compute_reason", string="Why")
    headline = fields.Char(compute="_compute_headline")

    @api.depends("facts", "touch_ids")
    @api.depends_context("lang", "tz", "uid", "company")
    def _compute_reason(self):
        """Made from the stored facts, in the reader's language and rights."""
        said = self._say_reasons([hold.facts or {} for hold in self])
        for hold, reasons in zip(self, said, strict=True):
            hold.reason = "\n".join(reason["message"] for reason in reasons)

    @api.depends("profile_id", "mailing_id", "state", "date")
    @api.depends_context("lang", "tz")
    def _compute_headline(self):
        """What became of the person and the mailing, in one sentence."""
        for hold in self:
            hold.headline = hold.state and hold._say_headline(
                who=hold.profile_id.display_name,
                # A name must not fail for want of the mailing's rights.
                what=hold.sudo().mailing_id.subject,
                when=format_datetime(self.env, hold.date, dt_format="d MMM y HH:mm"),
            )

    def _say_headline(self, who, what, when):
        return {
            "deferred": self.env._(
                "%(who)s gets “%(what)s” later.", who=who, what=what
            ),
            "held": self.env._(
                "%(who)s was not sent “%(what)s” on %(when)s.",
                who=who,
                what=what,
                when=when,
            ),
            "sent": self.env._(
                "%(who)s had to wait for “%(what)s”, and got it.", who=who, what=what
            ),
            "expired": self.env._(
                "%(who)s waited for “%(what)s” in vain.", who=who, what=what
            ),
            "overridden": self.env._(
                "%(who)s was sent “%(what)s” all the same.", who=who, what=what
            ),
        }[self.state]

    @api.model
    def _prepare_facts(self, verdicts, versions=None):
        """What verdicts were based on, as plain values that can be stored.

        :param verdicts: list of Verdict
        :param dict versions: {policy id: id of the version that was asked}; none where
            nothing is decided
        :rtype: list of dict
        """
        rule_ids = {refusal.rule_id for v in verdicts for refusal in v.refusals}
        rule_ids.discard(None)  # what people asked for themselves
        rules = self.env["contact.policy.rule"].sudo().browse(rule_ids)
        terms = {rule.id: rule._terms() for rule in rules}
        moments = {refusal.next_allowed for v in verdicts for refusal in v.refusals}
        texts = {m: fields.Datetime.to_string(m or False) for m in moments}
        versions = versions or {}
        return [
            {
                "tz": verdict.tz,
                "tz_source": verdict.tz_source,
                "policy": verdict.policy_id,
                "rules": [
                    {
                        "rule": refusal.rule_id,
                        "policy": refusal.policy_id,
                        "version": versions.get(refusal.policy_id),
                        "terms": refusal.terms or terms[refusal.rule_id],
                        "touches": list(refusal.touch_ids),
                        "next": texts[refusal.next_allowed],
                        "note": refusal.note,
                        "step": refusal.step,
                        "planned": list(refusal.planned),
                    }
                    for refusal in verdict.refusals
                ],
            }
            for verdict in verdicts
        ]

    @api.model
    def _say_reasons(self, facts_list):
        """The sentences for many decisions; everything is read once for all of them.

        :param list facts_list: from `_prepare_facts`
        :return: for each a list of dict ``rule_id``, ``message``, ``touch_ids``
        """
        refusals = [r for facts in facts_list for r in facts.get("rules", ())]
        names = self._touch_names({tid for r in refusals for tid in r["touches"]})
        first = self._planned_names({mid for r in refusals for mid in _planned(r)})
        policies = (
            self.env["contact.policy"]
            .sudo()
            .with_context(active_test=False)
            .browse({r["policy"] for r in refusals if r["policy"]})
            .exists()
        )
        policy_names = {policy.id: policy.name for policy in policies}
        numbers = self._version_numbers(refusals)
        return [
            [
                {
                    "rule_id": refusal["rule"] or False,
                    "message": " ".join(
                        [
                            self._say_refusal(
                                facts, refusal, policy_names, names, first
                            ),
                            *numbers.get(refusal.get("version"), ()),
                        ]
                    ),
                    "touch_ids": refusal["touches"],
                }
                for refusal in facts.get("rules", ())
            ]
            for facts in facts_list
        ]

    @api.model
    def _version_numbers(self, refusals):
        """{version id: [which one it is, in words]}, as far as they are known."""
        version_ids = {refusal.get("version") for refusal in refusals} - {None}
        # sudo: whoever reads why somebody waits may know by which version
        versions = self.env["contact.policy.version"].sudo().browse(version_ids)
        return {
            version.id: [self.env._("Version %s of the policy.", version.number)]
            for version in versions.exists()
        }

    @api.model
    def _say_refusal(self, facts, refusal, policy_names, touch_names, first):
        """One rule's no, as a director would read it."""
        gone = self.env._("Deleted policy")
        if not refusal["policy"]:
            gone = self.env._("The person's own wish")
        said = [
            self.env._(
                "%(policy)s: %(rule)s.",
                policy=policy_names.get(refusal["policy"], gone),
                rule=refusal["note"] or self._say_rule(refusal),
            )
        ]
        touches = [
            touch_names[tid](facts["tz"])
            for tid in refusal["touches"][:NAMED_TOUCHES]
            if tid in touch_names
        ]
        more = len(refusal["touches"]) - NAMED_TOUCHES
        if touches and more > 0:
            touches.append(self.env._("%s more", more))
        if touches:
            said.append(self.env._("Used up by %s.", format_list(self.env, touches)))
        winners = [first[mid](facts["tz"]) for mid in _planned(refusal) if mid in first]
        if winners:
            said.append(self.env._("First comes %s.", format_list(self.env, winners)))
        if refusal["next"]:
            moment = fields.Datetime.to_datetime(refusal["next"])
            said.append(
                self.env._("Free again on %s.", self._say_moment(moment, facts["tz"]))
            )
        return " ".join(said)

    @api.model
    def _say_rule(self, refusal):
        # Holds of earlier versions know no steps.
        Rule = self.env["contact.policy.rule"].sudo()
        return Rule._say(refusal["terms"], refusal.get("step"))

    @api.model
    def _touch_names(self, touch_ids):
        """{touch id: function of a time zone giving its name}.

        What another business unit sent is not named to those who may not see it.
        """
        touches = self.env["contact.touch"].browse(sorted(touch_ids)).exists()
        visible = touches._filtered_access("read")
        names = {}
        for touch in touches.sudo():
            title = self.env._("a message of another business unit")
            if touch in visible:
                title = touch.mailing_id.subject or touch.note or touch.channel_id.name
            names[touch.id] = lambda tz, title=title, date=touch.date: self.env._(
                "“%(title)s” (%(moment)s)",
                title=title,
                moment=format_datetime(self.env, date, tz=tz, dt_format="d MMM HH:mm"),
            )
        return names

    @api.model
    def _planned_names(self, mailing_ids):
        """{id of a mailing that goes first: function of a time zone giving its name}.

        Elevated: who won is told; what it is only to those of its business unit.
        """
        mailings = self.env["mailing.mailing"].sudo().browse(sorted(mailing_ids))
        names = {}
        for mailing in mailings.exists():
            title = mailing.subject
            if mailing.company_id not in self.env.companies:
                title = self.env._("a message of another business unit")
            names[mailing.id] = lambda tz, title=title, mailing=mailing: (
                self._say_planned(title, mailing, tz)
            )
        return names

    @api.model
    def _say_planned(self, title, mailing, tz):
        values = {"title": title, "priority": mailing.policy_priority}
        if not mailing.schedule_date:
            return self.env._("“%(title)s” (priority %(priority)s)", **values)
        return self.env._(
            "“%(title)s” (priority %(priority)s, planned for %(moment)s)",
            moment=format_datetime(
                self.env, mailing.schedule_date, tz=tz, dt_format="d MMM HH:mm"
            ),
            **values,
        )

    @api.model
    def _say_moment(self, moment, tz):
        """A moment in the person's clock, with the clock's name.

        :param datetime moment: naive UTC
        :param str tz: name of the time zone
        :rtype: str
        """
        local = format_datetime(
            self.env, moment, tz=ZoneInfo(tz).key, dt_format="d MMM y HH:mm"
        )
        return self.env._("%(moment)s (%(tz)s)", moment=local, tz=tz)


def _planned(refusal):
    """Mailings that go first; facts of earlier versions know of none."""
    return refusal.get("planned", ())
