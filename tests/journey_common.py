from freezegun import freeze_time

from .common import ADDON, NOW, StrategyCase

REASON = "The order was cancelled"


class JourneyCase(StrategyCase):
    """The starter stages, and people on their way, at a time of the test's choice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Stage = cls.env["contact.journey.stage"]
        cls.stages = cls.Stage
        for code in (
            *("stranger", "subscriber", "lead", "opportunity"),
            *("customer", "repeat", "promoter", "lapsed"),
        ):
            stage = cls.env.ref(f"{ADDON}.contact_journey_stage_{code}")
            setattr(cls, code, stage)
            cls.stages += stage
        # Who else is in the database goes on with their own journey.
        cls.env["contact.signal"].search([("effect", "=", "stage")]).active = False

    def setUp(self):
        super().setUp()
        clock = freeze_time(NOW)
        clock.start()
        self.addCleanup(clock.stop)

    @classmethod
    def _create_traveller(cls, stage=None, since=NOW, name="anna", **vals):
        """A person who is in a stage since a moment, without a history."""
        profile = cls._create_person(name, **vals)
        if stage is not None:
            profile._enter_stage(stage, {profile.id: since})
        return profile

    @classmethod
    def _create_travellers(cls, count, stage, since=NOW):
        profiles = cls._create_partners(count).profile_id
        profiles._enter_stage(stage, dict.fromkeys(profiles.ids, since))
        return profiles

    @classmethod
    def _create_signal(cls, stage, **vals):
        return cls.env["contact.signal"].create(
            {
                "name": f"To {stage.name}",
                "active": True,
                "model_id": cls.env["ir.model"]._get_id("res.partner"),
                "person_path": "profile_id",
                "effect": "stage",
                "stage_id": stage.id,
                **vals,
            }
        )

    @classmethod
    def _create_hit(cls, signal, profile, since=NOW, last=None):
        return cls.env["contact.signal.hit"].create(
            {
                "signal_id": signal.id,
                "profile_id": profile.id,
                "value": 1,
                "fact_count": 1,
                "first_date": last or since,
                "last_date": last or since,
                "since": since,
            }
        )

    def _moves(self, profile):
        """(from, to) of a person's moves, the oldest first."""
        moves = profile.journey_move_ids.sorted(lambda move: (move.date, move.id))
        return [(move.from_stage_id, move.stage_id) for move in moves]
