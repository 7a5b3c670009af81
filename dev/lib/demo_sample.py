"""The demo's customers: a fixed sample of a public data set, with made-up names.

The sample is in the repository. To make it again from the whole data set::

    python -m lib.demo_sample hillstrom.csv     # in dev/, writes demo_data/...
"""

import csv
import hashlib
import sys
from dataclasses import dataclass

from . import paths

FILE = paths.DEV / "demo_data" / "hillstrom_1000.csv"
SIZE = 1000
LOYAL_FROM = 500  # US dollars spent in the past year
COLUMNS = (
    *("recency", "history", "mens", "womens", "zip_code", "newbie", "channel"),
    *("visit", "conversion", "spend"),
)
FIRST_NAMES = """
Ada Alma Amir Anna Arne Astrid Ben Bilal Carla Chen Clara Dana David Dina Eli Elsa
Emil Erik Eva Farid Finn Freya Greta Hana Hugo Ida Ines Ivar Jana Joel Jonas Julia
Kaya Lars Lea Leo Lina Luca Maja Malik Mara Marco Mia Mila Nadia Nils Nina Noah Olga
Omar Otto Paula Petra Rana Rosa Ruth Sami Sara Selma Simon Sofia Sven Tara Theo Tilda
Tom Vera Viktor Yara Yusuf
"""
LAST_NAMES = """
Abel Adler Alder Amsel Arnett Aspen Baker Barlow Beck Berg Birch Blom Brand Bridge
Brook Byrne Carver Cedar Cole Crane Dahl Dale Drake Elm Falk Farrow Fern Field Fisher
Fjord Forster Frost Gale Glen Grove Hale Hart Hawthorn Hazel Heath Hill Holm Hunter
Ives Juniper Kestrel Lake Lark Linden Lund Mason Meadow Miller Moor Nord Oakes Orchard
Palm Perch Pine Quill Reed Rivers Rowan Sand Shaw Sloan Stone Strand Swan Thorn Vale
Viken Wells Wood Wren York
"""


@dataclass(frozen=True)
class Customer:
    """One row of the sample."""

    index: int  # 0 ... 999: decides about everything the demo makes up
    row: int  # data row of the whole data set, from 1
    recency: int  # months since the last purchase
    past_spend: float
    bought_mens: bool
    bought_womens: bool
    area: str  # urban, suburban, rural
    newcomer: bool
    bought_by: str  # phone, web, multichannel
    visited: bool  # visited the shop in the two weeks after a mailing
    bought: bool

    @property
    def email(self):
        """Made from the row number: the data set has no addresses."""
        return f"customer{self.row}@example.com"

    @property
    def name(self):
        """A made-up name that stays the same."""
        return name_of("name", self.row)

    @property
    def is_loyal(self):
        """Does the policy for loyal customers apply?"""
        return self.past_spend >= LOYAL_FROM


def name_of(purpose, row):
    """A made-up name that stays the same."""
    first_names, last_names = FIRST_NAMES.split(), LAST_NAMES.split()
    rest, first = divmod(draw(purpose, row), len(first_names))
    return f"{first_names[first]} {last_names[rest % len(last_names)]}"


def draw(purpose, row):
    """A number that looks random and is always the same."""
    digest = hashlib.sha256(f"contact strategy {purpose} {row}".encode()).digest()
    return int.from_bytes(digest[:8], "big")


def load():
    """The customers of the sample, in the order of the data set."""
    areas = {"Surburban": "suburban"}  # spelt so in the data set
    with open(FILE, encoding="utf-8", newline="") as stream:
        return [
            Customer(
                index=index,
                row=int(line["row"]),
                recency=int(line["recency"]),
                past_spend=float(line["history"]),
                bought_mens=line["mens"] == "1",
                bought_womens=line["womens"] == "1",
                area=areas.get(line["zip_code"], line["zip_code"].lower()),
                newcomer=line["newbie"] == "1",
                bought_by=line["channel"].lower(),
                visited=line["visit"] == "1",
                bought=line["conversion"] == "1",
            )
            for index, line in enumerate(csv.DictReader(stream))
        ]


def make(source):
    """Draw the sample: the thousand rows whose numbers have the smallest hashes."""
    with open(source, encoding="utf-8", newline="") as stream:
        rows = {number: row for number, row in enumerate(csv.DictReader(stream), 1)}
    chosen = sorted(rows, key=lambda number: draw("sample", number))[:SIZE]
    FILE.parent.mkdir(exist_ok=True)
    with open(FILE, "w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["row", *COLUMNS])
        for number in sorted(chosen):
            writer.writerow([number, *(rows[number][name] for name in COLUMNS)])


if __name__ == "__main__":
    make(sys.argv[1])
