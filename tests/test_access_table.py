from pathlib import Path

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .access_table import COLUMNS, TABLE, as_markdown
from .common import ADDON, DAY, NOW
from .test_security import SecurityCase

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "access.md"

WRITTEN = {
    "contact.category": {"name": "Other"},
    "contact.channel": {"name": "Other"},
    "contact.dose": {"bounced": 1},
    "contact.handover": {"date": NOW},
    "contact.hold": {"state": "expired"},
    "contact.holdout": {"held_count": 2},
    "contact.journey.balance": {"balance": 2},
    "contact.journey.move": {"reason": "Other"},
    "contact.journey.reach": {"converted": 2},
    "contact.journey.stage": {"name": "Other"},
    "contact.override": {"revoked_date": NOW},
    "contact.persona": {"name": "Other"},
    "contact.persona.candidate": {"score": 2},
    "contact.persona.change": {"note": "Other"},
    "contact.policy": {"name": "Other"},
    "contact.policy.version": {"reason": "Other"},
    "contact.policy.rule": {"name": "Other"},
    "contact.policy.rule.date": {"name": "Other"},
    "contact.policy.rule.quota": {"touches": 2},
    "contact.policy.rule.step": {"after_touches": 7},
    "contact.policy.starter": {"trade": "travel"},
    "contact.policy.try": {"moment": NOW},
    "contact.preflight": {"line_ids": []},
    "contact.preflight.line": {"label": "Other"},
    "contact.pressure": {"touch_count": 2},
    "contact.print.return": {"file_name": "Other"},
    "contact.print.run": {"is_ready": True},
    "contact.profile": {"lang": "en_US"},
    "contact.tag": {"name": "Other"},
    "contact.tag.assignment": {"note": "Other"},
    "contact.tag.dimension": {"name": "Other"},
    "contact.segment": {"name": "Other"},
    "contact.segment.condition": {"is_negated": True},
    "contact.segment.member": {"is_cut": True},
    "contact.segment.waterfall": {"name": "Other"},
    "contact.signal": {"name": "Other"},
    "contact.signal.hit": {"value": 2},
    "contact.stage.move": {"reason": "Other"},
    "contact.quality.check": {"points": 1},
    "contact.touch": {"note": "Other"},
    "contact.touch.year": {"sent_count": 2},
    "contact.wish": {"is_stopped": True},
    "contact.wish.change": {"reason": "Other"},
    "contact.wish.revoke": {"reason": "Other"},
}
"""What every model is tried to be changed to."""
PLAIN = {
    "contact.category": {"name": "Fresh", "code": "fresh"},
    "contact.channel": {"name": "Fresh", "code": "fresh"},
    "contact.dose": {},
    "contact.policy.starter": {},
    "contact.policy.try": {},
    "contact.handover": {"mail_mail_id_int": 2**31 - 1, "date": NOW},
    "contact.holdout": {},
    "contact.journey.balance": {},
    "contact.journey.reach": {},
    "contact.journey.stage": {"name": "Fresh"},
    "contact.persona": {"name": "Fresh"},
    "contact.policy": {"name": "Fresh"},
    "contact.pressure": {},
    "contact.profile": {},
    "contact.quality.check": {"name": "Fresh", "code": "stale"},
    "contact.segment": {"name": "Fresh"},
    "contact.segment.waterfall": {"name": "Fresh"},
    "contact.tag.dimension": {"name": "Fresh"},
}
"""What records are made of that need no others."""


