"""What the screens are opened with: a mailing to all that was sent, one that was not,
and a segment."""

import contextlib

MAILING = """
    UPDATE mailing_mailing SET state = 'done', sent_date = %(moment)s WHERE id = %(id)s
"""
TRACES = """
    INSERT INTO mailing_trace (
           trace_type, mass_mailing_id, model, res_id, email, trace_status,
           sent_datetime, create_uid, create_date, write_uid, write_date)
    SELECT 'mail', mailing_id, res_model, res_id, address, 'sent', date,
           1, date, 1, date
      FROM contact_touch WHERE mailing_id = %(id)s
"""
SENT = """
    UPDATE contact_touch t SET state = 'sent', trace_id = s.id
      FROM mailing_trace s
     WHERE t.mailing_id = %(id)s AND s.mass_mailing_id = %(id)s AND s.res_id = t.res_id
"""


def prepare(addon):
    """Make the mailing that has just passed the gate one that was sent.

    Its messages themselves are left out: they are Odoo's, and deleted after sending.

    :param addon: the mailing, see ``bench_decide_addon.Addon``
    """
    cursor = addon.env.cr
    cursor.rollback()
    values = {"id": addon.mailing.id, "moment": addon.moment}
    for statement in (MAILING, TRACES, SENT):
        cursor.execute(statement, values)
    cursor.execute("ANALYZE mailing_trace")
    cursor.execute("ANALYZE contact_hold")
    addon.env.invalidate_all()
    _make_segment(addon.env)
    addon.make_mailing(addon.count)  # commits


def _make_segment(env):
    """One of each kind of line that asks something else of the database."""
    if env["contact.segment"].search([], limit=1):
        return
    behaviour = {
        "kind": "behaviour",
        "model_id": env["ir.model"]._get_id("contact.touch"),
        "person_path": "profile_id",
        "date_path": "date",
        "window_value": 30,
        "threshold": 3,
    }
    lines = (
        {"kind": "persona", "persona_ids": env["contact.persona"].search([])[:2].ids},
        {"kind": "domain", "domain": "[('engagement_score', '>=', 30)]"},
        behaviour,
    )
    env["contact.segment"].create(
        {
            "name": "Benchmark",
            "condition_ids": [
                (0, 0, {"sequence": number, **line})
                for number, line in enumerate(lines)
            ],
        }
    )


def settle(env, database):
    """Put in order what was written, as the database itself does a minute later where
    nobody has told it not to (see ``bench_data``)."""
    with contextlib.closing(env.pg.connect(database)) as link, link.cursor() as cursor:
        for table in ("contact_touch", "contact_profile", "contact_hold"):
            cursor.execute(f"VACUUM ANALYZE {table}")
