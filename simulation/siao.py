"""The simulated SIAO: it refers households to places, presents others to landlords, and waits for every
answer."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from simulation import actes, alerts, collecteur, examens, program, story, whereabouts
from simulation.answering import wrong_row
from simulation.cast import (
    ACCOMPAGNEMENTS,
    AVDL,
    BY_ID,
    CANDIDATURES,
    CENTRE_BOITE,
    CENTRE_JSON,
    CIL,
    CLOTURES,
    CONTINGENT,
    DDETS_62,
    MENAGES,
    ORIENTATIONS,
    PREFIXES,
    SIAO,
    SIAO_REST,
    TRANSFERTS,
    Part,
    bringer_of,
    flow,
)
from simulation.config import Config, Receiver
from simulation.hub_door import HubDoor, Sending, hub_door
from simulation.inbox import Inbox
from simulation.journal import Record, Row
from simulation.moods import Temper
from simulation.people import brought, household
from simulation.shelter import ANNULEE, PROPOSEE
from simulation.siao_memory import Memory
from simulation.siao_messages import (
    NEEDS,
    OF_THE_COLLECTOR,
    Vacancy,
    about_transfer,
    accompaniment,
    cancellation,
    candidacy,
    closing,
    of_designated,
    on_a_list,
    opinion,
    presentation_day,
    ready,
    referral,
    signature,
    understand,
)
from simulation.webhook_server import webhook_server

DIALECT = "si_siao_json"
MEDIA_TYPE = "application/json"
PRESENTEE = "candidature.presentee"
PRET, ACCOMPAGNEMENT, CLOSING = "menage.pret-logement.declare", "accompagnement.demande", "demande.annulee"
LOOK_SECONDS = 0.25
TAKE_BACK_SECONDS = 0.5
"""Time between an answer that puts a household on a waiting list, and the withdrawal of the referral."""


class Siao:
    """The simulated SIAO, which reacts to deliveries by sending messages."""

    def __init__(self, config: Config, door: HubDoor, memory: Memory) -> None:
        self._config = config
        self._door = door
        self._memory = memory

    async def react(self, effect: Record) -> None:
        """React to a delivery: refer, present, sign, give an opinion, or withdraw."""
        match effect["event"]:
            case "place.vacante" if "code" in effect:
                await self._on_vacancy(self._learnt(effect))
            case "place.disponible" if effect["place"] in self._memory.vacancies:
                await self._refer(self._memory.vacancies[effect["place"]])
            case whereabouts.BROUGHT:
                await self._on_demand(effect["subject"], effect["dossier"])
            case whereabouts.REFUSED:
                place = self._memory.brought[effect["subject"]]
                await self._refer_whom_somebody_brings(effect["subject"], place)
            case story.ARRIVED:
                await self._ask_for_accompaniment(effect)
            case story.DESIGNATED:
                for row, body in of_designated(effect, self._config.today):
                    await self._post(row, body)
            case actes.DEROGATION if effect["signer"] == CENTRE_JSON.id:
                row, *others = actes.rows(actes.DEROGATION, effect["terms"], SIAO)
                await self._post(row, signature(effect["terms"]), *others)
            case examens.ENTERED:
                number, case = effect["number"], effect["case"]
                favorable = examens.is_favorable(number)
                await self._post(examens.given(number, case), opinion(case, favorable, self._config.today))
            case actes.AGREEMENT:
                await self._on_signature(effect["terms"], effect["signer"])
            case alerts.DEADLINE if "overdue" in effect:
                if story.keeps_silent(self._config.seed, await self._memory.number_of(effect)):
                    await self._take_back(effect)
            case "orientation.mise-en-attente":
                await asyncio.sleep(TAKE_BACK_SECONDS)
                await self._take_back(effect)

    async def _on_signature(self, terms: Record, signer: str) -> None:
        """Record a signature of an agreement. Once the one on lists is in force, send the collector its
        list."""
        numero = terms["numero"]
        self._memory.signed.add((numero, signer))
        if numero == actes.BY_LIST and self._memory.in_force(numero):
            row, *others = collecteur.rows()
            await self._post(row, on_a_list(terms["partenaire"], self._config.today), *others)

    async def send_wrong(self) -> None:
        """Send invalid messages: candidacies without a full numéro unique, and the referral of a couple with
        one member."""
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
        self._memory.vacancies[vacancy.uuid] = vacancy
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
        """Refer the next household to a vacant place, unless it has had three referrals."""
        slot = self._memory.referred.get(vacancy.code, 0) + 1
        if slot > story.MAX_REFERRALS:
            return
        self._memory.referred[vacancy.code] = slot
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

    async def _on_demand(self, demande: str, number: int) -> None:
        """Act on a demand: refer its household, offer it to the other SIAO, or declare the household ready
        for housing."""
        self._memory.brought[demande] = place = story.place_of(number)[0]
        if story.is_brought_elsewhere(place) or demande in self._memory.taken:
            await self._house(demande, number)
            return
        gift = None if self._config.merging.exists() else story.gift(place)
        if gift is not None:
            need = {"territoire": SIAO_REST.territoire, "composition": 10, "nbAdultes": 1}
            await self._post_transfer(demande, 1, whereabouts.PROPOSED, need, dispositif=NEEDS[gift])
        if gift is story.Gift.WITHDRAWN:
            await asyncio.sleep(TAKE_BACK_SECONDS)
            await self._post_transfer(demande, 2, whereabouts.WITHDRAWN, {})
            await self._has_its_effect(f"{demande}:{whereabouts.WITHDRAWN}")
        if gift in (None, story.Gift.WITHDRAWN):
            await self._refer_whom_somebody_brings(demande, place)

    async def _post_transfer(
        self, demande: str, seq: int, event: str, suite: Mapping[str, object], **said: str
    ) -> None:
        row = Row(f"{demande}:{event}", flow(SIAO, SIAO_REST, TRANSFERTS), demande, seq)
        await self._post(row, about_transfer(event, demande, suite, **said))

    async def _has_its_effect(self, key: str) -> None:
        """Wait until the hub has applied a message. Between two subjects it promises no order: an arrival that
        overtook the transfer would make it illegal."""
        while await self._door.effect(key) == "en_attente":  # noqa: ASYNC110 - the hub applies it when it can
            await asyncio.sleep(LOOK_SECONDS)

    async def _refer_whom_somebody_brings(self, demande: str, place: int) -> None:
        number = story.dossier(place, story.BROUGHT_SLOT)
        receiver = self._receiver_of(place)
        day = presentation_day(self._config.today, 1)
        body = referral(number, brought(place), "INSERTION", day, None, receiver.finess, demande)
        await self._open(number, BY_ID[receiver.id], ORIENTATIONS, PROPOSEE, body)

    async def _house(self, demande: str, number: int) -> None:
        (place, _), loop = story.place_of(number), story.loop(number)
        row = Row(f"{loop}:{PRET}", flow(SIAO_REST, DDETS_62, MENAGES), f"fiche-{number}", 1)
        household = ready(number, brought(place), self._config.today, SIAO_REST.territoire)
        await self._post(row, household)
        bringer = bringer_of(place)
        assert bringer is not None
        row = Row(f"{loop}:{CLOSING}", flow(SIAO_REST, bringer, CLOTURES), loop, 1)
        await self._post(row, closing(number, demande))

    async def _ask_for_accompaniment(self, effect: Record) -> None:
        """If an arrived household needs support, send an operator a request under the hub's id of the
        referral."""
        place, slot = story.place_of(await self._memory.number_of(effect))
        if slot > story.MAX_REFERRALS or not story.is_accompanied(place):
            return
        loop = story.loop(story.dossier(place, story.ACCOMPANIED_SLOT))
        subject = effect["subject"]
        row = Row(f"{subject}:{ACCOMPAGNEMENT}", flow(SIAO, AVDL, ACCOMPAGNEMENTS), subject, 1, opens=loop)
        await self._post(row, accompaniment(subject, self._config.operator))

    async def _present(self, place: int) -> None:
        number = story.dossier(place, story.CANDIDACY_SLOT)
        landlord = self._config.landlords[place // 3 % len(self._config.landlords)]
        people = household(self._config.seed, number, (), self._config.today)
        if landlord.id == CONTINGENT.id:
            row = Row(f"{story.loop(number)}:{PRET}", flow(SIAO, CONTINGENT, MENAGES), f"menage-{number}", 1)
            await self._post(row, ready(number, people, self._config.today))
        agreed = landlord.id == CIL.id and self._memory.in_force(actes.AGREED)
        canal = OF_THE_COLLECTOR if agreed else landlord.canal
        body = candidacy(number, people, landlord.siret, self._config.today, canal)
        await self._open(number, BY_ID[landlord.id], CANDIDATURES, PRESENTEE, body)

    async def _take_back(self, effect: Record) -> None:
        number = await self._memory.number_of(effect)
        place, slot = story.place_of(number)
        loop = story.loop(number)
        part = self._referred_to(place, slot)
        row = Row(f"{loop}:{ANNULEE}", flow(SIAO, part, ORIENTATIONS), loop, 2, closes=loop)
        await self._post(row, cancellation(effect["subject"]))

    def _receiver_of(self, place: int) -> Receiver:
        return self._config.receivers[place // 3 % len(self._config.receivers)]

    def _referred_to(self, place: int, slot: int) -> Part:
        if slot == story.STRUCTURE_SLOT:
            return CENTRE_BOITE
        if slot == story.BROUGHT_SLOT:
            return BY_ID[self._receiver_of(place).id]
        code = next(code for code in self._memory.referred if int(code.rpartition("-")[2]) == place)
        return PREFIXES[code[:3]]

    async def _open(self, number: int, part: Part, what: str, event: str, body: bytes) -> None:
        loop = story.loop(number)
        await self._post(Row(f"{loop}:{event}", flow(SIAO, part, what), loop, 1, opens=loop), body)

    async def _post(self, row: Row, body: bytes, *others: Row) -> None:
        await self._door.send(Sending(row.ref, body, MEDIA_TYPE, DIALECT, [row, *others]))


async def serve(config: Config, memory: Memory) -> None:
    """Run one SIAO until cancelled."""
    async with (
        program.journal_of(config) as journal,
        hub_door(config, journal) as door,
        asyncio.TaskGroup() as tasks,
    ):
        siao = Siao(config, door, memory)
        inbox = Inbox(journal, memory.once(siao.react), tasks, recognises=config.recognises)
        async with webhook_server(
            config.port, config.secret, inbox, understand, Temper(config.mood, config.temper)
        ):
            await program.started(config)
            inbox.resume()
            if config.id == SIAO.id:
                await siao.send_wrong()
            await asyncio.Event().wait()
