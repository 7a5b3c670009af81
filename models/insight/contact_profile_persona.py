from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

CONCLUDED = {
    "persona_kind",
    "persona_date",
    "persona_confidence",
    "persona_candidate_ids",
    "persona_change_ids",
    "engagement_score",
    "engagement_class",
    "quality_score",
    "quality_check_ids",
}
"""What follows from something else, and nobody writes."""
CONCLUSIONS = {"contact.persona.candidate", "contact.persona.change"}
SET_PERSONAS = """
    WITH given AS (
            SELECT *
              FROM unnest(%(ids)s::int[], %(personas)s::int[],
                          %(confidences)s::numeric[])
                   AS given (profile_id, persona_id, confidence)
         ),
         before AS (
            SELECT profile.id, profile.persona_id AS from_id,
                   given.persona_id,
                   CASE WHEN given.persona_id IS NOT NULL THEN %(kind)s END
                       AS kind,
                   given.confidence,
                   (given.persona_id IS DISTINCT FROM profile.persona_id
                    OR given.persona_id IS NOT NULL
                       AND profile.persona_kind IS DISTINCT FROM %(kind)s)
                       AS is_new
              FROM contact_profile profile
              JOIN given ON given.profile_id = profile.id
             WHERE %(allowed)s
             ORDER BY profile.id
               FOR NO KEY UPDATE OF profile
         ),
         changed AS (
            UPDATE contact_profile profile
               SET persona_id = before.persona_id,
                   persona_kind = before.kind,
                   persona_confidence = before.confidence,
                   persona_date = CASE WHEN NOT is_new
                                       THEN profile.persona_date
                                       WHEN before.persona_id IS NOT NULL
                                       THEN %(now)s END,
                   write_uid = %(uid)s,
                   write_date = %(now)s
              FROM before
             WHERE before.id = profile.id
               AND (profile.persona_id, profile.persona_kind,
                    profile.persona_confidence)
                   IS DISTINCT FROM
                   (before.persona_id, before.kind, before.confidence)
         RETURNING profile.id
         ),
         history AS (
            INSERT INTO contact_persona_change (
                        profile_id, from_persona_id, persona_id, kind, source,
                        confidence, user_id, date, note,
                        create_uid, create_date, write_uid, write_date)
                 SELECT before.id, from_id, persona_id, %(kind)s, %(source)s,
                        confidence, %(by)s, %(now)s, %(note)s,
                        %(uid)s, %(now)s, %(uid)s, %(now)s
                   FROM before
                  WHERE is_new
         )
    SELECT id FROM changed
"""


