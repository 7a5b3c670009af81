"""The addon's ``.pot``: export it, and see whether the one in the tree is current."""

import os

from . import databases, paths

POT = paths.ROOT / "i18n" / f"{paths.ADDON}.pot"
DATES = ('"POT-Creation-Date:', '"PO-Revision-Date:')


def export(env):
    """The addon's terms, exported by Odoo from a database that has it."""
    template = databases.ensure_template(env)
    fresh = paths.RUN / f"export-{os.getpid()}.pot"
    arguments = ("i18n", "export", "-d", template, "-o", fresh, paths.ADDON)
    with databases.reserved(env, template):
        env.odoo(*arguments, step="export the terms")
    text = fresh.read_text(encoding="utf-8")
    fresh.unlink()
    return text


def undated(text):
    """The text without the dates, which change with every export."""
    return [line for line in text.splitlines() if not line.startswith(DATES)]


def is_current(text):
    """Does the file in the tree hold the same terms?"""
    if not POT.is_file():
        return False
    return undated(POT.read_text(encoding="utf-8")) == undated(text)
