import logging

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from .contact_segment_refresh import AT_ONCE

_logger = logging.getLogger(__name__)

ACTIONS_LOCK = 0x61637473
"""Actions of segments run one after the other: key of the advisory lock. What they
write for who enters and for who leaves is in no common order, so that two segments
that are refreshed at once would wait for each other for ever."""
MANAGERS = (
    "base.group_system,"
    "mass_mailing_contact_strategy.mass_mailing_contact_strategy_group_manager"
)
ENTER_TRIGGERS = ["on_create", "on_create_or_write"]
EXIT_TRIGGERS = ["on_write", "on_create_or_write"]


class ContactSegment(models.Model):
    """What happens when somebody enters or leaves a segment that keeps its members.

    Server actions run once for all who entered, with the segment as ``segment``. They
    run with all rights, whoever refreshes, and so only managers choose them. Odoo's
    automation rules on segment members run, too, where they are installed.

    Whoever is in the segment when it is refreshed for the first time enters it then.
    """

    _inherit = "contact.segment"

    enter_action_ids = fields.Many2many(
        "ir.actions.server",
        relation="contact_segment_enter_action",
        string="When Somebody Enters",
        domain="[('model_name', '=', 'contact.profile'),"
        " ('usage', '=', 'ir_actions_server')]",
        groups=MANAGERS,
        copy=False,
    )
    exit_action_ids = fields.Many2many(
        "ir.actions.server",
        relation="contact_segment_exit_action",
        string="When Somebody Leaves",
        domain="[('model_name', '=', 'contact.profile'),"
        " ('usage', '=', 'ir_actions_server')]",
        groups=MANAGERS,
        copy=False,
    )

    @api.constrains("enter_action_ids", "exit_action_ids")
    def _check_actions(self):
        """An action about something else would run on people who are not its own."""
        for action in (self.enter_action_ids | self.exit_action_ids).sudo():
            if action.model_name != "contact.profile":
                raise ValidationError(
                    self.env._(
                        "“%s” is not about people: its model must be the profile.",
                        action.name,
                    )
                )

    def _run_after(self, changes):
        """Run what somebody wants to happen. An error is noted, and undoes only what
        the action did: the members stay.

        :param changes: see ``contact_segment_refresh_write.Changes``
        """
        self.ensure_one()
        Member = self.env["contact.segment.member"]
        for ids, actions, triggers in (
            (changes.entered, self.sudo().enter_action_ids, ENTER_TRIGGERS),
            (changes.left, self.sudo().exit_action_ids, EXIT_TRIGGERS),
        ):
            members = Member.browse(ids)
            if not members:
                continue
            for action in actions:
                self._try(action.name, self._run_action, action, members)
            if "base.automation" in self.env:
                self._run_automations(members, triggers)

    def _run_action(self, action, members):
        people = members.profile_id
        action.with_user(SUPERUSER_ID).with_context(
            active_model=people._name,
            active_ids=people.ids,
            active_id=people[:1].id,
            contact_segment_id=self.id,
        ).run()

    def _run_automations(self, members, triggers):
        """The rules that Odoo runs when rows are created or written by the ORM; these
        are written by SQL."""
        Automation = self.env["base.automation"]
        has_left = triggers is EXIT_TRIGGERS
        rules = Automation._get_actions(members, triggers)
        if not rules:
            return
        members = members.with_env(rules.env)
        before = {id_: {"until": False} for id_ in members.ids}
        for rule in rules.with_context(old_values=before if has_left else None):
            self._try(rule.sudo().name, self._run_rule, rule, members, has_left)

    def _run_rule(self, rule, members, has_left):
        if has_left:
            # As they were: a rule may be about those who have been in until now.
            until = members._fields["until"]
            members.fetch(["until"])
            until._update_cache(members, None)
            members = rule._filter_pre(members)
            members.invalidate_recordset(["until"], flush=False)
        members, domain_post = rule._filter_post_export_domain(members, feedback=True)
        rule._process(members, domain_post=domain_post)

    def _try(self, name, run, *arguments):
        """What fails is noted, and not done. But if somebody wrote the same records at
        once, all is done again: it is nobody's fault, and would be lost."""
        self.env.cr.execute(SQL("SELECT pg_advisory_xact_lock(%s)", ACTIONS_LOCK))
        try:
            with self.env.cr.savepoint():
                run(*arguments)
        except AT_ONCE:
            raise
        except Exception as error:  # noqa: BLE001, whatever an action does
            self.error = self.env._(
                "“%(action)s” failed: %(error)s", action=name, error=error
            )
            _logger.info("Segment %s: %s", self.id, self.error)


class IrActionsServer(models.Model):
    """Actions on people who enter or leave a segment know which one."""

    _inherit = "ir.actions.server"

    def _get_eval_context(self, action=None):
        """Give ``segment``, empty where no segment called."""
        eval_context = super()._get_eval_context(action=action)
        if action and action.model_id.model == "contact.profile":
            eval_context["segment"] = self.env["contact.segment"].browse(
                self.env.context.get("contact_segment_id") or ()
            )
        return eval_context
