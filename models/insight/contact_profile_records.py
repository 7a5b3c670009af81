from functools import partial

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import format_amount

SHOWN_OTHERWISE = {"mailing.trace", "contact.touch", "contact.hold"}
"""Messages have their own lines in the timeline."""
MOST = 500
"""So many records of a model are put in order by a date that is not their own."""
ICONS = {"purchase": "fa-shopping-cart", "click": "fa-hand-pointer-o"}


class ContactProfile(models.Model):
    """Orders, visits, answers: whatever made a signal true, in the timeline.

    Which models there are is for the signals to say, so that no app is named here.
    """

    _inherit = "contact.profile"

    def _get_timeline_sources(self):
        """Add one source for each model of the person's signals."""
        sources = super()._get_timeline_sources()
        signals = self.signal_hit_ids.signal_id
        for model, of_model in signals.grouped("model_name").items():
            if model in SHOWN_OTHERWISE or model not in self.env:
                continue
            if self.env[model].has_access("read"):
                sources.append(partial(self._get_record_events, of_model))
        return sources

    def _get_record_events(self, signals, position, limit):
        """Records that these signals, all about one model, are true because of."""
        now = fields.Datetime.now()
        ids = set()
        for signal in signals:
            ids.update(signal._get_evidence(self, now))
        if not ids:
            return []
        signal = signals[0]
        Model = self.env[signal.model_name].with_context(active_test=False)
        source = f"fact:{signal.model_name}"
        dated = self._date_records(Model, ids, signal.date_path, source, position)
        if dated is None:
            # the model's own date: the database puts them in order
            records = self._timeline_records(
                source,
                Model,
                position,
                limit,
                date_field=signal.date_path,
                domain=[("id", "in", list(ids)), (signal.date_path, "!=", False)],
            )
            dated = [(record[signal.date_path], record) for record in records]
        return [
            self._prepare_record_event(source, signals, record, date)
            for date, record in dated[:limit]
        ]

    def _date_records(self, Model, ids, date_path, source, position):
        """Records with their dates, the newest first.

        :return: list of (date, record), or None where the date is a datetime of the
            model itself
        """
        field = Model._fields.get(date_path)
        if field and field.type == "datetime":
            return None
        records = Model.search(Domain("id", "in", list(ids)), limit=MOST)
        dated = [
            (fields.Datetime.to_datetime(date), record)
            for record in records
            for date in record.mapped(date_path)[:1]
            if date
        ]
        if position:
            here = (position.date, position.source, position.id)
            dated = [
                (date, record)
                for date, record in dated
                if (date.replace(microsecond=0), source, record.id) < here
            ]
        return sorted(dated, key=lambda pair: (pair[0], pair[1].id), reverse=True)

    def _prepare_record_event(self, source, signals, record, date):
        """Its kind, its name, and the number that a signal adds up."""
        said = [record._description]
        for signal in signals.filtered("value_path"):
            field = record._fields.get(signal.value_path)
            if field is None:
                continue
            if field.type == "monetary":
                currency = record[field.get_currency_field(record)]
                said.append(format_amount(self.env, record[field.name], currency))
                break
        return self._prepare_event(
            source,
            record,
            date,
            way="in",
            icon=ICONS.get(signals[0].source, "fa-circle"),
            title=record.display_name,
            text=" · ".join(said),
        )
