"""Hostile values, and a caller from outside who sends them."""

import json
import re

from psycopg2 import IntegrityError

from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import HttpCase, new_test_user
from odoo.tools import SQL

from .common import ADDON, DAY, NOW, StrategyMixin

REFUSALS = {
    f"odoo.exceptions.{name}"
    for name in ("UserError", "ValidationError", "AccessError", "MissingError")
}
RAW = re.compile(
    r"psycopg|sql|relation \"|column \"|out of range|invalid input|violates|index row"
    r"|Traceback|object has no attribute|\bTypeError|NoneType",
    re.IGNORECASE,
)
"""What the words of a database or of a program's failure look like."""
INJECTION = "'; DROP TABLE contact_touch; --"
MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)>"
LONG = "".join(f"{number:x}" for number in range(180_000))  # 0.9 MB, hard to compress

HOSTILE = (
    *(None, False, True, 0, -1, 2**31, 2**63, -(2**63), 10**30),
    *(1.5, float("nan"), float("inf"), float("-inf"), 1e308),
    *("", "0", "x", "\0", "a\0b", "\ud800", "%s%(x)s{x}", INJECTION, MARKUP, LONG),
    *([], [[]], [[[[1]]]], [1, "x", None], {}, {"a": {"b": [1]}}, [[6, 0, [2**40]]]),
    *("0001-01-01", "9999-12-31 23:59:59", "2026-05-12 09:00:00+02:00", "2026-13-45"),
)
"""Values that mean nothing, too much, or something else than what is asked for."""

SIGNAL = {"name": "Signal", "person_path": "profile_id", "date_path": "date"}
TABLES = (
    *("contact_signal", "contact_signal_hit", "contact_journey_stage"),
    *("contact_profile", "contact_touch", "contact_hold", "contact_policy"),
    *("contact_tag", "contact_tag_dimension", "contact_tag_assignment"),
    *("contact_persona", "contact_persona_change", "contact_quality_check"),
    *("contact_segment", "contact_segment_condition", "contact_segment_member"),
    *("contact_wish", "contact_wish_change"),
    *("contact_policy_rule", "contact_channel", "contact_category", "ir_act_server"),
    *("contact_override", "contact_policy_version"),
    *("mailing_mailing", "mailing_trace", "mail_mail", "mailing_contact"),
    *("res_partner", "res_users", "ir_model_access", "ir_rule", "ir_cron"),
)
LOGINS = {
    "portal": ("base.group_portal",),
    "internal": ("base.group_user",),
    "mailing": (
        *("base.group_user", "base.group_allow_export"),
        "mass_mailing.group_mass_mailing_user",
    ),
    "manager": (
        *("base.group_user", "base.group_allow_export"),
        f"{ADDON}.{ADDON}_group_manager",
    ),
    "system": (
        *("base.group_user", "base.group_system"),
        f"{ADDON}.{ADDON}_group_manager",
    ),
}


def _sent(name, message):
    return {"data": {"name": name, "message": message}}


