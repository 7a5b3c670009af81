from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL

from .contact_tag_assignment import SOURCES
from .effective_tags import EffectiveTags

VIEWED = ["explicit_tag_ids", "implicit_tag_ids", "tag_ids", "conflict_dimension_ids"]
"""Fields that the database derives from the assignments."""


class ContactProfile(models.Model):
    """Tags of a person: noted through the one door, whoever writes the field."""

    _inherit = "contact.profile"

    explicit_tag_ids = EffectiveTags(copy=False)
    implicit_tag_ids = EffectiveTags(copy=False)
    tag_ids = EffectiveTags(copy=False)
    conflict_dimension_ids = EffectiveTags(
        "contact.tag.dimension",
        relation="contact_profile_tag_conflict",
        column1="profile_id",
        column2="dimension_id",
        string="Said and Done Disagree About",
        readonly=True,
        copy=False,
        help="Where one answer only is possible, and what was concluded is another one "
        "than what the person said.",
    )
    has_conflict = fields.Boolean(
        string="Said and Done Disagree",
        compute="_compute_has_conflict",
        search="_search_has_conflict",
    )

    @api.depends("conflict_dimension_ids")
    def _compute_has_conflict(self):
        for profile in self:
            profile.has_conflict = bool(profile.conflict_dimension_ids)

    def _search_has_conflict(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("conflict_dimension_ids", "!=", False)]

    def _after_tags_changed(self):
        """Called when other things are known of these people, or count no more."""
        self.invalidate_recordset([*VIEWED, "tag_assignment_ids"], flush=False)
        self.modified(VIEWED)

    # ------------------------------------------------------------
    # WRITTEN BY USERS AND PROGRAMS
    # ------------------------------------------------------------

    @api.model
    def _write_tags(self, said, name="explicit_tag_ids", is_new=False):
        """What is written to the field of tags becomes known, or is known no more.

        A new record and an imported file add to what was said before: they take nothing
        away.

        :param said: pairs of (profiles, commands)
        :raise UserError: it is written to what was concluded
        """
        if name != "explicit_tag_ids":
            raise UserError(
                self.env._(
                    "What is concluded is not written: note what the person said, or "
                    "change the signal that concludes it."
                )
            )
        seen, dropped = self._read_tags(said, keep=is_new or self._is_import())
        self._drop_tags(dropped)
        self._check_tags({tag_id for tag_ids in seen.values() for tag_id in tag_ids})
        told = {"source": self._source_of_tags(), "user_id": self.env.uid}
        # sudo: who may write the person may note what the person said
        self.env["contact.tag.assignment"].sudo()._see(
            {"profile_id": profile_id, "tag_id": tag_id, **told}
            for profile_id, tag_ids in seen.items()
            for tag_id in tag_ids
        )
        # Odoo has put into its cache what it believes to be in the field now.
        self.browse({*seen, *dropped})._after_tags_changed()

    def _is_import(self):
        context = self.env.context
        return context.get("import_file") or "_import_current_module" in context

    def _source_of_tags(self):
        """From where they come: said by the caller in ``contact_tag_source``."""
        source = self.env.context.get("contact_tag_source")
        if source in dict(SOURCES):
            return source
        return "import" if self._is_import() else "user"

    def _read_tags(self, said, keep):
        """Two dicts ``{profile id: {tag ids}}``: seen, and no longer said.

        :param bool keep: nothing is taken away
        """
        people = self.union(*(profiles for profiles, _commands in said))
        before = {} if keep else people._get_said()
        seen, dropped = defaultdict(set), defaultdict(set)
        for profiles, commands in said:
            linked, removed, is_set = self._read_commands(commands)
            for profile_id in profiles.ids:
                old = before.get(profile_id, {})
                if is_set and not keep:
                    # what is archived was not on offer: it is not taken away
                    removed = {tag_id for tag_id, in_use in old.items() if in_use}
                    removed = (removed | seen[profile_id]) - linked.keys()
                    again = {tag_id for tag_id in old if not linked.get(tag_id)}
                    new = linked.keys() - again
                else:
                    new = linked.keys()
                seen[profile_id] = (seen[profile_id] | new) - removed
                dropped[profile_id] = (dropped[profile_id] | removed) - new
        return seen, {} if keep else dropped

    def _read_commands(self, commands):
        """What a list of commands comes to.

        :return: ``{tag id: said one by one?}``, tags taken away, all others, too?
        """
        linked, removed, is_set = {}, set(), False
        for command in commands:
            code, tag_id = command[0], command[1] if len(command) > 1 else 0
            if code in (Command.CLEAR, Command.SET):
                is_set, removed = True, set()
                linked = dict.fromkeys(command[2] if code == Command.SET else (), False)
            elif code in (Command.UNLINK, Command.DELETE):
                linked.pop(tag_id, None)
                removed.add(tag_id)
            elif code == Command.UPDATE:
                self.env["contact.tag"].browse(tag_id).write(command[2])
            else:
                if code == Command.CREATE:
                    tag_id = self.env["contact.tag"].create(command[2]).id
                linked[tag_id] = True
                removed.discard(tag_id)
        return linked, removed, is_set

    def _get_said(self):
        """``{profile id: {tag id: is it in use?}}`` of what these people said."""
        self.env["contact.tag.assignment"].flush_model()
        said = defaultdict(dict)
        for profile_id, tag_id, active in self.env.execute_query(
            SQL(
                """
                SELECT assignment.profile_id, tag.id, tag.active AND dimension.active
                  FROM contact_tag_assignment assignment
                  JOIN contact_tag tag ON tag.id = assignment.tag_id
                  JOIN contact_tag_dimension dimension
                    ON dimension.id = tag.dimension_id
                 WHERE assignment.active AND assignment.kind = 'explicit'
                   AND assignment.profile_id = ANY(%s)
                   AND (assignment.expires IS NULL OR assignment.expires > %s)
                """,
                self.ids,
                fields.Datetime.now(),
            )
        ):
            said[profile_id][tag_id] = active
        return said

    def _check_tags(self, tag_ids):
        """Nothing is noted that nobody offers any more, or may see."""
        tags = self.env["contact.tag"].browse(tag_ids)
        tags.check_access("read")
        missing = tags - tags.exists()
        archived = (tags - missing).filtered(
            lambda tag: not tag.active or not tag.dimension_id.active
        )
        if missing or archived:
            raise UserError(
                self.env._(
                    "These tags are not in use: %s",
                    [str(it) for it in (*missing.ids, *archived.mapped("name"))],
                )
            )

    def _drop_tags(self, dropped):
        """No longer said; the rows are kept as history."""
        pairs = {(owner, tag_id) for owner, tags in dropped.items() for tag_id in tags}
        if not pairs:
            return
        # sudo: as in _write_tags
        rows = (
            self.env["contact.tag.assignment"]
            .sudo()
            .search(
                [
                    ("profile_id", "in", list({pair[0] for pair in pairs})),
                    ("tag_id", "in", list({pair[1] for pair in pairs})),
                    ("kind", "=", "explicit"),
                ]
            )
        )
        rows.filtered(lambda row: (row.profile_id.id, row.tag_id.id) in pairs).write(
            {"active": False}
        )
