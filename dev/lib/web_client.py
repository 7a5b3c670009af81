"""What Odoo's web client asks the server for when it opens a screen.

The same requests, made by a session over HTTP; so that their server time can be
measured without a browser.
"""

import ast
import http.cookiejar
import json
import time
import urllib.request
from xml.etree import ElementTree

PAGE, COUNT_LIMIT = 80, 10_001  # of a list
LINES = 40  # of a list inside a form
DOMAIN_LIMIT = 10_001


class WebClient:
    """A session; ``seconds`` sums up how long the server took for its requests."""

    def __init__(self, url, database, login="admin", password="admin"):
        self.url, self.seconds = url, 0.0
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(jar)
        who = {"db": database, "login": login, "password": password}
        self.context = self.post("/web/session/authenticate", who)["user_context"]

    def post(self, route, params):
        """The result of one request.

        :raise RuntimeError: the server refused
        """
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params})
        request = urllib.request.Request(
            self.url + route, body.encode(), {"Content-Type": "application/json"}
        )
        start = time.perf_counter()
        with self.opener.open(request, timeout=600) as answer:
            content = answer.read()
        self.seconds += time.perf_counter() - start
        found = json.loads(content)
        if "error" in found:
            raise RuntimeError(found["error"]["data"]["debug"])
        return found["result"]

    def call(self, model, method, *args, context=None, **kwargs):
        """Call a method of a model."""
        kwargs["context"] = {**self.context, **(context or {})}
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        return self.post(f"/web/dataset/call_kw/{model}/{method}", params)

    def action(self, xmlid, context=None):
        """An action with its views, as they are loaded when it opens."""
        action = self.post(
            "/web/action/load",
            {"action_id": xmlid, "context": {**self.context, **(context or {})}},
        )
        action["loaded"] = self.views(action["res_model"], action["views"])
        return action

    def views(self, model, views=((False, "form"),)):
        """The architecture of a model's views."""
        wanted = [*views, (False, "search")]
        options = {"action_id": False, "load_filters": True, "toolbar": True}
        return self.call(model, "get_views", wanted, options=options)

    def open_form(self, model, record_id, loaded=None):
        """Read a record as its form does; domains in it count their records."""
        loaded = loaded or self.views(model)
        arch = ElementTree.fromstring(loaded["views"]["form"]["arch"])
        wanted = specification(arch, model, loaded["models"])
        (record,) = self.call(model, "web_read", [record_id], specification=wanted)
        for field in arch.iter("field"):
            if field.get("widget") == "domain":
                self._count(record, field)
        return record

    def _count(self, record, field):
        options = field.get("options", "")
        of_model = field.get("model") or options.partition("'model': '")[2]
        model = of_model.partition("'")[0]
        model = record.get(model, model)
        if model and record.get(field.get("name")):
            domain = ast.literal_eval(record[field.get("name")])
            self.call(model, "search_count", domain, limit=DOMAIN_LIMIT)

    def open_list(self, model, loaded, domain=(), groups=()):
        """The first page of a list, or its groups."""
        arch = ElementTree.fromstring(loaded["views"]["list"]["arch"])
        wanted = specification(arch, model, loaded["models"])
        if groups:
            sums = [
                f"{field.get('name')}:sum"
                for field in arch.iter("field")
                if field.get("sum")
            ]
            options = {"groupby": groups, "aggregates": sums, "limit": PAGE}
            more = {"unfold_read_specification": wanted, "auto_unfold": False}
            return self.call(model, "web_read_group", list(domain), **options, **more)
        return self.call(
            model,
            "web_search_read",
            list(domain),
            wanted,
            order=arch.get("default_order", ""),
            limit=int(arch.get("limit", PAGE)),
            count_limit=COUNT_LIMIT,
        )

    def open_pivot(self, model, loaded, domain=()):
        """All combinations a pivot shows at first."""
        arch = ElementTree.fromstring(loaded["views"]["pivot"]["arch"])
        groups = {"row": [], "col": []}
        for field in arch.iter("field"):
            if field.get("type") in groups:
                interval = field.get("interval")
                name = field.get("name") + (f":{interval}" if interval else "")
                groups[field.get("type")].append(name)
        sets = [
            [*groups["row"][:rows], *groups["col"][:columns]]
            for rows in range(len(groups["row"]) + 1)
            for columns in range(len(groups["col"]) + 1)
        ]
        return self.call(
            model, "formatted_read_grouping_sets", list(domain), sets, ["__count"]
        )

    def open_graph(self, model, loaded, domain=()):
        """The groups a graph shows."""
        arch = ElementTree.fromstring(loaded["views"]["graph"]["arch"])
        groups = [
            field.get("name")
            + (f":{field.get('interval')}" if field.get("interval") else "")
            for field in arch.iter("field")
            if field.get("type") != "measure" and not field.get("invisible")
        ]
        return self.call(
            model, "formatted_read_group", list(domain), groups, ["__count"]
        )


def specification(arch, model, models):
    """What `web_read` is asked for, from a view."""
    wanted = {}
    for field in _fields_of(arch):
        name = field.get("name")
        description = models[model]["fields"].get(name)
        if description is None:
            continue
        wanted[name] = _of_field(field, description, models)
    return wanted


def _of_field(field, description, models):
    kind, relation = description["type"], description.get("relation")
    if kind == "many2one":
        return {"fields": {"display_name": {}}}
    if kind not in ("one2many", "many2many"):
        return {}
    for view in field:
        if view.tag in ("list", "kanban"):
            inside = {"fields": specification(view, relation, models)}
            order = view.get("default_order")
            page = {"limit": int(view.get("limit", LINES)), "order": order or ""}
            return inside | page
    if field.get("widget", "").startswith("many2many"):
        return {"fields": {"display_name": {}}}
    return {}


def _fields_of(node):
    """The fields of a view, not those of the views inside it."""
    for child in node:
        if child.tag == "field":
            yield child
        else:
            yield from _fields_of(child)
