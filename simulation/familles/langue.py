"""The format of a simulated partner: functions that read the hub's deliveries and write the partner's messages."""

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
"""Names of events in the hub's deliveries: the outcome of a demand, for the partner that brought the household; its
destination, for a SPIP; prefix of those about tonight's places, for the 115."""
ENDS = {"POURVUE": "pourvue", "EN_ATTENTE": "de nouveau en attente"}
"""Outcomes in a delivery that close the loop of a demand: the household has arrived, or its referral has failed."""


CLOSED, CLOSING = "ANNULEE", "demande.annulee"
"""Outcome in a delivery that says that the SIAO has closed the demand, and the event's name in journals."""


class Introduction(NamedTuple):
    """The event by which a partner brings a household, and the slot of the household's dossier in the numbering of
    the simulation."""

    event: str
    slot: int


DEMAND = Introduction("demande.recue", story.DEMAND_SLOT)


class Reply(NamedTuple):
    """A message of a partner, with one journal row for each of its recipients."""

    rows: Sequence[Row]
    content: Any


@dataclass(frozen=True, slots=True)
class Langue:
    """The format of a simulated partner, written independently of the hub's code. `answer` and `demand` make the
    content of one row; `file` makes a message of several."""

    media_type: str
    understand: Callable[[bytes], Record | Referral]
    """Function that reads a delivery. Raises ValueError or LookupError if the body is malformed or unexpected."""
    file: Callable[[Sequence[Any]], bytes]
    answer: Callable[[str, Step, date], Any] | None = None
    """Function that makes one step of an answer. It gets the hub's UUID of the referral or candidacy, the step, and
    today."""
    demand: Callable[[str, Person, date], Any] | None = None
    """Function that makes a household's demand. It gets the partner's own id of the demand, the person, and today.
    """
    brings: Introduction = DEMAND
    begins: Callable[[Config], Iterable[Reply]] = lambda _: ()
    """Function that returns the messages with which the partner begins."""
    replies: Callable[[Record, date], Iterable[Reply]] = lambda _, __: ()
    """Function that returns the partner's replies to a delivery, other than answers to a referral or candidacy."""
    name: str = "envoi-%06d"
    """Pattern of the names of the files that the partner drops, with one number."""
    rows: Callable[[bytes], Iterable[tuple[str, bytes]]] | None = None
    """Function that splits a file of many events into files of one, each with the id of its event; None if
    deliveries are not split."""
    first_row: int = 1
    """Row number, as the hub counts, of the first row in the partner's messages."""


def as_json(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return the JSON of one event, or of an array of several."""
    return json.dumps(rows[0] if len(rows) == 1 else rows, ensure_ascii=False).encode()


def only_line(workbook: bytes) -> Mapping[str, str]:
    """Return the only line of a workbook's first sheet: cells by heading."""
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(workbook)).get_sheet_by_index(0)
    heading, line = ([str(cell) for cell in row] for row in sheet.to_python())
    return dict(zip(heading, line, strict=True))


def own_id(place: int) -> str:
    """Return the partner's own id of the demand that it brings when this place becomes vacant."""
    return f"D-{place}"


def followed(demande: str, suite: str) -> Record:
    """Return the journal line for a demand's outcome, which the hub delivers to the partner that brought the
    household."""
    number = story.dossier(int(demande.removeprefix("D-")), story.DEMAND_SLOT)
    if suite == CLOSED:
        loop = story.loop(number)
        return {"ref": f"{loop}:{CLOSING}", "event": SUITE, "closes": loop, "outcome": "close par le SIAO"}
    closes = {"closes": story.loop(number), "outcome": ENDS[suite]} if suite in ENDS else {}
    return {"ref": f"{DERIVED}{SUITE}:{demande}:{suite.lower()}", "event": SUITE, **closes}


def directed(demande: str) -> Record:
    """Return the journal line for a demand's destination, which the hub delivers to a SPIP."""
    return {"ref": f"{DERIVED}{WHERE}:{demande}", "event": WHERE}


def of_tonight(event: str, place: str, version: object) -> Record:
    """Return the journal line for an event about a place for tonight, which has become free or was taken."""
    return {"ref": f"{DERIVED}{NIGHT}{event}:{place}:v{version}", "event": event}
