"""The simulated SIAO with an API of its own: the hub PUTs objects into it, and reads its household files.

It declares a household that a partner brings ready for housing, and closes the demand.
"""

import asyncio
from datetime import date
from functools import partial
from typing import Any

from simulation import people, program, story, whereabouts
from simulation.cast import (
    BY_ID,
    CLOTURES,
    DDETS_62,
    MENAGES,
    SIAO,
    SIAO_REST,
    TRANSFERTS,
    bringer_of,
    flow,
)
from simulation.config import Config
from simulation.drop_folder import ACCEPTED, REFUSED
from simulation.familles.candidats import READY
from simulation.familles.langue import CLOSING
from simulation.hub_door import HubDoor, Sending, hub_door
from simulation.inbox import Inbox
from simulation.journal import Journal, Kind, Record, Row
from simulation.moods import Temper
from simulation.rest_server import Fiches, rest_server
from simulation.siao_memory import Memory
from simulation.siao_messages import NEEDS, about_transfer, closing, of_designated, understand
from simulation.story import Gift

MEDIA_TYPE = "application/json"
LOOK_SECONDS = 0.25
ON_THE_STREET = 20
ANSWERS = {
    NEEDS[Gift.ACCEPTED]: (whereabouts.ACCEPTED, {}),
    NEEDS[Gift.REFUSED]: (whereabouts.REFUSED, {"motif": "HORS_PERIMETRE"}),
}
"""Answer to the offer of a demand, by the kind of offer that the household needs. Other kinds get none."""


class SiaoRest:
    """The simulated SIAO with an API, which reacts to deliveries."""

    def __init__(
        self, config: Config, door: HubDoor, journal: Journal, fiches: Fiches, memory: Memory
    ) -> None:
        self._config, self._door, self._journal, self._fiches = config, door, journal, fiches
        self._memory = memory
        self._answered = {r["key"] for r in journal.past if r["kind"] == Kind.ANSWERED}

    async def react(self, effect: Record) -> None:
        """React to a delivery: close a demand, report on a designated household, or answer the offer of a
        demand."""
        if effect["event"] == whereabouts.BROUGHT:
            await self._list(effect["dossier"])
            await self._close(effect["dossier"], effect["subject"])
        elif effect["event"] == story.DESIGNATED:
            for row, body in of_designated(effect, self._config.today):
                await self._say(row, body)
        elif effect["event"] == whereabouts.PROPOSED and effect["need"] in ANSWERS:
            event, suite = ANSWERS[effect["need"]]
            demande = effect["subject"]
            if event == whereabouts.ACCEPTED:
                self._memory.taken.add(demande)
            row = Row(f"{demande}:{event}", flow(SIAO_REST, SIAO, TRANSFERTS), demande, 1)
            await self._say(row, about_transfer(event, demande, suite))

    async def _close(self, number: int, demande: str) -> None:
        loop, bringer = story.loop(number), bringer_of(story.place_of(number)[0])
        assert bringer is not None
        row = Row(f"{loop}:{CLOSING}", flow(SIAO_REST, bringer, CLOTURES), loop, 1)
        await self._say(row, closing(number, demande))

    async def _say(self, row: Row, body: bytes) -> None:
        (dialect,) = BY_ID[self._config.id].aussi
        await self._door.send(Sending(row.ref, body, MEDIA_TYPE, dialect, [row]))

    async def _list(self, number: int) -> None:
        """Put a household's file on the list; return once the hub has it."""
        loop = story.loop(number)
        row = Row(f"{loop}:{READY}", flow(SIAO_REST, DDETS_62, MENAGES), f"fiche-{number}", 1)
        await self._journal.about_to_send(row.ref, [row])
        self._fiches.add(
            number, f"{self._config.today:%Y-%m-%d}T00:00", documents(number, self._config.today)
        )
        if row.ref in self._answered:
            return
        while not (known := await self._door.known(str(number))):  # noqa: ASYNC110 - the hub reads when it likes
            await asyncio.sleep(LOOK_SECONDS)
        status = REFUSED if known["etat"] == "refuse" else ACCEPTED
        await self._journal.answered(row.ref, status, known["id"], ())


def documents(number: int, today: date) -> dict[str, Any]:
    """Return the objects of a household's file, by name."""
    place, _ = story.place_of(number)
    (person,) = people.brought(place).people
    who = {"nom": person.nom, "prenom": person.prenom, "sexe": "HOMME"}
    return {
        "ficheSynthese": {
            "id": number,
            "composition": {"id": 10},
            "personnes": [{**who, "dateNaissance": f"{person.naissance:%d/%m/%Y}"}],
        },
        "demandeInsertion": {
            "situationDemande": {"id": ON_THE_STREET},
            "dateModification": f"{today:%Y-%m-%d}T00:00",
            "siao": {"territoire": {"codeDepartement": f"0{SIAO_REST.territoire}"}},
        },
        "situationParRapportAuLogement": {
            "numerosUniqueLogementSocial": [{"numeroUnique": people.numero_unique(place, today)}]
        },
    }


async def serve(config: Config, memory: Memory) -> None:
    """Run this SIAO until cancelled."""
    fiches = Fiches()
    async with (
        program.journal_of(config) as journal,
        hub_door(config, journal) as door,
        asyncio.TaskGroup() as tasks,
    ):
        siao = SiaoRest(config, door, journal, fiches, memory)
        inbox = Inbox(journal, memory.once(siao.react), tasks, recognises=config.recognises)
        read = partial(understand, to=config.id)
        temper = Temper(config.mood, config.temper)
        async with rest_server(config.port, config.secret, inbox, read, fiches, temper):
            await program.started(config)
            inbox.resume()
            await asyncio.Event().wait()
