"""Case for an advisory body: the State puts a household on the agenda, and the SIAO gives its opinion. Pure.

The SIAO identifies a case by a date of birth.
"""

from datetime import date, timedelta

from simulation import story
from simulation.cast import ETAT, EXAMENS, SIAO, flow
from simulation.journal import Record, Row

ENTERED, OPINION = "examen.inscrit", "examen.avis"
CASES = (20_001, 20_002)
"""Households on the agenda. No simulated place has so high a number."""
OWN = "PDALHPD-"
"""Prefix of the State's ids of cases; the household's number follows."""
MEETING = timedelta(days=14)
"""Time from the State's message to the meeting."""


def is_favorable(number: int) -> bool:
    return number % 2 == 1


def entered(number: int) -> Row:
    """Return the journal row that puts a household on the agenda. The opinion closes its loop."""
    return Row(_ref(number, ENTERED), flow(ETAT, SIAO, EXAMENS), f"{OWN}{number}", 1, opens=_loop(number))


def given(number: int, subject: str) -> Row:
    """Return the journal row of the SIAO's opinion. `subject`: the hub's id of the case."""
    return Row(_ref(number, OPINION), flow(SIAO, ETAT, EXAMENS), subject, 1)


def heard_by_the_siao(number: int, subject: str) -> Record:
    """Return the SIAO's journal line for a household on the agenda."""
    return {"ref": _ref(number, ENTERED), "event": ENTERED, "number": number, "case": subject}


def heard_by_the_state(own: str) -> Record:
    """Return the State's journal line for an opinion, which closes the loop. `own`: its id of the case."""
    number = int(own.removeprefix(OWN))
    return {"ref": _ref(number, OPINION), "event": OPINION, "closes": _loop(number), "outcome": "avis donné"}


def meeting(today: date) -> str:
    """Return the day of the meeting, in ISO format."""
    return (today + MEETING).isoformat()


def _loop(number: int) -> str:
    return story.loop(story.dossier(number, story.DEMAND_SLOT))


def _ref(number: int, event: str) -> str:
    return f"{_loop(number)}:{event}"
