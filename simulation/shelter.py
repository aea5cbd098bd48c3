"""What the three shelters have in common: the places that become vacant, and the referrals they know."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date

from simulation import story
from simulation.cast import BY_ID, PLACES, SIAO, flow
from simulation.config import Config
from simulation.journal import Record, Row
from simulation.places import Place

PROPOSEE, ANNULEE = "orientation.proposee", "orientation.annulee"
VACANTE, FORESEEN = "place.vacante", "place.vacance-previsible"


@dataclass(frozen=True, slots=True)
class Referral:
    """A referral, or its cancellation, as a shelter understands it; nothing personal is kept."""

    event: str
    orientation: str
    """The hub's UUID."""
    number: int | None
    """The dossier, worked out from the place and the day (or the version); None in a cancellation."""


class Referrals:
    """The referrals that a shelter knows, by the hub's UUID."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def effect(self, referral: Referral) -> Record:
        """What to journal of a referral. Raises LookupError for the cancellation of one that never came."""
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
        """Take up what a former life knew."""
        self._numbers |= {effect["subject"]: effect["dossier"] for effect in effects}


def dossier_of(code: str, day: date, today: date) -> int:
    """The dossier behind a place's code and the day on which the household presents itself: the first
    household comes on the first day from today, the next one a day later."""
    return story.dossier(int(code.rpartition("-")[2]), (day - today).days)


async def becoming_vacant(config: Config) -> AsyncIterator[tuple[Place, str, Row]]:
    """Every place when its time comes, with what is said of it and the row that says it."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    for place in config.places:
        await asyncio.sleep(begun + place.at_s - loop.time())
        for seq, event in enumerate((FORESEEN, VACANTE) if place.foreseen else (VACANTE,), 1):
            row = Row(f"{place.code}:{event}", flow(BY_ID[config.id], SIAO, PLACES), place.code, seq)
            yield place, event, row
