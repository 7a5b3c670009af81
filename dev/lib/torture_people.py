"""Look for what may never be true of people after torture, in SQL of its own.

As ``torture_check`` does for the ledger: nothing of the addon's code is used. Each
question gives rows (profile, what else there is to know).
"""

import ast

KIND = "wrong_profiles"
QUESTIONS = {
    "two live rows of one tag": """
        SELECT profile_id, array_agg(id) FROM contact_tag_assignment
         WHERE active GROUP BY profile_id, tag_id, kind HAVING count(*) > 1
    """,
    "a hit of nobody": """
        SELECT hit.profile_id, hit.id FROM contact_signal_hit hit
          LEFT JOIN contact_profile profile ON profile.id = hit.profile_id
         WHERE profile.id IS NULL OR profile.is_seed
    """,
    "two hits of one signal": """
        SELECT profile_id, array_agg(id) FROM contact_signal_hit
         GROUP BY profile_id, signal_id HAVING count(*) > 1
    """,
    "a persona that was said, overwritten": """
        SELECT u.profile_id, concat('persona ', u.was_id, ' became ', u.is_id)
          FROM torture_unsaid u
         WHERE NOT EXISTS (
               SELECT FROM torture_persona_change c
                WHERE c.profile_id = u.profile_id AND c.transaction = u.transaction
                  AND c.source = 'user')
    """,
    "not the best persona": """
        SELECT profile.id, concat(profile.persona_id, ' instead of ', best.persona_id)
          FROM contact_profile profile
          LEFT JOIN LATERAL (
               SELECT candidate.persona_id
                 FROM contact_persona_candidate candidate
                 JOIN contact_persona persona ON persona.id = candidate.persona_id
                WHERE candidate.profile_id = profile.id
                  AND candidate.score >= persona.threshold
                ORDER BY candidate.score DESC, persona.sequence, persona.id
                LIMIT 1) best ON TRUE
         WHERE profile.persona_kind IS DISTINCT FROM 'explicit'
           AND profile.persona_id IS DISTINCT FROM best.persona_id
    """,
    "a stage without its move": """
        SELECT profile_id, concat(from_id, ' to ', to_id)
          FROM (SELECT * FROM torture_stage
                 WHERE transaction::text NOT IN (
                       SELECT transaction::text FROM torture_gone)
                EXCEPT ALL
                SELECT * FROM torture_stage_move) alone
    """,
    "a move without a change of stage": """
        SELECT profile_id, concat(from_id, ' to ', to_id)
          FROM (SELECT * FROM torture_stage_move
                EXCEPT ALL
                SELECT * FROM torture_stage) alone
    """,
    "not in the stage of the last move": """
        SELECT profile.id, concat(profile.journey_stage_id, ', not ', move.stage_id)
          FROM contact_profile profile
          JOIN LATERAL (
               SELECT stage_id FROM contact_journey_move
                WHERE profile_id = profile.id AND is_merged IS NOT TRUE
                ORDER BY id DESC LIMIT 1) move ON TRUE
         WHERE profile.journey_stage_id IS DISTINCT FROM move.stage_id
    """,
    "a tag that counts otherwise than its signals": """
        SELECT own.profile_id, concat(own.times_seen, ' instead of ',
                                      own.times_told + COALESCE(said.facts, 0))
          FROM contact_tag_assignment own
          LEFT JOIN LATERAL (
               SELECT sum(hit.fact_count)::int AS facts
                 FROM contact_signal_hit hit
                 JOIN contact_signal signal ON signal.id = hit.signal_id
                WHERE hit.profile_id = own.profile_id AND signal.effect = 'tag'
                  AND signal.active AND signal.tag_id = own.tag_id
                  AND signal.tag_kind = own.kind) said ON TRUE
         WHERE own.active
           AND own.times_seen <> own.times_told + COALESCE(said.facts, 0)
    """,
    "a hit without its tag": """
        SELECT hit.profile_id, hit.id
          FROM contact_signal_hit hit
          JOIN contact_signal signal ON signal.id = hit.signal_id
         WHERE signal.effect = 'tag' AND signal.active
           AND NOT EXISTS (
               SELECT FROM contact_tag_assignment own
                WHERE own.active AND own.profile_id = hit.profile_id
                  AND own.tag_id = signal.tag_id AND own.kind = signal.tag_kind)
    """,
    "quality otherwise than its faults": """
        SELECT profile.id, concat(profile.quality_score, ', lost ', lost.points)
          FROM contact_profile profile
          LEFT JOIN LATERAL (
               SELECT COALESCE(sum(fault.points), 0)::int AS points
                 FROM contact_profile_quality_rel rel
                 JOIN contact_quality_check fault ON fault.id = rel.check_id
                WHERE rel.profile_id = profile.id) lost ON TRUE
         WHERE profile.quality_score <> GREATEST(0, 100 - lost.points)
    """,
}
SIGNALS = """
    SELECT id, domain, threshold::int FROM contact_signal
     WHERE active AND name ->> 'en_US' LIKE 'Torture%' ORDER BY id
"""
FACTS = """
    SELECT COALESCE(hit.profile_id, fact.profile_id),
           concat(hit.fact_count, ' instead of ', fact.number)
      FROM (SELECT profile_id, count(*) AS number FROM contact_touch
             WHERE {column} = %(value)s AND date <= now() AT TIME ZONE 'UTC'
             GROUP BY profile_id HAVING count(*) >= %(least)s) fact
      FULL JOIN (SELECT profile_id, fact_count FROM contact_signal_hit
                  WHERE signal_id = %(signal)s) hit
        ON hit.profile_id = fact.profile_id
     WHERE hit.fact_count IS DISTINCT FROM fact.number
"""


def wrong(ask):
    """All that is wrong of people.

    :param ask: called with a statement and its values, returns rows
    :return: list of dicts: what, of whom, and what is known of it
    """
    found = [
        {"what": what, "profile": profile_id, "found": known}
        for what, statement in QUESTIONS.items()
        for profile_id, known in ask(statement)
    ]
    for signal_id, domain, least in ask(SIGNALS):
        ((column, _operator, value),) = ast.literal_eval(domain)
        statement = FACTS.format(column=column)
        rows = ask(statement, value=value, least=least, signal=signal_id)
        found += [
            {
                "what": "hits otherwise than the facts",
                "profile": profile_id,
                "signal": signal_id,
                "found": known,
            }
            for profile_id, known in rows
        ]
    return found
