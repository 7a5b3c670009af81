from contextlib import contextmanager

from odoo import api, models
from odoo.tools import SQL


class ContactProfile(models.Model):
    """Profiles for those who were there before."""

    _inherit = "contact.profile"

    def _register_hook(self):
        """Catch up with contacts made while this addon was not loaded.

        The data files of a module that is installed or updated before this one in the
        same run make contacts without ever passing through our ``create()``.
        """
        res = super()._register_hook()
        if self.pool.updated_modules:
            self._install_profiles()
        return res

    @api.model
    def _install_profiles(self):
        """Give a profile to everybody who has none; doing it twice changes nothing."""
        self.env.flush_all()
        if self.env.execute_query(SQL("SELECT FROM contact_profile LIMIT 1")):
            self._install_missing()
        else:
            with self._foreign_keys_later():
                self._install_missing()
        self.env.invalidate_all(flush=False)

    def _install_missing(self):
        self._adopt(SQL("TRUE"))
        self._make_for_partners(SQL("TRUE"))
        self._make_for_contacts()

    @contextmanager
    def _foreign_keys_later(self):
        """Check each reference once for the whole table instead of once for each row.

        That is half the time for a million contacts. Nobody waits for these locks:
        adding our columns to the tables has taken them already.
        """
        keys = [
            (SQL.identifier(table), SQL.identifier(name), SQL(definition))
            for table, name, definition in self.env.execute_query(
                SQL(
                    """
                    SELECT owner.relname, con.conname, pg_get_constraintdef(con.oid)
                      FROM pg_constraint con
                      JOIN pg_class owner ON owner.oid = con.conrelid
                     WHERE con.contype = 'f'
                       AND %s::regclass IN (con.conrelid, con.confrelid)
                    """,
                    self._table,
                )
            )
        ]
        for table, name, _definition in keys:
            self.env.cr.execute(SQL("ALTER TABLE %s DROP CONSTRAINT %s", table, name))
        yield
        for key in keys:
            self.env.cr.execute(SQL("ALTER TABLE %s ADD CONSTRAINT %s %s", *key))
