"""Code that the simulated shelters share: places that become vacant, and referrals received."""

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
"""Answers that name the day of the expected arrival."""


@dataclass(frozen=True, slots=True)
class Referral:
    """A referral or its cancellation, as a shelter has read it; without personal data."""

    event: str
    orientation: str
    """The hub's UUID of the referral."""
    number: int | None
    """Number of the dossier; None in a cancellation."""


class Referrals:
    """The referrals that a shelter has received."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def effect(self, referral: Referral) -> Record:
        """Return the journal line for a referral. Raises LookupError for the cancellation of an unknown
        one."""
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
        """Restore the referrals of an earlier run from its journal lines."""
        self._numbers |= {effect["subject"]: effect["dossier"] for effect in effects}


def day_of_answer(event: str, today: date) -> date:
    """Return the day that an answer names: tomorrow for an expected arrival, so that it is not late after
    midnight; else today."""
    return today + timedelta(days=1) if event in AWAITED else today


def dossier_of(code: str, day: date, today: date) -> int:
    """Return the number of the dossier for a place's code and the household's day of presentation: tomorrow
    for the first, and so on."""
    return story.dossier(int(code.rpartition("-")[2]), (day - today).days)


async def becoming_vacant(config: Config) -> AsyncIterator[tuple[Place, str, Row]]:
    """Yield each place at its moment, with the event that announces it and the journal row."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    for place in config.places:
        await asyncio.sleep(begun + place.at_s - loop.time())
        for seq, event in enumerate((FORESEEN, VACANTE) if place.foreseen else (VACANTE,), 1):
            row = Row(f"{place.code}:{event}", flow(BY_ID[config.id], SIAO, PLACES), place.code, seq)
            yield place, event, row
