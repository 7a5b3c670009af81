"""What the benchmark says, and what it asks the server for."""

from datetime import datetime
from types import SimpleNamespace
from xml.etree import ElementTree

from lib import bench_command, bench_screens, web_client

MODELS = {
    "person": {
        "fields": {
            "name": {"type": "char"},
            "firm_id": {"type": "many2one", "relation": "firm"},
            "touch_ids": {"type": "one2many", "relation": "touch"},
            "tag_ids": {"type": "many2many", "relation": "tag"},
        }
    },
    "touch": {"fields": {"date": {"type": "datetime"}}},
    "tag": {"fields": {}},
}
FORM = """
<form><sheet><field name="name"/><field name="firm_id"/>
<field name="touch_ids"><list limit="20"><field name="date"/></list></field>
<field name="tag_ids" widget="many2many_tags"/><field name="unknown"/></sheet></form>
"""
ACTION = {
    "context": "{'search_default_week': 1, 'search_default_mine': 0, 'me': uid}",
    "domain": False,
    "loaded": {
        "views": {
            "search": {
                "arch": """<search><field name="who_id"/>
<filter name="week" domain="[('date', '&gt;=', 'today -7d +1d')]"/>
<filter name="mine" domain="[('user_id', '=', uid)]"/>
<group><filter name="kind" context="{'group_by': 'kind_id'}"/></group></search>"""
            }
        }
    },
}


def _screens():
    client = SimpleNamespace(context={"uid": 2})
    facts = SimpleNamespace(moment=datetime(2026, 11, 22, 15, 30))
    return bench_screens.Screens(client, facts)


def test_a_form_reads_its_lists_as_the_web_client_does():
    found = web_client.specification(ElementTree.fromstring(FORM), "person", MODELS)
    assert found == {
        "name": {},
        "firm_id": {"fields": {"display_name": {}}},
        "touch_ids": {"fields": {"date": {}}, "limit": 20, "order": ""},
        "tag_ids": {"fields": {"display_name": {}}},
    }


def test_a_screen_opens_with_the_filters_of_its_action():
    domain, groups = _screens()._defaults(ACTION)
    assert domain == [("date", ">=", "2026-11-16")]
    assert groups == []


def test_a_button_can_switch_filters_off_and_others_on():
    context = {"search_default_week": 0, "search_default_who_id": 7}
    context["search_default_kind"] = 1
    domain, groups = _screens()._defaults(ACTION, context)
    assert domain == [("who_id", "=", 7)]
    assert groups == ["kind_id"]


def test_three_sizes_are_measured_or_fewer_when_there_are_fewer_people():
    assert bench_command._sizes(1_000_000) == [10_000, 100_000, 1_000_000]
    assert bench_command._sizes(100_000) == [10_000, 100_000]
    assert bench_command._sizes(5_000) == [5_000]


def test_the_figures_of_the_largest_size_stand_at_the_top():
    small, large = {"decide_s": 0.11111, "sql_s": 0.1}, {"decide_s": 1.0, "sql_s": 0.9}
    sizes = {"10": small, "100": large}
    found = large | {"sizes": sizes, "screens": {"profile_form": 0.123456}}
    printed = bench_command._as_json("decide", found)
    assert printed["decide_s"] == 1.0
    assert printed["sizes"]["10"]["decide_s"] == 0.1111
    assert printed["screens"] == {"profile_form": 0.1235}
    assert set(bench_command.KEYS) <= set(printed)


def test_every_screen_is_bound_or_on_request():
    names = bench_screens.Screens.at_once() + bench_screens.Screens.on_request()
    for name in ("profile_form", "hold_list", "policy_form", "mailing_form_sent"):
        assert f"open_{name}" in names
    assert "ask_preflight" in names
