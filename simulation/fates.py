"""Questions to the hub's HTTP API, with the sender's key, about accepted rows that have not arrived."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout

from simulation.cast import LE_115, ends
from simulation.config import Config
from simulation.observed import Answer, Observed, Sent
from simulation.oracle import Fate

AT_ONCE = 8

WAITING = frozenset({"en_attente", "en_vol", "deposee", "incertaine"})
SAID_NO = frozenset({"refusee", "oubliee"})
DELIVERED = "livree"
TOLD_APART = frozenset({LE_115.id})
"""Partners whose deliveries are ignored here: in their journals, tonight's places are messages of the hub."""


@dataclass(frozen=True, slots=True)
class Explained:
    """What the hub answers about a row that has not arrived."""

    fate: Fate
    why: str
    etat: str = ""
    """The hub's word for the state of the row or its delivery."""


async def ask(observed: Observed, hub: str, configs: Mapping[str, Config]) -> Mapping[str, Explained]:
    """Return the hub's answers about every accepted row that has not arrived, by the row's name."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(session: ClientSession, sent: Sent, answer: Answer) -> tuple[str, Explained]:
        headers = {"Authorization": f"Bearer {configs[sent.sender].api_key}"}
        async with slots:
            try:
                async with session.get(f"{hub}/v1/messages/{answer.message}", headers=headers) as response:
                    if response.status != 200:
                        return sent.row.ref, Explained(Fate.GONE, f"inconnue du hub (HTTP {response.status})")
                    return sent.row.ref, of_row(await response.json(), sent.row.row, apart(sent))
            except (ClientError, TimeoutError):
                return sent.row.ref, Explained(Fate.GONE, "le hub ne répond plus")

    recipients: defaultdict[tuple[str, str, int], set[str]] = defaultdict(set)
    for sent in observed.sent.values():
        recipients[sent.sender, sent.key, sent.row.row].add(ends(sent.row.flow)[1].id)

    def apart(sent: Sent) -> frozenset[str]:
        """Return the partners whose deliveries do not concern this row."""
        others = recipients[sent.sender, sent.key, sent.row.row] - {ends(sent.row.flow)[1].id}
        return TOLD_APART | others

    async with ClientSession(timeout=ClientTimeout(total=20)) as session:
        questions = [(sent, answer) for sent in observed.missing() if (answer := observed.answer_to(sent))]
        return dict(await asyncio.gather(*(one(session, sent, answer) for sent, answer in questions)))


def of_row(message: Mapping[str, Any], row: int, apart: Collection[str] = TOLD_APART) -> Explained:
    """Return the fate of one row, from the hub's answer about its message, without deliveries to the partners
    in `apart`."""
    event = _event_of(message["evenements"], row)
    if event is None:
        waits = message["etat"] == "en_cours"
        return Explained(
            Fate.OPEN if waits else Fate.GONE,
            f"message {message['etat']}, ligne sans événement",
            str(message["etat"]),
        )
    state, reason = event["etat"], event["raison"] or ""
    if state in ("accepte", "quarantaine"):
        return Explained(Fate.OPEN, f"{state} {reason}".strip(), state)
    if state in ("sans_effet", "anomalie"):
        return Explained(Fate.REFUSED, f"{state} : {reason}", state)
    return _of_deliveries([each for each in event["livraisons"] if each["partenaire"] not in apart])


def _event_of(events: Sequence[Mapping[str, Any]], row: int) -> Mapping[str, Any] | None:
    """Return the hub's event of a row; None without one.

    After a restoration from Kafka, events have no row number: a message's only event stands for any row.
    """
    if len(events) == 1 and events[0]["ligne"] is None:
        return events[0]
    return next((event for event in events if event["ligne"] == row), None)


def _of_deliveries(deliveries: Sequence[Mapping[str, Any]]) -> Explained:
    """Return the fate of a row from its deliveries. A delivery that the hub believes made counts before a
    refusal elsewhere."""
    why = ", ".join(f"{d['partenaire']} : {d['etat']} {d['erreur'] or ''}".strip() for d in deliveries)
    states = {each["etat"] for each in deliveries}
    if DELIVERED in states:
        return Explained(Fate.GONE, why, DELIVERED)
    if waiting := states & WAITING:
        return Explained(Fate.OPEN, why, min(waiting))
    if no := states & SAID_NO:
        return Explained(Fate.REFUSED, why, min(no))
    return Explained(Fate.GONE, why or "appliquée, et sans livraison")
