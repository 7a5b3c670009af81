"""Which clock and calendar apply to a person, and where they come from."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from odoo.addons.mass_mailing_contact_strategy.core.windows import MONDAY, Zone


class ZoneBook:
    """Zones for many people: the profile's, else the company's, else UTC.

    Weeks begin as the language says: the profile's, else the company's, else Monday.

    :param env: environment
    :param company: the business unit that writes
    """

    def __init__(self, env, company):
        self.company_tz = company.partner_id.tz or None
        self.company_lang = company.partner_id.lang or None
        self.week_starts = env["res.lang"]._week_starts()
        self._known = {}

    def find(self, tz, lang):
        """The zone of a person with this time zone and language.

        :return: (Zone, name of the time zone, "profile", "company" or "utc")
        """
        key = (tz or None, lang or None)
        if key not in self._known:
            self._known[key] = self._make(*key)
        return self._known[key]

    def _make(self, tz, lang):
        week_start = self.week_starts.get(
            lang or self.company_lang, self.week_starts.get(self.company_lang, MONDAY)
        )
        for name, source in ((tz, "profile"), (self.company_tz, "company")):
            if name:
                try:
                    return Zone(ZoneInfo(name), week_start), name, source
                except (ZoneInfoNotFoundError, ValueError):
                    continue
        return Zone(ZoneInfo("UTC"), week_start), "UTC", "utc"
