"""``./dev/demo``: a week of mailings to 1,000 customers under a contact strategy.

Makes the database ``contact_strategy_demo``, sends four mailings over a simulated week
through a real SMTP server, proves that nobody heard more than the rules allow, and
serves the result. Ends with 1 if a sum is wrong.
"""

import argparse
import contextlib
import json
import subprocess
from datetime import datetime, timezone

from . import (
    console,
    databases,
    demo_check,
    demo_facts,
    demo_known,
    demo_plan,
    demo_sample,
    demo_smtp,
    demo_table,
    demo_units_check,
    environment,
    locks,
    paths,
    process,
    server,
)

SCRIPT = paths.DEV / "lib" / "demo_run.py"
LOG = paths.LOGS / "demo.log"
STAMP = paths.RUN / "demo.done"
LIMIT = 900  # seconds for the whole week
DATABASE = demo_plan.DATABASE
WELCOME = """
Odoo serves the demo at {url}
  log in as admin / admin, director / director (may edit policies) or
  marketing / marketing (writes mailings, sees the reasons)
What to look at:
  1. Contact Strategy > Policies: whom each is for, its rules as sentences
  2. Email Marketing > Mailings > Women's offer: sent, deferred, held back; who and why
  3. Contact Strategy > Held Back: people by rule, the reason, the next free date
  4. Contact Strategy > Touches: the ledger as list, pivot and graph
  5. a new mailing to Contacts: of N recipients, x now, y later, z not, before sending
  6. Contact Strategy > Overview: personas by stage; Personas: the portraits; a profile:
     what was said and concluded, each with its evidence
  7. Contact Strategy > Segments: eight of them, a waterfall, and their overlaps
  8. Policies > Guests of both units: a complaint, a ladder of silence, what is kept for
     the lodge, a household, costs; Held Back: "Shops: lanterns"; Overrides: one, used
     (tick both units at the top right)
Ctrl-C ends it.
"""


def parse(argv):
    """Read the arguments."""
    parser = argparse.ArgumentParser(prog="dev/demo", description=__doc__)
    parser.add_argument(
        "--no-serve", action="store_true", help="end after the tables and the checks"
    )
    parser.add_argument(
        "--keep", action="store_true", help="serve the database of the last run"
    )
    parser.add_argument(
        "--with-sales",
        action="store_true",
        help="install the app Sales, so that purchases are sales orders",
    )
    parser.add_argument(
        "--port", type=int, help="port for Odoo (default: 8069 if free, else another)"
    )
    return parser.parse_args(argv)


def main(argv):
    """Make, check, serve."""
    options = parse(argv)
    if options.port and not server.is_free(options.port):
        console.fail(
            f"port {options.port} is taken: stop what listens there, or choose another"
        )
    env = environment.setup()
    refused = [c.email for c in demo_sample.load() if demo_plan.is_refused(c)]
    with locks.exclusive("demo"), demo_smtp.serve(refused) as (smtp_port, handler):
        if options.keep and is_made(env):
            console.note(f"the database {DATABASE} is kept as it is")
            good = True
        else:
            good = make(env, smtp_port, handler, options.with_sales)
        if good and not options.no_serve:
            serve(env, smtp_port, options.port)
    return 0 if good else 1


def is_made(env):
    """Is there a demo database, lived through to the end?"""
    return STAMP.is_file() and databases.exists(env, DATABASE)


def make(env, smtp_port, handler, with_sales=False):
    """Make the database, show the tables, tell whether all sums are right."""
    STAMP.unlink(missing_ok=True)
    modules = (*databases.BASE, "sale") if with_sales else databases.BASE
    template = databases.ensure_template(env, modules)
    with console.progress(f"create the database {DATABASE}"):
        databases.duplicate(env, template, DATABASE)
        _relax(env)
    end = datetime.now(timezone.utc).replace(
        minute=0, second=0, microsecond=0, tzinfo=None
    )
    screens = live(env, end - demo_plan.LENGTH, smtp_port)
    STAMP.write_text(f"{end}\n", encoding="utf-8")
    facts = demo_facts.read(env, DATABASE, [s["id"] for s in screens.values()])
    demo_table.show(facts, screens)
    known = demo_known.read(env)
    demo_known.show(known)
    customers = demo_sample.load()
    return _tell(
        demo_check.Checks(facts, customers, screens, handler.accepted, end),
        demo_known.Checks(known, customers, facts.closed, end),
        demo_units_check.Checks(demo_units_check.read(env)),
    )


def _tell(*judges):
    """What was looked at, and what is wrong; is everything right?"""
    for checks in judges:
        checks.run()
    console.note("")
    for line in (line for checks in judges for line in checks.lines):
        console.note(line)
    wrong = [line for checks in judges for line in checks.wrong]
    for line in wrong:
        console.note(f"WRONG  {line}")
    console.note(f"{len(wrong)} things are wrong" if wrong else "everything adds up")
    return not wrong


def _relax(env):
    """Odoo commits after each message: do not wait for the disk each time. (A crash of
    the whole machine could lose the last second of a demo.)"""
    with contextlib.closing(env.pg.connect()) as link, link.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {DATABASE} SET synchronous_commit = off")


def live(env, start, smtp_port):
    """Live through the week inside Odoo; return what its screens say."""
    result, error = paths.RUN / "demo-result.json", paths.RUN / "demo-error.txt"
    for path in (result, error, LOG):
        path.unlink(missing_ok=True)
    command = env.odoo_command("shell", "-d", DATABASE, "--no-http", "--logfile", LOG)
    arguments = "\n".join(map(str, (start.isoformat(), smtp_port, result, error)))
    with open(SCRIPT, encoding="utf-8") as script:
        try:
            code = subprocess.run(
                command,
                stdin=script,
                env=env.process_environment(CS_ARGUMENTS=arguments),
                timeout=LIMIT,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            console.fail(f"the week took more than {LIMIT} s: see {LOG}")
    if code or not result.is_file():
        said = error.read_text("utf-8") if error.is_file() else "Odoo ended early"
        advice = process.explain(process.tail(LOG)) if not error.is_file() else None
        console.fail(f"the demo could not be run: {advice or said} (log: {LOG})")
    return json.loads(result.read_text(encoding="utf-8"))


def serve(env, smtp_port, port):
    """Serve until Ctrl-C; the SMTP server stays, so mailings that wait go out."""
    with contextlib.closing(env.pg.connect(DATABASE)) as link, link.cursor() as cursor:
        cursor.execute("UPDATE ir_mail_server SET smtp_port = %s", (smtp_port,))
    port = port or server.free_port(8069)
    log = paths.LOGS / "demo-serve.log"
    with contextlib.ExitStack() as stack:
        with console.progress("start Odoo"):
            running = stack.enter_context(server.serve(env, DATABASE, port, log=log))
        console.note(WELCOME.format(url=running.url))
        try:
            running.process.wait()
        except KeyboardInterrupt:
            console.note("\nstopped; ./dev/demo --keep serves the same database again")
            return
        console.fail(f"Odoo has ended: see {log}")
