"""Names of what is known of a person's records for one signal."""

from odoo.tools import SQL


class Columns:
    """What can be asked of a person's records: ``count``, ``first`` and ``last`` date,
    ``value``, ``weight``. What nobody asks for is not worked out.

    :param aggregates: functions that give the name of an aggregate
    """

    def __init__(self, **aggregates):
        self._aggregates = aggregates

    def add(self, **aggregates):
        """More that can be asked."""
        self._aggregates.update(aggregates)

    def _ask(self, kind):
        ask = self._aggregates.get(kind)
        return ask() if ask else SQL("NULL")

    @property
    def count(self):
        """How many records."""
        return self._ask("count")

    @property
    def first(self):
        """The date of the first."""
        return self._ask("first")

    @property
    def last(self):
        """The date of the last."""
        return self._ask("last")

    @property
    def value(self):
        """What is made of their values."""
        return self._ask("value")

    @property
    def weight(self):
        """The sum of their weights, which fade."""
        return self._ask("weight")
