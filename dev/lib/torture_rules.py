"""The rules in force, as the check of torture reads them: from their tables."""

import ast
from dataclasses import dataclass

LOYAL_NUMBERS = "+32470"
ROLLING = {"hour": "hours", "day": "days", "week": "weeks", "month": "months"}
SAME = {
    "inbox": "y.address = x.address",
    # the same person by now, and already so when x was decided
    "person": """y.profile_id = x.profile_id AND x.person = COALESCE((
                     SELECT m.profile_id FROM torture_move m
                      WHERE m.touch_id = y.id AND x.decided_at - interval '20 ms'
                            > pg_xact_commit_timestamp(m.transaction)
                      ORDER BY m.id DESC LIMIT 1), y.person)""",
}
RULES = """
    SELECT r.id, r.rule_type, r.max_touches, r.window_value, r.window_unit,
           r.window_kind, r.count_per, p.is_guard,
           CASE WHEN s.id IS NULL THEN p.domain
                ELSE '[("email_normalized", "=like", "loyal.%%")]' END, p.id,
           ARRAY(SELECT contact_category_id
                   FROM contact_category_contact_policy_rule_rel
                  WHERE contact_policy_rule_id = r.id),
           ARRAY(SELECT contact_channel_id
                   FROM contact_channel_contact_policy_rule_rel
                  WHERE contact_policy_rule_id = r.id),
           (SELECT count(DISTINCT maximum) FROM torture_rule_value
             WHERE rule_id = r.id) > 1
      FROM contact_policy_rule r JOIN contact_policy p ON p.id = r.policy_id
      LEFT JOIN contact_policy_segment_rel l ON l.contact_policy_id = p.id
      LEFT JOIN contact_segment s ON s.id = l.contact_segment_id
     WHERE r.active AND p.active AND r.rule_type IN ('cap', 'gap')
       AND r.count_per IN ('person', 'inbox')
       -- who was in any other segment at that time, nobody knows any more
       AND (s.id IS NULL OR s.name ->> 'en_US' = ANY(%(exact)s))
     ORDER BY p.sequence, p.id, r.id
"""


@dataclass(frozen=True)
class Rule:
    """A rule as it stands in the database."""

    id: int
    kind: str
    maximum: int
    value: int
    unit: str
    window: str
    per: str
    is_guard: bool
    domain: str
    policy_id: int
    categories: list
    channels: list
    is_edited: bool

    @property
    def fits(self):
        """Patterns of the addresses that the policy is for."""
        domain = ast.literal_eval(self.domain or "[]")
        patterns = [value for _field, _operator, value in domain]
        if "loyal.%" in patterns:
            patterns.append(f"{LOYAL_NUMBERS}%")
        return patterns or ["%"]

    @property
    def interval(self):
        """The length of the window, as PostgreSQL says it."""
        return f"{self.value} {ROLLING[self.unit]}"


def takes_away(earlier, rule):
    """Does an earlier policy take people away from this rule's? The first one wins."""
    if rule.is_guard or earlier.is_guard:
        return False
    return earlier.policy_id != rule.policy_id


def window(rule):
    """Which touches are inside a window, and which windows are around x."""
    if rule.window == "calendar":  # days, in UTC: nobody here has another clock
        day = f"date_trunc('{rule.unit}', %s)"
        return {
            "inside": f"{day % 'inside.date'} = {day % 'ends.date'}",
            "around": "ends.id = ends.x_id",
        }
    return {
        "inside": "inside.date <= ends.date"
        " AND inside.date > ends.date - %(window)s::interval",
        "around": "ends.date >= ends.x_date"
        " AND ends.date < ends.x_date + %(window)s::interval",
    }
