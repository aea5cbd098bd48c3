"""How a partner behaves badly: a small file says it, and is read at each request.

One file is for its servers and its mailbox, another for what it sends the hub by itself.
"""

import json
from collections import Counter
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from random import Random


class Mood(StrEnum):
    """Ways to take a delivery, and ways to send answers and acknowledgements, as messages or in files."""

    SLOW = "lent"  # acts on it, and answers after the hub's patience or just before
    ERROR = "erreur"  # HTTP 500, nothing done, which the hub cannot know
    FALSE_SUCCESS = "faux-succes"  # HTTP 200, an error inside, nothing done
    REFUSAL = "refus"  # HTTP 422, nothing done
    CUT = "coupure"  # acts on it, or gives a file its name, and closes the connection without an answer
    THROTTLED = "surcharge"  # HTTP 429 with Retry-After, nothing done
    FULL = "disque-plein"  # its file server has room for no more bytes
    CLOSED = "ferme"  # its file server lets nobody in, and puts out who is there
    SILENT = "sans-accuse"  # empties its mailbox, and acknowledges nothing
    TWICE = "deux-fois"  # sends each twice at once and once more later: under one key, a file under new names
    LATE = "en-retard"  # sends each seconds after its time
    SWAPPED = "en-desordre"  # holds each until one about another subject has passed it


REFUSALS = frozenset({Mood.REFUSAL, Mood.FALSE_SUCCESS})
"""Answers by which a delivery is refused for good."""


@dataclass(frozen=True, slots=True)
class Humour:
    """A mood, and the share of requests that get to feel it."""

    mood: Mood
    share: float = 1.0


class Temper:
    """Who gets to feel a partner's mood: its seed, what a request is about and how often that came decide."""

    def __init__(self, file: Path | None, seed: str) -> None:
        self._file, self._seed = file, seed
        self._came: Counter[str] = Counter()

    @property
    def sort(self) -> Mood | None:
        """The mood of the moment, whoever feels it."""
        return sort_of(self._file)

    def at(self, about: str) -> tuple[Mood, Random] | None:
        """The mood that this request feels, with the chance that decides the rest; None in good humour."""
        self._came[about] += 1
        humour = read(self._file)
        if humour is None:
            return None
        chance = Random(f"{self._seed}/{about}/{self._came[about]}")
        return (humour.mood, chance) if chance.random() < humour.share else None


def read(path: Path | None) -> Humour | None:
    """The humour in a file; None, which is good humour, where there is none."""
    if path is None:
        return None
    try:
        said = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    return Humour(Mood(said["mood"]), said["share"])


def sort_of(path: Path | None) -> Mood | None:
    """The mood alone."""
    humour = read(path)
    return None if humour is None else humour.mood


def write(path: Path, humour: Humour | None) -> None:
    """Put a partner into a humour, from the next request on; None restores the good one."""
    if humour is None:
        path.unlink(missing_ok=True)
        return
    draft = path.with_suffix(".part")
    draft.write_text(json.dumps(asdict(humour)))
    draft.rename(path)
