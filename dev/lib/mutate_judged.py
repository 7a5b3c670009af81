"""Changes that change nothing, each with a reason: ``dev/mutate_equivalent.toml``."""

import tomli

from . import console, paths

FILE = paths.DEV / "mutate_equivalent.toml"


def load(file=FILE):
    """The reasons by what they are about: {(file, scope, what): reason}."""
    if not file.is_file():
        return {}
    listed = tomli.loads(file.read_text(encoding="utf-8")).get("equivalent", ())
    for entry in listed:
        if not str(entry.get("reason", "")).strip():
            console.fail(f"{file}: {entry.get('what')} has no reason")
    return {
        (entry["file"], entry.get("scope", ""), entry["what"]): entry["reason"]
        for entry in listed
    }


def sort(results, reasons):
    """Which survivors are known to be no different, and which reasons nobody needs.

    :param list results: dicts with file, scope, what, outcome
    :return: results with ``outcome`` *equivalent* where there is a reason; the reasons
        that speak of nothing in these files, or of what a test notices
    """
    used, answer = set(), []
    for result in results:
        key = result["file"], result["scope"], result["what"]
        if result["outcome"] == "survived" and key in reasons:
            used.add(key)
            result = {**result, "outcome": "equivalent", "reason": reasons[key]}
        answer.append(result)
    tried = {result["file"] for result in results}
    return answer, [key for key in reasons if key[0] in tried and key not in used]
