"""What a newcomer is told to touch is what there is to touch.

A list of `docs/contribuer.md` stands between `<!-- liste `NOM`… -->` and `<!-- fin -->`: the names of an example that
exists, and a table of files and folders. Both ways round: whatever names the example is listed, whatever is listed
names it.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.rows import each_row

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "contribuer.md").read_text(encoding="utf-8")
PICTURE = (ROOT / "docs" / "images" / "chemin.svg").read_text(encoding="utf-8")
WATCHED = (
    "contracts", "adapters", "connectors", "router", "ops", "console", "deploy", "docs/automates", "docs/dialectes",
    "docs/guide-partenaire", "tests/golden", "tests/conformance",
)  # fmt: skip
"""Where a list is complete. The other tests and the simulation may name what they like."""
LIST = re.compile(
    r"^### …(?P<title>.*?)$(?:(?!^### ).)*?<!-- liste (?P<names>[^\n]*?) -->(?P<rows>.*?)<!-- fin -->",
    re.M | re.S,
)
QUOTED = re.compile(r"`([^`]+)`")


class Liste(NamedTuple):
    """What to touch in order to add something."""

    title: str
    names: list[str]
    """By which the example is known."""
    paths: list[str]


def lists() -> Iterator[Liste]:
    for found in LIST.finditer(PAGE):
        rows = re.findall(r"^\| `([^`]+)` \|", found["rows"], re.M)
        yield Liste(found["title"], QUOTED.findall(found["names"]), rows)


LISTS = list(lists())


def naming(names: list[str]) -> set[str]:
    """Files that name one of these, in their text or by their own name."""
    return {
        str(path.relative_to(ROOT))
        for folder in WATCHED
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and _names(path, names)
    }


def _names(path: Path, names: list[str]) -> bool:
    text = f"{path.relative_to(ROOT)}\n{path.read_bytes().decode(errors='replace')}"
    return any(name in text for name in names)


def covers(listed: str, file: str) -> bool:
    """Whether a row of a list stands for a file: it is that file, or the folder in which it lies."""
    return file == listed or (listed.endswith("/") and file.startswith(listed))


def test_there_is_a_list_for_each_thing_that_may_be_added():
    titles = [title.strip() for title in re.findall(r"^### …(.*)$", PAGE, re.M)]
    assert [one.title.strip() for one in LISTS] == titles
    assert len(titles) >= 4
    assert all(one.names and one.paths for one in LISTS)


@each_row("one", LISTS, ids=lambda one: one.title)
def test_whatever_names_the_example_is_in_the_list(one: Liste):
    missing = {file for file in naming(one.names) if not any(covers(path, file) for path in one.paths)}
    assert missing == set()


@each_row("one", LISTS, ids=lambda one: one.title)
def test_whatever_is_in_the_list_exists_and_names_the_example(one: Liste):
    named = naming(one.names)
    idle = [path for path in one.paths if not any(covers(path, file) for file in named)]
    assert idle == []


def test_every_other_file_that_the_page_names_exists():
    """But for the one that the reader is to make."""
    named = {name for name in QUOTED.findall(PAGE) if re.fullmatch(r"[a-z_]+/[\w./-]+", name)}
    made = {"hebergement/json"}
    assert [name for name in sorted(named - made) if not (ROOT / name).exists()] == []


def test_every_file_that_the_picture_of_the_way_names_exists():
    named = re.findall(r'class="fichier"[^>]*>([^<]+)<', PICTURE)
    assert len(named) >= 8
    assert [name for name in named if not (ROOT / name).exists()] == []
