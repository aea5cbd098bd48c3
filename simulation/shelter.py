"""The parts that the three shelters share: places that become vacant, and known referrals."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta

from simulation import story
from simulation.cast import BY_ID, PLACES, SIAO, flow
from simulation.config import Config
from simulation.journal import Record, Row
from simulation.places import Place

PROPOSEE, ANNULEE = "orientation.proposee", "orientation.annulee"
VACANTE, FORESEEN = "place.vacante", "place.vacance-previsible"
AWAITED = ("orientation.acceptee", "admission.prononcee")
"""Answers that name the day on which the household will come."""


@dataclass(frozen=True, slots=True)
class Referral:
    """A referral, or its cancellation, as a shelter understands it; without personal data."""

    event: str
    orientation: str
    """The hub's UUID."""
    number: int | None
    """Number of the dossier, computed from the place and the day (or from the version); None in a
    cancellation."""


class Referrals:
    """The referrals that a shelter knows, by the hub's UUID."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def effect(self, referral: Referral) -> Record:
        """Return the journal record of a referral. Raises LookupError for the cancellation of an unknown one."""
        if referral.number is not None:
            self._numbers[referral.orientation] = referral.number
        number = self._numbers[referral.orientation]
        return {
            "ref": f"{story.loop(number)}:{referral.event}",
            "event": referral.event,
            "subject": referral.orientation,
            "dossier": number,
        }

    def remember(self, effects: list[Record]) -> None:
        """Restore the knowledge of an earlier run."""
        self._numbers |= {effect["subject"]: effect["dossier"] for effect in effects}


def day_of_answer(event: str, today: date) -> date:
    """Return the day that an answer names. Households are awaited tomorrow: in a run that crosses tonight's hour, none
    is late."""
    return today + timedelta(days=1) if event in AWAITED else today


def dossier_of(code: str, day: date, today: date) -> int:
    """Return the dossier for a place's code and the household's presentation day.

    The first household comes on the first day from today, the next one a day later.
    """
    return story.dossier(int(code.rpartition("-")[2]), (day - today).days)


async def becoming_vacant(config: Config) -> AsyncIterator[tuple[Place, str, Row]]:
    """Yield every place when its time comes, with its event and the row that carries it."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    for place in config.places:
        await asyncio.sleep(begun + place.at_s - loop.time())
        for seq, event in enumerate((FORESEEN, VACANTE) if place.foreseen else (VACANTE,), 1):
            row = Row(f"{place.code}:{event}", flow(BY_ID[config.id], SIAO, PLACES), place.code, seq)
            yield place, event, row
