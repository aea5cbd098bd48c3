"""Bad behaviour of a simulated partner (its mood), read from a small file at each request.

One file sets how it receives, another how it sends.
"""

import json
from collections import Counter
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from random import Random


class Mood(StrEnum):
    """Kinds of bad behaviour, in receiving or in sending."""

    SLOW = "lent"  # acts on the delivery, and answers close to the hub's time-out
    ERROR = "erreur"  # HTTP 500 without acting on the delivery; the hub cannot know that
    FALSE_SUCCESS = "faux-succes"  # HTTP 200 with an error in the body, without acting on the delivery
    REFUSAL = "refus"  # HTTP 422, without acting on the delivery
    CUT = "coupure"  # acts on the delivery, or renames the file, then closes the connection without an answer
    THROTTLED = "surcharge"  # HTTP 429 with Retry-After, without acting on the delivery
    FULL = "disque-plein"  # the partner's file server has no space left
    CLOSED = "ferme"  # the partner's file server refuses new sessions and ends open ones
    SILENT = "sans-accuse"  # reads its mailbox and acknowledges nothing
    TWICE = "deux-fois"  # sends each message twice at once and again later, under one key but new file names
    LATE = "en-retard"  # sends each message some seconds too late
    SWAPPED = "en-desordre"  # holds each message until one about another subject has overtaken it


REFUSALS = frozenset({Mood.REFUSAL, Mood.FALSE_SUCCESS})
"""Moods in which a delivery is refused for good."""


@dataclass(frozen=True, slots=True)
class Humour:
    """A mood, and the share (0 to 1) of the requests to which it applies."""

    mood: Mood
    share: float = 1.0


class Temper:
    """Choice of the requests that a partner treats badly. It depends only on seed, subject and number of the
    request."""

    def __init__(self, file: Path | None, seed: str) -> None:
        self._file, self._seed = file, seed
        self._came: Counter[str] = Counter()

    @property
    def sort(self) -> Mood | None:
        """The partner's present mood; None if it is well."""
        return sort_of(self._file)

    def at(self, about: str) -> tuple[Mood, Random] | None:
        """Return the mood in which to treat this request, and a random source for details; None if it is to
        be treated well."""
        self._came[about] += 1
        humour = read(self._file)
        if humour is None:
            return None
        chance = Random(f"{self._seed}/{about}/{self._came[about]}")
        return (humour.mood, chance) if chance.random() < humour.share else None


def read(path: Path | None) -> Humour | None:
    """Return the mood and share in a file; None without a file."""
    if path is None:
        return None
    try:
        said = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    return Humour(Mood(said["mood"]), said["share"])


def sort_of(path: Path | None) -> Mood | None:
    """Return the mood in a file; None without a file."""
    humour = read(path)
    return None if humour is None else humour.mood


def write(path: Path, humour: Humour | None) -> None:
    """Set a partner's mood from the next request on; None ends it."""
    if humour is None:
        path.unlink(missing_ok=True)
        return
    draft = path.with_suffix(".part")
    draft.write_text(json.dumps(asdict(humour)))
    draft.rename(path)
