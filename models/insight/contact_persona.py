from odoo import api, fields, models

RULES = {"active", "sequence", "domain", "weight", "threshold"}
"""What the conclusion depends on."""


class ContactPersona(models.Model):
    """A portrait of a kind of customer, shared by marketing, sales and service.

    Who belongs to it is said by the person (an answer) or a user, or concluded from
    points; see ``contact.persona.candidate``.
    """

    _name = "contact.persona"
    _inherit = [
        "contact.storable.mixin",
        "contact.people.domain.mixin",
        "image.mixin",
    ]
    _description = "Buyer Persona"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    title = fields.Char(translate=True, help="Such as: Head of IT, mother of three.")
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    description = fields.Text(translate=True)
    goals = fields.Text(translate=True)
    pains = fields.Text(translate=True)
    objections = fields.Text(translate=True)
    question = fields.Char(
        translate=True, help="One question that tells this persona from the others."
    )
    answer = fields.Char(translate=True, help="What this persona answers.")
    # Who fits
    domain = fields.Char(
        string="Fits",
        help="Whoever fits gets the points. Empty: nobody gets points by this.",
    )
    weight = fields.Float(
        default=1.0,
        digits=(16, 2),
        help="Points for whoever fits the domain. Signals add theirs.",
    )
    threshold = fields.Float(
        default=1.0,
        digits=(16, 2),
        help="So many points make somebody this persona.",
    )
    signal_ids = fields.One2many("contact.signal", "persona_id")
    candidate_ids = fields.One2many("contact.persona.candidate", "persona_id")

    _weight_positive = models.Constraint(
        "CHECK (weight >= 0)", "Whoever fits a persona cannot lose points by it."
    )
    _threshold_positive = models.Constraint(
        "CHECK (threshold > 0)", "Somebody without points is no persona."
    )

    def write(self, vals):
        """Who is which persona follows from the rules."""
        res = super().write(vals)
        if not RULES.isdisjoint(vals):
            self.env["contact.profile"]._walk_soon("persona")
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_frees_people(self):
        """Whose persona is gone is free for what else is concluded."""
        Profile = self.env["contact.profile"].sudo()  # also those not seen
        people = Profile.with_context(active_test=False)._search(
            [("persona_id", "in", self.ids)]
        )
        Profile._look_again(people.get_result_ids())

    def copy_data(self, default=None):
        """A copy stands beside its original, and is named so."""
        vals_list = super().copy_data(default=default)
        if not (default or {}).get("name"):
            for persona, vals in zip(self, vals_list, strict=True):
                vals["name"] = self.env._("%(name)s (copy)", name=persona.name)
        return vals_list

    # ------------------------------------------------------------
    # Questions and answers
    # ------------------------------------------------------------

    @api.model
    def _get_questions(self):
        """What to ask, and which answer means whom, in the reader's language.

        :return: {question: [(answer, persona)]}
        """
        questions = {}
        for persona in self.search([("answer", "!=", False)]):
            answers = questions.setdefault(persona.question or False, [])
            answers.append((persona.answer, persona))
        return questions

    @api.model
    def _find_by_answer(self, answer, question=None):
        """Whose answer is it? In any language, whatever the case and the spaces.

        :return: one persona, or none where nobody or several would answer so
        """
        said = _plain(answer)
        found = self.browse()
        for code, _name in self.env["res.lang"].get_installed():
            for persona in self.with_context(lang=code).search([]):
                if said and _plain(persona.answer) == said:
                    asked = persona.question
                    if question is None or _plain(asked) == _plain(question):
                        found |= persona.with_env(self.env)
        return found if len(found) == 1 else self.browse()


def _plain(text):
    return " ".join((text or "").split()).casefold()
