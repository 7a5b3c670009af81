from .common import NOW


class InsightMixin:
    """Personas, signals that are true of people, and checks, for tests."""

    @classmethod
    def _prepare_insight(cls):
        cls.env["contact.persona"].search([]).action_archive()
        cls.env["contact.signal"].search([]).action_archive()
        cls.Persona = cls.env["contact.persona"]
        cls.Profile = cls.env["contact.profile"]

    @classmethod
    def _create_persona(cls, name="Helen", **vals):
        return cls.env["contact.persona"].create({"name": name, **vals})

    @classmethod
    def _create_signal(cls, effect="persona", points=1.0, **vals):
        return cls.env["contact.signal"].create(
            {
                "name": f"Signal {effect}",
                "active": True,
                "model_id": cls.env["ir.model"]._get_id("res.partner"),
                "person_path": "id",
                "effect": effect,
                "tag_id": effect == "tag" and cls.env["contact.tag"].search([])[0].id,
                "points": points,
                **vals,
            }
        )

    @classmethod
    def _hit(cls, signal, profiles, value=1.0, **vals):
        """The signal is true of these people."""
        return cls.env["contact.signal.hit"].create(
            [
                {
                    "signal_id": signal.id,
                    "profile_id": profile.id,
                    "value": value,
                    "fact_count": 1,
                    "first_date": NOW,
                    "last_date": NOW,
                    "since": NOW,
                    **vals,
                }
                for profile in profiles
            ]
        )

    @classmethod
    def _people(cls, count, prefix="person", **vals):
        return cls._create_partners(count, prefix, **vals).profile_id

    @classmethod
    def _tag(cls, profile, tag, kind="explicit", **vals):
        fact = {"profile_id": profile.id, "tag_id": tag.id, "kind": kind, **vals}
        return cls.env["contact.tag.assignment"]._see([fact])

    @classmethod
    def _create_tag(cls, name="Tag", **vals):
        dimension = cls.env["contact.tag.dimension"].create(
            {"name": name, "code": name.lower(), **vals}
        )
        return cls.env["contact.tag"].create(
            {"name": name, "dimension_id": dimension.id}
        )

    def _precommit(self):
        """As at the end of a transaction."""
        self.env.cr.flush()
        self.env.invalidate_all()

    def _faults(self, profile):
        return set(profile.quality_check_ids.mapped("code"))

    @staticmethod
    def _fits(*profiles):
        return repr([("id", "in", [profile.id for profile in profiles])])

    def _history(self, profile):
        """[(from, to, kind, source)], oldest first."""
        changes = profile.persona_change_ids.sorted("id")
        return [
            (
                change.from_persona_id.name,
                change.persona_id.name,
                change.kind,
                change.source,
            )
            for change in changes
        ]
