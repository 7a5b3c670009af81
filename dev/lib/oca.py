"""The OCA addons that live next to this one, fetched as wheels and unpacked."""

import shutil

from . import console, locks, paths, process, python_env

REQUIREMENTS = paths.DEV / "requirements-oca.txt"
MODULES = (
    "mail_tracking",
    "mail_tracking_mass_mailing",
    "marketing_crm_partner",
    "mass_mailing_list_dynamic",
    "mass_mailing_partner",
    "mass_mailing_resend",
    "queue_job",
)


def ensure():
    """Fetch the pinned wheels; return the folder with the addons."""
    addons = paths.OCA / "odoo" / "addons"
    mark = locks.fingerprint(REQUIREMENTS)
    with locks.exclusive("oca"):
        if not (locks.is_done("oca", mark) and addons.is_dir()):
            partial = paths.OCA.with_suffix(".part")
            shutil.rmtree(partial, ignore_errors=True)
            install = ["install", "--no-deps", "--target", partial, "-r", REQUIREMENTS]
            with console.progress("fetch the OCA addons"):
                process.run([*python_env.pip(), *install], "fetch the OCA addons")
            shutil.rmtree(paths.OCA, ignore_errors=True)
            partial.replace(paths.OCA)
            locks.set_done("oca", mark)
    return addons