@tagged("post_install", "-at_install")
class TestAccessTable(SecurityCase):
    """Every cell of the table, tried by a user of that kind on a real record."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = {
            title: cls.env["res.users"].create(
                {
                    "name": title,
                    "login": f"access {title}",
                    "group_ids": [
                        Command.set([cls.env.ref(group).id for group in groups])
                    ],
                }
            )
            for title, groups in COLUMNS.items()
        }

    def _fresh(self, model, user):
        """A record that nothing depends on, and the values it is made of."""
        person = self._create_person(f"fresh.{user.id}")
        mine = self.env(user=user, su=True)  # previews are seen by who asked for them
        self.env["contact.quality.check"].search([("code", "=", "stale")]).unlink()
        vals = {
            **PLAIN,
            **self._fresh_facts(person),
            **self._fresh_rules(person),
            **self._fresh_messages(person, mine),
            **self._fresh_wishes(person),
        }[model]
        if not mine[model]._auto:  # nobody makes what the database works out
            return mine[model].search([], limit=1).sudo(False), vals
        return mine[model].create(vals).sudo(False), vals

    def _fresh_facts(self, person):
        """What is known of a person."""
        question = self.env["contact.tag.dimension"].create({"name": "Question"})
        answer = {"name": "Answer", "dimension_id": question.id}
        tag = self.env["contact.tag"].create(answer)
        stage = self.env.ref(f"{ADDON}.contact_journey_stage_lead")
        persona = self.env["contact.persona"].create({"name": "Fresh"})
        return {
            "contact.journey.move": {"profile_id": person.id, "stage_id": stage.id},
            "contact.persona.candidate": {
                "profile_id": person.id,
                "persona_id": persona.id,
            },
            "contact.persona.change": {"profile_id": person.id, "kind": "explicit"},
            "contact.stage.move": {
                "profile_ids": person.ids,
                "stage_id": stage.id,
                "reason": "Fresh",
            },
            "contact.tag": {**answer, "name": "Fresh"},
            "contact.tag.assignment": {"profile_id": person.id, "tag_id": tag.id},
        }

    def _fresh_rules(self, person):
        """What users set up, and who is in it."""
        holdout = {"rule_type": "holdout"}
        policy = self._create_policy(self._cap(), holdout, name="Fresh")
        rule = policy.rule_ids[0]
        segment = self.env["contact.segment"].create({"name": "Fresh"})
        signal = {
            "name": "Fresh",
            "model_id": self.env["ir.model"]._get_id("contact.touch"),
            "person_path": "profile_id",
            "date_path": "date",
            "effect": "engagement",
        }
        return {
            "contact.override": {"profile_id": person.id, "reason": "Recall"},
            "contact.policy.version": {"policy_id": policy.id, "number": 50},
            "contact.policy.rule": {"policy_id": policy.id, **self._cap(5, 50)},
            "contact.policy.rule.date": {"rule_id": rule.id, "date_from": NOW.date()},
            "contact.policy.rule.quota": {
                "rule_id": rule.id,
                "company_id": self.env.company.id,
            },
            "contact.policy.rule.step": {"rule_id": rule.id, "after_touches": 5},
            "contact.segment.condition": {"segment_id": segment.id, "kind": "share"},
            "contact.segment.member": {
                "profile_id": person.id,
                "segment_id": segment.id,
                "since": NOW,
            },
            "contact.signal": signal,
            "contact.signal.hit": {
                "profile_id": person.id,
                "signal_id": self.env["contact.signal"].create(signal).id,
            },
        }

    def _fresh_wishes(self, person):
        """What a person asks for."""
        somebody = self.env["contact.wish"]._of(self._create_person("somebody"))
        return {
            "contact.wish": {"profile_id": person.id},
            "contact.wish.change": {"wish_id": somebody.id, "way": "page"},
            "contact.wish.revoke": {"wish_id": somebody.id, "reason": "Fresh"},
        }

    def _fresh_messages(self, person, mine):
        """What was sent, what was not, and what would be.

        :param mine: environment of the user whose previews they are
        """
        mailing = self._create_mailing(person.partner_id)
        preview = mine["contact.preflight"].create({"mailing_id": mailing.id})
        run = self.env["contact.print.run"].create({"mailing_id": mailing.id})
        return {
            "contact.print.return": {"run_id": run.id, "file": "eA=="},
            "contact.print.run": {"mailing_id": mailing.id},
            "contact.hold": {
                "mailing_id": mailing.id,
                "profile_id": person.id,
                "res_model": "res.partner",
                "res_id": person.partner_id.id,
                "date": NOW,
                "decision": "hold",
                "state": "held",
            },
            "contact.preflight": {"mailing_id": mailing.id},
            "contact.preflight.line": {"preflight_id": preview.id, "kind": "not"},
            "contact.touch": {"profile_id": person.id, "date": NOW - DAY},
            "contact.touch.year": {
                "profile_id": person.id,
                "channel_id": self.email.id,
                "year": 2020,
            },
        }

    def _try(self, record, vals, letter):
        """May the user do it? It is undone."""
        with self.env.cr.savepoint() as savepoint:
            if letter == "C" and record._auto:
                record.sudo().unlink()
            self.env.flush_all()
            self.env.invalidate_all()
            try:
                if letter == "C":
                    record.browse().create(vals)
                elif letter == "R":
                    record.read(["display_name"])
                elif letter == "W":
                    record.write(WRITTEN[record._name])
                else:
                    record.unlink()
                self.env.flush_all()
                allowed = True
            except AccessError:
                allowed = False
            self.env.invalidate_all(flush=False)
            savepoint.rollback()
        return allowed

    def _cell(self, model, title):
        with self.env.cr.savepoint() as savepoint:
            record, vals = self._fresh(model, self.people[title])
            letters = [it for it in "CRWD" if self._try(record, vals, it)]
            self.env.invalidate_all(flush=False)
            savepoint.rollback()
        return "".join(letters)

    def test_every_cell(self):
        self.maxDiff = None
        found = {
            model: tuple(self._cell(model, title) for title in COLUMNS)
            for model in TABLE
        }
        self.assertEqual(found, TABLE)

    def test_previews_are_seen_by_who_asked(self):
        """They say how many another unit writes to, and under which rules."""
        for model in ("contact.preflight", "contact.preflight.line"):
            theirs, vals = self._fresh(model, self.people["strategy manager"])
            for title in ("strategy user", "Email Marketing user"):
                asked = theirs.with_user(self.people[title])
                self.assertFalse(asked.search([("id", "in", asked.ids)]))
                for call in (
                    lambda asked=asked: asked.read(["display_name"]),
                    lambda asked=asked, model=model: asked.write(WRITTEN[model]),
                    lambda asked=asked: asked.unlink(),
                ):
                    with self.assertRaises(AccessError):
                        call()
            if model == "contact.preflight.line":
                with self.assertRaises(AccessError):
                    asked.create(vals)
            self.env.invalidate_all()

    def test_every_model_has_a_row(self):
        """Found in the registry: also those that somebody adds."""
        data = self.env["ir.model.data"].search(
            [("module", "=", ADDON), ("model", "=", "ir.model")]
        )
        models = self.env["ir.model"].browse(data.mapped("res_id")).mapped("model")
        ours = {
            name
            for name in models
            if not self.env[name]._abstract and self.env[name]._original_module == ADDON
        }
        self.assertEqual(ours, set(TABLE))

    def test_the_documentation_says_the_same(self):
        self.assertEqual(DOCUMENT.read_text(encoding="utf-8"), as_markdown())
