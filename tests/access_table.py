"""Who may do what with which model: the promise, in one table.

Letters: C create, R read, W write, D delete. ``docs/access.md`` shows the same table;
``test_access_table`` tries every cell as a real user, and fails where a model of the
addon has no row.
"""

from .common import ADDON

COLUMNS = {
    # title: groups of the user who tries
    "public": ("base.group_public",),
    "portal": ("base.group_portal",),
    "internal user": ("base.group_user",),
    "contact editor": ("base.group_user", "base.group_partner_manager"),
    "strategy user": ("base.group_user", f"{ADDON}.{ADDON}_group_user"),
    "Email Marketing user": (
        "base.group_user",
        "mass_mailing.group_mass_mailing_user",
    ),
    "strategy manager": ("base.group_user", f"{ADDON}.{ADDON}_group_manager"),
    "administrator": ("base.group_user", "base.group_system"),
}
READER = ("", "", "", "", "R", "R", "CRWD", "")
TABLE = {
    # model: one text for each column
    "contact.category": READER,
    "contact.channel": READER,
    "contact.dose": ("", "", "", "", "R", "R", "R", ""),
    "contact.handover": ("", "", "", "", "", "", "", "R"),
    "contact.hold": ("", "", "", "", "R", "R", "RW", ""),
    "contact.holdout": ("", "", "", "", "R", "R", "R", ""),
    "contact.override": ("", "", "", "", "R", "R", "CRW", ""),
    "contact.persona": ("", "", "R", "R", "CRW", "CRW", "CRWD", "R"),
    "contact.persona.candidate": ("", "", "", "", "R", "R", "R", ""),
    "contact.persona.change": ("", "", "", "", "R", "R", "R", ""),
    "contact.journey.balance": ("", "", "", "", "R", "R", "R", ""),
    "contact.journey.move": ("", "", "", "", "R", "R", "R", ""),
    "contact.journey.reach": ("", "", "", "", "R", "R", "R", ""),
    "contact.journey.stage": ("", "", "R", "R", "R", "R", "CRWD", "R"),
    "contact.policy": READER,
    "contact.policy.version": ("", "", "", "", "R", "R", "R", ""),
    "contact.policy.rule": READER,
    "contact.policy.rule.date": READER,
    "contact.policy.rule.quota": READER,
    "contact.policy.rule.step": READER,
    "contact.policy.starter": ("", "", "", "", "", "", "CRWD", ""),
    "contact.policy.try": ("", "", "", "", "CRWD", "CRWD", "CRWD", ""),
    "contact.preflight": ("", "", "", "", "RWD", "CRWD", "CRWD", ""),
    "contact.preflight.line": ("", "", "", "", "CRWD", "CRWD", "CRWD", ""),
    "contact.pressure": ("", "", "", "", "R", "R", "R", ""),
    "contact.print.return": ("", "", "", "", "CRWD", "CRWD", "CRWD", ""),
    "contact.print.run": ("", "", "", "", "R", "R", "R", ""),
    "contact.profile": ("", "", "", "", "RW", "RW", "CRWD", ""),
    "contact.quality.check": READER,
    "contact.tag": ("", "", "R", "R", "CRW", "CRW", "CRWD", "R"),
    "contact.tag.assignment": ("", "", "", "", "CRW", "CRW", "CRWD", ""),
    "contact.tag.dimension": ("", "", "R", "R", "R", "R", "CRWD", "R"),
    "contact.segment": ("", "", "", "", "CRWD", "CRWD", "CRWD", ""),
    "contact.segment.condition": ("", "", "", "", "CRWD", "CRWD", "CRWD", ""),
    "contact.segment.member": ("", "", "", "", "R", "R", "R", ""),
    "contact.segment.waterfall": ("", "", "", "", "CRWD", "CRWD", "CRWD", ""),
    "contact.signal": READER,
    "contact.signal.hit": ("", "", "", "", "R", "R", "R", ""),
    "contact.stage.move": ("", "", "", "", "CRWD", "CRWD", "CRWD", ""),
    "contact.touch": ("", "", "", "", "CR", "CR", "CRW", ""),
    "contact.touch.year": ("", "", "", "", "R", "R", "R", ""),
    "contact.wish": ("", "", "", "", "R", "R", "R", ""),
    "contact.wish.change": ("", "", "", "", "R", "R", "R", ""),
    "contact.wish.revoke": ("", "", "", "", "CRWD", "CRWD", "CRWD", ""),
}
NOTES = """\
- An administrator of Odoo is a manager of the strategy only when made one; the first
  administrator is. Programs in rules are for administrators who are managers.
- A preview is seen by whoever asked for it, and by nobody else. Whoever may not open
  Email Marketing can ask for none.
- Print runs are made by sending a letter. What became of the letters is said by whoever
  may send the mailing; the dialog for it is seen by whoever opened it.
- A dialog to move people back is seen by whoever opened it. Moves on the journey are
  history: made by moving people, and changed by nobody.
- Managers correct touches that were noted by hand; what a mailing sent is history for
  everybody. Profiles are deleted only while nothing was sent to the person.
- Versions of policies are history: made by changing policies, and written by nobody.
  Whether changes need approval is a setting; managers approve.
- Tags and their dimensions are words that everybody may read; of whom something is
  known is for users of the strategy. A tag that is known of somebody is archived, not
  deleted.
- What a person asked for is the person's own word: said on the public page, revoked by
  a user with a reason, and changed by nobody else. Its history is evidence.
- Personas are portraits that everybody may read; who is which persona is for users of
  the strategy, and everybody sees it on the contact.
- Everything is limited to the business units a user belongs to: a message of another
  unit counts for the rules, and is named to nobody who may not see it.
"""


def as_markdown():
    """The page of the documentation."""
    titles = list(COLUMNS)
    lines = [
        "# Who may do what",
        "",
        "C create, R read, W write, D delete. Kept true by",
        "`tests/test_access_table.py`, which tries every cell as a user of that kind.",
        "",
        f"| model | {' | '.join(titles)} |",
        f"|---|{'---|' * len(titles)}",
        *(
            f"| `{model}` | {' | '.join(cell or '-' for cell in cells)} |"
            for model, cells in TABLE.items()
        ),
    ]
    return "\n".join([*lines, "", NOTES])
