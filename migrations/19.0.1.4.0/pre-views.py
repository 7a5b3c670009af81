"""What the form of a segment no longer asks for.

Its warning is told with the numbers, which come once the form is open. Odoo reads the
form again before the part of it that named the field.
"""

import json

from lxml import etree

FIELD = "use_warning"
VIEW = """
    SELECT view.id, view.arch_db
      FROM ir_ui_view view
      JOIN ir_model_data data ON data.model = 'ir.ui.view' AND data.res_id = view.id
     WHERE data.module = 'mass_mailing_contact_strategy'
       AND data.name = 'contact_segment_view_form_used'
"""


def migrate(cr, _version):
    """Take the field out of it."""
    cr.execute(VIEW)
    for view_id, archs in cr.fetchall():
        kept = {lang: _without_field(arch) for lang, arch in archs.items()}
        cr.execute(
            "UPDATE ir_ui_view SET arch_db = %s WHERE id = %s",
            [json.dumps(kept), view_id],
        )


def _without_field(arch):
    tree = etree.fromstring(arch)
    for node in tree.xpath(f"//field[@name='{FIELD}']"):
        node.getparent().remove(node)
    return etree.tostring(tree, encoding="unicode")
