"""A partner's own id is one of ours, whoever sees it first."""

import asyncio
import time
from collections.abc import Mapping
from uuid import UUID

import pytest

from contracts.base import Nature, Reference
from router.privacy.crosswalk import HUB_HOLDER, Crosswalk, Mentions
from router.privacy.keyring import Keyring
from router.store.crosswalk import Foreign
from tests.integration import accidents, lasting
from tests.integration.memory import pid_of
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
prepared = lasting.prepared

THEIRS = "siao-01", Reference(Nature.MENAGE, "47110")
THEIR_PLACE, ANOTHER_PLACE = (("siao-01", Reference(Nature.PLACE, value)) for value in ("B-12", "B-13"))


def process(world: World) -> Crosswalk:
    """What another process would use: nothing cached."""
    return Crosswalk(Keyring.of(world.settings))


async def resolved(world: World, crosswalk: Crosswalk, theirs: Foreign = THEIRS) -> UUID:
    async with world.database.transaction() as connection:
        return (await crosswalk.resolve(connection, [theirs]))[theirs]


class Undone(Exception):
    """Ends a transaction without a commit."""


@pytest.mark.parametrize("commits", [True, False])
async def test_two_transactions_that_meet_agree_on_one_id(prepared: World, commits: bool) -> None:
    first, second = process(prepared), process(prepared)

    async def first_transaction() -> tuple[UUID, asyncio.Task[UUID]]:
        async with prepared.database.transaction() as connection:
            ours = (await first.resolve(connection, [THEIRS]))[THEIRS]
            meeting = asyncio.create_task(resolved(prepared, second))
            pid = await pid_of(connection)
            await until(lambda: prepared.waits_for(pid), "la seconde transaction attend la première")
            if not commits:
                raise Undone(ours, meeting)
            return ours, meeting

    try:
        ours, meeting = await first_transaction()
    except Undone as undone:
        ours, meeting = undone.args
    met = await meeting
    assert (met == ours) is commits
    assert await resolved(prepared, process(prepared)) == met
    assert await prepared.count("crosswalk") == 1


async def test_what_was_forgotten_while_a_transaction_was_under_way_is_not_remembered_after_it(
    prepared: World,
) -> None:
    one = process(prepared)
    ours = await resolved(prepared, one)
    begun = time.monotonic()
    await accidents.crosswalk_is_lost(prepared)
    one.forget_cached()
    one.remember({THEIRS: ours}, begun)
    assert await resolved(prepared, one) != ours


async def test_what_partners_call_things_is_asked_once_and_anew_once_somebody_was_forgotten(
    prepared: World,
) -> None:
    one = process(prepared)
    named, nameless = (
        ("siao-01", await resolved(prepared, one)),
        ("centre", await resolved(prepared, one, THEIR_PLACE)),
    )
    for lost in (False, True):
        if lost:
            await accidents.crosswalk_is_lost(prepared)
        async with prepared.database.statement() as connection:
            assert await one.back(connection, [named, nameless]) == {named: "47110"}
    one.forget_cached()
    async with prepared.database.statement() as connection:
        assert await one.back(connection, [named, nameless]) == {}


async def test_a_household_that_had_no_name_at_first_gets_one_and_never_goes_by_our_own_id(
    prepared: World,
) -> None:
    one = process(prepared)
    pair = ("centre", await resolved(prepared, one))
    async with prepared.database.statement() as connection:
        await one.back(connection, [pair])
        named = (await one.names(connection, Mentions({pair}, {pair}))).menages[pair]
        assert named != str(pair[1])
        assert await process(prepared).back(connection, [pair]) == {pair: named}


async def test_nothing_is_sealed_under_a_key_that_was_undone(prepared: World) -> None:
    same = process(prepared)

    async def undone() -> None:
        async with prepared.database.transaction() as connection:
            await same.resolve(connection, [THEIR_PLACE])
            raise Undone

    with pytest.raises(Undone):
        await undone()
    ours = await resolved(prepared, same, THEIR_PLACE)
    async with prepared.database.transaction() as connection:
        back = await process(prepared).back(connection, [("siao-01", ours)])
    assert back == {("siao-01", ours): "B-12"}


async def test_before_a_message_is_kept_a_place_gets_its_id_and_nobody_who_is_new_does(
    prepared: World,
) -> None:
    one = process(prepared)
    async with prepared.database.statement() as connection:
        assert await one.beforehand(connection, {THEIRS}) == {}
        assert await prepared.count("crosswalk") == 0
        early = await one.beforehand(connection, {THEIR_PLACE, THEIRS})
        assert await prepared.count("crosswalk") == 1
    assert early == one.remembered({THEIR_PLACE, THEIRS})
    assert early == {THEIR_PLACE: await resolved(prepared, process(prepared), THEIR_PLACE)}
    household = await resolved(prepared, one)
    one.remember({THEIRS: household}, time.monotonic())
    assert one.remembered({THEIR_PLACE, THEIRS}) == {**early, THEIRS: household}


async def test_places_that_several_processes_meet_at_once_get_one_id(prepared: World) -> None:
    async def met(one: Crosswalk) -> Mapping[Foreign, UUID]:
        async with prepared.database.statement() as connection:
            return await one.beforehand(connection, {THEIR_PLACE})

    several = await asyncio.gather(*(met(process(prepared)) for _ in range(8)))
    ours = await resolved(prepared, process(prepared), THEIR_PLACE)
    assert [each for each in several if each not in ({}, {THEIR_PLACE: ours})] == []
    assert await met(process(prepared)) == {THEIR_PLACE: ours}


async def test_many_at_once_agree_and_the_partner_gets_its_own_id_back(prepared: World) -> None:
    ids = await asyncio.gather(*(resolved(prepared, process(prepared)) for _ in range(8)))
    assert len(set(ids)) == 1
    async with prepared.database.transaction() as connection:
        back = await process(prepared).back(connection, [("siao-01", ids[0]), ("centre", ids[0])])
    assert back == {("siao-01", ids[0]): "47110"}


async def test_the_same_value_of_another_partner_or_nature_is_another_id(prepared: World) -> None:
    others = [
        ("centre", Reference(Nature.MENAGE, "47110")),
        ("siao-01", Reference(Nature.ORIENTATION, "47110")),
        ("siao-01", Reference(Nature.MENAGE, "47111")),
    ]
    async with prepared.database.transaction() as connection:
        found = await process(prepared).resolve(connection, [THEIRS, *others])
    assert len(set(found.values())) == 4


async def test_an_id_sealed_under_a_key_that_a_restore_has_lost_is_left_out_and_the_others_come_back(
    prepared: World,
) -> None:
    household = await resolved(prepared, process(prepared))
    sealed_before = await resolved(prepared, process(prepared), THEIR_PLACE)
    await accidents.key_is_lost(prepared, HUB_HOLDER)
    sealed_since = await resolved(prepared, process(prepared), ANOTHER_PLACE)
    wanted = [("siao-01", ours) for ours in (sealed_before, household, sealed_since)]
    async with prepared.database.transaction() as connection:
        back = await process(prepared).back(connection, wanted)
    assert back == {
        ("siao-01", household): "47110",
        ("siao-01", sealed_since): "B-13",
    }


async def test_an_id_of_ours_says_nothing_not_even_which_others_were_made_with_it(prepared: World) -> None:
    one = process(prepared)
    place, household = await resolved(prepared, one, THEIR_PLACE), await resolved(prepared, one)
    assert (place.version, household.version) == (4, 4)
    async with prepared.database.statement() as connection:
        assert {ours.version for ours in (await one.beforehand(connection, {ANOTHER_PLACE})).values()} == {4}
