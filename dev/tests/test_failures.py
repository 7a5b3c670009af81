"""Every failure is one clear line that says what to do, with exit code 2."""

import errno
import socket
import subprocess
import sys

import pytest
from lib import apt, browser, console, node, odoo_source, paths, process, server

OUTPUTS = {
    "E: Failed to fetch x  Temporary failure resolving 'deb.example'": "no network",
    "npm error code EAI_AGAIN": "no network",
    "Failed to establish a new connection: [Errno 111]": "no network",
    "dpkg-deb: error: write: No space left on device": "disk is full",
    "npm error nospc ENOSPC: no space left": "disk is full",
    "The following signatures couldn't be verified: NO_PUBKEY 1": "signature",
    "ERROR: No matching distribution found for lxml==1": "use 3.10 to 3.13",
    "ssl.SSLError: CERTIFICATE_VERIFY_FAILED": "certificate",
    "Traceback:\nodoo.tools.convert.ParseError: while parsing x": "while parsing x",
}


@pytest.mark.parametrize("output", OUTPUTS)
def test_programs_output_is_explained(output):
    """What programs say is translated into what a person can do."""
    assert OUTPUTS[output] in process.explain(output)


def test_unknown_output_is_not_explained():
    """Nothing is made up."""
    assert process.explain("something else") is None


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (console.Failure("do this"), 2, "error: do this"),
        (OSError(errno.ENOSPC, "No space"), 2, "the disk is full"),
        (KeyboardInterrupt(), 130, "run the same command again"),
        (ValueError("odd\nsecond line"), 2, "ValueError: odd (details: "),
    ],
)
def test_one_line_and_a_code(raised, code, said, capsys):
    """Whatever is raised, the person sees one line and no traceback."""

    def broken(argv):
        raise raised

    assert console.guarded(broken, []) == code
    error = capsys.readouterr().err
    assert said in error
    assert len(error.splitlines()) == 1


def _release(folder, series):
    (folder / "odoo").mkdir(parents=True)
    line = f"version_info = ({series}, 0, FINAL, 0, '')\n"
    (folder / "odoo" / "release.py").write_text(line)


def test_home_with_wrong_version(tmp_path, monkeypatch):
    """An Odoo 18 in ODOO_HOME is named, not used."""
    _release(tmp_path / "old", "18, 0")
    monkeypatch.setenv("ODOO_HOME", str(tmp_path / "old"))
    with pytest.raises(console.Failure, match=r"is Odoo 18\.0: this addon needs 19\.0"):
        odoo_source._from_home()


def test_home_without_odoo(tmp_path, monkeypatch):
    """A folder without Odoo is named."""
    monkeypatch.setenv("ODOO_HOME", str(tmp_path))
    with pytest.raises(console.Failure, match="holds no Odoo"):
        odoo_source._from_home()


@pytest.mark.parametrize("inside", ["", odoo_source.IN_PACKAGE])
def test_home_that_fits(tmp_path, monkeypatch, inside):
    """A source checkout and an unpacked package are both taken."""
    _release(tmp_path / inside, "19, 0")
    monkeypatch.setenv("ODOO_HOME", str(tmp_path))
    path, _build = odoo_source._from_home()
    assert path == tmp_path / inside


def test_nowhere_to_get_odoo_from(monkeypatch):
    """Without a Debian source and an address, both ways out are named."""
    monkeypatch.setattr(apt, "is_available", lambda: False)
    assert odoo_source._package() is None
    with pytest.raises(console.Failure, match=r"set ODOO_HOME to .* or ODOO_GIT"):
        odoo_source._clone()


def test_no_apt(monkeypatch):
    """Fetching a package without apt says what to do instead."""
    monkeypatch.setattr(apt, "is_available", lambda: False)
    with pytest.raises(console.Failure, match="set ODOO_HOME"):
        apt.fetch("sid", ["odoo-19"])


def test_wrong_package(tmp_path, monkeypatch):
    """Another series in the distribution is refused and not kept."""
    package = tmp_path / "odoo-19_20.0_all.deb"
    package.write_bytes(b"x")
    monkeypatch.setattr(apt, "field", lambda package, name: "20.0")
    with pytest.raises(console.Failure, match=r"is 20\.0, not a whole 19\.0"):
        odoo_source._check_package(package)
    assert not package.exists()


def test_port_taken():
    """A taken port is named before anything is started."""
    with socket.socket() as listener:
        listener.bind((server.HOST, 0))
        listener.listen()
        port = listener.getsockname()[1]
        assert server.free_port(port) != port
        with pytest.raises(console.Failure, match=f"port {port} is taken"):
            server.serve(None, "db", port).__enter__()


def test_no_browser(monkeypatch, tmp_path):
    """No Chromium and no right to install it: there is none, and a line for it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROME_BIN", raising=False)
    monkeypatch.delenv("CI", raising=False)
    assert browser.find() is None
    assert not browser.may_install()
    assert browser.ensure() is None
    assert "--install-system" in browser.MISSING


def test_no_node(monkeypatch, tmp_path):
    """No Node.js on the machine: not fitting, so one is fetched."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert node.find("node") is None
    assert not node._is_fitting()


def test_missing_program(tmp_path):
    """A program that is not there is named."""
    with pytest.raises(console.Failure, match="not-a-program is missing: install it"):
        process.run(["not-a-program"], "try it", log=tmp_path / "log")


def test_program_that_hangs(tmp_path):
    """A limit on time ends a program and says so."""
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    with pytest.raises(console.Failure, match="took more than 1 s"):
        process.run(command, "wait", timeout=1, log=tmp_path / "log")


def test_old_python_is_told_so(tmp_path):
    """``launch`` refuses a Python out of range, when there is no other."""
    script = (
        "import sys; sys.version_info = (3, 9, 0); "
        f"sys.path.insert(0, {str(paths.DEV)!r}); "
        "from lib.launch import launch; launch('lib.setup_command')"
    )
    found = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env={"PATH": str(tmp_path)},
        check=False,
    )
    assert found.returncode == 2
    assert "needs Python 3.10 to 3.13, this is 3.9" in found.stderr
