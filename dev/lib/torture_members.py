"""Look for what may never be true of segments' members, in SQL of its own.

As ``torture_people`` does for people: nothing of the addon's code is used. Who belongs
to a segment is worked out from its lines as they stand in the database, one small
statement for each line, and put together here.
"""

import ast

KIND = "wrong_members"
QUESTIONS = {
    "two open memberships in one segment": """
        SELECT profile_id, array_agg(id) FROM contact_segment_member
         WHERE until IS NULL GROUP BY profile_id, segment_id HAVING count(*) > 1
    """,
    "a membership of nobody": """
        SELECT member.profile_id, member.id FROM contact_segment_member member
          LEFT JOIN contact_profile profile ON profile.id = member.profile_id
         WHERE profile.id IS NULL
    """,
    "left before entering": """
        SELECT profile_id, concat(id, ': ', since, ' to ', until)
          FROM contact_segment_member WHERE until < since
    """,
    "in two segments of one waterfall": """
        SELECT member.profile_id, array_agg(member.segment_id)
          FROM contact_segment_member member
          JOIN contact_segment segment ON segment.id = member.segment_id
         WHERE member.until IS NULL AND member.is_cut IS NOT TRUE
         GROUP BY member.profile_id, segment.waterfall_id
        HAVING segment.waterfall_id IS NOT NULL AND count(*) > 1
    """,
    "entered or left, and no action ran": """
        SELECT profile_id, concat(what, ' ', segment_id)
          FROM (SELECT * FROM torture_member_change
                 WHERE segment_id IN (
                       SELECT contact_segment_id FROM contact_segment_enter_action)
                   AND transaction::text NOT IN (
                       SELECT transaction::text FROM torture_gone)
                EXCEPT ALL
                SELECT * FROM torture_told) alone
    """,
    "an action ran, and nobody entered or left": """
        SELECT profile_id, concat(what, ' ', segment_id)
          FROM (SELECT * FROM torture_told
                EXCEPT ALL
                SELECT * FROM torture_member_change) alone
    """,
    "a segment that could not be refreshed": """
        SELECT NULL, concat(id, ': ', error) FROM contact_segment
         WHERE COALESCE(error, '') <> ''
    """,
    "written to, whatever the segment says": """
        SELECT NULL, concat(got.address, ', mailing ', got.mailing_id)
          FROM (SELECT mailing_id, address FROM torture_accepted
                 UNION
                SELECT mailing_id, address FROM contact_touch) got
          JOIN torture_chosen chosen ON chosen.mailing_id = got.mailing_id
         WHERE chosen.is_exact
           AND (got.address LIKE '%@%' OR got.address LIKE '+%') -- not a letter's
           AND (got.address LIKE 'loyal.%' OR got.address LIKE '+32470%')
               = chosen.is_outside
    """,
}
SEGMENTS = """
    SELECT id, refreshed_date, COALESCE(max_members, 0), waterfall_id
      FROM contact_segment WHERE kind = 'refreshed' AND active
     ORDER BY waterfall_sequence, id
"""
LINES = """
    SELECT line.id, line.kind, COALESCE(line.level, 0), COALESCE(line.is_negated, FALSE)
      FROM contact_segment_condition line WHERE line.segment_id = %(segment)s
     ORDER BY line.sequence, line.id
"""
OPEN = """
    SELECT profile_id FROM contact_segment_member
     WHERE segment_id = %(segment)s AND until IS NULL AND is_cut IS NOT TRUE
"""
RANKED = """
    SELECT id FROM contact_profile WHERE id = ANY(%(ids)s)
     ORDER BY engagement_score DESC NULLS LAST, id LIMIT %(maximum)s
"""
# Rows of people for each kind of line
LINE = {
    "domain": """
        SELECT id FROM contact_profile WHERE email_normalized LIKE 'loyal.%%'
    """,
    "persona": """
        SELECT profile.id FROM contact_profile profile
          JOIN contact_persona_contact_segment_condition_rel chosen
            ON chosen.contact_persona_id = profile.persona_id
         WHERE chosen.contact_segment_condition_id = %(line)s
    """,
    "stage": """
        SELECT profile.id FROM contact_profile profile
          JOIN contact_journey_stage_contact_segment_condition_rel chosen
            ON chosen.contact_journey_stage_id = profile.journey_stage_id
         WHERE chosen.contact_segment_condition_id = %(line)s
    """,
    # Of dimensions in which one answer counts: said before concluded. A line about
    # what was said asks for no more than that.
    "tag": """
        SELECT own.profile_id
          FROM (SELECT *, row_number() OVER (
                       PARTITION BY profile_id, dimension_id
                       ORDER BY kind = 'explicit' DESC,
                                CASE WHEN kind = 'implicit' THEN confidence END DESC,
                                last_seen DESC, tag_id DESC) AS place
                  FROM contact_tag_assignment
                 WHERE active
                   AND (expires IS NULL OR expires > %(at)s)) own
          JOIN contact_segment_condition line ON line.id = %(line)s
          JOIN contact_segment_condition_contact_tag_rel chosen
            ON chosen.contact_segment_condition_id = line.id
           AND chosen.contact_tag_id = own.tag_id
         WHERE own.kind = line.tag_kind OR line.tag_kind = 'either' AND own.place = 1
    """,
    "behaviour": """
        SELECT touch.profile_id
          FROM contact_touch touch
          JOIN contact_segment_condition line ON line.id = %(line)s
         WHERE touch.{column} = %(value)s AND touch.date <= %(at)s
           AND touch.date > %(at)s - line.window_value * interval '1 day'
         GROUP BY touch.profile_id, line.threshold HAVING count(*) >= line.threshold
    """,
    "segment": """
        SELECT member.profile_id FROM contact_segment_member member
          JOIN contact_segment_condition_other chosen
            ON chosen.contact_segment_id = member.segment_id
         WHERE chosen.contact_segment_condition_id = %(line)s
           AND member.until IS NULL AND member.is_cut IS NOT TRUE
    """,
}
GROUPS = {"all": set.intersection, "any": set.union, "none": set.union}


