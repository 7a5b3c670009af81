"""``./dev/torture``: real Odoo processes, killed at random; then the ledger is checked.

See ``docs/torture.md`` for what goes on and how to read the answer.
"""

import argparse
import contextlib
import json
import random
import shutil
import sys
import time

from . import console, environment, oca, paths, postgres, process
from .torture_actors import Actors
from .torture_api import Refused
from .torture_check import COUNTERS, Check, accepted
from .torture_faults import Faults
from .torture_servers import OdooServer
from .torture_world import World

BAD = (
    "violations",
    "double_sends",
    "lost",
    "stale_reservations",
    "deadlocks",
    "wrong_counters",
    "wrong_profiles",
    "wrong_members",
)
BROKEN_ADDONS = paths.DEV / "lib" / "torture_addons"
STUCK = 90  # seconds without any progress: the queues will not come to rest
NO_PROOF = 2  # exit code of a counter-proof that proves nothing
SHOWN = 12  # findings of each kind on the terminal


def main(argv):
    """Torture, check, print. Returns 1 where anything leaked or was lost."""
    options = _parser().parse_args(argv)
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(10**6)
    if options.jobs:
        options.servers = 2  # each has a job runner; one of them works at a time
    where = sys.stderr if options.json else sys.stdout
    with contextlib.redirect_stdout(where):
        figures, findings = torture(options)
        _print_findings(findings)
    if options.json:
        print(json.dumps(figures))
    else:
        _print_table(figures)
    failed = any(figures[kind] for kind in BAD)
    if options.prove_it_can_fail:
        if not (figures["violations"] or figures["double_sends"]):
            console.note("nothing leaked: no proof")
            return NO_PROOF
        console.note("found out, as it must be: the harness can fail")
    return int(failed)


def _parser():
    parser = argparse.ArgumentParser(prog="dev/torture", description=__doc__)
    parser.add_argument("--seconds", type=int, default=600, help="how long (600)")
    parser.add_argument("--workers", type=int, default=4, help="queue workers (4)")
    parser.add_argument("--servers", type=int, choices=(1, 2), default=1)
    parser.add_argument("--people", type=int, default=400, help="contacts (400)")
    parser.add_argument("--seed", type=int, help="the same dice again")
    parser.add_argument("--jobs", action="store_true", help="two job runners (OCA)")
    parser.add_argument("--json", action="store_true", help="print only JSON")
    parser.add_argument(
        "--prove-it-can-fail",
        action="store_true",
        help="break the gate's lock: must be found out (exit code 1)",
    )
    return parser


def torture(options):
    """Run it all.

    :return: (figures by the keys of ``--json``, findings)
    """
    extra_addons = (oca.ensure(),) if options.jobs else ()
    env = environment.setup("torture", extra_addons)
    folder = paths.RUN / "torture"
    _clean(folder)
    world = World(env, folder, postgres.database_name(f"torture_{paths.ROOT.name}"))
    with contextlib.ExitStack() as stack:
        smtp_port = stack.enter_context(_far_end(env, folder, options.seed, "smtp"))
        sms_port = stack.enter_context(_far_end(env, folder, options.seed, "sms"))
        broken = BROKEN_ADDONS if options.prove_it_can_fail else None
        world.make(options, (smtp_port, sms_port), broken)
        world.remember_log()
        servers = stack.enter_context(_servers(world, options, broken))
        actors = Actors(world, [server.url for server in servers], options.seed)
        faults = Faults(world, servers, options.seed, options.jobs)
        with console.progress(f"torture, seed {options.seed}"):
            _torture(options.seconds, actors, faults)
        with console.progress("let the queues come to rest"):
            _come_to_rest(world, actors, servers)
            actors.settle()
        forms = actors.counters(COUNTERS)
    return _judge(world, options, faults, actors, forms)


def _clean(folder):
    for data in folder.glob("data-*"):  # of a run that was killed itself
        process.call(["umount", "-l", data], paths.LOGS / "torture-umount.log")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


