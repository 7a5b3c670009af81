def post_init_hook(env):
    """Give everybody a profile, the ledger its past, and policies their versions."""
    env["contact.profile"]._install_profiles()
    env["contact.touch"]._install_history()
    env["contact.policy"]._install_versions()


def uninstall_hook(env):
    """Nobody who waits or was held back may be written to because the gate is gone.

    Odoo's own queue would take them for recipients who are still to be sent to.
    """
    # Nor twice, because nobody remembers that a message may have arrived.
    env["contact.handover"]._notice()
    mailings = env["mailing.mailing"].with_context(active_test=False)
    mailings.search([("is_waiting", "=", True)]).action_stop_waiting()
    begun = mailings.search(
        [("state", "in", ("in_queue", "sending")), ("hold_ids", "!=", False)]
    )
    begun.hold_ids._expire("stopped")
    begun.write({"state": "done"})
    # Their server actions go with them; the tables alone would leave these behind.
    env["contact.policy.rule"].with_context(active_test=False).search([]).unlink()
    # What goes as a whole goes first: record by record the database would refuse to
    # delete channels and categories that touches and mailings name. SQL, as years of
    # history are not read to be dropped.
    env.flush_all()
    env["contact.touch"]._drop_months()
    env.cr.execute("TRUNCATE contact_hold, contact_touch, contact_touch_year CASCADE")
    env.cr.execute("UPDATE mailing_mailing SET category_id = NULL")
    # Stages with people or with a history are not deleted, either.
    env.cr.execute("TRUNCATE contact_journey_move")
    env.cr.execute("UPDATE contact_profile SET journey_stage_id = NULL")
    _forget_names(env)
    env.cr.execute(
        "DELETE FROM ir_config_parameter"
        " WHERE starts_with(key, 'mass_mailing_contact_strategy.')"
    )
    env.invalidate_all()


def _forget_names(env):
    """What other apps add to what has activities is named by them.

    The records go with the model; Odoo would keep the names.
    """
    kinds = {
        "ir.model.inherit": "model_inherit",
        "ir.model.fields.selection": "selection",
    }
    for model in ("contact_journey_stage", "contact_policy"):
        for named, kind in kinds.items():
            env.cr.execute(
                "DELETE FROM ir_model_data WHERE model = %s AND starts_with(name, %s)"
                " AND module <> 'mass_mailing_contact_strategy'",
                [named, f"{kind}__{model}__"],
            )
