"""The messages of the story: vacancies of a shelter, and two referrals of the SIAO to one of these places."""

import asyncio
import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from contracts.errors import BusUnavailable
from contracts.ports import Native
from router.domain.partners import Registry
from router.intake.receive import Intake
from tests.integration.interleaving_gates import Ground, Kind, Process
from tests.integration.interleaving_outside import Journal
from tests.integration.messages import referral, vacancy

SIAO, CENTRE = "siao-01", "centre"
DIALECTS = {SIAO: "si_siao_json", CENTRE: "hebergement_json"}
DOORS = 2


class Message(NamedTuple):
    """A message that the shelter sends under this key, from some moment on."""

    key: str
    rows: Sequence[tuple[str, int]]
    """Places and their capacities. The capacity identifies the vacancy."""
    after_s: float = 0.0

    def body(self) -> Any:
        """Return the message's body: one event, or a list of several."""
        events = [vacancy(place, capacite=capacity) for place, capacity in self.rows]
        return events if len(events) > 1 else events[0]


WANTED = ("C", 50)
"""Place and capacity of the vacancy to which both referrals go."""
VACANCIES = (
    Message("c1", [("A", 1)]),
    Message("c2", [WANTED]),
    Message("c3", [("A", 2), ("B", 11), ("A", 3), ("B", 12), ("D", 21)]),  # large: decoded after its 202
    Message("c4", [("A", 4)]),  # waits behind the large file, if that is not decoded yet
    Message("c5", [("A", 5), ("B", 13)]),
    Message("c6", [("A", 6)], after_s=100),  # by when the lanes may have been swept
    Message("c7", [("A", 7), ("B", 14)], after_s=200),
    Message("c8", [("A", 8)], after_s=300),
)
REFERRALS = (1, 2)


class Senders:
    """Correct senders: they repeat a message until it is acknowledged, then send the next one. They send all
    messages to every gateway."""

    def __init__(self, registry: Registry, siao: Journal) -> None:
        self.told: dict[str, list[bool]] = {}
        """Of each key, whether each acknowledgement called it a repetition."""
        self.wanted: str | None = None
        """The hub's id of the wanted place, where the SIAO learns it from a human."""
        self._registry = registry
        self._siao = siao
        self._sent: dict[tuple[str, str], int] = {}

    @property
    def done(self) -> bool:
        """Whether every gateway has acknowledged every message."""
        return sum(self._sent.values()) == DOORS * (len(VACANCIES) + len(REFERRALS))

    async def send(self, process: Process, intake: Intake) -> None:
        """Send all messages that this gateway has not acknowledged."""
        vacancies = [(message.key, partial(_vacancy, message, process.ground)) for message in VACANCIES]
        order = 1 if process.name.endswith("0") else -1  # so that both are on their way at once
        referrals = [(f"m-{number}", partial(self._referral, number)) for number in REFERRALS[::order]]
        await asyncio.gather(
            self._send(process, intake, CENTRE, vacancies), self._send(process, intake, SIAO, referrals)
        )

    async def _send(
        self,
        process: Process,
        intake: Intake,
        partner: str,
        outgoing: Sequence[tuple[str, Callable[[], Any]]],
    ) -> None:
        sent = self._sent.setdefault((process.name, partner), 0)
        for key, body in outgoing[sent:]:
            while (content := body()) is None:
                await process.stop("n'a rien à envoyer", Kind.REST)
            await self._persistently(intake, partner, key, json.dumps(content).encode())
            self._sent[process.name, partner] += 1

    async def _persistently(self, intake: Intake, partner: str, key: str, body: bytes) -> None:
        native, sender = Native(body, "application/json"), self._registry.partners[partner]
        while True:
            try:
                report = await intake.receive(native, sender, DIALECTS[partner], key)
            except BusUnavailable:
                await asyncio.sleep(1)
            else:
                assert report.etat in ("accepte", "en_cours"), report.etat
                self.told.setdefault(key, []).append(report.repetition)
                return

    def _referral(self, number: int) -> Any:
        """Return a referral to the wanted place under the hub's id of it; None while the SIAO does not know that
        id."""
        for effect in self._siao.effects:
            if effect.body["type"] == "place.vacante" and effect.body["place"]["capacite"] == WANTED[1]:
                return referral(effect.body["place"]["identifiantExterne"], number)
        return self.wanted and referral(self.wanted, number)


def _vacancy(message: Message, ground: Ground) -> Any:
    return message.body() if ground.passed >= message.after_s else None
