"""``./dev/shot URL FILE``: a screenshot of a page, logged in, by headless Chromium.

URL may be a path (``/odoo/action-mass_mailing.mailing_mailing_action_mail``): then the
database is served on a free port while the picture is made.
"""

import argparse
import json
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

from . import browser, console, environment, node, odoo_command, paths, server

SCRIPT = paths.DEV / "lib" / "shot.cjs"
LIMIT = 180  # seconds for one picture


def parse(argv):
    """Read the arguments."""
    parser = argparse.ArgumentParser(prog="dev/shot", description=__doc__)
    parser.add_argument("url", metavar="URL", help="an address, or a path of Odoo's")
    parser.add_argument("file", metavar="FILE", help="the PNG to write")
    parser.add_argument("--db", default=odoo_command.DEFAULT)
    parser.add_argument("--login", default="admin", help="'' for the public site")
    parser.add_argument("--password", help="the login's by default")
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--height", type=int, default=800)
    parser.add_argument("--wait", metavar="SELECTOR", help="wait until this is there")
    parser.add_argument("--click", metavar="SELECTOR", action="append", default=[])
    parser.add_argument("--pause", type=float, default=0.5, help="seconds before it")
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--full", action="store_true", help="the page's whole height")
    return parser.parse_args(argv)


def main(argv):
    """Make one picture."""
    options = parse(argv)
    if urlsplit(options.url).scheme:
        base = "{0.scheme}://{0.netloc}".format(urlsplit(options.url))
        shoot(base, **vars(options))
    else:
        env = environment.setup()
        odoo_command.ensure_database(env, options.db)
        with server.serve(env, options.db) as running:
            shoot(running.url, **vars(options))
    console.note(f"wrote {options.file}")
    return 0


def shoot(base, url, file, db, login="admin", password=None, **more):
    """Make a picture of a page of the Odoo at ``base``.

    ``more``: ``width``, ``height``, ``wait``, ``click`` (selectors, in order),
    ``pause`` (seconds), ``dark``, ``full``.
    """
    chromium = browser.find()
    if chromium is None:
        console.fail(f"no screenshot: {browser.MISSING}")
    target = Path(file).resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    options = {"width": 1280, "height": 800, "wait": None, "click": (), **more}
    options.update(
        base=base,
        url=url,
        file=str(target),
        db=db,
        login=login,
        password=login if password is None else password,
        pause=int(1000 * more.get("pause", 0.5)),
        browser=chromium,
        flags=browser.flags(),
    )
    command = [node.find("node"), str(SCRIPT), json.dumps(options)]
    try:
        done = subprocess.run(
            command,
            env=node.environment(),
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        console.fail(f"no screenshot of {url} within {LIMIT} s")
    if done.returncode:
        lines = (done.stdout + done.stderr).strip().splitlines() or ["no reason given"]
        console.fail(f"no screenshot of {url}: {lines[0]}")
