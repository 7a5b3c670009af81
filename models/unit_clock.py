from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from odoo import fields

from odoo.addons.mass_mailing_contact_strategy.core.moments import Clock
from odoo.addons.mass_mailing_contact_strategy.core.windows import MONDAY, UTC, Zone


def unit_clock(env, company, now=None):
    """The clock of a business unit: its time zone, else the main company's, else UTC.
    Weeks begin as its language says. The same for every reader.

    :param company: res.company, may be empty
    :param datetime now: naive UTC; default: now
    :rtype: Clock
    """
    # Elevated: what time it is is no secret.
    units = (company.sudo(), env["res.company"].sudo()._get_main_company())
    tz = next((unit.partner_id.tz for unit in units if unit.partner_id.tz), "UTC")
    lang = next((unit.partner_id.lang for unit in units if unit.partner_id.lang), "")
    language = env["res.lang"]._get_data(code=lang)
    week_start = int(language.week_start) if language else MONDAY
    try:
        zone = Zone(ZoneInfo(tz), week_start)
    except (ZoneInfoNotFoundError, ValueError):
        zone = Zone(UTC.tz, week_start)
    return Clock(now or fields.Datetime.now(), zone)
