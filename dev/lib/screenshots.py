"""``./dev/screenshots [NAME ...]``: the pictures of README and guide, from the demo.

They are made of the database that ``./dev/demo`` leaves, by a real browser, so that
they show what there is. Without names all of them are made.
"""

import argparse
import contextlib
import shutil
from dataclasses import dataclass

from PIL import Image

from . import console, demo, demo_plan, environment, paths, server, shot_command

FOLDER = paths.ROOT / "docs" / "images"
MODULE = paths.ADDON
APP_PAGE = paths.ROOT / "static" / "description"
ON_APP_PAGE = ("policies", "mailing-after", "held-back")
LARGEST = 150_000  # bytes of a picture

RECORDS = {
    "policy": "SELECT id FROM contact_policy WHERE name ->> 'en_US' = 'Everybody'",
    "womens": "SELECT id FROM mailing_mailing WHERE subject LIKE 'Women%'",
    "sale": "SELECT id FROM mailing_mailing WHERE subject LIKE 'Winter%'",
    # somebody who waits, and about whom there is most to tell
    "profile": """
        SELECT h.profile_id FROM contact_hold h JOIN contact_touch t USING (profile_id)
         WHERE h.state = 'deferred' AND t.state = 'sent' AND t.mailing_id IS NOT NULL
         GROUP BY h.profile_id ORDER BY count(DISTINCT t.id) DESC, h.profile_id LIMIT 1
    """,
    "segment": """
        SELECT id FROM contact_segment WHERE name ->> 'en_US' LIKE 'Loyal, %'
    """,
    "waterfall": "SELECT id FROM contact_segment_waterfall ORDER BY id LIMIT 1",
    # somebody who says more than others
    "person": """
        SELECT p.id FROM contact_profile p
          JOIN contact_tag_assignment a ON a.profile_id = p.id AND a.active
         WHERE p.partner_id IS NOT NULL AND p.persona_kind = 'explicit'
         GROUP BY p.id ORDER BY count(*) DESC, p.id LIMIT 1
    """,
}


@dataclass(frozen=True)
class Picture:
    """One picture: where to go, what to wait for, what to click first."""

    name: str
    path: str
    wait: str
    click: tuple = ()
    login: str = "admin"
    width: int = 1280
    height: int = 760


PICTURES = (
    Picture("overview", "/odoo/contact-strategy", "text=Who is where?", height=880),
    Picture(
        "person",
        "/odoo/contact-profiles/{person}",
        "text=We concluded",
        height=960,
    ),
    Picture(
        "segment",
        "/odoo/contact-segments/{segment}",
        ".o_contact_segment_side .o_contact_response",
        height=1000,
    ),
    Picture(
        "waterfall",
        "/odoo/contact-segment-waterfalls/{waterfall}",
        ".o_form_view .o_data_row",
        height=480,
    ),
    Picture(
        "overlaps",
        "/odoo/contact-segment-overlaps",
        ".o_contact_heat",
        click=("text=Show shares",),
        height=560,
    ),
    Picture("policies", "/odoo/contact-policies", ".o_list_view .o_data_row"),
    Picture("policy", "/odoo/contact-policies/{policy}", ".o_form_view .o_data_row"),
    Picture(
        "mailing-before",
        "/odoo/mailing.mailing/{sale}",
        ".o_contact_banner",
        login="marketing",
        height=560,
    ),
    Picture(
        "preflight",
        "/odoo/mailing.mailing/{sale}",
        ".o_contact_banner",
        click=("[name=contact_preflight] button[name=action_preflight]:visible",),
        login="marketing",
    ),
    Picture(
        "mailing-after",
        "/odoo/mailing.mailing/{womens}",
        ".o_contact_banner",
        login="marketing",
        height=560,
    ),
    Picture(
        "held-back",
        "/odoo/contact-held-back",
        ".o_list_view .o_group_header",
        click=(".o_group_header >> nth=1", ".o_group_header >> nth=2"),
        height=620,
    ),
    Picture("profile", "/odoo/contact-profiles/{profile}", ".o_form_view .o_notebook"),
    Picture(
        "touches",
        "/odoo/contact-touches?view_type=graph",
        ".o_graph_renderer canvas",
    ),
    Picture(
        "phone",
        "/odoo/contact-profiles/{profile}",
        ".o_form_view",
        login="marketing",
        width=390,
        height=844,
    ),
)


def main(argv):
    """Serve the demo database and take the pictures."""
    parser = argparse.ArgumentParser(prog="dev/screenshots", description=__doc__)
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=", ".join(picture.name for picture in PICTURES),
    )
    names = parser.parse_args(argv).names
    unknown = set(names) - {picture.name for picture in PICTURES}
    if unknown:
        console.fail(f"there is no picture {', '.join(sorted(unknown))}: see --help")
    env = environment.setup()
    if not demo.is_made(env):
        console.fail(f"there is no database {demo_plan.DATABASE}: run ./dev/demo first")
    records = _records(env)
    # No scheduled actions: pictures must not depend on how long they take.
    options = ("--max-cron-threads", "0")
    with server.serve(env, demo_plan.DATABASE, None, *options) as running:
        for picture in PICTURES:
            if not names or picture.name in names:
                with console.progress(f"picture {picture.name}"):
                    _take(running.url, picture, records)
    return 0


def _records(env):
    """The ids of the records that are shown."""
    with (
        contextlib.closing(env.pg.connect(demo_plan.DATABASE)) as link,
        link.cursor() as cursor,
    ):
        found = {}
        for name, sql in RECORDS.items():
            cursor.execute(sql)
            row = cursor.fetchone()
            if row is None:
                console.fail(f"the demo has no {name} to show: run ./dev/demo again")
            found[name] = row[0]
        return found


def _take(base, picture, records):
    file = FOLDER / f"{picture.name}.png"
    shot_command.shoot(
        base,
        picture.path.format(**records),
        str(file),
        demo_plan.DATABASE,
        login=picture.login,
        width=picture.width,
        height=picture.height,
        wait=picture.wait,
        click=list(picture.click),
        full=False,
        dark=False,
        pause=1.0,
    )
    with Image.open(file) as image:
        small = image.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    small.save(file, optimize=True)
    if picture.name in ON_APP_PAGE:
        shutil.copy(file, APP_PAGE)
    size = file.stat().st_size
    if size > LARGEST:
        console.note(f"   {file.name} is large: {size // 1000} kB")
