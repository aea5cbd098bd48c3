"""A batch of events as a worker applies it: in order per subject, whatever of it cannot be read, whoever else is at
work."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.engine import make_url

from contracts.base import Contrat
from contracts.envelope import Attributes
from contracts.errors import BusUnavailable
from contracts.partner import Famille
from contracts.sealed import clear_half, to_bytes
from contracts.v1.aide_sociale import AideSocialeDemandee
from contracts.v1.attribution import BailSigne, CandidaturePresentee, DecisionCommission
from contracts.v1.convention import DerogationAccordee
from contracts.v1.demande import DemandeRecue
from contracts.v1.menage import Menage
from contracts.v1.orientation import OrientationAcceptee, OrientationProposee
from contracts.v1.place import PlaceOccupee, PlaceVacante
from contracts.v1.suite import AdmissionDirecte, SortieDeclaree
from router.applying import locking
from router.applying.applier import Applier
from router.applying.too_soon import check_none_too_soon
from router.domain.calendar import day_in
from router.domain.partners import Registry
from router.domain.proof import Prover
from router.domain.rulebooks.acte import Derogation
from router.domain.vitals import Answer
from router.store import log, quarantine, subjects
from router.store.database import Database
from tests.integration import lasting
from tests.integration.registry import FINESS, SIRET_BAILLEUR
from tests.integration.test_families import PREFET, mailbox
from tests.integration.waiting import DEADLINE_SECONDS, until
from tests.integration.world import World

pytestmark = lasting.MARK
prepared = lasting.prepared

NOBODY = Registry()
PROVER = Prover(b"cle d'essai")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def record(contrat: Contrat, source: str = "centre") -> log.Entry:
    attributes = Attributes(
        uuid4(), contrat.TYPE, source, contrat.sujet, datetime.now(UTC), "01", correlationid=uuid4()
    )
    return log.Entry(attributes, to_bytes(clear_half(contrat), ()))


def unreadable(contrat: Contrat) -> log.Entry:
    """One that goes into quarantine: nothing of the contract is in it."""
    return record(contrat)._replace(payload=to_bytes({}, ()))


def vacant(place: UUID, capacite: int = 1) -> PlaceVacante:
    return PlaceVacante(
        place=place, structure=FINESS, commune="01451", dispositif="INSERTION", capacite=capacite
    )


def referred(place: UUID) -> OrientationProposee:
    household = Menage(id=uuid4(), composition="10", adultes=1)
    return OrientationProposee(orientation=uuid4(), menage=household, place=place, dispositif="INSERTION")


async def nothing_opens(*_: object) -> Mapping[UUID, Any]:
    """No key is there: no event of these tests has a sealed half."""
    return {}


def applier(database: Database) -> Applier:
    return Applier(database, PROVER, HOUR, nothing_opens)


class Slow(Applier):
    """Stands still before it writes, its transaction open, until it is told to go on."""

    def __init__(self, world: World) -> None:
        super().__init__(world.database, PROVER, HOUR, nothing_opens)
        self.stands, self.goes_on = asyncio.Event(), asyncio.Event()

    async def _write(self, *args: Any) -> None:
        self.stands.set()
        await self.goes_on.wait()
        await super()._write(*args)


async def both(world: World, first: Sequence[log.Entry], second: Sequence[log.Entry]) -> None:
    """Two workers apply a batch each; the second begins while the transaction of the first is open."""
    slow = Slow(world)
    one = asyncio.create_task(slow.apply(first, world.registry()))
    await asyncio.wait_for(slow.stands.wait(), timeout=DEADLINE_SECONDS)
    other = asyncio.create_task(applier(world.database).apply(second, world.registry()))

    async def through_or_waiting() -> Any:
        return other.done() or await world.blocked()

    await until(through_or_waiting, "le second est passé, ou attend le premier")
    slow.goes_on.set()
    await asyncio.gather(one, other)


async def append(world: World, *records: log.Entry, deferred: bool = False) -> None:
    """Accepted; pending unless they are deferred."""
    async with world.database.transaction() as connection:
        await log.append(
            connection,
            PROVER,
            [log.Entry(*each[:2], row) for row, each in enumerate(records)],
            deferred=deferred,
        )


async def replayed(world: World, stuck: log.Entry) -> None:
    """On its way again, out of quarantine."""
    (entry,) = [each for each in await world.quarantined() if each.event_id == stuck.attributes.id]
    async with world.database.transaction() as connection:
        await quarantine.replayed(connection, entry.id, None, None)
        await log.make_pending(connection, stuck.attributes.id)


async def delivered(world: World, partner: str) -> list[UUID]:
    """Events that a partner is owed, in order."""
    return [delivery.event_id for delivery in await world.deliveries(partner)]


def an_admission_and_its_exit() -> tuple[log.Entry, log.Entry]:
    """Return them of one stay of today, on a place of its own."""
    stay, today = uuid4(), datetime.now(UTC).date()
    household = Menage(id=uuid4(), composition="10", adultes=1)
    came = AdmissionDirecte(place=uuid4(), menage=household, admission_le=today, orientation=stay)
    return record(came), record(SortieDeclaree(orientation=stay, sortie_le=today))


def request_for(stay: UUID) -> AideSocialeDemandee:
    today = datetime.now(UTC).date()
    household = Menage(id=uuid4(), composition="10", adultes=1)
    return AideSocialeDemandee(
        aide_sociale=uuid4(),
        orientation=stay,
        menage=household,
        accueil_du=today,
        jusqu_au=today,
        signee_le=today,
    )


@pytest.mark.parametrize("together", [False, True])
async def test_an_exit_that_overtakes_the_admission_of_its_stay_is_applied_after_it(
    prepared: World, together: bool
) -> None:
    came, left = an_admission_and_its_exit()
    stay, place = left.attributes.subject, came.attributes.subject
    await append(prepared, came, left)
    apply, registry = applier(prepared.database).apply, prepared.registry()
    for batch in [[left, came]] if together else [[left], [came], [left]]:
        await apply(batch, registry)
    assert left.attributes.id not in await prepared.backlog()
    async with prepared.database.transaction() as connection:
        known = await subjects.read(connection, [stay, place])
    assert (known[stay].etat, known[place].etat) == ("SORTIE", "DISPONIBLE")


async def test_an_exit_accepted_before_the_admission_of_its_stay_waits_for_it_in_a_common_batch(
    prepared: World,
) -> None:
    came, left = an_admission_and_its_exit()
    await append(prepared, left, came)
    apply, registry = applier(prepared.database).apply, prepared.registry()
    await apply([came, left], registry)
    assert left.attributes.id in await prepared.backlog()
    await apply([left], registry)
    assert await prepared.outcomes("anomalie") == []


async def test_an_event_that_only_the_bus_still_has_is_judged_before_what_was_accepted_after_the_loss(
    prepared: World,
) -> None:
    lost = record(vacant(uuid4()))
    place = lost.attributes.subject
    since = record(PlaceOccupee(place=place))
    await append(prepared, since)
    await applier(prepared.database).apply([lost, since], prepared.registry())
    async with prepared.database.transaction() as connection:
        assert (await subjects.read(connection, [place]))[place].etat == "OCCUPEE"


async def test_an_admission_without_a_derogation_waits_neither_for_its_correction_nor_for_its_exit(
    prepared: World,
) -> None:
    came, left = an_admission_and_its_exit()
    said = came._replace(attributes=came.attributes._replace(id=uuid4()))
    await append(prepared, left, came, said)
    await applier(prepared.database).apply([came, said], prepared.registry())
    waits = {left.attributes.id, came.attributes.id, said.attributes.id} & {*await prepared.backlog()}
    assert waits == {left.attributes.id}


async def test_an_exit_is_not_lost_while_the_admission_of_its_stay_is_being_applied(
    prepared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    came, left = an_admission_and_its_exit()
    await append(prepared, came, left)
    apply, registry = applier(prepared.database).apply, prepared.registry()

    async def meanwhile(*args: Any) -> None:
        monkeypatch.undo()
        await apply([came], registry)
        await check_none_too_soon(*args)

    monkeypatch.setattr("router.applying.applier.check_none_too_soon", meanwhile)
    await apply([left], registry)
    assert left.attributes.id in await prepared.backlog()
    await apply([left], registry)
    assert await prepared.outcomes("anomalie") == []


async def test_a_request_under_the_number_of_a_stay_waits_for_the_admission_that_opens_it(
    prepared: World,
) -> None:
    came, left = an_admission_and_its_exit()
    asked = record(request_for(left.attributes.subject))
    await append(prepared, came, asked)
    await applier(prepared.database).apply([asked], prepared.registry())
    assert asked.attributes.id in await prepared.backlog()


async def test_a_request_that_stands_in_a_batch_before_the_acceptance_sent_first_is_judged_after_it(
    prepared: World,
) -> None:
    place = record(vacant(uuid4()))
    referral = record(referred(place.attributes.subject), "siao-01")
    stay = referral.attributes.subject
    accepted, asked = record(OrientationAcceptee(orientation=stay)), record(request_for(stay))
    apply, registry = (
        applier(prepared.database).apply,
        prepared.registry_with(mailbox("etat", Famille.ETAT, "etat_json")),
    )
    await append(prepared, place, referral, accepted, asked)
    await apply([place, referral], registry)
    await apply([asked, accepted], registry)
    async with prepared.database.transaction() as connection:
        (request,) = (await subjects.read(connection, [asked.attributes.subject])).values()
    assert request.etat == "DEMANDEE"


@pytest.mark.parametrize("lease_first", [False, True])
async def test_a_lease_makes_the_rank_of_another_household_for_that_dwelling_lapse(
    prepared: World, lease_first: bool
) -> None:
    first, behind, today = uuid4(), uuid4(), datetime.now(UTC).date()

    def presented(candidacy: UUID) -> CandidaturePresentee:
        household = Menage(id=uuid4(), composition="10", adultes=1)
        return CandidaturePresentee(
            candidature=candidacy,
            menage=household,
            bailleur=SIRET_BAILLEUR,
            canal="DIRECT",
            logement="RPLS0001",
        )

    def decided(candidacy: UUID, resultat: str, rang: int | None = None) -> log.Entry:
        said = DecisionCommission(candidature=candidacy, resultat=resultat, commission_le=today, rang=rang)
        return record(said, "bailleur")

    rank, lease = decided(behind, "ATTRIBUTION_RANG", 2), BailSigne(candidature=first, signature_le=today)
    both = ([rank], [record(lease, "bailleur")])
    apply, registry = applier(prepared.database).apply, prepared.registry()
    for batch in (
        [record(presented(each), "siao-01") for each in (first, behind)],
        [decided(first, "ATTRIBUTION")],
        *(reversed(both) if lease_first else both),
    ):
        await append(prepared, *batch)
        await apply(batch, registry)
    async with prepared.database.transaction() as connection:
        known = await subjects.read(connection, [first, behind])
    assert (known[first].etat, known[behind].etat) == ("BAIL_SIGNE", "NON_ATTRIBUEE")


async def test_what_comes_before_an_unreadable_event_is_applied_and_all_that_comes_after_waits_in_order(
    prepared: World,
) -> None:
    place = uuid4()
    batch = [
        record(vacant(place, 1)),
        unreadable(vacant(place, 2)),
        unreadable(vacant(place, 3)),
        record(vacant(place, 4)),
    ]
    await applier(prepared.database).apply(batch, prepared.registry())

    (quarantined,) = await prepared.quarantined()
    assert quarantined.event_id == batch[1].attributes.id
    assert await prepared.parked() == [r.attributes.id for r in batch[2:]]
    assert len(await prepared.backlog()) == 2
    assert await delivered(prepared, "siao-01") == [batch[0].attributes.id]


@pytest.mark.parametrize("replayed_first", [True, False])
async def test_an_event_that_comes_while_the_one_before_it_leaves_quarantine_follows_it_and_is_not_left(
    prepared: World, replayed_first: bool
) -> None:
    place = uuid4()
    stuck, behind = record(vacant(place, 1)), record(vacant(place, 2))
    await append(prepared, stuck, behind)
    await applier(prepared.database).apply([stuck], NOBODY)
    await replayed(prepared, stuck)

    await both(prepared, *(([stuck], [behind]) if replayed_first else ([behind], [stuck])))
    assert await delivered(prepared, "siao-01") == [stuck.attributes.id, behind.attributes.id]
    assert await prepared.backlog() == []


async def test_an_event_waits_behind_the_one_that_another_worker_is_just_putting_into_quarantine(
    prepared: World,
) -> None:
    place = uuid4()
    stuck, behind = unreadable(vacant(place, 1)), record(vacant(place, 2))
    await append(prepared, stuck, behind)

    await both(prepared, [stuck], [stuck, behind])
    assert await delivered(prepared, "siao-01") == []
    assert await prepared.parked() == [behind.attributes.id]


@pytest.mark.parametrize("at_once", [True, False])
async def test_what_waits_behind_an_event_in_quarantine_keeps_its_order_however_often_that_fails(
    prepared: World, at_once: bool
) -> None:
    place = uuid4()
    stuck, row_of_a_large_file, held_behind_it = (record(vacant(place, n)) for n in (1, 2, 3))
    await append(prepared, stuck)
    await append(prepared, held_behind_it, deferred=True)
    await append(prepared, row_of_a_large_file)
    async with prepared.database.transaction() as connection:
        await log.make_message_pending(connection, held_behind_it.attributes.correlationid)
    apply = applier(prepared.database).apply
    for batch in (
        [[stuck, row_of_a_large_file, held_behind_it]]
        if at_once
        else [
            [stuck],
            [row_of_a_large_file, held_behind_it],
        ]
    ):
        await apply(batch, NOBODY)
    await replayed(prepared, stuck)
    await apply([stuck], NOBODY)

    await replayed(prepared, stuck)
    await apply([stuck], prepared.registry())
    in_order = [each.attributes.id for each in (stuck, row_of_a_large_file, held_behind_it)]
    assert await delivered(prepared, "siao-01") == in_order


async def test_what_waits_behind_many_replayed_events_is_not_read_all_at_once_and_follows_in_order(
    prepared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    behind = 51
    monkeypatch.setattr(locking, "PARKED_AT_ONCE", 100)
    take, sizes = log.take_parked, list[int]()

    async def noted(*args: Any) -> Any:
        taken = await take(*args)
        sizes.append(len(taken))
        return taken

    monkeypatch.setattr(log, "take_parked", noted)
    flows = [
        [record(vacant(place, n + 1)) for n in range(1 + behind)] for place in (uuid4(), uuid4(), uuid4())
    ]
    await append(prepared, *(each for flow in flows for each in flow))
    for flow in flows:
        await applier(prepared.database).apply(flow, NOBODY)
    for stuck, *_ in flows:
        await replayed(prepared, stuck)
    await applier(prepared.database).apply([stuck for stuck, *_ in flows], prepared.registry())
    assert sizes == [behind] * 3
    arrived = await delivered(prepared, "siao-01")
    for flow in flows:
        ours = {each.attributes.id: n for n, each in enumerate(flow)}
        assert [ours[event] for event in arrived if event in ours] == [*range(1 + behind)]
    assert await prepared.backlog() == []


async def test_what_was_taken_in_again_from_the_bus_gets_no_token_when_its_message_is_let_go(
    prepared: World,
) -> None:
    taken_in_again, held = record(vacant(uuid4())), record(vacant(uuid4()))
    message = held.attributes.correlationid
    taken_in_again = taken_in_again._replace(
        attributes=taken_in_again.attributes._replace(correlationid=message)
    )
    await applier(prepared.database).apply([taken_in_again], prepared.registry())
    await append(prepared, taken_in_again, held, deferred=True)
    async with prepared.database.transaction() as connection:
        await log.make_message_pending(connection, message)
    assert await prepared.backlog() == [held.attributes.id]


async def test_an_event_that_the_bus_brings_before_one_that_it_follows_is_left_until_that_one_is_applied(
    prepared: World,
) -> None:
    place = uuid4()
    first, second, third = (record(vacant(place, n)) for n in (1, 2, 3))
    await append(prepared, first, second, third)
    second = second._replace(predecessor=first.attributes.id)
    third = third._replace(predecessor=second.attributes.id)
    apply, elsewhere = applier(prepared.database).apply, record(vacant(uuid4()))
    await append(prepared, elsewhere)

    await apply([second, third, first, elsewhere], prepared.registry())
    assert await delivered(prepared, "siao-01") == [first.attributes.id, elsewhere.attributes.id]
    assert len(await prepared.backlog()) == 2
    await apply([first, second, third], prepared.registry())
    assert (await delivered(prepared, "siao-01"))[2:] == [second.attributes.id, third.attributes.id]


async def test_an_event_is_not_set_aside_while_what_it_builds_on_was_accepted_before_and_is_not_applied_yet(
    prepared: World,
) -> None:
    place = uuid4()
    occupied = record(PlaceOccupee(place=place))
    vacancy, referral = record(vacant(place)), record(referred(place), "siao-01")
    apply, elsewhere = applier(prepared.database).apply, record(vacant(uuid4()))
    await apply([record(vacant(place))], prepared.registry())
    await apply([occupied], prepared.registry())
    await append(prepared, vacancy, referral, elsewhere)

    await apply([referral, elsewhere], prepared.registry())
    assert await prepared.outcomes("anomalie") == []
    waits = set(await prepared.backlog())
    assert {vacancy.attributes.id, referral.attributes.id} <= waits
    assert elsewhere.attributes.id not in waits
    await apply([vacancy], prepared.registry())
    await apply([referral], prepared.registry())
    assert await delivered(prepared, "centre") == [referral.attributes.id]


async def test_a_referral_waits_for_its_demand_and_an_admission_for_its_derogation_that_were_accepted_before(
    prepared: World,
) -> None:
    state = mailbox("etat", Famille.ETAT, "etat_json", structures=(PREFET,))
    registry, apply = prepared.registry_with(state), applier(prepared.database).apply
    free, taken, act, today = uuid4(), uuid4(), uuid4(), day_in("01", datetime.now(UTC))
    household = Menage(id=uuid4(), composition="10", adultes=1)
    brought = record(DemandeRecue(demande=uuid4(), menage=household, dispositif="INSERTION"), "siao-01")
    asked = referred(free).model_copy(update={"demande": brought.attributes.subject, "menage": household})
    referral = record(asked, "siao-01")
    granted = DerogationAccordee(
        derogation=act, numero="D-1", structure=FINESS, quota=1, du=today - 30 * DAY, au=today + 30 * DAY
    )
    last = record(granted, "etat")
    came = AdmissionDirecte(place=taken, menage=household, admission_le=today, derogation="D-1", acte=act)
    admission = record(came)
    known = [record(vacant(free)), record(vacant(taken)), record(granted), record(granted, "siao-01")]
    await append(prepared, *known)
    await apply(known, registry)
    await append(prepared, brought, last, referral, admission)

    await apply([referral, admission], registry)
    assert {referral.attributes.id, admission.attributes.id} <= {*await prepared.backlog()}
    await apply([brought, last], registry)
    await apply([referral, admission], registry)
    async with prepared.database.transaction() as connection:
        states = await subjects.read(connection, [brought.attributes.subject, act])
    assert states[brought.attributes.subject].etat == "ORIENTEE"
    derogation = states[act]
    assert isinstance(derogation, Derogation)
    assert derogation.occupees == (taken,)
    assert await prepared.events(kind="alerte") == []


async def test_an_event_that_the_log_does_not_know_waits_for_none_that_it_follows(prepared: World) -> None:
    place = uuid4()
    lost, known_to_the_bus = record(vacant(place, 1)), record(vacant(place, 2))
    await append(prepared, lost)
    follower = known_to_the_bus._replace(predecessor=lost.attributes.id)
    await applier(prepared.database).apply([follower], prepared.registry())
    assert await delivered(prepared, "siao-01") == [follower.attributes.id]


async def test_of_two_copies_the_one_behind_what_it_follows_counts(prepared: World) -> None:
    place = uuid4()
    first, second = record(vacant(place, 1)), record(vacant(place, 2))
    await append(prepared, first, second)
    second = second._replace(predecessor=first.attributes.id)
    await applier(prepared.database).apply([second, first, second], prepared.registry())
    assert await delivered(prepared, "siao-01") == [first.attributes.id, second.attributes.id]


async def test_of_two_referrals_that_two_workers_apply_to_one_place_at_once_one_gets_it(
    prepared: World,
) -> None:
    place = uuid4()
    await applier(prepared.database).apply([record(vacant(place))], prepared.registry())
    first, second = record(referred(place), "siao-01"), record(referred(place), "siao-01")

    await both(prepared, [first], [second])
    assert await delivered(prepared, "centre") == [first.attributes.id]
    (refused,) = await prepared.outcomes("anomalie")
    assert (refused.event_id, refused.reason) == (second.attributes.id, "PLACE_DEJA_RESERVEE")


async def test_a_batch_that_meets_a_read_only_database_is_left_whole_and_applied_where_it_can_be_written(
    prepared: World,
) -> None:
    settings = prepared.settings.database
    url = make_url(settings.url).update_query_dict({"default_transaction_read_only": "on"})
    standby = Database(settings.model_copy(update={"url": url.render_as_string(hide_password=False)}))
    batch = [record(vacant(uuid4())), record(vacant(uuid4()))]
    with pytest.raises(BusUnavailable):
        await applier(standby).apply(batch, prepared.registry())
    assert await standby.takes_writes() is Answer.LECTURE_SEULE
    assert await prepared.database.takes_writes() is Answer.OK
    await standby.close()

    await applier(prepared.database).apply(batch, prepared.registry())
    assert await delivered(prepared, "siao-01") == [r.attributes.id for r in batch]
    assert await prepared.count("quarantine") == 0
