from odoo.http import request, route

from odoo.addons.web.controllers.export import Export


class TagExport(Export):
    """The export wizard offers a column for each dimension."""

    def _get_property_fields(self, fields, model, domain=()):
        """Columns beyond the fields, as those of properties are."""
        found = super()._get_property_fields(fields, model, domain)
        Model = request.env[model]
        if hasattr(Model, "_get_tag_columns"):
            for name, column in Model._get_tag_columns().items():
                # without its comodel: it has no columns of its own
                found[name] = {"type": column["type"], "string": column["string"]}
        return found

    @route()
    def get_fields(self, model, domain, prefix="", **options):
        """Not below another record: a row has the columns of its own record only."""
        found = super().get_fields(model, domain, prefix=prefix, **options)
        return [it for it in found if not prefix or "explicit_tag_ids." not in it["id"]]
