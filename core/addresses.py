"""What an e-mail address tells about whoever has it."""

from __future__ import annotations

import re

ROLES = frozenset(
    (
        "abuse",
        "accounting",
        "accounts",
        "admin",
        "administrator",
        "admissions",
        "advertising",
        "all",
        "ap",
        "apply",
        "ar",
        "archive",
        "billing",
        "board",
        "booking",
        "bookings",
        "business",
        "career",
        "careers",
        "compliance",
        "contact",
        "contact-us",
        "contacto",
        "contactus",
        "contato",
        "crew",
        "customer-service",
        "customercare",
        "customers",
        "customerservice",
        "data",
        "datenschutz",
        "dev",
        "devnull",
        "dispatch",
        "dns",
        "editor",
        "editorial",
        "einkauf",
        "empfang",
        "enquiries",
        "enquiry",
        "events",
        "everyone",
        "export",
        "facturacion",
        "feedback",
        "finance",
        "fiscal",
        "ftp",
        "geschaeftsleitung",
        "hallo",
        "hello",
        "help",
        "helpdesk",
        "hi",
        "home",
        "hostmaster",
        "hr",
        "import",
        "info",
        "information",
        "infos",
        "inquiries",
        "inquiry",
        "investor",
        "investors",
        "invoice",
        "invoices",
        "it",
        "jobs",
        "kontakt",
        "legal",
        "list",
        "list-request",
        "mail",
        "mailbox",
        "mailer-daemon",
        "manager",
        "marketing",
        "media",
        "news",
        "newsletter",
        "no-reply",
        "noc",
        "noreply",
        "office",
        "oficina",
        "operations",
        "orders",
        "personal",
        "post",
        "postmaster",
        "press",
        "presse",
        "privacy",
        "procurement",
        "purchasing",
        "queries",
        "reception",
        "recruiting",
        "recruitment",
        "registrar",
        "reklamation",
        "remove",
        "request",
        "reservations",
        "root",
        "sales",
        "secretariat",
        "security",
        "service",
        "services",
        "shop",
        "spam",
        "staff",
        "subscribe",
        "support",
        "team",
        "tech",
        "undisclosed-recipients",
        "unsubscribe",
        "usenet",
        "uucp",
        "vendas",
        "ventas",
        "verkauf",
        "vertrieb",
        "web",
        "webmaster",
        "welcome",
        "www",
    )
)
"""Names before the @ that stand for a task or a desk, not for a person."""

PLAUSIBLE = r"^[^@[:space:]]+@([^@.[:space:]]+\.)+(?![0-9]+$)[^@.[:space:]]{2,}$"
"""An address that mail can reach, as the database reads it."""
_PLAUSIBLE = re.compile(PLAUSIBLE.replace("[:space:]", r"\s"))


def local_part(address: str) -> str:
    """What stands before the @, without what mail servers ignore.

    >>> local_part("anna.berg+shop@strategy.test")
    'anna.berg'
    """
    return address.split("@")[0].split("+")[0]


def is_role(address: str) -> bool:
    """Does nobody in particular read it?

    >>> is_role("info@strategy.test"), is_role("infante@strategy.test")
    (True, False)
    """
    return local_part(address) in ROLES


def is_plausible(address: str) -> bool:
    """Could mail arrive there?

    >>> is_plausible("anna@strategy.test"), is_plausible("anna@mail.xn--p1ai")
    (True, True)
    >>> is_plausible("anna@localhost"), is_plausible("anna@strategy..test")
    (False, False)
    >>> is_plausible("anna@10.0.0.1")
    False
    """
    return bool(_PLAUSIBLE.match(address))
