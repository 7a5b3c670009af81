"""The part of the demo that runs inside Odoo (fed to ``odoo shell``).

Arguments: the moment the week starts (ISO), the SMTP server's port, the file for the
result, the file for an error. What goes wrong ends up there in one line, and in Odoo's
log with all that belongs to it.
"""

import logging
import os
import sys

arguments = os.environ["CS_ARGUMENTS"].split("\n")
code = 0
try:
    from lib import demo_inside

    demo_inside.run(env, *arguments)  # noqa: F821  (given by the shell)
except BaseException as error:
    logging.getLogger("demo").exception("the demo failed")
    with open(arguments[3], "w", encoding="utf-8") as stream:
        stream.write(f"{type(error).__name__}: {error}".splitlines()[0])
    code = 1
sys.stdout.flush()
sys.stderr.flush()
os._exit(code)
