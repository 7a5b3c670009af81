"""Dimensions as columns of the files that users import and export."""

import csv
from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL

PREFIX = "explicit_tag_ids."
# What Odoo's importer asks for when it looks for columns, and nobody else does.
ASKED_BY_IMPORTER = {
    *("string", "required", "type", "readonly", "relation"),
    *("definition_record", "definition_record_field"),
}


def split_cell(text):
    """The answers in a cell: separated by commas, quoted if they contain one."""
    try:
        (answers,) = csv.reader([" ".join(text.split())], skipinitialspace=True)
    except csv.Error:
        answers = [text]
    return [answer.strip() for answer in answers if answer.strip()]


def join_cell(answers):
    """As ``split_cell`` reads it."""
    return ",".join(
        '"{}"'.format(answer.replace('"', '""'))
        if "," in answer or answer.startswith('"')
        else answer
        for answer in answers
    )


class ContactTagColumns(models.AbstractModel):
    """A column for each dimension, named as columns of properties are.

    Imported is what people said; so that is what is exported, too: in a dimension with
    one answer only the one that counts.
    """

    _name = "contact.tag.columns.mixin"
    _description = "Tag Dimensions in Files"

    @api.model
    def _get_tag_columns(self):
        """Fields as ``fields_get`` describes them, by the names of the columns."""
        if not self.env["contact.tag.assignment"].has_access("create"):
            return {}
        return {
            PREFIX + dimension.code: {
                "type": "many2many",
                "relation": "contact.tag",
                "string": self.env._("Tag: %s", dimension.name),
                "required": False,
                "readonly": False,
            }
            for dimension in self.env["contact.tag.dimension"].search([])
        }

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        """The importer finds a column for each dimension."""
        found = super().fields_get(allfields, attributes)
        if not allfields and set(attributes or ()) == ASKED_BY_IMPORTER:
            found.update(self._get_tag_columns())
        return found

    @api.model
    def load(self, fields, data):
        """Records to be skipped for an unknown tag are known by the field itself."""
        skipped = self.env.context.get("import_skip_records") or ()
        if any(name.startswith(PREFIX) for name in skipped):
            self = self.with_context(
                contact_tag_skip=skipped,
                import_skip_records=[
                    *(name for name in skipped if not name.startswith(PREFIX)),
                    "explicit_tag_ids",
                ],
            )
        return super().load(fields, data)

    def _load_records(self, data_list, update=False):
        """In the order of people, as by whoever notes tags of several: a file's order
        and theirs could wait for each other."""
        owners = self._get_owners_by_row(data_list)
        ordered = sorted(enumerate(data_list), key=lambda row: owners.get(row[0], 0))
        super()._load_records([data for _place, data in ordered], update)
        return self.browse().concat(*(data["record"] for data in data_list))

    def _get_owners_by_row(self, data_list):
        """``{row: profile id}`` of the records that exist already."""
        # sudo: external ids are for Odoo, whoever imports
        Data = self.env["ir.model.data"].sudo()
        names = [data["xml_id"] for data in data_list if data.get("xml_id")]
        known = {
            f"{row[1]}.{row[2]}": row[4] for row in Data._lookup_xmlids(names, self)
        }
        ids = {
            place: known.get(data.get("xml_id")) or data["values"].get("id")
            for place, data in enumerate(data_list)
        }
        ids = {place: id_ for place, id_ in ids.items() if id_}
        # sudo: only the order follows from it
        found = self.sudo().browse(set(ids.values())).exists()
        owners = {record.id: record._get_tag_owner().id for record in found}
        return {place: owners.get(id_) or 0 for place, id_ in ids.items()}

    def _export_rows(self, fields, *, _is_toplevel_call=True):
        """Columns of dimensions are filled in beside those that Odoo knows."""
        places = {
            place: path[0]
            for place, path in enumerate(fields)
            if path and path[0].startswith(PREFIX)
        }
        if not places:
            return super()._export_rows(fields, _is_toplevel_call=_is_toplevel_call)
        others = [path for place, path in enumerate(fields) if place not in places]
        # Only the first line of a record has its id.
        lines = super()._export_rows(
            [[".id"], *others], _is_toplevel_call=_is_toplevel_call
        )
        cells = self._get_tag_cells()
        for line in lines:
            res_id = line.pop(0)
            for place, name in places.items():
                line.insert(place, cells.get((int(res_id or 0), name), ""))
        return lines

    def _get_tag_cells(self):
        """``{(record id, column): text}`` of what was said."""
        owners = {record.id: record._get_tag_owner().id for record in self.sudo()}
        # sudo: as for the tags on contacts, whoever may read the record may read them
        profiles = self.env["contact.profile"].sudo().browse(set(owners.values()))
        said = profiles.browse(filter(None, profiles.ids))._get_answers()
        return {
            (res_id, PREFIX + code): join_cell(answers)
            for res_id, profile_id in owners.items()
            for code, answers in said.get(profile_id, {}).items()
        }

    def _get_tag_owner(self):
        """The profile that the tags belong to."""
        return self.profile_id


class ContactProfile(models.Model):
    """Columns of dimensions for profiles, too."""

    _name = "contact.profile"
    _inherit = ["contact.profile", "contact.tag.columns.mixin"]

    def _get_tag_owner(self):
        return self

    def _get_answers(self):
        """``{profile id: {code of a dimension: names}}`` of what these people said.

        SQL, because which of several answers counts is known by a view.
        """
        self.env.flush_all()
        said = defaultdict(lambda: defaultdict(list))
        rows = self.env.execute_query(
            SQL(
                """
                SELECT profile_id, tag_id
                  FROM contact_profile_tag_said
                 WHERE profile_id = ANY(%s)
                """,
                self.ids,
            )
        )
        owners = defaultdict(list)
        for profile_id, tag_id in rows:
            owners[tag_id].append(profile_id)
        for tag in self.env["contact.tag"].browse(owners).sorted():
            for profile_id in owners[tag.id]:
                said[profile_id][tag.dimension_id.code].append(tag.name)
        return said


class ResPartner(models.Model):
    """Columns of dimensions for contacts."""

    _name = "res.partner"
    _inherit = ["res.partner", "contact.tag.columns.mixin"]


class MailingContact(models.Model):
    """Columns of dimensions for mailing contacts."""

    _name = "mailing.contact"
    _inherit = ["mailing.contact", "contact.tag.columns.mixin"]
