"""Play the SIAO, the shelter and the 115 (emergency line for homeless people) of a sandbox."""

import asyncio
import secrets
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from uuid import UUID

from pydantic_core import to_json

from contracts.base import Nature, Reference
from contracts.errors import BusUnavailable
from contracts.partner import Famille, Partner, Volet
from contracts.ports import Native
from contracts.reference.codes import Dispositif
from contracts.reference.territoires import departement_of
from ops.lists import sql as listing
from ops.sandbox import said
from ops.sandbox.http import Listed, Moved, NotSent, Sent, Transferred
from ops.sandbox.steps import (
    NEW,
    NEXT_ON_LIST,
    OF_THEIRS,
    POSSIBLE,
    Pas,
    PasListe,
    PasTransfert,
    next_step,
    steps_of_transfer,
)
from ops.tracing.lookup import named
from router.domain.audience import ADDRESSEES, BROUGHT_BY
from router.domain.calendar import day_in
from router.domain.rulebooks import demande
from router.domain.rulebooks.place import Etat
from router.domain.rulebooks.pret_logement import MenagePret
from router.domain.sandbox import (
    SHELTER_COMMUNE,
    bringer_behind,
    played_behind,
    sandbox_of,
    shelter_behind,
    siao_behind,
)
from router.domain.subjects import Demande, Place, Subject
from router.intake.receive import Intake
from router.privacy.crosswalk import Crosswalk, Mentions
from router.store import queues, subjects
from router.store.asked import asked
from router.store.database import Connection, Database

FREE = (Etat.DISPONIBLE, Etat.A_LIBERER)
SIRET_LENGTH = 14
NUMBERS = 10**12
"""The number of possible random ids. It is so large that no id is drawn twice."""
PROPOSED = 100
"""The maximum number of proposed transfers that are read to find the oldest."""
APPLIED_WITHIN_SECONDS = 10.0
LOOK_SECONDS = 0.02


