"""Access rules, which users may have changed and an update leaves alone.

Where they are still as an earlier release made them they become those of a new
database: they ask who is hidden, not for each record whose it is.
"""

from odoo import SUPERUSER_ID, api

ADDON = "mass_mailing_contact_strategy"
PERSON = "('profile_id.company_id', 'in', company_ids + [False])"
UNIT = "('company_id', 'in', company_ids + [False])"
REACH = "('is_in_reach', '=', True)"
ABOUT_PEOPLE = {
    f"[{PERSON}]": f"[{REACH}]",
    f"[{UNIT}, {PERSON}]": f"[{UNIT}, {REACH}]",
    f"[{UNIT}] + ([{PERSON}]"
    " if user.env['res.company'].sudo().with_context(active_test=False)"
    ".search_count([('id', 'not in', company_ids)], limit=1) else [])": (
        f"[{UNIT}, {REACH}]"
    ),
}
NAMES = (
    "contact_tag_assignment",
    "contact_signal_hit",
    "contact_persona_candidate",
    "contact_persona_change",
    "contact_journey_move",
    "contact_touch",
    "contact_touch_year",
    "contact_hold",
)


def migrate(cr, _version):
    """Write them."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    for name in NAMES:
        rule = env.ref(f"{ADDON}.{name}_rule_company", raise_if_not_found=False)
        if rule and rule.domain_force in ABOUT_PEOPLE:
            rule.domain_force = ABOUT_PEOPLE[rule.domain_force]
