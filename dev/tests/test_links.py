"""The folder by which Odoo sees the checkout under the addon's name."""

import pytest
from lib import paths


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout with some addon, some tooling, and hidden things."""
    root = tmp_path / "any name"
    for name in ("__manifest__.py", "models/a.py", "dev/x", ".git/y", "docs/z"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("")
    monkeypatch.setattr(paths, "ROOT", root)
    monkeypatch.setattr(paths, "ADDONS", root / ".dev" / "addons")
    return root


def _links():
    return {path.name for path in (paths.ADDONS / paths.ADDON).iterdir()}


def test_addon_alone_is_linked(checkout):
    """Only what belongs to the addon: Odoo follows links, and walks through all."""
    paths.link_addon()
    assert _links() == {"__manifest__.py", "models"}
    linked = paths.ADDONS / paths.ADDON / "models" / "a.py"
    assert linked.samefile(checkout / "models" / "a.py")


def test_links_follow_the_checkout(checkout):
    """What is new gets a link, what is gone loses it, an old whole link is replaced."""
    paths.ADDONS.mkdir(parents=True)
    (paths.ADDONS / paths.ADDON).symlink_to(checkout)
    paths.link_addon()
    (checkout / "views").mkdir()
    (checkout / "__manifest__.py").unlink()
    paths.link_addon()
    assert _links() == {"models", "views"}