@contextlib.contextmanager
def _far_end(env, folder, seed, kind):
    """Who takes the messages: a process of its own; gives its port."""
    (folder / "faults.json").write_text("{}", encoding="utf-8")
    (folder / "victims").write_text("", encoding="utf-8")
    command = [env.python, "-m", f"lib.torture_{kind}", folder, seed]
    log, port = folder / f"{kind}.log", folder / f"{kind}_port"
    running = process.spawn(command, log, env=env.process_environment())
    try:
        deadline = time.monotonic() + 20
        while not (port.is_file() and port.read_text(encoding="utf-8")):
            if time.monotonic() > deadline:
                console.fail(f"who takes the messages does not start: see {log}")
            time.sleep(0.1)
        yield int(port.read_text(encoding="utf-8"))
    finally:
        process.kill_group(running)


@contextlib.contextmanager
def _servers(world, options, broken):
    addons = (*world.env.addons_path, *([broken] if broken else []))
    share = max(options.workers // options.servers, 1)
    servers = [
        OdooServer(world, number, share, addons, options.jobs)
        for number in range(1, options.servers + 1)
    ]
    try:
        with console.progress("start Odoo"):
            for server in servers:
                server.prepare()
                server.start()
            if not all(server.wait() for server in servers):
                console.fail(f"Odoo does not start: see {world.folder}")
        world.query(
            "UPDATE ir_config_parameter SET value = %s WHERE key = 'web.base.url'",
            (servers[0].url,),
        )
        yield servers
    finally:
        for server in servers:
            server.close()


def _torture(seconds, actors, faults):
    actors.start()
    faults.start()
    try:
        time.sleep(seconds)
    finally:
        actors.stop()
        faults.stop()


def _come_to_rest(world, actors, servers):
    """Run the queues until nothing moves; days pass until nobody waits."""
    for server in servers:
        server.revive()
        server.wait()
    before, since = None, time.monotonic()
    while time.monotonic() < since + STUCK:
        actors.finish_launches()
        with contextlib.suppress(Refused, OSError):
            actors.settle_paper(share=2)
        world.wake_queues()
        time.sleep(1)
        is_at_work = world.is_at_work()  # asked first: what it did is seen then
        todo, mails, reserved, sending = left = world.unfinished()
        if not any(left):
            if is_at_work:
                continue
            return
        if not (todo or mails):
            world.pass_a_day()
        if left != before:
            before, since = left, time.monotonic()
    console.note(
        f"stuck: {todo} mailings to be sent, {mails} mails in the queue, {reserved} "
        f"reservations, {sending} mailings being sent"
    )


def _judge(world, options, faults, actors, forms):
    with (
        console.progress("check the ledger"),
        world.connect() as link,
        link.cursor() as cursor,
    ):
        check = Check(cursor, accepted(world.folder))
        found = check.run(forms)
    events = "".join(
        (world.folder / f"{kind}_events.jsonl").read_text(encoding="utf-8")
        for kind in ("smtp", "sms")
    )
    figures = {
        **found,
        "kills": faults.kills + events.count('"killed"'),
        "pg_restarts": faults.pg_restarts,
        "deadlocks": world.deadlocks(),
        "full_disks": faults.full_disks,
        "days": faults.days,
        "seconds": options.seconds,
        "seed": options.seed,
        "workers": options.workers,
        "servers": options.servers,
        **_job_figures(world, options, faults),
    }
    console.note(f"done by the actors: {dict(actors.done)}")
    for error, count in actors.errors.most_common(15):
        console.note(f"  {count:>5} x {error}")
    return figures, check.findings


def _job_figures(world, options, faults):
    if not options.jobs:
        return {}
    states = dict(
        world.query("SELECT state, count(*)::int FROM queue_job GROUP BY state")
    )
    console.note(f"jobs: {states}")
    return {"jobs": sum(states.values()), "runner_kills": faults.runner_kills}


def _print_findings(findings):
    for kind in BAD:
        of_kind = [facts for found, facts in findings if found == kind]
        for facts in of_kind[:SHOWN]:
            told = ", ".join(f"{name} {value}" for name, value in facts.items())
            console.note(f"{kind}: {told}")
        if len(of_kind) > SHOWN:
            console.note(f"{kind}: and {len(of_kind) - SHOWN} more")


def _print_table(figures):
    print()
    for name, value in figures.items():
        mark = "  <-- must be 0" if name in BAD and value else ""
        print(f"  {name:<20}{value!s:>10}{mark}")
