import inspect

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ADDON
from .fuzz import HOSTILE, FuzzCase

HOME = f"odoo.addons.{ADDON}."
ORM = {"create", "write", "unlink", "copy_data", "onchange"}
"""Overridden by the addon; see test_fuzz_fields."""
VALID = {
    "check_contact": {"channel": "email"},
    "get_overview": {},
    "get_members": {},
    "get_preview": {"values": {}},
    "get_reach": {"day": 0},
    "get_timeline": {},
    "action_send_then": {"day": 0},
    "action_view_answer": {"kind": "now"},
    "action_view_preflight": {"kind": "now"},
    "is_member": {"profile_ids": []},
    "resolve": {"model": "res.partner", "res_ids": []},
}
"""What a method must be given."""
OF_MODEL = {"resolve", "get_overview"}
"""Methods that are about no record."""
ASKED_BY = ("portal", "internal", "mailing", "manager")


@tagged("post_install", "-at_install")
class TestFuzzMethods(FuzzCase):
    """Every method of the addon that can be called from outside, by everybody."""

    def setUp(self):
        super().setUp()
        loggers = ("odoo.http", "odoo.sql_db", "werkzeug")
        self.enterContext(mute_logger(*loggers))
        self.faults, self.answers = {}, 0
        self.before = self._snapshot()

    def _methods(self):
        """{(model, name): parameters} of what the addon's classes define.

        Without the methods of Odoo that are no records' own: what they are given goes
        through our hands, and the answer to nonsense is Odoo's.
        """
        found = {}
        for name, model in self.env.registry.items():
            for cls in model.__mro__:
                if not cls.__module__.startswith(HOME):
                    continue
                for method, function in vars(cls).items():
                    if (
                        not method.startswith("_")
                        and inspect.isfunction(function)
                        and not getattr(function, "_api_private", False)
                        and method not in ORM
                        and not self._is_stock_of_model(model, method, function)
                    ):
                        parameters = list(inspect.signature(function).parameters)[1:]
                        found[name, method] = parameters
        return found

    def _is_stock_of_model(self, model, method, function):
        return getattr(function, "_api_model", False) and any(
            method in vars(cls) and not cls.__module__.startswith(HOME)
            for cls in model.__mro__
        )

    def _try(self, login, of_model, method, *args, **kwargs):
        body = {"args": args, "kwargs": kwargs}
        result, error = self._call(of_model, method, *args, **kwargs)
        fault = self._fault(error)
        if fault and "Expected singleton" in fault:
            fault = None  # what Odoo says to the wrong number of records
        if not fault and "Secret" in str(result):
            fault = "tells a secret"
        if fault:
            said = f"{login}: {of_model}.{method} {ascii(body)[:90]}"
            self.faults[said] = fault
        self.answers += not error

    def assertRefusedInWords(self):
        said = "\n".join(f"{call}: {fault}" for call, fault in self.faults.items())
        self.assertFalse(self.faults, said)
        self.assertEqual(self._snapshot(), self.before)

    def test_what_there_is(self):
        """A method that is public by accident is noticed."""
        ours = {(m, n) for m, n in self._methods() if m.startswith("contact.")}
        self.assertEqual(
            ours,
            {
                ("contact.hold", "action_decide_again"),
                ("contact.holdout", "action_view_held"),
                ("contact.override", "action_revoke"),
                ("contact.policy", "action_approve"),
                ("contact.policy", "action_change"),
                ("contact.policy", "action_discard"),
                ("contact.policy", "action_view_holds"),
                ("contact.policy", "action_view_versions"),
                ("contact.policy", "get_numbers"),
                ("contact.persona", "action_view_fits"),
                ("contact.persona", "action_view_people"),
                ("contact.policy.starter", "action_make"),
                ("contact.preflight", "action_send_then"),
                ("contact.preflight", "action_view_answer"),
                ("contact.preflight", "ask_next"),
                ("contact.preflight", "get_reach"),
                ("contact.preflight.line", "action_view_recipients"),
                ("contact.pressure", "action_open_person"),
                ("contact.print.return", "action_take_back"),
                ("contact.print.run", "action_all_posted"),
                ("contact.print.run", "action_download_csv"),
                ("contact.print.run", "action_download_xlsx"),
                ("contact.print.run", "action_take_back"),
                ("contact.print.run", "action_view_lines"),
                ("contact.profile", "action_archive_people"),
                ("contact.profile", "action_confirm_data"),
                ("contact.profile", "action_merge_people"),
                ("contact.profile", "action_write_to"),
                ("contact.quality.check", "action_view_people"),
                ("contact.profile", "check_contact"),
                ("contact.profile", "get_overview"),
                ("contact.profile", "get_segments"),
                ("contact.profile", "get_timeline"),
                ("contact.profile", "resolve"),
                ("contact.segment", "action_view_uses"),
                ("contact.segment", "get_member_count"),
                ("contact.segment", "get_members"),
                ("contact.segment", "is_member"),
                ("contact.segment", "action_view_common"),
                ("contact.segment", "action_view_members"),
                ("contact.segment", "action_view_overlaps"),
                ("contact.segment", "action_view_people"),
                ("contact.segment", "get_insights"),
                ("contact.segment", "get_overlaps"),
                ("contact.segment", "get_people_counts"),
                ("contact.segment", "get_preview"),
                ("contact.segment", "action_freeze"),
                ("contact.segment", "action_refresh"),
                ("contact.signal", "action_run_now"),
                ("contact.signal", "action_view_hits"),
                ("contact.signal.hit", "action_open_evidence"),
                ("contact.tag", "action_view_assignments"),
                ("contact.tag.assignment", "action_open_evidence"),
                ("contact.tag.assignment", "action_view_record"),
                ("contact.stage.move", "action_move"),
                ("contact.touch", "action_call_outcome"),
                ("contact.touch", "action_uncertain_again"),
                ("contact.touch", "action_uncertain_arrived"),
                ("contact.touch", "action_uncertain_leave"),
                ("contact.wish.revoke", "action_revoke"),
            },
        )

    def test_records(self):
        """Ids that are none, of nobody, of another unit, of nothing at all."""
        for login in ASKED_BY:
            self._log_in(login)
            for model, method in self._methods():
                if model not in self.foreign and login != "portal":
                    continue
                kwargs = VALID.get(method, {})
                if method in OF_MODEL:
                    continue
                foreign = self.foreign.get(model, self.env[model])
                foreign = self.foreign.get(model, self.env["contact.profile"].browse())
                ours = model.startswith("contact.")
                for ids in (
                    *([0], [-1], [2**31], [2**63], [10**8], [10**8, 10**8 + 1]),
                    *(([], ["x"], [None], [[1]], [1.5], foreign.ids) if ours else ()),
                ):
                    self._try(login, model, method, ids, **kwargs)
        self.assertRefusedInWords()

    def test_arguments(self):
        for login in ("portal", "mailing", "manager"):
            self._log_in(login)
            values = HOSTILE if login == "manager" else HOSTILE[::4]
            for method, valid in VALID.items():
                model = next(m for m, name in self._methods() if name == method)
                parameters = self._methods()[model, method]
                ids = [[]] if method in OF_MODEL else [self.records[model].ids]
                for name in parameters:
                    for value in values:
                        kwargs = {**valid, name: value}
                        args = [] if method in OF_MODEL else ids
                        self._try(login, model, method, *args, **kwargs)
        self.assertGreater(self.answers, 0)
        self.assertRefusedInWords()

    def test_models(self):
        """Only what can be mailed is resolved."""
        self._log_in("manager")
        for model in ("ir.cron", "base", "contact.touch", "no.such", "res.users", ""):
            self._try("manager", "contact.profile", "resolve", model=model, res_ids=[1])
        self.assertRefusedInWords()

    def test_private_methods(self):
        """What the gate does for itself is not for others to start."""
        self._log_in("system")
        for model, method in (
            ("contact.gate", "_pass"),
            ("contact.gate", "_send_through"),
            ("contact.touch", "_cron_sweep"),
            ("contact.touch", "_release_untraced"),
            ("contact.hold", "_note"),
            ("contact.profile", "_merge_into"),
            ("contact.profile", "_write_tags"),
            ("contact.tag.assignment", "_see"),
            ("contact.profile", "_set_personas"),
            ("contact.profile", "_walk"),
            ("contact.persona", "_conclude"),
            ("contact.policy", "_start_due"),
            ("contact.policy", "_take_over"),
            ("contact.policy.version", "_enter"),
            ("contact.profile", "_hear"),
            ("contact.profile", "_sign_preferences"),
            ("contact.wish", "_keep"),
            ("contact.policy.engine", "_decide"),
        ):
            _result, error = self._call(model, method, [])
            self.assertIn("AccessError", error["data"]["name"])
