"""Odoo's command line, without the process for live chat, which is not tortured.

Odoo starts that process again and again where it cannot run; something that sleeps
takes its place.
"""

import subprocess

from odoo.cli.command import main
from odoo.service.server import PreforkServer


def _sleep_instead(self):
    sleeper = subprocess.Popen(["sleep", "infinity"])
    self.long_polling_pid = sleeper.pid


PreforkServer.long_polling_spawn = _sleep_instead
main()
