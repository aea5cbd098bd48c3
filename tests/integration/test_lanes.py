"""Lanes: one holder at a time, and one that was overtaken can write nothing any more."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from contracts.envelope import Attributes
from ops.tasks import sql as tasks
from router.store import consequences, deliveries, lanes, log
from router.store.consequences import Consequences
from router.store.database import Connection, Row
from router.store.deliveries import Owed
from router.store.lanes import Finished, LaneClaim, Settled
from tests.integration import clock, cost, lasting
from tests.integration.test_batches import append, record, vacant
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
prepared = lasting.prepared

LEASE_SECONDS = 60.0
ROOM = [("centre", 10, LEASE_SECONDS)]
SUBJECT, OTHER, HOLDER = uuid4(), uuid4(), uuid4()


def owed(partner: str, subject: UUID) -> Owed:
    """A new delivery."""
    return Owed(uuid4(), partner, subject, uuid4(), None)


async def owe(connection: Connection, new: Sequence[Owed]) -> None:
    await consequences.write(connection, str, Consequences(deliveries=[*new]))


async def recorded(world: World, *subjects: UUID) -> list[UUID]:
    """Ids of new deliveries to the shelter, one a subject as given."""
    new = [owed("centre", subject) for subject in subjects]
    async with world.database.transaction() as connection:
        await owe(connection, new)
    return [delivery.id for delivery in new]


async def test_a_delivery_that_is_owed_twice_at_once_counts_once_in_its_lane(prepared: World) -> None:
    """So does a message that two merged SIAO were both still to receive, at their successor."""
    new = owed("centre", SUBJECT)
    async with prepared.database.transaction() as connection:
        await owe(connection, [new, new])
    assert (len(await prepared.deliveries()), await pending(prepared)) == (1, [1])


async def claimed(world: World) -> list[LaneClaim]:
    async with world.database.transaction() as connection:
        return list(await lanes.claim(connection, HOLDER, ROOM, total=100, limit=10))


async def pending(world: World) -> list[int]:
    """How much is left to do in each lane."""
    return [lane.pending for lane in await world.lanes()]


async def finished(world: World, *leases: Finished) -> set[UUID]:
    """Ends these leases; which deliveries that has changed."""
    before = {(known.id, known.etat, known.attempts) for known in await world.deliveries()}
    async with world.database.statement() as connection:
        await lanes.finish(connection, leases, {}, "")
    after = {(known.id, known.etat, known.attempts) for known in await world.deliveries()}
    return {ident for ident, _, _ in after - before}


async def settled(world: World, claim: LaneClaim, delivery: UUID, etat: str) -> set[UUID]:
    return await finished(world, Finished(claim, [Settled(delivery, etat)]))


async def test_a_lane_that_is_held_is_claimed_by_nobody_else_until_its_lease_ends(prepared: World) -> None:
    await recorded(prepared, SUBJECT)
    (first,) = await claimed(prepared)
    assert await claimed(prepared) == []
    await clock.lanes_fall_due(prepared)
    (second,) = await claimed(prepared)
    assert second.fencing_token > first.fencing_token


async def test_two_dispatchers_that_claim_at_once_share_the_lanes_between_them(prepared: World) -> None:
    await recorded(prepared, *(uuid4() for _ in range(6)))
    async with prepared.database.transaction() as one, prepared.database.transaction() as another:
        first = await lanes.claim(one, HOLDER, [("centre", 4, LEASE_SECONDS)], total=100, limit=10)
        second = await lanes.claim(another, HOLDER, ROOM, total=100, limit=10)
    assert (len(first), len(second)) == (4, 2)
    assert not {claim.subject for claim in first} & {claim.subject for claim in second}


async def test_a_thawed_dispatcher_cannot_overwrite_the_result_of_its_successor(prepared: World) -> None:
    (delivery,) = await recorded(prepared, SUBJECT)
    (frozen,) = await claimed(prepared)
    await clock.lanes_fall_due(prepared)
    (successor,) = await claimed(prepared)

    assert await settled(prepared, frozen, delivery, "refusee") == set()
    async with prepared.database.transaction() as connection:
        assert not await lanes.mark_in_flight(connection, [(frozen, delivery)])
    assert await finished(prepared, Finished(frozen, tried=delivery)) == set()
    assert await claimed(prepared) == [], "la voie reste à son successeur"
    assert await settled(prepared, successor, delivery, "livree") == {delivery}
    assert await settled(prepared, frozen, delivery, "refusee") == set()
    (known,) = await prepared.deliveries()
    assert (known.etat, known.attempts) == ("livree", 1)
    assert await pending(prepared) == [0]


async def test_what_follows_a_delivery_that_was_closed_while_it_leaves_waits_for_the_end_of_its_lease(
    prepared: World,
) -> None:
    (leaving,) = await recorded(prepared, SUBJECT)
    await clock.grow_older(prepared, "delivery", timedelta(minutes=20))
    (first,) = await claimed(prepared)
    async with prepared.database.transaction() as connection:
        assert await tasks.close(connection, leaving) is not None
    await recorded(prepared, SUBJECT)
    assert await claimed(prepared) == []
    await clock.lanes_fall_due(prepared)
    (second,) = await claimed(prepared)
    assert second.fencing_token > first.fencing_token


async def test_two_who_send_all_that_was_refused_again_at_once_send_it_once(prepared: World) -> None:
    refused, closed = await recorded(prepared, SUBJECT, OTHER)
    for claim, delivery in zip(sorted(await claimed(prepared)), (refused, closed), strict=True):
        assert await settled(prepared, claim, delivery, "refusee")

    async def all_again() -> int:
        async with prepared.database.transaction() as connection:
            return await tasks.send_refused_again(connection, "centre", "essai", "livraison.renvoyer", "x")

    async with prepared.database.transaction() as connection:
        assert await tasks.close(connection, closed) is not None
        both = asyncio.gather(all_again(), all_again())
        await until(lambda: both_wait(prepared), "les deux attendent")
    assert sorted(await both) == [0, 1]
    assert {known.id: known.etat for known in await prepared.deliveries()} == {
        refused: "en_attente",
        closed: "classee",
    }
    assert sorted(await pending(prepared)) == [0, 1]


async def both_wait(world: World) -> bool:
    return await world.waiting_for_locks() >= 2


async def test_results_that_are_written_again_after_a_commit_in_doubt_count_once(prepared: World) -> None:
    first, second = await recorded(prepared, SUBJECT, SUBJECT)
    (claim,) = await claimed(prepared)
    assert await settled(prepared, claim, first, "livree") == {first}
    assert await settled(prepared, claim, first, "livree") == set()
    assert await finished(prepared, Finished(claim, tried=second)) == {second}, "encore une fois, plus tard"
    assert await pending(prepared) == [1]
    assert [again.subject for again in await claimed(prepared)] == [SUBJECT]


async def test_a_lane_that_was_swept_and_made_anew_knows_no_holder_of_the_old_one(prepared: World) -> None:
    (first,) = await recorded(prepared, SUBJECT)
    (frozen,) = await claimed(prepared)
    await clock.lanes_fall_due(prepared)
    (successor,) = await claimed(prepared)
    assert await settled(prepared, successor, first, "livree") == {first}
    await clock.lanes_fall_due(prepared, timedelta(hours=1))
    async with prepared.database.transaction() as connection:
        await lanes.sweep(connection)
    assert await prepared.count("lane") == 0

    (second,) = await recorded(prepared, SUBJECT)
    (renewed,) = await claimed(prepared)
    assert renewed.fencing_token > successor.fencing_token
    assert await settled(prepared, frozen, first, "livree") == set()
    assert await pending(prepared) == [1]
    assert await settled(prepared, renewed, second, "livree") == {second}


async def test_results_of_two_leases_written_together_settle_those_of_the_later_alone(
    prepared: World,
) -> None:
    first, second = await recorded(prepared, SUBJECT, SUBJECT)
    (earlier,) = await claimed(prepared)
    await clock.lanes_fall_due(prepared)
    (later,) = await claimed(prepared)
    leases = (Finished(earlier, [Settled(first, "livree")]), Finished(later, [Settled(second, "livree")]))
    assert await finished(prepared, *leases) == {second}
    assert await pending(prepared) == [1]


async def test_a_delivery_that_is_settled_while_all_that_waits_is_put_in_doubt_stays_settled(
    prepared: World,
) -> None:
    (delivery,) = await recorded(prepared, SUBJECT)
    (claim,) = await claimed(prepared)

    async def doubted() -> None:
        async with prepared.database.transaction() as connection:
            await deliveries.doubt(connection, await deliveries.moment(connection))

    async with prepared.database.transaction() as connection:
        lease = Finished(claim, [Settled(delivery, "livree")])
        await lanes.finish(connection, [lease], {}, "")
        doubting = asyncio.create_task(doubted())
        await until(prepared.blocked, "elle attend le dispatcher")
    await doubting
    assert await prepared.etats("centre") == ["livree"]


async def test_who_ends_a_lease_learns_whether_more_of_the_lane_may_leave_at_once(prepared: World) -> None:
    first, second = await recorded(prepared, SUBJECT, SUBJECT)
    for lease, more in (
        (lambda claim: Finished(claim, [Settled(first, "livree")]), True),
        (lambda claim: Finished(claim, wait_s=0.001, tried=second), False),
        (lambda claim: Finished(claim, [Settled(second, "livree")]), False),
    ):
        (claim,) = await until(lambda: claimed(prepared), "la voie est due")
        async with prepared.database.statement() as connection:
            assert (await lanes.finish(connection, [lease(claim)], {}, ""))[1] is more


async def test_a_receipt_is_appended_once_and_not_by_who_was_overtaken(prepared: World) -> None:
    (delivery,) = await recorded(prepared, SUBJECT)
    (frozen,) = await claimed(prepared)
    await clock.lanes_fall_due(prepared)
    (successor,) = await claimed(prepared)
    for claim, events in ((frozen, 0), (successor, 1), (successor, 1)):
        proven = {delivery: receipt()._replace(mac=b"")}
        async with prepared.database.statement() as connection:
            await lanes.finish(connection, [Finished(claim, [Settled(delivery, "livree")])], proven, "rien")
        assert len(await prepared.events()) == await prepared.count("outbox") == events


def receipt() -> log.Entry:
    """Another event each time, so that its id is not what keeps it from being appended."""
    now = datetime.now(UTC)
    return log.Entry(Attributes(uuid4(), "recu", "siao-hub", SUBJECT, now, "01", uuid4()), b"")


async def test_a_lane_given_back_is_due_at_once_or_after_its_wait(prepared: World) -> None:
    (here, _) = await recorded(prepared, SUBJECT, OTHER)
    by_subject = {claim.subject: claim for claim in await claimed(prepared)}
    await finished(prepared, Finished(by_subject[SUBJECT]), Finished(by_subject[OTHER], wait_s=3600.0))
    (again,) = await claimed(prepared)
    assert again.subject == SUBJECT
    assert await settled(prepared, again, here, "livree") == {here}


async def test_what_a_crashed_dispatcher_left_leaving_is_never_made_waiting_by_who_has_not_tried_it(
    prepared: World,
) -> None:
    (delivery,) = await recorded(prepared, SUBJECT)
    (crashed,) = await claimed(prepared)
    async with prepared.database.transaction() as connection:
        assert await lanes.mark_in_flight(connection, [(crashed, delivery)])
    await clock.lanes_fall_due(prepared)
    (successor,) = await claimed(prepared)
    await finished(prepared, Finished(successor))
    assert await prepared.etats() == ["en_vol"]


@pytest.mark.parametrize(("in_doubt", "etat"), [(True, "en_vol"), (False, "en_attente")])
async def test_a_delivery_that_was_tried_and_may_have_arrived_is_in_flight_and_one_that_has_not_waits(
    prepared: World, in_doubt: bool, etat: str
) -> None:
    (delivery,) = await recorded(prepared, SUBJECT)
    (claim,) = await claimed(prepared)
    await finished(prepared, Finished(claim, tried=delivery, in_doubt=in_doubt))
    assert await prepared.etats() == [etat]
    (known,) = await prepared.deliveries()
    assert known.attempts == 1


async def test_a_delivery_recorded_twice_is_one_and_its_lane_counts_it_once(prepared: World) -> None:
    delivery = owed("centre", SUBJECT)
    for _ in range(2):
        async with prepared.database.transaction() as connection:
            await owe(connection, [delivery])
    assert await pending(prepared) == [1]
    assert [known.id for known in await prepared.deliveries()] == [delivery.id]


async def test_no_more_lanes_are_claimed_than_may_be_in_flight_and_the_first_partner_comes_first(
    prepared: World,
) -> None:
    rows = [owed(partner, uuid4()) for partner in ("centre", "siao-01") for _ in range(3)]
    async with prepared.database.transaction() as connection:
        await owe(connection, rows)
        allowed = [("siao-01", 3, LEASE_SECONDS), ("centre", 3, LEASE_SECONDS)]
        claims = list(await lanes.claim(connection, HOLDER, allowed, total=4, limit=10))
    assert [claim.partner for claim in claims].count("siao-01") == 3
    assert len(claims) == 4


async def test_lanes_of_bulk_are_claimed_last_however_long_they_have_been_due(prepared: World) -> None:
    bulk, small = [owed("centre", uuid4())._replace(bulk=True) for _ in range(3)], owed("centre", uuid4())
    async with prepared.database.transaction() as connection:
        await owe(connection, bulk)
    await clock.lanes_fall_due(prepared, timedelta(hours=1))
    async with prepared.database.transaction() as connection:
        await owe(connection, [small])
        (first,) = await lanes.claim(connection, HOLDER, [("centre", 1, LEASE_SECONDS)], total=100, limit=10)
        others = await lanes.claim(connection, HOLDER, [("centre", 2, LEASE_SECONDS)], total=100, limit=10)
    assert first.subject == small.subject
    assert {claim.subject for claim in others} < {delivery.subject for delivery in bulk}
    assert len(others) == 2


async def test_a_small_message_takes_along_the_bulk_that_it_waits_behind_and_no_more_than_that(
    prepared: World,
) -> None:
    async with prepared.database.transaction() as connection:
        await owe(connection, [owed("centre", each)._replace(bulk=True) for each in (SUBJECT, OTHER)])
        await owe(connection, [owed("centre", OTHER)])
        await owe(connection, [owed("centre", OTHER)._replace(bulk=True)])
        (first,) = await lanes.claim(connection, HOLDER, [("centre", 1, LEASE_SECONDS)], total=100, limit=10)
    assert first.subject == OTHER


async def test_a_claim_reads_no_lane_of_the_partners_that_it_does_not_serve(prepared: World) -> None:
    await cost.left_alone(prepared, "lane")
    await recorded(prepared, SUBJECT)
    async with prepared.database.transaction() as connection:
        await owe(connection, [owed("siao-01", uuid4()) for _ in range(3000)])
    await cost.know_the_sizes(prepared, "lane")
    async with prepared.database.transaction() as connection:
        await cost.plan_for_any_values(connection)
        async with cost.rows_read(connection) as read:
            (claim,) = await lanes.claim(connection, HOLDER, ROOM, total=512, limit=10)
    assert claim.subject == SUBJECT
    assert read["lane"] < 100


async def test_who_gives_lanes_back_and_who_adds_to_them_never_wait_for_each_other(prepared: World) -> None:
    first, second = sorted((uuid4(), uuid4()))
    await recorded(prepared, first, second)
    claims = {claim.subject: claim for claim in await claimed(prepared)}

    async def gives_back() -> None:
        async with prepared.database.statement() as connection:
            await lanes.finish(connection, [Finished(claims[second]), Finished(claims[first])], {}, "")

    async with prepared.database.transaction() as adding:
        await owe(adding, [owed("centre", first)])
        giving = asyncio.create_task(gives_back())
        await until(prepared.blocked, "l'un attend l'autre")
        await owe(adding, [owed("centre", second)])
    await giving
    assert await pending(prepared) == [2, 2]


async def test_what_somebody_has_closed_meanwhile_does_not_leave_and_its_lane_counts_right(
    prepared: World,
) -> None:
    first, second = await recorded(prepared, SUBJECT, SUBJECT)
    await clock.grow_older(prepared, "delivery", timedelta(hours=1))
    (claim,) = await claimed(prepared)
    async with prepared.database.transaction() as connection:
        assert await tasks.close(connection, first) == tasks.Decided("centre")
    async with prepared.database.transaction() as connection:
        assert await lanes.mark_in_flight(connection, [(claim, first), (claim, second)]) == {second}
    assert await settled(prepared, claim, first, "livree") == set()
    assert await pending(prepared) == [1]


async def owed_and_offered(world: World, *, fails: bool = False) -> dict[LaneClaim, list[Row]]:
    """Owe the shelter an event, where the dispatcher of the process has room. With `fails`, the transaction does."""
    event = record(vacant(SUBJECT))
    await append(world, event)
    new = owed("centre", SUBJECT)._replace(event=event.attributes.id)
    leases = {"centre": LEASE_SECONDS}
    async with world.database.transaction() as connection:
        made = Consequences(deliveries=[new])
        claims = await consequences.write_and_claim(connection, str, made, HOLDER, leases)
        assert not (fails and claims), "elle est prise"
        return claims


async def test_who_owes_something_in_a_free_lane_has_claimed_it_until_its_lease_ends(
    prepared: World,
) -> None:
    claims = await owed_and_offered(prepared)
    assert [row.etat for rows in claims.values() for row in rows] == ["en_attente"]
    assert await claimed(prepared) == []
    for _ in range(2):  # a new lane, then one that rests
        ((claim, (row,)),) = claims.items()
        assert await settled(prepared, claim, row.id, "livree") == {row.id}
        claims = await owed_and_offered(prepared)
        assert min(claims).fencing_token > claim.fencing_token
    await clock.lanes_fall_due(prepared)
    (overtaking,) = await claimed(prepared)
    ((overtaken, (row,)),) = claims.items()
    assert overtaking.fencing_token > overtaken.fencing_token
    assert await settled(prepared, overtaken, row.id, "livree") == set()


async def test_a_lane_in_which_something_waits_or_that_is_held_is_left_to_who_claims_it(
    prepared: World,
) -> None:
    await recorded(prepared, SUBJECT)
    assert await owed_and_offered(prepared) == {}, "une livraison attend déjà"
    await claimed(prepared)
    assert await owed_and_offered(prepared) == {}, "un autre envoie"
    async with prepared.database.transaction() as connection:
        await connection.execute("UPDATE lane SET pending = 0")  # somebody has closed what it holds
    assert await owed_and_offered(prepared) == {}, "son bail court encore"


async def test_a_process_that_knows_nothing_of_a_merger_claims_no_new_lane_of_the_merged_siao(
    prepared: World,
) -> None:
    await prepared.sql("INSERT INTO succession (siao, successeur) VALUES ('centre', 'autre')")
    assert await owed_and_offered(prepared) == {}
    assert await pending(prepared) == [1], "elle attend d'être reprise"
    assert await claimed(prepared) == []


async def test_lanes_claimed_in_a_transaction_that_fails_are_free(prepared: World) -> None:
    with pytest.raises(AssertionError, match="elle est prise"):
        await owed_and_offered(prepared, fails=True)
    assert await prepared.lanes() == []
