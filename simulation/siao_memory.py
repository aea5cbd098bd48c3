"""What the staff of a SIAO keep when it is merged into another."""

import asyncio
from collections import defaultdict

from simulation.cast import CIL, ETAT
from simulation.inbox import React
from simulation.journal import Record
from simulation.siao_messages import Vacancy


class Memory:
    """What the staff of a SIAO know, and which deliveries they have acted on."""

    def __init__(self) -> None:
        self.vacancies: dict[str, Vacancy] = {}
        self.referred: dict[str, int] = {}
        """Number of referrals to each place, by its code."""
        self.brought: dict[str, int] = {}
        """Place numbers of the demands, by the hub's id."""
        self.taken: set[str] = set()
        """Demands that the SIAO of the other territory has taken over."""
        self.signed: set[tuple[str, str]] = set()
        """Agreements with the collector, by their numbers, each with one of its signatories."""
        self._acted: set[object] = set()
        self._numbers: defaultdict[str, asyncio.Future[int]] = defaultdict(
            lambda: asyncio.get_running_loop().create_future()
        )

    def once(self, react: React) -> React:
        """Return a callback that acts on each delivery once, whichever SIAO of a merger gets it first.

        A delivery about a demand taken over may be acted on again.
        """

        async def act(effect: Record) -> None:
            self._learn(effect)
            which = effect["ref"], effect.get("subject") in self.taken
            if which not in self._acted:
                self._acted.add(which)
                await react(effect)

        return act

    def in_force(self, numero: str) -> bool:
        """Return whether both the State and the collector have signed an agreement."""
        return self.signed >= {(numero, signer) for signer in (ETAT.id, CIL.id)}

    async def number_of(self, effect: Record) -> int:
        """Return the number of a delivery's dossier. Waits until it is known: a merged SIAO's history may be
        on its way."""
        return int(effect.get("dossier") or await self._numbers[effect["subject"]])

    def _learn(self, effect: Record) -> None:
        number = self._numbers[effect["subject"]] if {"subject", "dossier"} <= effect.keys() else None
        if number is not None and not number.done():
            number.set_result(effect["dossier"])
