"""The SIAO: it receives vacancies, directs households, presents others to landlords, and awaits every answer.

`python -m simulation.siao CONFIG.json`.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from simulation import alerts, program, story, whereabouts
from simulation.answering import wrong_row
from simulation.cast import (
    ACCOMPAGNEMENTS,
    AVDL,
    BY_ID,
    CANDIDATURES,
    CENTRE_BOITE,
    CONTINGENT,
    MENAGES,
    ORIENTATIONS,
    PREFIXES,
    SIAO,
    SIAO_REST,
    TRANSFERTS,
    Part,
    flow,
)
from simulation.config import Config, Receiver
from simulation.hub_door import HubDoor, Sending, hub_door
from simulation.inbox import Inbox
from simulation.journal import Record, Row
from simulation.moods import Temper
from simulation.people import brought, household
from simulation.shelter import ANNULEE, PROPOSEE
from simulation.siao_messages import (
    NEEDS,
    Vacancy,
    about_transfer,
    accompaniment,
    cancellation,
    candidacy,
    presentation_day,
    ready,
    referral,
    understand,
)
from simulation.webhook_server import webhook_server

DIALECT = "si_siao_json"
MEDIA_TYPE = "application/json"
PRESENTEE = "candidature.presentee"
PRET, ACCOMPAGNEMENT = "menage.pret-logement.declare", "accompagnement.demande"
TAKE_BACK_SECONDS = 0.5
"""Time that the SIAO leaves a household on a waiting list before it withdraws the referral."""


class Siao:
    """The SIAO's knowledge of the places, and its reaction to each event."""

    def __init__(self, config: Config, door: HubDoor) -> None:
        self._config = config
        self._door = door
        self._vacancies: dict[str, Vacancy] = {}
        self._referred: dict[str, int] = {}
        self._brought: dict[str, int] = {}
        """Place numbers of the demands, by the hub's id."""

    async def react(self, effect: Record) -> None:
        """React to an event; a place without a code in its address is only noted."""
        match effect["event"]:
            case "place.vacante" if "code" in effect:
                await self._on_vacancy(self._learnt(effect))
            case "place.disponible" if effect["place"] in self._vacancies:
                await self._refer(self._vacancies[effect["place"]])
            case whereabouts.BROUGHT:
                self._brought[effect["subject"]] = place = story.place_of(effect["dossier"])[0]
                await self._help_whom_somebody_brings(effect["subject"], place)
            case whereabouts.REFUSED:
                await self._refer_whom_somebody_brings(effect["subject"], self._brought[effect["subject"]])
            case story.ARRIVED if story.is_accompanied(story.place_of(effect["dossier"])[0]):
                await self._ask_for_accompaniment(effect)
            case alerts.DEADLINE if story.keeps_silent(self._config.seed, effect.get("overdue", 0)):
                await self._take_back(effect["overdue"])
            case "orientation.mise-en-attente":
                await asyncio.sleep(TAKE_BACK_SECONDS)
                await self._take_back(effect["dossier"])

    async def send_wrong(self) -> None:
        """Send a candidacy without a numéro unique, one with half of it, and a couple of one person."""
        config, landlord = self._config, self._config.landlords[0]
        alone = household(config.seed, 0, ("10",), config.today)
        for name, nur in (("sans-nur", None), ("nur-tronque", "059032500")):
            body = candidacy(8, alone, landlord.siret, config.today, landlord.canal, numeroUnique=nur)
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
        """Refer the next household to a place, up to the third."""
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

    async def _help_whom_somebody_brings(self, demande: str, place: int) -> None:
        """Refer the household, or propose its demand to the SIAO of the next territory."""
        gift = story.gift(place)
        if gift is not None:
            need = {"territoire": SIAO_REST.territoire, "composition": 10, "nbAdultes": 1}
            await self._post_transfer(demande, 1, whereabouts.PROPOSED, need, dispositif=NEEDS[gift])
        if gift is story.Gift.WITHDRAWN:
            await asyncio.sleep(TAKE_BACK_SECONDS)
            await self._post_transfer(demande, 2, whereabouts.WITHDRAWN, {})
        if gift in (None, story.Gift.WITHDRAWN):
            await self._refer_whom_somebody_brings(demande, place)

    async def _post_transfer(
        self, demande: str, seq: int, event: str, suite: Mapping[str, object], **said: str
    ) -> None:
        row = Row(f"{demande}:{event}", flow(SIAO, SIAO_REST, TRANSFERTS), demande, seq)
        await self._post(row, about_transfer(event, demande, suite, **said))

    async def _refer_whom_somebody_brings(self, demande: str, place: int) -> None:
        number = story.dossier(place, story.BROUGHT_SLOT)
        receiver = self._receiver_of(place)
        day = presentation_day(self._config.today, 1)
        body = referral(number, brought(place), "INSERTION", day, None, receiver.finess, demande)
        await self._open(number, BY_ID[receiver.id], ORIENTATIONS, PROPOSEE, body)

    async def _ask_for_accompaniment(self, effect: Record) -> None:
        """Ask an operator to support a household that arrived; the hub's id of its referral links question and
        answer."""
        place, slot = story.place_of(effect["dossier"])
        if slot > story.MAX_REFERRALS:
            return
        loop = story.loop(story.dossier(place, story.ACCOMPANIED_SLOT))
        subject = effect["ref"].partition(":")[0]
        row = Row(f"{subject}:{ACCOMPAGNEMENT}", flow(SIAO, AVDL, ACCOMPAGNEMENTS), subject, 1, opens=loop)
        await self._post(row, accompaniment(effect["dossier"], self._config.operator))

    async def _present(self, place: int) -> None:
        number = story.dossier(place, story.CANDIDACY_SLOT)
        landlord = self._config.landlords[place // 3 % len(self._config.landlords)]
        people = household(self._config.seed, number, (), self._config.today)
        if landlord.id == CONTINGENT.id:
            row = Row(f"{story.loop(number)}:{PRET}", flow(SIAO, CONTINGENT, MENAGES), f"menage-{number}", 1)
            await self._post(row, ready(number, people, self._config.today))
        body = candidacy(number, people, landlord.siret, self._config.today, landlord.canal)
        await self._open(number, BY_ID[landlord.id], CANDIDATURES, PRESENTEE, body)

    async def _take_back(self, number: int) -> None:
        place, slot = story.place_of(number)
        loop = story.loop(number)
        part = self._referred_to(place, slot)
        row = Row(f"{loop}:{ANNULEE}", flow(SIAO, part, ORIENTATIONS), loop, 2, closes=loop)
        await self._post(row, cancellation(number))

    def _receiver_of(self, place: int) -> Receiver:
        return self._config.receivers[place // 3 % len(self._config.receivers)]

    def _referred_to(self, place: int, slot: int) -> Part:
        if slot == story.STRUCTURE_SLOT:
            return CENTRE_BOITE
        if slot == story.BROUGHT_SLOT:
            return BY_ID[self._receiver_of(place).id]
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
