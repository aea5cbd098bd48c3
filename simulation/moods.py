"""Bad behaviour of a partner, set by a small file that is read at each request.

One file is for its servers and its mailbox, another for the messages that it sends.
"""

import json
from collections import Counter
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from random import Random


class Mood(StrEnum):
    """Ways to receive a delivery badly, and ways to send answers and acknowledgements badly, as messages or files."""

    SLOW = "lent"  # acts on it, and answers around the hub's timeout
    ERROR = "erreur"  # HTTP 500, nothing done, though the hub cannot know that
    FALSE_SUCCESS = "faux-succes"  # HTTP 200, an error inside, nothing done
    REFUSAL = "refus"  # HTTP 422, nothing done
    CUT = "coupure"  # acts on it, or gives a file its name, and closes the connection without an answer
    THROTTLED = "surcharge"  # HTTP 429 with Retry-After, nothing done
    FULL = "disque-plein"  # its file server has no space left
    CLOSED = "ferme"  # its file server refuses new sessions, and ends those that it has
    SILENT = "sans-accuse"  # empties its mailbox, and acknowledges nothing
    TWICE = "deux-fois"  # sends each twice at once and once later: one key, but new file names
    LATE = "en-retard"  # sends each some seconds too late
    SWAPPED = "en-desordre"  # holds each until one about another subject has overtaken it


REFUSALS = frozenset({Mood.REFUSAL, Mood.FALSE_SUCCESS})
"""Moods in which a delivery is refused for good."""


@dataclass(frozen=True, slots=True)
class Humour:
    """A mood, and the share of requests that are treated so."""

    mood: Mood
    share: float = 1.0


class Temper:
    """Choice of the requests that a partner in a mood treats badly. It depends on the partner's seed, the
    request's subject and the number of its repetitions."""

    def __init__(self, file: Path | None, seed: str) -> None:
        self._file, self._seed = file, seed
        self._came: Counter[str] = Counter()

    @property
    def sort(self) -> Mood | None:
        """The present mood, whichever requests are treated so."""
        return sort_of(self._file)

    def at(self, about: str) -> tuple[Mood, Random] | None:
        """Return the mood in which this request is treated, and a source of chance for the details; None if
        it is treated well."""
        self._came[about] += 1
        humour = read(self._file)
        if humour is None:
            return None
        chance = Random(f"{self._seed}/{about}/{self._came[about]}")
        return (humour.mood, chance) if chance.random() < humour.share else None


def read(path: Path | None) -> Humour | None:
    """Return the humour that a file says; None, for good humour, if there is no file."""
    if path is None:
        return None
    try:
        said = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    return Humour(Mood(said["mood"]), said["share"])


def sort_of(path: Path | None) -> Mood | None:
    """Return the mood that a file says, whatever share of requests is treated so; None if there is no file."""
    humour = read(path)
    return None if humour is None else humour.mood


def write(path: Path, humour: Humour | None) -> None:
    """Put a partner into a humour, from the next request on; None restores good humour."""
    if humour is None:
        path.unlink(missing_ok=True)
        return
    draft = path.with_suffix(".part")
    draft.write_text(json.dumps(asdict(humour)))
    draft.rename(path)
