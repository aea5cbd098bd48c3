"""A planted bug: what it means, which tests find it, and what it replaces in the source, wherever that stands.

It names no file: its search texts stand exactly once in the whole source, so that a plant survives a move.
"""

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

SOURCES = ("contracts", "adapters", "connectors", "router", "ops", "console")


class Misplanted(Exception):
    """A search text that does not stand exactly once in the source: the plant has to be written anew."""


class Replacement(NamedTuple):
    """What is searched for, and what stands there afterwards."""

    search: str
    by: str


@dataclass(frozen=True, slots=True)
class Planted:
    """One bug."""

    name: str
    bug: str
    """What it would mean, in French."""
    tests: tuple[str, ...]
    """Files or single tests that find it."""
    replacements: tuple[Replacement, ...]
    hangs: bool = False
    """It shows in that its tests do not end."""


def read_planted(folder: Path) -> Iterator[Planted]:
    """Yield the bugs that the TOML files of a folder describe, one file a chapter of the promises."""
    for path in sorted(folder.glob("*.toml")):
        for each in tomllib.loads(path.read_text(encoding="utf-8"))["plante"]:
            replacements = tuple(Replacement(one["cherche"], one["par"]) for one in each["remplacement"])
            tests, hangs = tuple(each["trouvee_par"]), each.get("sans_fin", False)
            yield Planted(each["nom"], each["faute"], tests, replacements, hangs)


def read_sources(tree: Path) -> Mapping[Path, str]:
    """The text of every file that a bug may be planted in."""
    files = (path for folder in SOURCES for path in sorted((tree / folder).rglob("*")))
    return {
        path: path.read_text(encoding="utf-8") for path in files if path.suffix in (".py", ".sql", ".toml")
    }


def changed(planted: Planted, sources: Mapping[Path, str]) -> Mapping[Path, str]:
    """The files that the bug changes, with their new text. Raises Misplanted."""
    new = dict(sources)
    for search, by in planted.replacements:
        places = [path for path, text in new.items() if search in text]
        if len(places) != 1 or new[places[0]].count(search) != 1:
            raise Misplanted(planted.name)
        new[places[0]] = new[places[0]].replace(search, by)
    return {path: text for path, text in new.items() if text != sources[path]}


@contextmanager
def growing(planted: Planted, tree: Path) -> Iterator[None]:
    """The tree with the bug in it, for the length of the block. Raises Misplanted."""
    sources = read_sources(tree)
    changes = changed(planted, sources)
    for path, text in changes.items():
        path.write_text(text, encoding="utf-8")
    try:
        yield
    finally:
        for path in changes:
            path.write_text(sources[path], encoding="utf-8")
