"""Domains as users write them: the text of a literal, in a field."""

import ast

from odoo.fields import Domain

MISREAD = (
    AttributeError,
    KeyError,
    RecursionError,
    SyntaxError,
    TypeError,
    ValueError,
)
"""What reading a domain, or making a search of it, can raise."""


def read_domain(text) -> Domain:
    """Read what was written; where nothing was, all is meant.

    :param str text: may be empty or false
    :raise MISREAD: it is no domain
    """
    return Domain(ast.literal_eval(text or "[]"))
