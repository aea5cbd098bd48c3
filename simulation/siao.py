"""The SIAO: hears of vacancies, directs households, presents others to landlords, and waits for every answer.

`python -m simulation.siao CONFIG.json`.
"""

import asyncio
from dataclasses import replace

from simulation import program, story
from simulation.answering import wrong_row
from simulation.cast import BY_ID, CANDIDATURES, CENTRE_BOITE, ORIENTATIONS, PREFIXES, SIAO, Part, flow
from simulation.config import Config
from simulation.hub_door import HubDoor, Sending, hub_door
from simulation.inbox import Inbox
from simulation.journal import Record, Row
from simulation.moods import Temper
from simulation.people import household
from simulation.shelter import ANNULEE, PROPOSEE
from simulation.siao_messages import (
    Vacancy,
    cancellation,
    candidacy,
    presentation_day,
    referral,
    understand,
)
from simulation.webhook_server import webhook_server

DIALECT = "si_siao_json"
MEDIA_TYPE = "application/json"
PRESENTEE = "candidature.presentee"
TAKE_BACK_SECONDS = 0.5
"""How long the SIAO lets a household wait on a list before it finds another way."""


class Siao:
    """What the SIAO knows of the places, and what it does about each event."""

    def __init__(self, config: Config, door: HubDoor) -> None:
        self._config = config
        self._door = door
        self._vacancies: dict[str, Vacancy] = {}
        self._referred: dict[str, int] = {}

    async def react(self, effect: Record) -> None:
        """Do what an event asks for; a place without a code in its address is only noted."""
        match effect["event"]:
            case "place.vacante" if "code" in effect:
                await self._on_vacancy(self._learnt(effect))
            case "place.disponible" if effect["place"] in self._vacancies:
                await self._refer(self._vacancies[effect["place"]])
            case "orientation.mise-en-attente":
                await asyncio.sleep(TAKE_BACK_SECONDS)
                await self._take_back(effect["dossier"])

    async def send_wrong(self) -> None:
        """A candidacy without a numéro unique, one with half of it, and a couple of one person."""
        config, landlord = self._config, self._config.landlords[0]
        alone = household(config.seed, 0, ("10",), config.today)
        for name, nur in (("sans-nur", None), ("nur-tronque", "059032500")):
            body = candidacy(8, alone, landlord.siret, config.today, numeroUnique=nur)
            await self._post(wrong_row(config, CANDIDATURES, name, to=BY_ID[landlord.id]), body)
        day = presentation_day(config.today, 1)
        body = referral(9, replace(alone, composition="30"), "URGENCE", day, None, config.pull_structure)
        await self._post(wrong_row(config, ORIENTATIONS, "couple", to=CENTRE_BOITE), body)

    def _learnt(self, effect: Record) -> Vacancy:
        vacancy = Vacancy(
            effect["code"], effect["place"], effect["dispositif"], tuple(effect["compositions"])
        )
        self._vacancies[vacancy.uuid] = vacancy
        return vacancy

    async def _on_vacancy(self, vacancy: Vacancy) -> None:
        number = int(vacancy.code.rpartition("-")[2])
        async with asyncio.TaskGroup() as sending:
            sending.create_task(self._refer(vacancy))
            if story.presents_to_landlord(number):
                sending.create_task(self._present(number))
            if story.refers_to_structure(number):
                sending.create_task(self._refer_to_structure(number))

    async def _refer(self, vacancy: Vacancy) -> None:
        """The next household for a place, up to the third."""
        slot = self._referred.get(vacancy.code, 0) + 1
        if slot > story.MAX_REFERRALS:
            return
        self._referred[vacancy.code] = slot
        number = story.dossier(int(vacancy.code.rpartition("-")[2]), slot)
        people = household(self._config.seed, number, vacancy.compositions, self._config.today)
        day = presentation_day(self._config.today, slot)
        body = referral(number, people, vacancy.dispositif, day, vacancy.uuid, None)
        await self._open(number, PREFIXES[vacancy.code[:3]], ORIENTATIONS, PROPOSEE, body)

    async def _refer_to_structure(self, place: int) -> None:
        number = story.dossier(place, story.STRUCTURE_SLOT)
        people = household(self._config.seed, number, (), self._config.today)
        day = presentation_day(self._config.today, 1)
        body = referral(number, people, "URGENCE", day, None, self._config.pull_structure)
        await self._open(number, CENTRE_BOITE, ORIENTATIONS, PROPOSEE, body)

    async def _present(self, place: int) -> None:
        number = story.dossier(place, story.CANDIDACY_SLOT)
        landlord = self._config.landlords[place // 3 % len(self._config.landlords)]
        people = household(self._config.seed, number, (), self._config.today)
        body = candidacy(number, people, landlord.siret, self._config.today)
        await self._open(number, BY_ID[landlord.id], CANDIDATURES, PRESENTEE, body)

    async def _take_back(self, number: int) -> None:
        place, slot = story.place_of(number)
        loop = story.loop(number)
        part = CENTRE_BOITE if slot == story.STRUCTURE_SLOT else self._shelter_of(place)
        row = Row(f"{loop}:{ANNULEE}", flow(SIAO, part, ORIENTATIONS), loop, 2, closes=loop)
        await self._post(row, cancellation(number))

    def _shelter_of(self, place: int) -> Part:
        code = next(code for code in self._referred if int(code.rpartition("-")[2]) == place)
        return PREFIXES[code[:3]]

    async def _open(self, number: int, part: Part, what: str, event: str, body: bytes) -> None:
        loop = story.loop(number)
        await self._post(Row(f"{loop}:{event}", flow(SIAO, part, what), loop, 1, opens=loop), body)

    async def _post(self, row: Row, body: bytes) -> None:
        await self._door.send(Sending(row.ref, body, MEDIA_TYPE, DIALECT, [row]))


async def main(config: Config) -> None:
    async with (
        program.journal_of(config) as journal,
        hub_door(config, journal) as door,
        asyncio.TaskGroup() as tasks,
    ):
        siao = Siao(config, door)
        inbox = Inbox(journal, siao.react, tasks, recognises=config.recognises)
        async with webhook_server(
            config.port, config.secret, inbox, understand, Temper(config.mood, config.temper)
        ):
            await program.started(config)
            inbox.resume()
            await siao.send_wrong()
            await asyncio.Event().wait()


if __name__ == "__main__":
    program.run(main)
