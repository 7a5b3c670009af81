"""Two versions of a policy, compared by what they say.

Terms are plain values, as ``contact.policy._version_terms`` makes them: ``fields`` (the
policy's own), ``order`` (ids of the policies that are asked one after the other) and
``rules`` (``id`` and ``values`` of each, in order).
"""

from typing import NamedTuple

ORDER = "order"
RULE_ORDER = "rule_order"


class Difference(NamedTuple):
    """One thing that is not as it was.

    ``key``: the name of a field, ``order``, ``rule_order``, or ``rule``. ``before`` and
    ``after``: for rules, their entries in ``rules``; None where there was, or is, none.
    """

    key: str
    before: dict | None = None
    after: dict | None = None


def differences(before, after, policy_id):
    """What is not as it was, in the order in which a version is read.

    Policies that came or went since do not change the place of the others; rules that
    say the same are the same, also where one was put in the other's place.

    :param dict before: terms; None or False: there was nothing
    :param dict after: terms
    :param int policy_id: whose terms they are
    :rtype: list of Difference
    """
    before = before or {"fields": {}, "order": [], "rules": []}
    names = [*after["fields"], *(set(before["fields"]) - set(after["fields"]))]
    found = [
        Difference(name)
        for name in names
        if (before["fields"].get(name) or False) != (after["fields"].get(name) or False)
    ]
    if _is_moved(before["order"], after["order"], policy_id):
        found.append(Difference(ORDER))
    pairs = _pairs(before["rules"], after["rules"])
    found += [
        Difference("rule", old, new)
        for old, new in pairs
        if not old or not new or old["values"] != new["values"]
    ]
    kept = [(old, new) for old, new in pairs if old and new]
    was = [old["id"] for old in before["rules"]]
    places = [was.index(old["id"]) for old, _new in kept]
    if places != sorted(places):
        found.append(Difference(RULE_ORDER))
    return found


def _is_moved(before, after, policy_id):
    """Do others stand above than did, of those who were there and still are?"""
    if policy_id not in before or policy_id not in after:
        return False  # it is a guard, or binds nobody: the order says nothing
    common = set(before) & set(after)
    above = [
        [id_ for id_ in order[: order.index(policy_id)] if id_ in common]
        for order in (before, after)
    ]
    return set(above[0]) != set(above[1])


def _pairs(before, after):
    """(old, new) of all rules: those that are gone, then the others in order."""
    left = list(before)
    found = {}
    for is_same in (
        lambda old, new: old["id"] == new["id"] and old["values"] == new["values"],
        lambda old, new: old["values"] == new["values"],
        lambda old, new: old["id"] == new["id"],
    ):
        for place, new in enumerate(after):
            old = next((old for old in left if is_same(old, new)), None)
            if place not in found and old:
                found[place] = old
                left.remove(old)
    pairs = [(found.get(place), new) for place, new in enumerate(after)]
    return [(old, None) for old in left] + pairs
