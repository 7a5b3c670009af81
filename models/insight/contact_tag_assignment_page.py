from odoo import fields, models


class ContactTagAssignment(models.Model):
    """A chip on the page: what is known, and how."""

    _inherit = "contact.tag.assignment"

    def _prepare_chip(self):
        """What the page says about this, as plain values.

        :rtype: dict
        """
        self.ensure_one()
        sources = dict(self._fields["source"]._description_selection(self.env))
        return {
            "id": self.id,
            "name": self.tag_id.name,
            "dimension": self.dimension_id.name,
            "source": sources.get(self.source),
            "first_seen": fields.Datetime.to_string(self.first_seen),
            "last_seen": fields.Datetime.to_string(self.last_seen),
            "expires": fields.Datetime.to_string(self.expires),
            "times_seen": self.times_seen,
            "confidence": self.confidence,
            "signal": self.signal_id.name,
            # A colleague of another business unit has a name, too.
            "user": self.user_id.sudo().name,
            "note": self.note,
            "has_evidence": bool(self.signal_id or (self.res_model and self.res_id)),
        }

    def _find_clashes(self):
        """Where one answer only is possible, said and concluded can disagree.

        :return: {id of one of these: names of what speaks against it}
        """
        clashes = {}
        for dimension, known in self.grouped("dimension_id").items():
            if not dimension.is_exclusive:
                continue
            for assignment in known:
                others = known.filtered(lambda o, k=assignment.kind: o.kind != k).tag_id
                if others and assignment.tag_id not in others:
                    clashes[assignment.id] = ", ".join(others.mapped("name"))
        return clashes
