from odoo import fields, models


class IrActionsServer(models.Model):
    """Server actions that run before a mailing is sent.

    ``contact_rule`` is a built-in rule of the contact strategy; a ``code`` action
    written by an administrator takes its place in the same chain.
    """

    _inherit = "ir.actions.server"

    usage = fields.Selection(
        selection_add=[("mailing_presend", "Before a mailing is sent")],
        ondelete={"mailing_presend": "cascade"},
    )
    state = fields.Selection(
        selection_add=[("contact_rule", "Contact Rule")],
        ondelete={"contact_rule": "cascade"},
    )

    def _get_eval_context(self, action=None):
        """Give rules what they decide about.

        ``profiles``: the people left; ``mailing``: the mailing, empty where somebody
        only asks; ``recipients``: says who must wait or is left out.
        """
        eval_context = super()._get_eval_context(action=action)
        if action and action.usage == "mailing_presend":
            recipients = self.env.context.get("contact_recipients")
            profiles = eval_context.get("records")
            if profiles is None:
                profiles = self.env["contact.profile"]
            eval_context.update(
                profiles=profiles,
                mailing=self.env["mailing.mailing"].browse(
                    self.env.context.get("contact_mailing_id") or ()
                ),
                recipients=recipients,
            )
        return eval_context

    def _run_action_contact_rule_multi(self, eval_context=None):
        """Ask a built-in rule about the active people, and show the answer.

        Before mailings the engine asks these rules, all of them at once.
        """
        rule = (
            self.env["contact.policy.rule"]
            .with_context(active_test=False)
            .search([("action_server_id", "=", self.id)], limit=1)
        )
        return rule._run_on(eval_context["profiles"])
