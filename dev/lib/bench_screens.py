"""How long the server needs until a screen is open (see ``web_client.py``)."""

import ast
import contextlib
import re
from datetime import timedelta
from statistics import median
from xml.etree import ElementTree

from . import paths, server
from .web_client import WebClient

ROUNDS = 3
ADDON = paths.ADDON
SUBJECT = "Benchmark"  # of the mailings in `bench_decide_addon`


def measure(env, database):
    """{screen: seconds} of those that must open at once; and of those on request."""
    with contextlib.closing(env.pg.connect(database)) as link, link.cursor() as cursor:
        facts = Facts(cursor)
    options = ("--max-cron-threads", 0, "--limit-time-real", 3600)
    with server.serve(env, database, None, *options) as running:
        screens = Screens(WebClient(running.url, database), facts)
        return (
            _all(screens, screens.at_once()),
            _all(screens, screens.on_request()),
        )


def _all(screens, names):
    return {name.partition("_")[2]: _seconds(screens, name) for name in names}


def _seconds(screens, name):
    """Median; the first time only warms up."""
    times = []
    for _turn in range(ROUNDS + 1):
        screens.client.seconds = 0.0
        getattr(screens, name)()
        times.append(screens.client.seconds)
    return median(times[1:])


class Facts:
    """Which records the screens show: the largest there are."""

    def __init__(self, cursor):
        def one(query, *values):
            cursor.execute(query, values)
            return cursor.fetchone()[0]

        self.moment = one("SELECT moment FROM bench.facts")
        self.draft, self.sent = (
            one(
                "SELECT max(id) FROM mailing_mailing WHERE subject = %s AND state = %s",
                SUBJECT,
                state,
            )
            for state in ("draft", "done")
        )
        self.hold = one(
            "SELECT min(id) FROM contact_hold WHERE mailing_id = %s", self.sent
        )
        # somebody who was held back, with as many touches as such people have
        self.profile = one(
            "SELECT profile_id FROM contact_touch"
            " WHERE profile_id IN (SELECT profile_id FROM contact_hold)"
            " GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
        )
        self.partner = one(
            "SELECT partner_id FROM contact_profile WHERE id = %s", self.profile
        )
        self.segment = one("SELECT max(id) FROM contact_segment")
        self.policy = one("SELECT min(id) FROM contact_policy WHERE is_guard")


