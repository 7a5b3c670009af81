from odoo import api, models
from odoo.fields import Command

from .contact_tag_columns import PREFIX, split_cell


class IrFieldsConverter(models.AbstractModel):
    """Cells in the column of a dimension become what the person said."""

    _inherit = "ir.fields.converter"

    @api.model
    def for_model(self, model, fromtype=str, *, savepoint):
        """Also for the lines of another record that is imported."""
        convert = super().for_model(model, fromtype, savepoint=savepoint)
        if not hasattr(model, "_get_tag_columns"):
            return convert

        def convert_with_tags(record, log):
            cells = {name: record[name] for name in record if _is_column(name)}
            others = {name: record[name] for name in record if name not in cells}
            converted = convert(others, log)
            if cells:
                said = converted.get("explicit_tag_ids") or []
                converted["explicit_tag_ids"] = self._convert_tags(cells, said, log)
            return converted

        return convert_with_tags

    @api.model
    def _convert_tags(self, cells, said, log):
        """What the cells of one record say; an empty one says nothing.

        :param cells: ``{column: text}``
        :param list said: commands for the field itself
        :return: commands; None: the record is to be skipped
        """
        commands = list(said)
        for name, text in cells.items():
            tag_ids = self._try_tags(name, str(text or ""), log)
            if tag_ids is None:
                return None
            commands += map(Command.link, tag_ids)
        return commands

    @api.model
    def _try_tags(self, name, text, log):
        """As ``_find_tags``; None: the record is to be skipped."""
        try:
            return self._find_tags(name, text)
        except ValueError as error:
            if name in (self.env.context.get("contact_tag_skip") or ()):
                return None
            log("explicit_tag_ids", error)
        return []

    @api.model
    def _find_tags(self, name, text):
        """Ids of the tags in a cell.

        :raise ValueError: what the importer shows in the row
        """
        answers = self._get_possible_answers(name.removeprefix(PREFIX))
        if not answers:
            raise self._tag_error(name, self.env._("This dimension is not in use."))
        whole = text.strip()
        if answers.find(whole):
            return [answers.find(whole)]
        tag_ids = dict.fromkeys(
            self._find_tag(name, answers, answer) for answer in split_cell(text)
        )
        tag_ids.pop(None, None)
        if answers.is_exclusive and len(tag_ids) > 1:
            message = self.env._("Only one answer is possible: “%s”.", whole)
            raise self._tag_error(name, message)
        return list(tag_ids)

    @api.model
    def _find_tag(self, name, answers, answer):
        """The id of one tag, or None where the user lets unknown ones be empty."""
        tag_id = answers.find(answer) or self._find_tag_by_id(answers, answer)
        context = self.env.context
        if not tag_id and (context.get("name_create_enabled_fields") or {}).get(name):
            tag = answers.dimension.tag_ids.create(
                {"name": answer, "dimension_id": answers.dimension.id}
            )
            answers.add(tag)
            tag_id = tag.id
        path = "/".join(self._get_tag_path(name))
        if tag_id or path in (context.get("import_set_empty_fields") or ()):
            return tag_id
        message = self.env._("“%s” is not one of the possible answers.", answer)
        info = {
            "moreinfo": answers.dimension.tag_ids.mapped("name"),
            "value": answer[:50],
            "field_type": self.env._("name"),
        }
        raise self._tag_error(name, message, **info)

    @api.model
    def _find_tag_by_id(self, answers, answer):
        """By external id, or by the id in the database."""
        tags = answers.dimension.tag_ids
        if answer.isdecimal():
            return int(answer) if int(answer) in tags.ids else None
        found = "." in answer and self.env["ir.model.data"]._xmlid_to_res_model_res_id(
            answer
        )
        is_tag = found and found[0] == tags._name and found[1] in tags.ids
        return found[1] if is_tag else None

    def _get_tag_path(self, name):
        return [*(self.env.context.get("parent_fields_hierarchy") or ()), name]

    def _tag_error(self, name, message, **info):
        """Shown below the column of the dimension, not below the field of all tags."""
        info["field_path"] = self._get_tag_path(name)
        # the importer fills in values after us
        return ValueError(message.replace("%", "%%"), info)

    @api.model
    def _get_possible_answers(self, code):
        """What may stand in the column of a dimension, found once for each file."""
        cache = self.env.context.get("import_cache", {})
        key = ("contact.tag", code)
        if not (answers := cache.get(key)):
            dimension = self.env["contact.tag.dimension"].search([("code", "=", code)])
            if dimension:
                answers = cache[key] = PossibleAnswers(dimension)
        return answers


class PossibleAnswers:
    """The tags of a dimension by their names, in the user's language or as shipped."""

    def __init__(self, dimension):
        self.dimension = dimension
        self.is_exclusive = dimension.is_exclusive
        self.names = {}
        self._folded = {}
        for language in ("en_US", dimension.env.lang):
            for tag in dimension.with_context(lang=language).tag_ids:
                self.add(tag)

    def add(self, tag):
        """One more answer is possible."""
        self.names[tag.name] = tag.id
        self._folded[tag.name.casefold()] = tag.id

    def find(self, answer):
        """The id of a tag, or None. Capitals do not matter, unless they must."""
        return self.names.get(answer) or self._folded.get(answer.casefold())


def _is_column(name):
    return (name or "").startswith(PREFIX)
