from dateutil.relativedelta import relativedelta

from odoo.tools import SQL

from .common import DAY, NOW, StrategyCase
from .signal_oracle import Fact

OLD = NOW - 400 * DAY
UNITS = {"day": "days", "week": "weeks", "month": "months"}


class SignalCase(StrategyCase):
    """Signals about touches, which are there in every database."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["contact.signal"].search([]).write({"active": False})
        dimension = cls.env["contact.tag.dimension"].create(
            {"name": "Test", "code": "signal_test"}
        )
        cls.tag, cls.other_tag = cls.env["contact.tag"].create(
            [{"name": name, "dimension_id": dimension.id} for name in ("Busy", "Slow")]
        )

    @classmethod
    def _create_signal(cls, model="contact.touch", **vals):
        return cls.env["contact.signal"].create(
            {
                "name": "Signal",
                "active": True,
                "model_id": cls.env["ir.model"]._get_id(model),
                "person_path": "profile_id",
                "date_path": "date",
                "tag_id": cls.tag.id,
                **vals,
            }
        )

    def _write_facts(self, facts, written=OLD):
        """Touches: the value is their cost, those that fit are noted as such."""
        touches = self.env["contact.touch"].create(
            [
                {
                    "profile_id": fact.person,
                    "date": fact.date,
                    "channel_id": self.letter.id,
                    "cost": fact.value or 0,
                    "note": "fits" if fact.fits else False,
                }
                for fact in facts
            ]
        )
        self._date_writing(touches, written)
        return touches

    def _date_writing(self, records, written):
        """In a test everything is written at once: say when it was."""
        records.flush_recordset()
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET write_date = %s, create_date = %s WHERE id = ANY(%s)",
                SQL.identifier(records._table),
                written,
                written,
                records.ids,
            )
        )

    def _facts(self):
        """What the touches say, for the oracle."""
        return [
            Fact(touch.profile_id.id, touch.date, touch.cost, touch.note == "fits")
            for touch in self.env["contact.touch"].search([])
        ]

    def _hits(self, signals):
        """{(signal, person): what is known}, as stored."""
        self.env.invalidate_all()
        return {
            (hit.signal_id.id, hit.profile_id.id): (
                round(hit.value, 6),
                hit.fact_count,
                hit.first_date,
                hit.last_date,
            )
            for hit in self.env["contact.signal.hit"].search(
                [("signal_id", "in", signals.ids)]
            )
        }

    @staticmethod
    def _window(value, unit):
        return relativedelta(**{UNITS[unit]: value}) if value else None