class Sandbox:
    """A player of the SIAO, the shelter and the 115 in all sandboxes. The hub treats their messages like real
    ones. Methods raise BusUnavailable if the database or Kafka does not answer, or if earlier messages of the
    sandbox are not applied in time; Throttled if too many events of the simulated partners are pending."""

    def __init__(self, database: Database, intake: Intake, crosswalk: Crosswalk) -> None:
        self._database = database
        self._intake = intake
        self._crosswalk = crosswalk

    async def send(self, partner: Partner, known_as: str | None) -> Sent | NotSent:
        """Send the partner a made-up household, in the message that fits the partner's type: a candidacy to a
        landlord, a request for accompaniment to an operator, a referral to a manager. For a referral,
        `known_as` is the place's id, the partner's or the hub's. If it is None, the sandbox chooses a free
        place, else the partner's first structure. Return NotSent if the place is unknown or not free, or if
        the partner's type, structures or places allow no such message."""
        await self._caught_up(partner)
        reference, today = _reference(), _today(partner)
        if partner.famille in ADDRESSEES[Nature.CANDIDATURE]:
            siret = next((s for s in partner.structures if len(s) == SIRET_LENGTH), None)
            if siret is None:
                return NotSent.SANS_STRUCTURE
            await self._say(siao_behind(partner), said.candidacy(reference, siret, today))
            return Sent(
                await self._ident(siao_behind(partner), Nature.CANDIDATURE, reference), Nature.CANDIDATURE
            )
        if partner.famille in ADDRESSEES[Nature.ORIENTATION]:
            return await self._refer(partner, reference, known_as, today)
        if partner.famille is not Famille.ACCOMPAGNEMENT:
            return NotSent.PORTEUR if partner.famille in BROUGHT_BY else NotSent.PAS_DESTINATAIRE
        if not partner.structures:
            return NotSent.SANS_STRUCTURE
        sent = await self._to_the_shelter(partner, reference, None, today)
        await self._say(siao_behind(partner), said.accompaniment(reference, partner.structures[0], today))
        return sent

    async def follow(self, partner: Partner, known_as: str | None, pas: Pas | None) -> Moved | NotSent:
        """Make the simulated SIAO or shelter take a step with a demand of the partner, and return this step.
        `known_as` is the demand's id, the partner's or the hub's. If it is None, the demand is the open one
        that has waited longest. `pas` names the step; None stands for the next one. Return NotSent if the
        partner sends no demands, if there is no such demand, or if the step is impossible."""
        if partner.famille not in BROUGHT_BY:
            return NotSent.PAS_PORTEUR
        await self._caught_up(partner)
        async with self._database.transaction() as connection:
            known = await self._demand(connection, partner, known_as)
        if known is None:
            return NotSent.SANS_DEMANDE if known_as is None else NotSent.DEMANDE_INCONNUE
        wanted = pas or next_step(known.etat)
        if wanted is None or known.etat not in POSSIBLE[wanted]:
            return NotSent.SUITE_IMPOSSIBLE
        await self._step(partner, known, wanted)
        return Moved(known.id, wanted)

    async def hand_over(
        self, partner: Partner, known_as: str | None, pas: PasTransfert | None
    ) -> Transferred | NotSent:
        """Make the simulated 115 bring the partner a demand, or the simulated SIAO take a step in a transfer
        with the partner. Return what was done.

        If `known_as` is given, it is the id of a demand, the partner's or the hub's. `pas` is then the step
        to take in the transfer of this demand; None stands for the next one. Without `known_as`, `pas` alone
        says what to do:

        * `RECUE`: the simulated 115 sends the partner a new demand;
        * `TRANSFEREE` or None: the simulated SIAO proposes to transfer a new demand to the partner;
        * `RETIRE`: the simulated SIAO withdraws its oldest open proposal;
        * `ACCEPTE` or `REFUSE`: the simulated SIAO answers the partner's oldest open proposal.

        Return NotSent if the partner is no SIAO, if there is no such demand or proposal, or if the step is
        impossible.
        """
        if partner.famille is not Famille.SIAO:
            return NotSent.PAS_SIAO
        await self._caught_up(partner)
        if known_as is None and pas in (None, *NEW):
            return await self._bring(partner, pas or NEW[0])
        async with self._database.transaction() as connection:
            known = await self._transferable(connection, partner, known_as, pas)
        if known is None:
            return NotSent.SANS_TRANSFERT if known_as is None else NotSent.DEMANDE_INCONNUE
        steps = steps_of_transfer(known, siao_behind(partner).id)
        wanted = pas or next(iter(steps), None)
        if wanted is None or wanted not in steps:
            return NotSent.TRANSFERT_IMPOSSIBLE
        await self._say(
            siao_behind(partner), said.of_transfer(wanted, _reference(), known.id, partner.territoire)
        )
        return Transferred(known.id, wanted)

    async def inscribe(self, partner: Partner, menage: UUID | None) -> Listed | NotSent:
        """Make the simulated SIAO take the next step with a household on the list that the partner reads, and
        return this step. If `menage` is None, a made-up household is put on the list. Otherwise, `menage` is
        the id of a household on the list: the first call changes the data of this household, the second takes
        it off the list. Return NotSent if the partner reads no list, or if `menage` is not on the list."""
        if partner.famille is not Famille.CONTINGENT:
            return NotSent.SANS_LISTE
        await self._caught_up(partner)
        reference, pas = _reference(), PasListe.DECLARE
        household, siao = reference, siao_behind(partner)
        if menage is not None:
            known = await self._ready(partner, menage)
            if known is None:
                return NotSent.HORS_LISTE
            household, pas = known
        await self._say(siao, said.ready(pas, reference, household, _departement(partner), _today(partner)))
        pair = partner.id, await self._ident(siao, Nature.MENAGE, household)
        async with self._database.transaction() as connection:
            names = await self._crosswalk.names(connection, Mentions({pair}, {pair}))
        return Listed(UUID(names.menages[pair]), pas)

    async def _bring(self, partner: Partner, pas: PasTransfert) -> Transferred:
        reference, siao = _reference(), siao_behind(partner)
        bringer = bringer_behind(partner if pas is PasTransfert.RECUE else siao)
        dispositif = Dispositif.INSERTION if partner.volet is Volet.INSERTION else Dispositif.URGENCE
        await self._say(bringer, said.brought(reference, dispositif, _today(partner)))
        ident = await self._ident(bringer, Nature.DEMANDE, reference)
        if pas is PasTransfert.TRANSFEREE:
            await self._caught_up(partner)
            await self._say(siao, said.of_transfer(pas, reference, ident, partner.territoire))
        return Transferred(ident, pas)

    async def _transferable(
        self, connection: Connection, partner: Partner, known_as: str | None, pas: PasTransfert | None
    ) -> Demande | None:
        if known_as is None:
            taker = partner if pas in OF_THEIRS else siao_behind(partner)
            waiting = await asked(connection, taker.id, (), (), datetime.now(UTC), PROPOSED)
            mine = (d for d in waiting if isinstance(d, Demande) and d.repreneur == taker.id)
            since = {d.transfert_le: d for d in mine if d.transfert_le is not None}
            found: Sequence[Subject] = [since[at] for at in sorted(since)]
        else:
            ids = await named(connection, self._crosswalk, [partner.id], known_as, [Nature.DEMANDE])
            found = tuple((await subjects.read(connection, ids)).values())
        ours = (
            each for each in found if isinstance(each, Demande) and sandbox_of(each.emetteur) == partner.id
        )
        return next(ours, None)

    async def _ready(self, partner: Partner, menage: UUID) -> tuple[int, PasListe] | None:
        siao = siao_behind(partner).id
        async with self._database.transaction() as connection:
            ours = await named(connection, self._crosswalk, [partner.id], str(menage), [Nature.MENAGE])
            known = (await subjects.read(connection, ours)).values()
            names = await self._crosswalk.back(connection, [(siao, ident) for ident in ours])
        ready = (each for each in known if isinstance(each, MenagePret) and each.etat in NEXT_ON_LIST)
        held = next((each for each in ready if (siao, each.id) in names), None)
        return None if held is None else (int(names[siao, held.id]), NEXT_ON_LIST[held.etat])

    async def _step(self, partner: Partner, known: Demande, pas: Pas) -> None:
        reference, today = _reference(), _today(partner)
        of_demand = said.of_demand(pas, reference, known.id, today)
        if of_demand is not None:
            await self._say(siao_behind(partner), of_demand)
        elif known.orientation is None or pas is Pas.ORIENTEE:
            await self._to_the_shelter(partner, reference, known.id, today)
        elif pas is Pas.POURVUE:
            await self._say(shelter_behind(partner), said.arrival(reference, known.orientation, today))
        else:
            await self._say(shelter_behind(partner), said.refusal(reference, known.orientation))

    async def _refer(
        self, partner: Partner, reference: int, known_as: str | None, today: date
    ) -> Sent | NotSent:
        async with self._database.transaction() as connection:
            place = await self._place(connection, partner, known_as)
        if isinstance(place, NotSent):
            return place
        if place is None and not partner.structures:
            return NotSent.SANS_PLACE
        where = said.to_structure(partner.structures[0]) if place is None else said.to_place(place.id)
        dispositif = place.dispositif if place is not None and place.dispositif else Dispositif.URGENCE
        day = today + said.DAYS_AHEAD
        if place is not None and place.libre_le is not None:
            day = max(day, place.libre_le)
        await self._say(siao_behind(partner), said.referral(reference, where, dispositif, day, today))
        ident = await self._ident(siao_behind(partner), Nature.ORIENTATION, reference)
        return Sent(ident, Nature.ORIENTATION, None if place is None else place.id)

    async def _to_the_shelter(
        self, partner: Partner, reference: int, demand: UUID | None, today: date
    ) -> Sent:
        shelter, siao = shelter_behind(partner), siao_behind(partner)
        await self._say(shelter, said.vacancy(reference))
        await self._caught_up(partner)
        place = await self._ident(shelter, Nature.PLACE, reference)
        where = said.to_place(place, demand)
        await self._say(siao, said.referral(reference, where, Dispositif.URGENCE, today, today))
        return Sent(await self._ident(siao, Nature.ORIENTATION, reference), Nature.ORIENTATION)

    async def _place(
        self, connection: Connection, partner: Partner, known_as: str | None
    ) -> Place | NotSent | None:
        if known_as is None:
            free = await listing.places(connection, FREE, [partner.id], None, 1)
            ids = [row.id for row in free]
        else:
            ids = await named(connection, self._crosswalk, [partner.id], known_as, [Nature.PLACE])
        known = (await subjects.read(connection, ids)).values()
        place = next((p for p in known if isinstance(p, Place) and p.gestionnaire == partner.id), None)
        if place is None:
            return None if known_as is None else NotSent.PLACE_INCONNUE
        return place if place.etat in FREE else NotSent.PLACE_PRISE

    async def _demand(self, connection: Connection, partner: Partner, known_as: str | None) -> Demande | None:
        if known_as is None:
            siao = siao_behind(partner).id
            waiting = await listing.sent(connection, [Nature.DEMANDE], demande.OUVERTES, [siao], None, 1)
            ids = [row.id for row in waiting]
        else:
            ids = await named(connection, self._crosswalk, [partner.id], known_as, [Nature.DEMANDE])
        known: dict[UUID, Subject] = await subjects.read(connection, ids)
        return next((d for d in known.values() if isinstance(d, Demande) and d.emetteur == partner.id), None)

    async def _say(self, played: Partner, message: said.Message) -> None:
        report = await self._intake.receive(
            Native(to_json(message), "application/json"), played, played.dialectes[0]
        )
        assert report.etat == "accepte", report.rejets

    async def _caught_up(self, partner: Partner) -> None:
        """Wait until the events of the small messages that the partner and its simulated partners have sent
        are applied, because the next message may depend on them. There is no wait for large messages, nor for
        events that are behind one in quarantine. Raises BusUnavailable after `APPLIED_WITHIN_SECONDS`."""
        speakers = [partner.id, *(played.id for played in played_behind(partner))]
        deadline = time.monotonic() + APPLIED_WITHIN_SECONDS
        while await self._waits_from(speakers):
            if time.monotonic() >= deadline:
                raise BusUnavailable("ce qui a été dit dans le bac à sable attend d'être appliqué")
            await asyncio.sleep(LOOK_SECONDS)

    async def _waits_from(self, speakers: Sequence[str]) -> bool:
        async with self._database.statement() as connection:
            return await queues.waits_from(connection, speakers)

    async def _ident(self, played: Partner, nature: Nature, reference: int) -> UUID:
        theirs = played.id, Reference(nature, str(reference))
        async with self._database.transaction() as connection:
            return (await self._crosswalk.found(connection, [theirs]))[theirs]


def _reference() -> int:
    return secrets.randbelow(NUMBERS)


def _today(partner: Partner) -> date:
    return day_in(partner.territoire, datetime.now(UTC))


def _departement(partner: Partner) -> str:
    return departement_of(partner.territoire) or SHELTER_COMMUNE[:2]
