"""What a database consists of, to compare it before and after.

The schema comes from PostgreSQL's own catalogue, the rest from the tables in which
Odoo keeps what belongs to a module. Names only, no ids: those grow with every update.
"""

import contextlib

QUERIES = {
    "table": "SELECT table_name, table_type FROM information_schema.tables"
    " WHERE table_schema = 'public'",
    "column": "SELECT table_name, column_name, data_type, is_nullable, column_default"
    " FROM information_schema.columns WHERE table_schema = 'public'",
    "index": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "constraint": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)"
    " FROM pg_constraint WHERE connamespace = 'public'::regnamespace",
    "sequence": "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'",
    "function": "SELECT proname FROM pg_proc"
    " WHERE pronamespace = 'public'::regnamespace",
    "trigger": "SELECT tgrelid::regclass::text, tgname FROM pg_trigger"
    " WHERE NOT tgisinternal",
    "xmlid": "SELECT module, name, model FROM ir_model_data",
    "model": "SELECT model FROM ir_model",
    "field": "SELECT model, name FROM ir_model_fields",
    "selection": "SELECT f.model, f.name, s.value FROM ir_model_fields_selection s"
    " JOIN ir_model_fields f ON f.id = s.field_id",
    # Foreign keys themselves are compared above; their records are left behind when
    # the column goes with its module.
    "declared": "SELECT name, definition FROM ir_model_constraint WHERE type <> 'f'",
    "relation": "SELECT name FROM ir_model_relation",
    "access": "SELECT name FROM ir_model_access",
    "rule": "SELECT name FROM ir_rule",
    "group": "SELECT name ->> 'en_US' FROM res_groups",
    "member": "SELECT g.name ->> 'en_US', i.name ->> 'en_US'"
    " FROM res_groups_implied_rel r JOIN res_groups g ON g.id = r.gid"
    " JOIN res_groups i ON i.id = r.hid",
    "view": "SELECT name, model, type FROM ir_ui_view",
    "menu": "SELECT name ->> 'en_US' FROM ir_ui_menu",
    "action": "SELECT type, name ->> 'en_US' FROM ir_actions",
    "program": "SELECT s.usage, s.state, m.model FROM ir_act_server s"
    " JOIN ir_model m ON m.id = s.model_id",
    "cron": "SELECT cron_name FROM ir_cron",
    "parameter": "SELECT key FROM ir_config_parameter",
    "template": "SELECT model, name ->> 'en_US' FROM mail_template",
    "asset": "SELECT name, path FROM ir_asset",
    "property": "SELECT model, name FROM ir_default d"
    " JOIN ir_model_fields f ON f.id = d.field_id",
    "attachment": "SELECT name FROM ir_attachment WHERE url NOT LIKE '/web/assets/%'",
    "mailing": "SELECT id, subject, state, sent_date FROM mailing_mailing",
    "trace": "SELECT id, model, res_id, email, trace_status, sent_datetime"
    " FROM mailing_trace",
    "contact": "SELECT id, name, email, active, company_id FROM res_partner",
    "subscriber": "SELECT id, name, email FROM mailing_contact",
    "user": "SELECT login, active FROM res_users",
}
HISTORY = {
    "touches": "SELECT trace_id, state, date, counts, address, mailing_id"
    " FROM contact_touch ORDER BY trace_id, date",
    "profiles": "SELECT count(*), count(partner_id), count(DISTINCT email_normalized)"
    " FROM contact_profile",
    "owners": "SELECT count(profile_id) FROM res_partner",
    "readers": "SELECT count(profile_id) FROM mailing_contact",
}


def dump(env, database, queries=None):
    """Return {kind: list of rows as text, sorted}."""
    with (
        contextlib.closing(env.pg.connect(database)) as link,
        link.cursor() as cursor,
    ):
        found = {}
        for kind, query in (queries or QUERIES).items():
            cursor.execute(query)
            found[kind] = sorted(repr(row) for row in cursor.fetchall())
    return found


def differences(before, after):
    """What is there now and was not, and the other way round, one line each."""
    lines = []
    for kind, rows in before.items():
        remaining = list(after[kind])
        for row in rows:
            if row in remaining:
                remaining.remove(row)
            else:
                lines.append(f"lost {kind}: {row}")
        lines += [f"left behind {kind}: {row}" for row in remaining]
    return lines
