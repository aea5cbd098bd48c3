"""A partner's language: how it reads the hub's deliveries and writes its own messages."""

import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from python_calamine import CalamineWorkbook

from simulation import story
from simulation.config import Config
from simulation.journal import Record, Row
from simulation.observed import DERIVED
from simulation.people import Person
from simulation.shelter import Referral
from simulation.story import Step

SUITE, WHERE, NIGHT = "demande.suite", "demande.place-trouvee", "nuit."
"""Events of the hub: the outcome of a demand, for whoever brought it; its destination, for a SPIP; tonight's places,
for the 115."""
ENDS = {"POURVUE": "pourvue", "EN_ATTENTE": "de nouveau en attente"}
"""Outcomes that close the loop of a demand: the household has arrived, or its referral has failed."""


CLOSED, CLOSING = "ANNULEE", "demande.annulee"
"""A SIAO's word for a closed demand, and the event for whoever brought the household."""


class Introduction(NamedTuple):
    """Event by which a partner brings a household, and the slot of its dossier."""

    event: str
    slot: int


DEMAND = Introduction("demande.recue", story.DEMAND_SLOT)


class Reply(NamedTuple):
    """A message of a partner, with one row for each of its recipients."""

    rows: Sequence[Row]
    content: Any


@dataclass(frozen=True, slots=True)
class Langue:
    """A dialect, written independently of the hub's code. `answer` and `demand` make one row; `file` a message of
    rows."""

    media_type: str
    understand: Callable[[bytes], Record | Referral]
    """Function that reads a delivery. Raises ValueError or LookupError for a senseless body."""
    file: Callable[[Sequence[Any]], bytes]
    answer: Callable[[str, Step, date], Any] | None = None
    """Function that makes an answer to a referral or candidacy, given the hub's UUID of it."""
    demand: Callable[[str, Person, date], Any] | None = None
    """Function that makes a demand for a household, under the partner's own id."""
    brings: Introduction = DEMAND
    begins: Callable[[Config], Iterable[Reply]] = lambda _: ()
    """The partner's messages at the start."""
    replies: Callable[[Record, date], Iterable[Reply]] = lambda _, __: ()
    """Function that returns the partner's replies to an event, beside answers to a referral or candidacy."""
    name: str = "envoi-%06d"
    """Pattern of the names of its files, if it drops any."""
    rows: Callable[[bytes], Iterable[tuple[str, bytes]]] | None = None
    """Function that splits a file of many events into files of one, each under the id of its event."""
    first_row: int = 1
    """Number of the first row, as the hub counts."""


def as_json(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return one event alone, or several in an array."""
    return json.dumps(rows[0] if len(rows) == 1 else rows, ensure_ascii=False).encode()


def only_line(workbook: bytes) -> Mapping[str, str]:
    """Return the single line of a workbook, by its headings."""
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(workbook)).get_sheet_by_index(0)
    heading, line = ([str(cell) for cell in row] for row in sheet.to_python())
    return dict(zip(heading, line, strict=True))


def own_id(place: int) -> str:
    """Return the partner's own id of the demand that it brings when this place becomes vacant."""
    return f"D-{place}"


def followed(demande: str, suite: str) -> Record:
    """Return the journal record of a demand's outcome, which the hub tells whoever brought the household."""
    number = story.dossier(int(demande.removeprefix("D-")), story.DEMAND_SLOT)
    if suite == CLOSED:
        loop = story.loop(number)
        return {"ref": f"{loop}:{CLOSING}", "event": SUITE, "closes": loop, "outcome": "close par le SIAO"}
    closes = {"closes": story.loop(number), "outcome": ENDS[suite]} if suite in ENDS else {}
    return {"ref": f"{DERIVED}{SUITE}:{demande}:{suite.lower()}", "event": SUITE, **closes}


def directed(demande: str) -> Record:
    """Return the journal record of a demand's destination, which the hub tells a SPIP."""
    return {"ref": f"{DERIVED}{WHERE}:{demande}", "event": WHERE}


def of_tonight(event: str, place: str, version: object) -> Record:
    """Return the journal record of an event about a place of tonight: it became free, or was taken."""
    return {"ref": f"{DERIVED}{NIGHT}{event}:{place}:v{version}", "event": event}
