"""A planted bug: its meaning, the tests that must find it, and what it replaces in the source code.

It names no file. Its search texts occur exactly once in the whole source, so that it still applies after code has
moved.
"""

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

SOURCES = ("contracts", "adapters", "connectors", "router", "ops", "console")


class Misplanted(Exception):
    """A search text does not occur exactly once in the source, so the planted bug must be rewritten."""


class Replacement(NamedTuple):
    """A text to search in the source, and its replacement."""

    search: str
    by: str


@dataclass(frozen=True, slots=True)
class Planted:
    """One planted bug."""

    name: str
    bug: str
    """What the bug would mean in practice, in French."""
    tests: tuple[str, ...]
    """Test files or single tests that must find the bug."""
    replacements: tuple[Replacement, ...]
    hangs: bool = False
    """Whether the bug is found because its tests do not end."""


def read_planted(folder: Path) -> Iterator[Planted]:
    """Yield the planted bugs of the TOML files in a folder. Each file is one chapter of the promises."""
    for path in sorted(folder.glob("*.toml")):
        for each in tomllib.loads(path.read_text(encoding="utf-8"))["plante"]:
            replacements = tuple(Replacement(one["cherche"], one["par"]) for one in each["remplacement"])
            tests, hangs = tuple(each["trouvee_par"]), each.get("sans_fin", False)
            yield Planted(each["nom"], each["faute"], tests, replacements, hangs)


def read_sources(tree: Path) -> Mapping[Path, str]:
    """Return the text of every file in which a bug may be planted."""
    files = (path for folder in SOURCES for path in sorted((tree / folder).rglob("*")))
    return {
        path: path.read_text(encoding="utf-8") for path in files if path.suffix in (".py", ".sql", ".toml")
    }


def changed(planted: Planted, sources: Mapping[Path, str]) -> Mapping[Path, str]:
    """Return the files that the bug changes, with their new text. Raises Misplanted."""
    new = dict(sources)
    for search, by in planted.replacements:
        places = [path for path, text in new.items() if search in text]
        if len(places) != 1 or new[places[0]].count(search) != 1:
            raise Misplanted(planted.name)
        new[places[0]] = new[places[0]].replace(search, by)
    return {path: text for path, text in new.items() if text != sources[path]}


@contextmanager
def growing(planted: Planted, tree: Path) -> Iterator[None]:
    """Plant the bug in a tree until the block ends. Raises Misplanted."""
    sources = read_sources(tree)
    changes = changed(planted, sources)
    for path, text in changes.items():
        path.write_text(text, encoding="utf-8")
    try:
        yield
    finally:
        for path in changes:
            path.write_text(sources[path], encoding="utf-8")
