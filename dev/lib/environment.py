"""What a command works with: the Python, the Odoo, the server, in one object."""

import os
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from . import console, odoo_source, paths, postgres, process

CONFIG = """\
[options]
addons_path = {addons}
data_dir = {data}
http_interface = 127.0.0.1
list_db = True
without_demo = True
limit_time_cpu = 3600
limit_time_real = 3600
"""


@dataclass(frozen=True)
class Env:
    """Facts, and the ways to run Odoo with them."""

    python: Path
    odoo_path: Path  # the folder for PYTHONPATH
    odoo_build: str
    addons_path: tuple
    data_dir: Path
    config: Path
    pg: postgres.Server

    def process_environment(self, **extra):
        """The environment of a child process that is to work with this Odoo."""
        variables = dict(os.environ)
        search = (str(paths.BIN), str(paths.VENV / "bin"), variables.get("PATH", ""))
        variables.update(self.pg.variables())
        variables.update(
            PATH=os.pathsep.join(search),
            PYTHONPATH=os.pathsep.join((str(paths.DEV), str(self.odoo_path))),
            ODOO_RC=str(self.config),
        )
        return {**variables, **extra}

    def odoo_command(self, *arguments):
        """The command line of Odoo; the rest comes from the environment."""
        return [str(self.python), "-m", "odoo", *map(str, arguments)]

    def odoo(self, *arguments, step=None, log=None, timeout=1800, **variables):
        """Run an Odoo command that must succeed, its output in a log."""
        process.run(
            self.odoo_command(*arguments),
            step or f"odoo {arguments[0]}",
            timeout=timeout,
            log=log,
            env=self.process_environment(**variables),
        )

    def run_script(self, database, script, *arguments, log=None, timeout=3600, **more):
        """Run a script with ``env`` open (``odoo shell``); return its exit code.

        The script finds its arguments in ``CS_ARGUMENTS``, separated by newlines. Its
        transaction is rolled back unless it commits. Without a ``log`` its output goes
        to the terminal and Odoo logs warnings only.
        """
        command = self.odoo_command("shell", "-d", database, "--no-http")
        variables = {"CS_ARGUMENTS": "\n".join(map(str, arguments)), **more}
        options = {"env": self.process_environment(**variables), "timeout": timeout}
        with ExitStack() as stack:
            options["stdin"] = stack.enter_context(open(script, encoding="utf-8"))
            if log:
                return process.call(command, log, **options)
            command.append("--log-level=warn")
            return subprocess.run(command, check=False, **options).returncode


def setup(cluster="main", extra_addons=()) -> Env:
    """Start (or find) the server and describe the environment."""
    odoo_path, build = odoo_source.location()
    pg = postgres.start(cluster)
    data = paths.CACHE / ("data" if cluster == "main" else f"data-{cluster}")
    addons = (paths.link_addon(), *extra_addons)
    if any("," in str(path) for path in (*addons, data)):
        console.fail(f"Odoo cannot work in a folder with a comma: move {paths.ROOT}")
    data.mkdir(parents=True, exist_ok=True)
    text = CONFIG.format(addons=",".join(map(str, addons)), data=data)
    name = f"odoo-{cluster}{'-oca' if extra_addons else ''}.conf"
    config = paths.RUN / name
    if not config.is_file() or config.read_text(encoding="utf-8") != text:
        partial = config.with_suffix(f".{os.getpid()}")
        partial.write_text(text, encoding="utf-8")
        partial.replace(config)
    return Env(paths.VENV_PYTHON, odoo_path, build, addons, data, config, pg)