class FuzzCase(StrategyMixin, HttpCase):
    """A database with one of each, a secret of another business unit, and callers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._prepare_strategy()
        cls.users = {
            login: new_test_user(cls.env, f"fuzz_{login}", groups=",".join(groups))
            for login, groups in LOGINS.items()
        }
        cls.person = cls._create_person("fuzz")
        cls.policy = cls._create_policy(cls._cap(1))
        cls.mailing = cls._create_mailing(cls.person.partner_id)
        cls.touch = cls._create_touch(cls.person, NOW - DAY)
        cls.hold = cls._create_hold(cls.person, cls.mailing, cls.touch)
        cls.known = cls._create_known(cls.person)
        # Seen by whoever asked for it, and by nobody else.
        asked = cls.env(user=cls.users["system"], su=True)["contact.preflight"]
        cls.preflight = asked.create({"mailing_id": cls.mailing.id}).with_env(cls.env)
        line = {"kind": "later", "label": "A rule", "preflight_id": cls.preflight.id}
        cls.records = {
            "contact.profile": cls.person,
            "contact.channel": cls.email,
            "contact.category": cls.newsletter,
            "contact.touch": cls.touch,
            "contact.hold": cls.hold,
            "contact.override": cls.env["contact.override"].create(
                {"profile_id": cls.person.id, "reason": "Recall"}
            ),
            "contact.policy": cls.policy,
            "contact.policy.rule": cls.policy.rule_ids,
            "contact.preflight": cls.preflight,
            "contact.print.run": cls.env["contact.print.run"].create(
                {"mailing_id": cls.mailing.id}
            ),
            "contact.persona": cls.env["contact.persona"].create({"name": "Helen"}),
            "contact.quality.check": cls.env["contact.quality.check"].search([])[0],
            "contact.segment": cls.env["contact.segment"].create({"name": "All"}),
            "contact.preflight.line": cls.env["contact.preflight.line"].create(line),
            "contact.tag.dimension": cls.known.dimension_id,
            "contact.tag": cls.known.tag_id,
            "contact.tag.assignment": cls.known,
            "contact.signal": cls._create_signal(),
            "contact.wish": cls.env["contact.wish"]._of(cls.person),
            "mailing.mailing": cls.mailing,
            "res.partner": cls.person.partner_id,
        }
        cls._hide_a_secret()
        cls.env.cr.flush()  # with the versions of policies
        cls.foreign["contact.policy.version"] = cls.foreign[
            "contact.policy"
        ].version_ids

    @classmethod
    def _hide_a_secret(cls):
        cls.unit = cls.env["res.company"].create({"name": "Unit"})
        theirs = cls._create_person("theirs", company_id=cls.unit.id)
        secret = cls._create_mailing(
            theirs.partner_id, subject="Secret takeover", company_id=cls.unit.id
        )
        touch = cls._create_touch(
            theirs,
            NOW - DAY,
            company_id=cls.unit.id,
            mailing_id=secret.id,
            note="Secret note",
        )
        policy = cls._create_policy(
            cls._cap(3), name="Secret policy", company_id=cls.unit.id
        )
        hold = cls._create_hold(
            theirs,
            secret,
            touch,
            company_id=cls.unit.id,
            policy_id=policy.id,
            rule_id=policy.rule_ids.id,
        )
        cls.foreign = {
            "contact.profile": theirs,
            "contact.touch": touch,
            "contact.hold": hold,
            "contact.policy": policy,
            "contact.policy.rule": policy.rule_ids,
            "contact.segment": cls.env["contact.segment"].create(
                {"name": "Secret segment", "company_id": cls.unit.id}
            ),
            "contact.tag.assignment": cls._create_known(theirs, note="Secret note"),
        }

    @classmethod
    def _create_known(cls, person, **vals):
        tag = cls.env.ref(f"{ADDON}.contact_tag_industry_energy")
        return cls.env["contact.tag.assignment"].create(
            {"profile_id": person.id, "tag_id": tag.id, **vals}
        )

    @classmethod
    def _create_signal(cls):
        return cls.env["contact.signal"].create(
            {
                **SIGNAL,
                "model_id": cls.env["ir.model"]._get_id("contact.touch"),
                "tag_id": cls.known.tag_id.id,
            }
        )

    @classmethod
    def _create_hold(cls, person, mailing, touch, **vals):
        return cls.env["contact.hold"].create(
            {
                "mailing_id": mailing.id,
                "profile_id": person.id,
                "res_model": "res.partner",
                "res_id": person.partner_id.id,
                "date": NOW,
                "decision": "defer",
                "state": "deferred",
                "next_allowed": NOW + 6 * DAY,
                "touch_ids": [Command.set(touch.ids)],
                **vals,
            }
        )

    def _log_in(self, login):
        self.authenticate(f"fuzz_{login}", f"fuzz_{login}")

    def _call(self, of_model, method, *args, **kwargs):
        """Call as a program outside does.

        :return: (result, None) or (None, error as sent)
        """
        params = {"model": of_model, "method": method, "args": args, "kwargs": kwargs}
        body = {"jsonrpc": "2.0", "id": 1, "method": "call", "params": params}
        response = self.opener.post(
            f"{self.base_url()}/web/dataset/call_kw/{of_model}/{method}",
            data=json.dumps(body),
            headers={"Content-Type": "application/json"},
            timeout=60,
        )
        if response.status_code != 200:
            said = {"name": str(response.status_code), "message": response.text}
            return None, {"data": said}
        answer = response.json()
        return answer.get("result"), answer.get("error")

    def _call_here(self, login, model, method, *args, **kwargs):
        """As ``_call``, without the way there: for very many calls.

        Nothing of it stays. What an error of the database becomes on the way is Odoo's
        own code.
        """
        env = self.env(user=self.users[login])
        args, kwargs = json.loads(json.dumps([args, kwargs]))
        try:
            with self.env.cr.savepoint() as savepoint:
                result = call_kw(env[model], method, args, kwargs)
                self.env.flush_all()
                savepoint.rollback()
        except IntegrityError as error:
            of_table = {env[name]._table: env[name] for name in self.records}
            refused = of_table.get(error.diag.table_name, env["base"])
            message = refused._sql_error_to_message(error)
            return None, _sent("odoo.exceptions.ValidationError", message)
        except Exception as error:  # noqa: BLE001, it is what is judged
            kind = type(error)
            return None, _sent(f"{kind.__module__}.{kind.__name__}", str(error))
        finally:
            self.env.invalidate_all(flush=False)
        return result, None

    def _snapshot(self):
        """How much there is of everything."""
        self.env.flush_all()
        return {
            table: self.env.execute_query_dict(self._count(table))[0]["count"]
            for table in TABLES
        }

    def _count(self, table):
        return SQL("SELECT count(*) AS count FROM %s", SQL.identifier(table))

    def _fault(self, error):
        """What is wrong with an answer, or None: it must be a refusal in words."""
        if not error:
            return None
        name, message = error["data"]["name"], error["data"]["message"] or ""
        if name not in REFUSALS:
            return f"{name}: {message[:160]}"
        if RAW.search(message):
            return f"raw words: {message[:200]}"
        if "Secret" in message:
            return f"tells a secret: {message[:200]}"
        return None
