"""What an outline says of somebody, when each of its lines is answered."""

from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.core import outline

GROUPS = {"all": " AND ", "any": " OR ", "none": " OR "}


def formula(nodes, answers, known):
    """Of whom are they all true? As far as is known: what a group holds of unknown
    lines does not count, and a group without any is no condition.

    :param nodes: of the outline
    :param dict answers: {line: column of the answer}
    :param set known: the lines that count
    :rtype: SQL
    """
    return _joined("all", nodes, answers, known) or SQL("TRUE")


def _joined(kind, nodes, answers, known):
    parts = [
        part for node in nodes if (part := _part(node, answers, known)) is not None
    ]
    if not parts:
        return None
    joined = SQL("(%s)", SQL(GROUPS[kind]).join(parts))
    return SQL("NOT %s", joined) if kind == "none" else joined


def _part(node, answers, known):
    line = node.item
    if not node.is_group:
        return answers[line] if line in known else None
    part = _joined(line.kind, node.children, answers, known)
    return SQL("NOT %s", part) if part and line.is_negated else part


def prefixes(nodes):
    """What is known after each line: all before it and itself; after the line of a
    group, what the group holds.

    :return: list of (line, set of lines)
    """
    known, result = set(), []
    for node in _flat(nodes):
        known.add(node.item)
        result.append((node.item, known | {one.item for one in _flat(node.children)}))
    return result


def causes(nodes, answers):
    """The lines that make it true of somebody of whom it is true.

    :param dict answers: {line: is it true?}
    :return: pairs (line, is it true?)
    """
    for node in nodes:
        yield from _causes_of(node, answers, True)


def _causes_of(node, answers, is_true):
    """Why is the node true of somebody, or why not?"""
    line = node.item
    if not node.is_group:
        yield line, is_true
        return
    if line.is_negated:
        is_true = not is_true
    # "none" is true as "any" is not
    each = is_true != (line.kind == "none")
    is_one_enough = (line.kind == "all") != is_true
    for child in node.children:
        if not is_one_enough or holds(child, answers) == each:
            yield from _causes_of(child, answers, each)


def holds(node, answers):
    """Is it true of somebody?"""
    line = node.item
    if not node.is_group:
        return answers[line]
    held = [holds(child, answers) for child in node.children]
    is_true = all(held) if line.kind == "all" else any(held)
    is_outside = (line.kind == "none") != line.is_negated
    return is_true != is_outside


def _flat(nodes):
    return (node for _level, node in outline.walk(nodes))
