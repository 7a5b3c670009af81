"""What is known about people, in the world of torture: signals, tags, personas, stages.

``prepare`` runs inside Odoo; the rest outside, and knows nothing of Odoo.
"""

ADDON = "mass_mailing_contact_strategy"
CRONS = (
    *("signal_evaluate", "signal_evaluate_all", "advance", "archive_expired_tags"),
    *("walk_persona", "walk_quality", "walk_engagement"),
)
HOT = 60  # so many people are worked on by everybody at once
STAGES = ("subscriber", "lead", "opportunity", "customer")
DIMENSION = "industry"
SIGNALS = (
    # Two say the same of a person: their records are added up.
    {"domain": "[('state', '=', 'sent')]", "threshold": 2, "effect": "tag"},
    {"domain": "[('clicked', '=', True)]", "effect": "tag"},
    {"domain": "[('opened', '=', True)]", "effect": "persona", "points": 2},
    {"domain": "[('clicked', '=', True)]", "effect": "stage"},
    {"domain": "[('opened', '=', True)]", "effect": "engagement", "points": 3},
)
AGAIN = """
    UPDATE contact_signal
       SET evaluated_date = evaluated_date - interval '1 hour'
"""


def prepare(env):
    """Personas, and signals about touches; the crons that look at people.

    :return: what the actors must know, by name
    """
    reader, shopper = env["contact.persona"].create(
        [{"name": "Torture Reader"}, {"name": "Torture Shopper"}]
    )
    dimension = env.ref(f"{ADDON}.contact_tag_dimension_{DIMENSION}")
    busy, *tags = env["contact.tag"].search([("dimension_id", "=", dimension.id)])
    stages = [env.ref(f"{ADDON}.contact_journey_stage_{code}") for code in STAGES]
    signals = env["contact.signal"].create(
        [
            {
                "name": f"Torture {number}",
                "active": True,
                "model_id": env["ir.model"]._get_id("contact.touch"),
                "person_path": "profile_id",
                "date_path": "date",
                "tag_id": busy.id,
                "persona_id": reader.id,
                "stage_id": stages[1].id,
                **values,
            }
            for number, values in enumerate(SIGNALS)
        ]
    )
    twins = env["res.partner"].search([("name", "=like", "Twin %")], limit=HOT // 3)
    people = env["res.partner"].search([("name", "=like", "Person %")], limit=HOT)
    return {
        "people": (people + twins).profile_id.ids,
        "partners": people.ids,
        "personas": [reader.id, shopper.id],
        "signals": signals.ids,
        "stages": [stage.id for stage in stages],
        "tags": [busy.id, *(tag.id for tag in tags[:3])],
        "tag_names": [busy.name, *(tag.name for tag in tags[:3])],
        "column": f"explicit_tag_ids.{dimension.code}",
        "insight_crons": [env.ref(f"{ADDON}.ir_cron_{name}").id for name in CRONS],
    }


class Knowing:
    """Whoever works on people and not on mailings: a part of the actors."""

    def _jobs_about_people(self):
        return (
            (self.tag, 1.2),
            (self.load_tags, 4),
            (self.move, 1.5),
            (self.say_persona, 2),
            (self.run_signal, 4),
        )

    def _some(self, name, count):
        return self.random.sample(self.facts[name], count)

    def tag(self):
        """Somebody notes what people said, of several at once, in any order."""
        tags = self.facts["tags"]
        values = [
            {"profile_id": person, "tag_id": self.random.choice(tags)}
            for person in self._some("people", 3)
        ]
        self.api.call("contact.tag.assignment", "create", vals_list=values)

    def load_tags(self):
        """Tags of some contacts come from a file."""
        names = self.facts["tag_names"]
        rows = [
            [str(partner), self.random.choice(names)]
            for partner in self._some("partners", 5)
        ]
        self.api.call(
            "res.partner",
            "load",
            fields=[".id", self.facts["column"]],
            data=rows,
            context={"import_file": True},
        )

    def move(self):
        """Somebody drags people to a stage, forward or back."""
        self.api.call(
            "contact.profile",
            "write",
            self._some("people", 2),
            vals={"journey_stage_id": self.random.choice(self.facts["stages"])},
            context={"stage_reason": "Torture"},
        )

    def say_persona(self):
        """Somebody says which persona people are, or takes that back."""
        self.api.call(
            "contact.profile",
            "write",
            self._some("people", 2),
            vals={"persona_id": self.random.choice([*self.facts["personas"], False])},
        )

    def run_signal(self):
        """Somebody does not wait for the cron."""
        self.api.call("contact.signal", "action_run_now", self._some("signals", 1))

    def settle(self):
        """At the end: all is looked at once more, as by the crons of an hour."""
        self.world.query(AGAIN)
        for cron in self.facts["insight_crons"]:
            self.api.call("ir.cron", "method_direct_trigger", [cron], timeout=300)
