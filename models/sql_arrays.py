"""Long lists as SQL, for all rooms."""

from odoo.tools import SQL


def int_array(values):
    """Ids as one literal: five times faster to send than a list of parameters."""
    return SQL("%s::int[]", f"{{{','.join(map(str, values))}}}")


def text_array(values):
    """Texts as one literal, for the same reason; an empty one is NULL."""
    quoted = (
        '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' if value else "NULL"
        for value in values
    )
    return SQL("%s::varchar[]", f"{{{','.join(quoted)}}}")
