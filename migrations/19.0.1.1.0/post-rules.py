"""The access rule of touches, which users may have changed and an update leaves alone.

Where it is still the first release's it becomes that of a new database, which does not
ask for each touch's person where there is one business unit only.
"""

from odoo import SUPERUSER_ID, api

FIRST = (
    "[('company_id', 'in', company_ids + [False]),"
    " ('profile_id.company_id', 'in', company_ids + [False])]"
)
NOW = (
    "[('company_id', 'in', company_ids + [False])]"
    " + ([('profile_id.company_id', 'in', company_ids + [False])]"
    " if user.env['res.company'].sudo().with_context(active_test=False)"
    ".search_count([('id', 'not in', company_ids)], limit=1) else [])"
)


def migrate(cr, _version):
    """Write it."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    name = "mass_mailing_contact_strategy.contact_touch_rule_company"
    rule = env.ref(name, raise_if_not_found=False)
    if rule and rule.domain_force == FIRST:
        rule.domain_force = NOW
