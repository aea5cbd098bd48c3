"""The format of a simulated partner: functions that read deliveries and write messages."""

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
"""Names of events in deliveries: outcome of a demand, for its bringer; its destination, for a SPIP; prefix of
those about tonight's places, for the 115."""
ENDS = {"POURVUE": "pourvue", "EN_ATTENTE": "de nouveau en attente"}
"""Outcomes in a delivery that close the loop of a demand: the household has arrived, or its referral
failed."""


CLOSED, CLOSING = "ANNULEE", "demande.annulee"
"""Outcome in a delivery for a demand closed by the SIAO, and the event's name in journals."""


class Introduction(NamedTuple):
    """The event by which a partner brings a household, and the slot of its dossier in the numbering."""

    event: str
    slot: int


DEMAND = Introduction("demande.recue", story.DEMAND_SLOT)


class Reply(NamedTuple):
    """A partner's message, with one journal row for each recipient."""

    rows: Sequence[Row]
    content: Any


@dataclass(frozen=True, slots=True)
class Langue:
    """The format of a simulated partner, independent of the hub's code. `answer` and `demand` make the
    content of one row; `file` makes a message of several."""

    media_type: str
    understand: Callable[[bytes], Record | Referral]
    """Function that reads a delivery. Raises ValueError or LookupError."""
    file: Callable[[Sequence[Any]], bytes]
    answer: Callable[[str, Step, date], Any] | None = None
    """Function that makes one step of an answer, from the hub's UUID of the referral or candidacy, the step
    and today."""
    demand: Callable[[str, Person, date], Any] | None = None
    """Function that makes a demand, from the partner's id of it, the person and today."""
    brings: Introduction = DEMAND
    begins: Callable[[Config], Iterable[Reply]] = lambda _: ()
    """Function that returns the first messages."""
    replies: Callable[[Record, date], Iterable[Reply]] = lambda _, __: ()
    """Function that returns the replies to a delivery, other than answers."""
    name: str = "envoi-%06d"
    """Pattern of the names of the files that the partner drops."""
    rows: Callable[[bytes], Iterable[tuple[str, bytes]]] | None = None
    """Function that splits a file into files of one event, each with the event's id; None if deliveries are
    not split."""
    first_row: int = 1
    """Number of the first row of a message, as the hub counts."""


def as_json(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return the JSON of one event, or an array of several."""
    return json.dumps(rows[0] if len(rows) == 1 else rows, ensure_ascii=False).encode()


def only_line(workbook: bytes) -> Mapping[str, str]:
    """Return the only line of a workbook's first sheet: cells by heading."""
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(workbook)).get_sheet_by_index(0)
    heading, line = ([str(cell) for cell in row] for row in sheet.to_python())
    return dict(zip(heading, line, strict=True))


def own_id(place: int) -> str:
    """Return the partner's id of the demand that it brings when this place becomes vacant."""
    return f"D-{place}"


def followed(demande: str, suite: str) -> Record:
    """Return the journal line for the outcome of a demand that the partner brought."""
    number = story.dossier(int(demande.removeprefix("D-")), story.DEMAND_SLOT)
    if suite == CLOSED:
        loop = story.loop(number)
        return {"ref": f"{loop}:{CLOSING}", "event": SUITE, "closes": loop, "outcome": "close par le SIAO"}
    closes = {"closes": story.loop(number), "outcome": ENDS[suite]} if suite in ENDS else {}
    return {"ref": f"{DERIVED}{SUITE}:{demande}:{suite.lower()}", "event": SUITE, **closes}


def directed(demande: str) -> Record:
    """Return the journal line for a demand's destination, delivered to a SPIP."""
    return {"ref": f"{DERIVED}{WHERE}:{demande}", "event": WHERE}


def of_tonight(event: str, place: str, version: object) -> Record:
    """Return the journal line for a place that is free for tonight, or taken."""
    return {"ref": f"{DERIVED}{NIGHT}{event}:{place}:v{version}", "event": event}
