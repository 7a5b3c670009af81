"""``./dev/pot``: write ``i18n/mass_mailing_contact_strategy.pot`` anew."""

from . import console, environment, translations


def main(argv):
    """Export the terms; a file that differs by its dates only stays as it is."""
    text = translations.export(environment.setup("test"))
    if translations.is_current(text):
        console.note(f"{translations.POT} is up to date")
        return 0
    translations.POT.parent.mkdir(exist_ok=True)
    translations.POT.write_text(text, encoding="utf-8")
    console.note(f"wrote {translations.POT}")
    return 0
