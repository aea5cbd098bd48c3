"""Shelter with an API: places and decisions as JSON by POST, referrals by webhook.

`python -m simulation.centre_json CONFIG.json`.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from simulation import actes, alerts, program
from simulation.answering import paced, wrong_row
from simulation.cast import CENTRE_JSON, ETAT, PLACES, REPONSES, SIAO
from simulation.config import Config
from simulation.hub_door import HubDoor, Sending, hub_door
from simulation.inbox import Inbox
from simulation.journal import Kind, Record, Row
from simulation.moods import Temper
from simulation.places import TYPES, Place
from simulation.shelter import (
    ANNULEE,
    FORESEEN,
    PROPOSEE,
    VACANTE,
    Referral,
    Referrals,
    becoming_vacant,
    day_of_answer,
    dossier_of,
)
from simulation.webhook_server import webhook_server

DIALECT = "hebergement_json"
MEDIA_TYPE = "application/json"

Event = Mapping[str, Any]

DATES = {
    "orientation.acceptee": "accueilLe",
    "admission.prononcee": "admissionLe",
    "entree.constatee": "entreeLe",
    "presentation.absence": "constateeLe",
}


def alert(body: bytes) -> Record | None:
    """Return the journal line for an alert; None for any other event. Raises ValueError or LookupError."""
    event = json.loads(body)
    return alerts.heard(event, CENTRE_JSON.id) if event["type"].startswith(alerts.ALERT) else None


def signed(body: bytes) -> Record | None:
    """Return the journal line for another partner's signature of a derogation; None for any other event."""
    event = json.loads(body)
    return actes.heard(event["type"], event, CENTRE_JSON) if event["type"] == actes.DEROGATION else None


def understand(body: bytes, today: date) -> Referral:
    """Read one referral. Raises ValueError or LookupError if it is none."""
    event = json.loads(body)
    if event["type"] not in (PROPOSEE, ANNULEE):
        raise ValueError("type inattendu")
    number = None
    if event["type"] == PROPOSEE:
        number = dossier_of(event["place"], date.fromisoformat(event["presentationLe"]), today)
    return Referral(event["type"], event["orientation"], number)


def vacancy(place: Place, today: date, name: str, version: int) -> Event:
    """Return the event of a place that is vacant, or will be."""
    return {
        "idEvenement": f"{place.code}-{version}",
        "type": name,
        "version": version,
        "place": place.code,
        "structure": place.structure.finess,
        "commune": place.structure.commune,
        "adresse": place.adresse,
        "dispositif": place.dispositif,
        "typePlace": TYPES[place.dispositif],
        "capacite": len(place.compositions),
        "compositions": place.compositions,
        ("libreLe" if name == FORESEEN else "disponibleLe"): today.isoformat(),
    }


def decision(orientation: str, event: str, codes: Mapping[str, str], today: date) -> Event:
    """Return the event of one step of an answer."""
    dated = {DATES[event]: day_of_answer(event, today).isoformat()} if event in DATES else {}
    return {
        "idEvenement": f"{orientation}-{event}",
        "type": event,
        "orientation": orientation,
        **dated,
        **codes,
    }


def encode(events: Sequence[Event]) -> bytes:
    """Return a message: an object for one event, an array for several."""
    return json.dumps(events[0] if len(events) == 1 else events, ensure_ascii=False).encode()


def wrong_vacancies(config: Config) -> list[tuple[Row, Event]]:
    """Return invalid events, such as people and software produce, with their journal rows."""
    place = config.places[0]
    spoilt: dict[str, dict[str, object]] = {
        "commune": {"commune": "59000"},
        "dispositif": {"dispositif": "GRAND_FROID"},
        "etrangere": {"structure": config.foreign},
        "date": {"disponibleLe": "2026-02-30"},
    }
    good = vacancy(place, config.today, "place.vacante", 1)
    return [
        (wrong_row(config, PLACES, name, row=2), {**good, "place": f"ESC-{name}", **fields})
        for name, fields in spoilt.items()
    ]


class Centre:
    """Running shelter: it announces places, signs derogations, and answers referrals."""

    def __init__(self, config: Config, door: HubDoor, tasks: asyncio.TaskGroup) -> None:
        self._config = config
        self._door = door
        self._tasks = tasks
        self._before: dict[str, asyncio.Task[None]] = {}
        self._signed: defaultdict[str, set[str]] = defaultdict(set)

    async def react(self, effect: Record) -> None:
        """Answer a referral step by step; after the last signature of a derogation, admit a household."""
        if effect["event"] == actes.DEROGATION:
            await self._admit(effect["terms"]["numero"], effect["signer"])
        async for step, row in paced(self._config, effect):
            await self._post([(row, decision(row.subject, step.event, step.codes, self._config.today))])

    async def publish(self) -> None:
        """Send each place when it becomes vacant, some with an invalid event. At the end, send an invalid
        decision."""
        wrong = wrong_vacancies(self._config)
        async for place, event, row in becoming_vacant(self._config):
            lines = [(row, vacancy(place, self._config.today, event, row.seq))]
            if wrong and place.number % 3 == 0:
                lines.append(wrong.pop())
            if event == VACANTE and actes.is_derogated(place.number):
                self._tasks.create_task(self._sign(place))
            before = self._before.get(place.code)
            self._before[place.code] = self._tasks.create_task(self._post(lines, before))
        bare = wrong_row(self._config, REPONSES, "decision")
        refusal = {"auteur": "STRUCTURE"}
        orientation = "00000000-0000-4000-8000-000000000000"
        await self._post([(bare, decision(orientation, "orientation.refusee", refusal, self._config.today))])

    async def _sign(self, place: Place) -> None:
        terms = actes.derogation(place.number, place.structure.finess)
        event = actes.signature(actes.DEROGATION, terms, CENTRE_JSON)
        rows = actes.rows(actes.DEROGATION, terms, CENTRE_JSON)
        await self._door.send(Sending(rows[0].ref, encode([event]), MEDIA_TYPE, DIALECT, rows))

    async def _admit(self, numero: str, signer: str) -> None:
        self._signed[numero].add(signer)
        if self._signed[numero] == {SIAO.id, ETAT.id}:
            place = int(numero.removeprefix(actes.NUMBERED))
            await self._post([(actes.admitted(place), actes.admission(place, self._config.today))])

    async def _post(
        self, lines: Sequence[tuple[Row, Event]], before: asyncio.Task[None] | None = None
    ) -> None:
        """Send the events after the task `before`: messages about one place stay in order."""
        if before is not None:
            await before
        rows, events = [row for row, _ in lines], [event for _, event in lines]
        await self._door.send(Sending(rows[0].ref, encode(events), MEDIA_TYPE, DIALECT, rows))


async def main(config: Config) -> None:
    async with (
        program.journal_of(config) as journal,
        hub_door(config, journal) as door,
        asyncio.TaskGroup() as tasks,
    ):
        referrals = Referrals()
        referrals.remember([r for r in journal.past if r["kind"] == Kind.EFFECT and "dossier" in r])
        centre = Centre(config, door, tasks)
        inbox = Inbox(journal, centre.react, tasks, recognises=config.recognises)

        def read(body: bytes) -> Record:
            return alert(body) or signed(body) or referrals.effect(understand(body, config.today))

        async with webhook_server(
            config.port, config.secret, inbox, read, Temper(config.mood, config.temper)
        ):
            await program.started(config)
            inbox.resume()
            await centre.publish()
            await asyncio.Event().wait()


if __name__ == "__main__":
    program.run(main)
