from odoo import models
from odoo.tools import SQL


class ContactProfile(models.Model):
    """Two profiles turn out to be one person."""

    _inherit = "contact.profile"

    def _before_merge(self, target):
        """Called before everything that refers to ``self`` is moved to ``target``.

        Override to resolve what may exist only once for each profile; call super.
        """

    def _merge_into(self, target):
        """Make these profiles part of another: all that refers to them moves there."""
        sources = self - target
        if not sources:
            return
        target.ensure_one()
        sources._lock_for_merge()
        sources._before_merge(target)
        profiles = target + sources
        target.is_seed = any(profiles.mapped("is_seed"))
        target.active = any(profiles.mapped("active"))
        self.env.flush_all()
        partner = not target.partner_id and sources.partner_id[:1]
        for model_name, field in self._get_profile_fields():
            if field.type == "many2one":
                sources._move_many2one(target, model_name, field)
            else:
                sources._move_many2many(target, field)
        self.env.invalidate_all(flush=False)
        sources.unlink()
        if partner:
            target.partner_id = partner

    def _lock_for_merge(self):
        """Lock what will be deleted before anything that refers to it is moved.

        The gate locks a person first and the person's hold afterwards: in the other
        order the two would wait for each other. In order, as others merge, too.
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "SELECT FROM contact_profile WHERE id = ANY(%s) ORDER BY id FOR UPDATE",
                self.ids,
            )
        )

    def _get_profile_fields(self):
        """The stored fields of all models that refer to profiles."""
        for model_name, model in self.env.registry.items():
            if model._abstract or not model._auto:
                continue
            for field in model._fields.values():
                if (
                    field.store
                    and field.type in ("many2one", "many2many")
                    and field.comodel_name == self._name
                    # a contact's own profile: written by _link_partners() only
                    and (model_name, field.name) != ("res.partner", "profile_id")
                ):
                    yield model_name, field

    def _move_many2one(self, target, model_name, field):
        """SQL: there may be years of touches, and their access rules do not matter."""
        rows = self.env.execute_query(
            SQL(
                "UPDATE %(table)s SET %(column)s = %(target)s"
                " WHERE id IN (SELECT id FROM %(table)s"
                # in order, so that nobody else's update waits for ours and ours for it
                " WHERE %(column)s = ANY(%(sources)s) ORDER BY id FOR NO KEY UPDATE)"
                " RETURNING id",
                table=SQL.identifier(self.env[model_name]._table),
                column=SQL.identifier(field.name),
                target=target.id,
                sources=self.ids,
            )
        )
        records = self.env[model_name].browse(row[0] for row in rows)
        records.invalidate_recordset([field.name], flush=False)
        records.modified([field.name])

    def _move_many2many(self, target, field):
        """SQL: a relation table has no model; what the target has stays single."""
        self.env.cr.execute(
            SQL(
                "INSERT INTO %(table)s (%(owner)s, %(profile)s)"
                " SELECT DISTINCT %(owner)s, %(target)s::int FROM %(table)s"
                " WHERE %(profile)s = ANY(%(sources)s) ON CONFLICT DO NOTHING",
                table=SQL.identifier(field.relation),
                owner=SQL.identifier(field.column1),
                profile=SQL.identifier(field.column2),
                target=target.id,
                sources=self.ids,
            )
        )