class ContactProfile(models.Model):
    """Which persona the person is: said before concluded.

    ``_set_personas`` is the one door. Whoever writes ``persona_id`` (a form, an import,
    a contact's related field, a program) comes through it, too, and says so: what was
    said is never overwritten by what is concluded. Emptying the field takes back what
    was said.
    """

    _inherit = "contact.profile"

    @api.model_create_multi
    def create(self, vals_list):
        """The persona is written through its door."""
        said = [vals.get("persona_id") for vals in vals_list]
        if not self.env.su:
            for vals in vals_list:
                self._check_concluded(vals)
        self._check_storable(*vals_list)
        profiles = super().create(
            [
                {name: value for name, value in vals.items() if name != "persona_id"}
                for vals in vals_list
            ]
        )
        for profile, persona_id in zip(profiles, said, strict=True):
            if persona_id:
                profile._say_persona(persona_id)
        return profiles

    def write(self, vals):
        """The persona is written through its door."""
        if "persona_id" not in vals:
            return super().write(vals)
        self._check_storable(vals)
        self.check_access("write")
        vals = dict(vals)
        persona_id = vals.pop("persona_id")
        res = super().write(vals) if vals else True
        self._say_persona(persona_id)
        return res

    def _check_writable(self, vals):
        self._check_concluded(vals)
        return super()._check_writable(vals)

    def _check_concluded(self, vals):
        """:raise UserError: somebody writes what follows from something else"""
        for name in CONCLUDED.intersection(vals):
            raise UserError(
                self.env._(
                    "“%s” follows from what is known about the person. It cannot be "
                    "written.",
                    self._fields[name]._description_string(self.env),
                )
            )

    # ------------------------------------------------------------
    # What somebody says
    # ------------------------------------------------------------

    def _say_persona(self, persona_id, source=None, note=None):
        """The person or a user says which persona it is; nothing takes that back.

        :param persona_id: id of a persona, or nothing
        :raise ValidationError: there is no such persona
        """
        field = self._fields["persona_id"]
        persona_id = field.convert_to_cache(persona_id, self)
        persona = self.env["contact.persona"].browse(persona_id or ())
        if not persona:
            return self._take_back_persona()
        if not persona.exists():
            raise ValidationError(self.env._("There is no such persona (any more)."))
        if not source:
            source = "import" if self._is_import() else "user"
        rows = [(profile_id, persona.id, 1.0) for profile_id in self.ids]
        return self._set_personas(rows, "explicit", source=source, note=note)

    def _take_back_persona(self):
        """What was said counts no more: what is concluded stands again."""
        Persona = self.env["contact.persona"].sudo()  # its people are not for all eyes
        return Persona._conclude(self.ids, source="user", is_taken_back=True)

    def _answer_persona(self, answer, question=None, source="form"):
        """The person answers the question of a persona.

        :param str answer: as typed or chosen, in any language
        :param str question: which question it was, where several are asked
        :return: the persona, or none if it is nobody's answer
        """
        persona = self.env["contact.persona"]._find_by_answer(answer, question)
        if persona:
            self._say_persona(persona.id, source=source, note=answer)
        return persona

    # ------------------------------------------------------------
    # The door
    # ------------------------------------------------------------

    @api.model
    def _sql_persona_is_said(self):
        return SQL(
            "(profile.persona_kind IS NOT DISTINCT FROM 'explicit'"
            " AND profile.persona_id IS NOT NULL)"
        )

    @api.model
    def _set_personas(self, rows, kind, source="rule", note=None, is_taken_back=False):
        """Write who is which persona, and the history of it.

        SQL, because whole batches are concluded at once. What is concluded never
        overwrites what was said, also if that was said a moment ago.

        :param rows: (profile id, persona id or None, confidence)
        :param str kind: "explicit" (said) or "implicit" (concluded)
        :param str source: how it is known, see the history
        :param bool is_taken_back: what was said is to be overwritten
        :return: profiles that have changed
        """
        columns = list(zip(*rows, strict=True))
        if not columns:
            return self.browse()
        names = ["persona_id", "persona_kind", "persona_date", "persona_confidence"]
        self.flush_model(names)
        may_overwrite = kind == "explicit" or is_taken_back
        rows = self.env.execute_query(
            self._sql_set_personas(
                columns,
                kind=kind,
                source=source,
                note=note,
                uid=self.env.uid,
                by=None if source == "rule" else self.env.uid,
                now=fields.Datetime.now(),
                allowed=SQL("TRUE")
                if may_overwrite
                else SQL("NOT (%s)", self._sql_persona_is_said()),
            )
        )
        profiles = self.browse(row[0] for row in rows)
        names.append("persona_change_ids")
        profiles.invalidate_recordset(names, flush=False)
        profiles.modified(names)
        return profiles

    def _sql_set_personas(self, columns, **values):
        """Ids of the profiles that were changed, also if only the confidence was."""
        return SQL(
            SET_PERSONAS,
            ids=list(columns[0]),
            personas=list(columns[1]),
            confidences=list(columns[2]),
            **values,
        )

    # ------------------------------------------------------------
    # Two profiles turn out to be one person
    # ------------------------------------------------------------

    def _before_merge(self, target):
        """What was said stands, the latest if both did; the rest is concluded anew."""
        # sudo: candidates are nobody's to delete, only to make anew
        Candidate = self.env["contact.persona.candidate"].sudo()
        Candidate.search([("profile_id", "in", self.ids)]).unlink()
        said = (target + self).filtered(
            lambda profile: profile.persona_id and profile.persona_kind == "explicit"
        )
        if said:
            latest = said.sorted(lambda p: (p.persona_date, p == target))[-1]
            if latest != target:
                target._say_persona(latest.persona_id.id, source="user")
        return super()._before_merge(target)

    def _get_profile_fields(self):
        """What is concluded keeps nobody: see ``_has_history``."""
        for model_name, field in super()._get_profile_fields():
            if not (
                self.env.context.get("contact_concluded_apart")
                and model_name
                in ("contact.persona.candidate", "contact.persona.change")
            ):
                yield model_name, field

    def _has_history(self):
        """What was said keeps a person; what is concluded is concluded again."""
        apart = self.with_context(contact_concluded_apart=True)
        kept = super(ContactProfile, apart)._has_history()
        said = self.env.execute_query(
            SQL(
                "SELECT DISTINCT profile_id FROM contact_persona_change"
                " WHERE profile_id = ANY(%s) AND kind = 'explicit'",
                self.ids,
            )
        )
        return kept.union(profile_id for (profile_id,) in said)

    def _merge_into(self, target):
        """Conclude anew from what both knew."""
        res = super()._merge_into(target)
        self._look_again(target.ids)
        return res