def wrong(ask):
    """All that is wrong of members.

    :param ask: called with a statement and its values, returns rows
    :return: list of dicts: what, of whom, and what is known of it
    """
    found = [
        {"what": what, "profile": profile_id, "found": known}
        for what, statement in QUESTIONS.items()
        for profile_id, known in ask(statement)
    ]
    taken = {}
    for segment_id, at, maximum, waterfall_id in ask(SEGMENTS):
        expected = _fitting(ask, segment_id, at)
        if waterfall_id:
            expected -= taken.setdefault(waterfall_id, set())
        if maximum:
            rows = ask(RANKED, ids=list(expected), maximum=maximum)
            expected = {row[0] for row in rows}
        if waterfall_id:
            taken[waterfall_id] |= expected
        members = {row[0] for row in ask(OPEN, segment=segment_id)}
        found += [
            {"what": what, "profile": profile_id, "found": f"segment {segment_id}"}
            for what, ids in (
                ("not a member, and should be", expected - members),
                ("a member, and should not be", members - expected),
            )
            for profile_id in sorted(ids)
        ]
    return found


def _fitting(ask, segment_id, at):
    """The people of whom all lines are true."""
    everybody = {row[0] for row in ask("SELECT id FROM contact_profile")}
    lines = ask(LINES, segment=segment_id)
    fitting = set(everybody)
    while lines:
        (line_id, kind, _level, is_negated), *lines = lines
        if kind in GROUPS:
            parts = []
            while lines and lines[0][2]:
                (child_id, child_kind, _level, child_negated), *lines = lines
                own = _of_line(ask, child_id, child_kind, at)
                parts.append(everybody - own if child_negated else own)
            people = GROUPS[kind](*parts)
            is_negated = is_negated != (kind == "none")
        else:
            people = _of_line(ask, line_id, kind, at)
        fitting &= everybody - people if is_negated else people
    return fitting


def _of_line(ask, line_id, kind, at):
    statement, values = LINE[kind], {"line": line_id, "at": at}
    if kind == "behaviour":
        ((domain,),) = ask(
            "SELECT domain FROM contact_segment_condition WHERE id = %(line)s", **values
        )
        ((column, _operator, value),) = ast.literal_eval(domain)
        statement = statement.format(column=column)
        values["value"] = value
    return {row[0] for row in ask(statement, **values)}