class Screens:
    """Ways to open the addon's screens, each as the menu or the button does."""

    def __init__(self, client, facts):
        self.client = client
        self.facts = facts

    @classmethod
    def at_once(cls):
        """Names of the screens that must open within a second."""
        return cls._names("open_")

    @classmethod
    def on_request(cls):
        """Names of what somebody asks for, and waits for."""
        return cls._names("ask_")

    @classmethod
    def _names(cls, prefix):
        return [name for name in vars(cls) if name.startswith(prefix)]

    def open_start_page(self):
        self._overview("people", "steps")

    def open_start_page_pressure(self):
        self._overview("pressure", "caps", "held", "reviews")

    def open_start_page_reasons(self):
        self._overview("reasons")

    def open_profile_list(self):
        self._list("contact_profile_action")

    def ask_profile_search(self):
        name = ("name", "ilike", "Customer 000123")
        address = ("email_normalized", "ilike", "customer123")
        self._list("contact_profile_action", ["|", name, address])

    def open_profile_form(self):
        self._form("contact_profile_action", self.facts.profile)

    def open_profile_timeline(self):
        self.client.call("contact.profile", "get_timeline", [self.facts.profile])

    def open_hold_list(self):
        self._list("contact_hold_action")

    def open_hold_list_by_rule(self):
        domain = [("mailing_id", "=", self.facts.sent)]
        self._list("contact_hold_action", domain, ["rule_id"])

    def open_hold_list_of_rule(self):
        domain = [("mailing_id", "=", self.facts.sent), ("rule_id", "!=", False)]
        self._list("contact_hold_action", domain, [])

    def open_hold_form(self):
        self._form("contact_hold_action", self.facts.hold)

    def open_policy_list(self):
        self._list("contact_policy_action")

    def open_policy_form(self):
        self._form("contact_policy_action", self.facts.policy)

    def open_mailing_list(self):
        self._list("mass_mailing.mailing_mailing_action_mail")

    def open_mailing_form_draft(self):
        self._form("mass_mailing.mailing_mailing_action_mail", self.facts.draft)

    def open_mailing_form_sent(self):
        self._form("mass_mailing.mailing_mailing_action_mail", self.facts.sent)

    def open_segment_list(self):
        self._list("contact_segment_action")

    def open_segment_form(self):
        self._form("contact_segment_action", self.facts.segment)

    def ask_segment_counts(self):
        """What the form asks for once it is open."""
        self.client.call("contact.segment", "get_preview", [self.facts.segment], {})

    def ask_segment_list_counts(self):
        self.client.call("contact.segment", "get_people_counts", [self.facts.segment])

    def ask_segment_insights(self):
        self.client.call("contact.segment", "get_insights", [self.facts.segment])

    def open_touch_list(self):
        self._list("contact_touch_action")

    def open_touch_list_of_profile(self):
        context = {
            "search_default_profile_id": self.facts.profile,
            "search_default_filter_week": 0,
        }
        self._list("contact_touch_action", context=context)

    def open_touch_pivot(self):
        action = self.client.action(f"{ADDON}.contact_touch_action")
        domain = self._defaults(action)[0]
        self.client.open_pivot("contact.touch", action["loaded"], domain)

    def open_touch_graph(self):
        action = self.client.action(f"{ADDON}.contact_touch_action")
        domain = self._defaults(action)[0]
        self.client.open_graph("contact.touch", action["loaded"], domain)

    def open_contact_form(self):
        self.client.open_form("res.partner", self.facts.partner)

    def ask_preflight(self):
        action = self.client.call(
            "mailing.mailing", "action_preflight", [self.facts.draft]
        )
        ids = [action["res_id"]]
        while self.client.call("contact.preflight", "ask_next", ids)["is_asking"]:
            pass

    def _overview(self, *parts):
        self.client.call("contact.profile", "get_overview", parts=parts)

    def _list(self, xmlid, domain=(), groups=None, context=None):
        """Open a list.

        :param domain: instead of the filters the action switches on
        :param groups: what to group by, instead of what the action says
        """
        action = self.client.action(self._full(xmlid))
        default, default_groups = self._defaults(action, context)
        self.client.open_list(
            action["res_model"],
            action["loaded"],
            domain or default,
            default_groups if groups is None else groups,
        )

    def _form(self, xmlid, record_id):
        action = self.client.action(self._full(xmlid))
        self.client.open_form(action["res_model"], record_id, action["loaded"])

    def _full(self, xmlid):
        return xmlid if "." in xmlid else f"{ADDON}.{xmlid}"

    def _defaults(self, action, context=None):
        """Domain and grouping by the filters an action switches on."""
        given = self._read(action["context"] or "{}") | (context or {})
        view = action["loaded"]["views"]["search"]["arch"]
        domain, groups = self._read(action["domain"] or "[]"), {}
        for node in ElementTree.fromstring(view).iter():
            value = given.get(f"search_default_{node.get('name')}")
            if not value:
                continue
            if node.tag == "field":
                domain.append((node.get("name"), "=", value))
            elif "group_by" in node.get("context", ""):
                groups[value] = self._read(node.get("context"))["group_by"]
            elif node.get("domain"):
                domain += self._read(node.get("domain"))
        return domain, [groups[place] for place in sorted(groups)]

    def _read(self, text):
        """Values of the views, as of the ledger's last day, which is "today" also when
        that was long ago."""
        if not isinstance(text, str):
            return text
        text = re.sub(r"\buid\b", str(self.client.context["uid"]), text)
        text = re.sub(r"'today((?: [-+]\d+d)*)'", self._day, text)
        return ast.literal_eval(text)

    def _day(self, match):
        days = sum(int(part[:-1]) for part in match[1].split())
        return f"'{self.facts.moment + timedelta(days=days):%Y-%m-%d}'"
