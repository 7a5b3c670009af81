from odoo import fields, models

from odoo.addons.mass_mailing_contact_strategy.core.storable import fault_of_key


class ContactProfile(models.Model):
    """Data that people correct about themselves, on the preference page."""

    _inherit = "contact.profile"

    def _get_correctable(self):
        """What the person may correct without a login, and what it is now.

        Who has a login corrects it there: the data are those of the login, too. The
        name of a company, and the address of its people, are not one reader's.

        :return: ``{name: value}``
        """
        partner = self.partner_id
        if partner.user_ids or partner.is_company:
            return {}
        values = {
            "name": partner.name if partner else self.mailing_contact_ids[:1].name,
            "lang": self.lang,
            "tz": self.tz,
        }
        if partner and not partner.parent_id:
            values["city"] = partner.city
        if not partner and not self.mailing_contact_ids:
            del values["name"]
        return {name: value or False for name, value in values.items()}

    def _correct(self, values):
        """Write what the person says about itself. Nonsense is left out.

        :return: two dicts: what it was, and what it is now
        """
        before = self._get_correctable()
        known = {
            "lang": {code for code, _name in self.env["res.lang"].get_installed()},
            "tz": set(dict(self._fields["tz"]._description_selection(self.env))),
        }
        new = {}
        for name in before.keys() & values.keys():
            value = values[name]
            if isinstance(value, str):
                value = " ".join(value.split())[:200] or False
            is_known = not value or value in known.get(name, {value})
            # nobody is without a name
            if is_known and not fault_of_key(value) and (value or name != "name"):
                new[name] = value
        new = {name: value for name, value in new.items() if value != before[name]}
        if not new:
            return {}, {}
        if self.partner_id:
            self.partner_id.write(new)
        elif "name" in new:
            self.mailing_contact_ids.write({"name": new["name"]})
        if "tz" in new:
            self.tz = new["tz"]
        if "lang" in new:
            self.lang = new["lang"]
        self.confirmed_date = fields.Date.context_today(self)
        return {name: before[name] for name in new}, new
