from freezegun import freeze_time

from odoo.tools import SQL

from .common import ADDON, DAY, NOW, StrategyCase


class ReportCase(StrategyCase):
    """Three people and nobody else, and a user of one business unit of two."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["contact.profile"].search([]).active = False
        cls.env["contact.touch"].search([]).write({"state": "released"})
        cls.anna, cls.ben, cls.cid = (
            cls._create_person(name) for name in ("anna", "ben", "cid")
        )
        cls.people = cls.anna + cls.ben + cls.cid
        cls.env.flush_all()
        cls.env.cr.execute(
            SQL("UPDATE contact_profile SET create_date = %s", NOW - 900 * DAY)
        )
        cls.unit = cls.env["res.company"].create({"name": "Other unit"})
        cls.user = cls._create_user("reporter", f"{ADDON}.{ADDON}_group_user")

    def setUp(self):
        super().setUp()
        self.enterContext(freeze_time(NOW))
