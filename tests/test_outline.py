import doctest

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.mass_mailing_contact_strategy.core import moments, outline
from odoo.addons.mass_mailing_contact_strategy.core.outline import Line

TREES = st.recursive(
    st.integers(),
    lambda children: st.lists(children, min_size=1, max_size=3),
    max_leaves=12,
)


def flat(trees, level=0):
    """Lines of nested lists: a list is a group."""
    for tree in trees:
        if isinstance(tree, list):
            yield Line(level, True, "group")
            yield from flat(tree, level + 1)
        else:
            yield Line(level, False, tree)


def nested(nodes):
    return [nested(node.children) if node.is_group else node.item for node in nodes]


@tagged("post_install", "-at_install")
class TestOutline(BaseCase):
    """Lines become a tree, or are refused."""

    def test_documentation(self):
        """The examples in the documentation are true."""
        for module in (outline, moments):
            self.assertEqual(doctest.testmod(module).failed, 0)

    @settings(deadline=None, database=None)
    @given(st.lists(TREES, max_size=4))
    def test_there_and_back(self, trees):
        """Whatever tree is written as lines is read as the same tree."""
        lines = list(flat(trees))
        nodes = outline.parse(lines)
        self.assertEqual(nested(nodes), trees)
        self.assertEqual(
            [level for level, _node in outline.walk(nodes)],
            [line.level for line in lines],
        )

    @settings(deadline=None, database=None, max_examples=300)
    @given(st.lists(st.tuples(st.integers(-1, 3), st.booleans()), max_size=7))
    def test_any_lines(self, raw):
        """Lines that are no tree are refused, with the first line that is wrong."""
        lines = [Line(level, is_group, i) for i, (level, is_group) in enumerate(raw)]
        fault = self._fault(lines)
        if not fault:
            nodes = outline.parse(lines)
            self.assertEqual(
                [node.item for _level, node in outline.walk(nodes)],
                list(range(len(lines))),
            )
            return
        with self.assertRaises(outline.OutlineError) as error:
            outline.parse(lines)
        self.assertEqual((error.exception.code, error.exception.item), fault)

    def _fault(self, lines):
        """By looking at neighbours: one step in, and only below a group."""
        for number, line in enumerate(lines):
            before = lines[number - 1] if number else Line(-1, True, None)
            deepest = before.level + before.is_group
            is_left = number and before.is_group and 0 <= line.level <= before.level
            if is_left:
                return outline.EMPTY, before.item
            if not 0 <= line.level <= deepest:
                return outline.TOO_DEEP, line.item
        if lines and lines[-1].is_group:
            return outline.EMPTY, lines[-1].item
        return None
