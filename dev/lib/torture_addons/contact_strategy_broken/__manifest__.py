{
    "name": "Contact Strategy, broken on purpose",
    "summary": "The counter-proof of ./dev/torture: never install it",
    "version": "19.0.1.0.0",
    "license": "LGPL-3",
    "author": "Contact Strategy",
    "depends": ["mass_mailing_contact_strategy"],
}
