"""Program of a SIAO with a list of households, and of the list's readers.

A reader reads its mailbox, and asks for the changes of the list since its last point. `python -m
simulation.list_readers CONFIG.json…`.
"""

import asyncio
import json
from collections.abc import Mapping
from datetime import date
from random import Random
from typing import Any

from simulation import people, program
from simulation.cast import BY_ID, DDETS_80, MENAGES, SIAO_LISTE, TERRITOIRE_DES_LECTEURS, flow
from simulation.centre_boite import empty_mailbox
from simulation.config import Bringing, Config
from simulation.hub_door import HubDoor, Sending, hub_door
from simulation.inbox import Inbox
from simulation.journal import Journal, Kind, Record, Row
from simulation.listed import WITHDRAWN, Told, day_of, life, row_of, told_on
from simulation.observed import DERIVED
from simulation.siao_messages import listed, understand, unlisted

MEDIA_TYPE = "application/json"
PAUSE_SECONDS = (0.5, 6.0)
"""Shortest and longest time between two messages about a household."""
LOOK_SECONDS = 1.0
FIRST_NUMBER = 50_000
"""Number of the first household on the list, higher than any other, so that telephone and register numbers
are distinct."""
HIDDEN = frozenset({"motif", "droitSejour", "droit_sejour", "victimeDeViolences", "victime_de_violences"})
"""Fields of a household that no reader may see."""


def of_a_household(said: Mapping[str, Any], day: str, today: date) -> Told:
    """Return the row of the SIAO from which a delivery comes. Raises ValueError for a field that its reader
    may not see."""
    if any(said.get(name) is not None for name in HIDDEN):
        raise ValueError("un champ que ce lecteur ne peut pas voir")
    return told_on(date.fromisoformat(day), today)


class Reader:
    """A reader: its point in the list, and the last row about each household."""

    def __init__(self, config: Config, door: HubDoor, journal: Journal) -> None:
        self._config, self._door, self._journal = config, door, journal
        self._point = 0
        self._known: dict[str, Told] = {}
        """The last row about each household, by the id that this reader was given."""
        for record in journal.past:
            if record["kind"] == Kind.LISTED:
                self._point = record["point"]

    def understand(self, body: bytes) -> Record:
        """Return the journal line for a change of the list. Raises ValueError or LookupError."""
        said = json.loads(body)
        menage, numero, fiche = said["menage"], said["numero"], said["fiche"]
        reads_all = self._config.id == DDETS_80.id  # its lines end only when the SIAO withdraws a household
        record: dict[str, Any] = {"event": said["type"], "numero": numero, "fiche": fiche}
        if said["type"] != WITHDRAWN:
            here = of_a_household(menage, said["evalueeLe"], self._config.today)
            self._known[menage["id"]] = here
            record["here"] = here
        elif reads_all:
            number, position = self._known[menage["id"]]
            here = self._known[menage["id"]] = (number, position + 1)
        ref = f"{DERIVED}liste:{self._config.id}/{fiche}:{numero}"
        return {"ref": row_of(here) if reads_all else ref, **record}

    async def follow(self) -> None:
        """Write the changes of the list to the journal, without end."""
        while True:
            if self._config.lost.exists():
                self._config.lost.unlink()
                self._point = 0
            if (found := await self._read()) is None:
                self._point = 0
            elif found["lignes"] or (not self._point and found["point"]):
                await self._journal.write({"kind": Kind.LISTED, "depuis": self._point, **found})
                self._point = found["point"]
            await asyncio.sleep(LOOK_SECONDS)

    async def _read(self) -> Mapping[str, Any] | None:
        """Return the changes of the list since the last point, and the new point; None if the whole list must
        be read."""
        lines: list[list[int]] = []
        asked = {"depuis": self._point, "limite": 7}
        while (page := await self._door.listed(**asked)) is not None:
            lines += map(self._line, page["lignes"])
            if page["suivant"] is None:
                return {"point": page["point"], "lignes": lines}
            asked |= {"point": page["point"], "apres": page["suivant"]}
        return None

    def _line(self, line: Mapping[str, Any]) -> list[int]:
        numbers = [line["numero"], line["fiche"]]
        if not line["presente"]:
            return numbers
        said = line["donnees"]
        if self._config.id == SIAO_LISTE.id:
            return [*numbers, *told_on(date.fromisoformat(said["evaluee_le"]), self._config.today)]
        return [*numbers, *of_a_household(said["menage"], said["evaluee_le"], self._config.today)]


async def tell(config: Config, door: HubDoor, one: Bringing) -> None:
    """Send the SIAO's messages about one household, from its moment on."""
    await asyncio.sleep(one.at_s)
    number, chance = (FIRST_NUMBER + one.number) * 10, Random(f"{config.temper}/{one.number}")
    household = people.household(config.seed, number, (), config.today)
    for position, turn in enumerate(life(config.seed, one.number)):
        told = one.number, position
        row = Row(row_of(told), flow(SIAO_LISTE, DDETS_80, MENAGES), f"menage-{one.number}", position + 1)
        if turn.event == WITHDRAWN:
            body = unlisted(row.ref, turn.event, number)
        else:
            housing = {
                "departement": TERRITOIRE_DES_LECTEURS,
                "communes": list(turn.communes),
                "dateEvaluation": f"{day_of(told, config.today):%d/%m/%Y}",
            }
            body = listed(row.ref, turn.event, number, household, config.today, **housing)
        await door.send(Sending(row.ref, body, MEDIA_TYPE, BY_ID[config.id].dialecte, [row]))
        await asyncio.sleep(chance.uniform(*PAUSE_SECONDS))


async def main(config: Config) -> None:
    async with (
        program.journal_of(config) as journal,
        hub_door(config, journal) as door,
        asyncio.TaskGroup() as tasks,
    ):
        reader = Reader(config, door, journal)
        inbox = Inbox(journal, _nothing, tasks, recognises=config.recognises)
        await program.started(config)
        for one in config.brings:
            tasks.create_task(tell(config, door, one))
        tasks.create_task(reader.follow())
        read = understand if config.id == SIAO_LISTE.id else reader.understand
        await empty_mailbox(door, inbox, read)


async def _nothing(_: Record) -> None:
    """Do nothing: this partner answers no delivery."""


if __name__ == "__main__":
    program.run(main)
