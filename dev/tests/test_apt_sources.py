"""The private apt is derived from whatever source the machine has."""

import pytest
from lib import apt_sources

DEB822 = """\
# a comment
Types: deb
URIs: mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: mirror.example/debian-security
Suites: bookworm-security
Components: main
"""
INLINE_KEY = """\
Types: deb deb-src
URIs: mirror.example/debian
Suites: trixie
Components: main contrib
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc
"""
ONE_LINE = """\
# deb mirror.example/other bookworm main
deb [signed-by=/k.gpg arch=amd64] mirror.example/debian bookworm main contrib # x
deb mirror.example/debian-security bookworm-security main
"""
BOOKWORM = {"ID": "debian", "VERSION_CODENAME": "bookworm"}


def _etc(tmp_path, name, text):
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return tmp_path


def test_stanzas(tmp_path):
    """The first stanza of the system's own suite is taken, with its key."""
    etc = _etc(tmp_path, "sources.list.d/debian.sources", DEB822)
    rendered = apt_sources.render(apt_sources.find_source(etc, BOOKWORM), "sid")
    assert rendered == (
        "Types: deb\nSuites: sid\nComponents: main\nURIs: mirror.example/debian\n"
        "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
    )


def test_one_line(tmp_path):
    """The old format, with options and comments."""
    etc = _etc(tmp_path, "sources.list", ONE_LINE)
    source = apt_sources.find_source(etc, BOOKWORM)
    assert source["URIs"] == "mirror.example/debian"
    assert source["Signed-By"] == "/k.gpg"
    assert source["Components"] == "main contrib"


def test_key_inside_the_stanza(tmp_path):
    """A key of several lines stays as it is."""
    etc = _etc(tmp_path, "sources.list.d/x.sources", INLINE_KEY)
    release = {"ID": "debian", "VERSION_CODENAME": "trixie"}
    rendered = apt_sources.render(apt_sources.find_source(etc, release), "sid")
    assert "Signed-By: \n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc" in rendered


@pytest.mark.parametrize(
    ("release", "text"),
    [
        ({"ID": "ubuntu", "VERSION_CODENAME": "noble"}, DEB822),
        (BOOKWORM, DEB822.replace("bookworm bookworm-updates", "bookworm-backports")),
        (BOOKWORM, "Enabled: no\n" + DEB822),
        (BOOKWORM, ""),
    ],
)
def test_no_source(tmp_path, release, text):
    """Other systems, side suites and disabled sources do not count."""
    etc = _etc(tmp_path, "sources.list.d/x.sources", text)
    assert apt_sources.find_source(etc, release) is None
