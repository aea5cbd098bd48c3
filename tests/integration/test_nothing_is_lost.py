"""The balance of a period comes out even in every state that a message can be in, and names whatever is lost."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from ops.balance.balanced import recount
from ops.balance.rules import Fate, Fault
from router.domain.roles import Role
from tests.integration import lasting
from tests.integration.desk import Output, siao_hub
from tests.integration.losses import lost
from tests.integration.messages import vacancy
from tests.integration.quarantined import refused
from tests.integration.retained import later
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
door, prepared, world = lasting.door, lasting.prepared, lasting.world

UPSTREAM = (Fault.SANS_TRACE, Fault.NON_TENU)
"""What can be lost before it is applied."""
DOWNSTREAM = (Fault.SANS_FILE, Fault.INCONNU, Fault.SANS_EVENEMENT)
"""What can be lost before it is delivered."""


async def compte(world: World) -> Output:
    return await siao_hub(world.settings, "compte", "--json")


def accounts(printed: Output) -> tuple[Any, Any]:
    accepted, due = printed.content["comptes"]
    return accepted, due


async def faults(world: World) -> dict[str, list[str]]:
    """What the command lists, each with the ids of who has it; its exit status says so too."""
    printed = await compte(world)
    found = {each["faute"]: each["ids"] for account in accounts(printed) for each in account["differences"]}
    assert printed.status == (1 if found else 0), printed.text
    return found


async def test_what_is_accepted_and_due_is_found_again_whatever_became_of_it(world: World) -> None:
    await world.referred(4711, "CH-101")
    await refused(world, 3)
    await world.settled()
    await world.refused_by_the_siao(vacancy("CH-103"))
    printed = await compte(world)
    accepted, due = accounts(printed)
    assert printed.status == 0
    assert accepted["total"] == accepted["sorts"][Fate.APPLIQUE] == len(await world.messages()) - 3
    assert due["sorts"][Fate.REFUSEE] == 1
    assert due["total"] == sum(due["sorts"].values()) == len(await world.deliveries())


async def test_what_waits_is_counted_and_is_no_loss(door: World) -> None:
    await door.accepted("centre", vacancy("CH-101"))
    accepted, due = accounts(await compte(door))
    assert (accepted["total"], accepted["sorts"]) == (1, {Fate.ATTEND: 1})
    assert (due["total"], due["sorts"]) == (0, {})
    assert await faults(door) == {}


async def test_an_event_that_its_sender_repeats_is_accepted_once_and_is_no_loss(door: World) -> None:
    one, two = vacancy("A-1", idEvenement="ev-1"), vacancy("A-2", idEvenement="ev-2")
    for key, events in enumerate((one, one, [one, two, two], [two, one])):
        await door.accepted("centre", events, f"cle-{key}")
    accepted, _ = accounts(await compte(door))
    assert (accepted["total"], accepted["sorts"]) == (2, {Fate.ATTEND: 2})
    assert await faults(door) == {}
    lost_one = await is_listed(door, Fault.NON_TENU)
    assert lost_one == (await door.messages())[0].id


async def test_what_the_log_has_let_go_for_its_age_is_no_loss(world: World) -> None:
    await world.known_place()
    await world.settled()
    for _ in range(2):  # an event goes in the sweep after that of its delivery
        await later(world, timedelta(days=91))
    assert await world.count("event") == 0
    long_ago = f"{datetime.now(UTC) - timedelta(days=200):%Y-%m-%d}"
    printed = await siao_hub(world.settings, "compte", "--depuis", long_ago, "--json")
    accepted, due = accounts(printed)
    assert printed.status == 0, printed.text
    assert (accepted["total"], accepted["sorts"]) == (1, {Fate.RETIRE: 1})
    assert (due["total"], due["sorts"]) == (0, {})


async def test_whatever_is_lost_before_it_is_applied_is_listed_by_its_id(door: World) -> None:
    for code in ("CH-101", "CH-102"):
        await door.accepted("centre", vacancy(code))
    assert await faults(door) == {}
    for fault in UPSTREAM:
        await is_listed(door, fault)


async def test_whatever_is_lost_before_it_is_delivered_is_listed_by_its_id(prepared: World) -> None:
    assert {*UPSTREAM, *DOWNSTREAM} == {*Fault}
    await prepared.start(Role.GATEWAY, Role.RELAY, Role.WORKER)
    for number in range(len(DOWNSTREAM)):
        await prepared.accepted("centre", vacancy(f"CH-{number}"))

    async def is_due() -> bool:
        return len(await prepared.deliveries("siao-01")) == len(DOWNSTREAM)

    await until(is_due, "des livraisons attendent")
    for fault in DOWNSTREAM:
        assert await faults(prepared) == {}
        gone = await is_listed(prepared, fault)
        await prepared.sql("DELETE FROM delivery WHERE id = $1", gone)


async def is_listed(world: World, fault: Fault) -> UUID:
    """One loss of this kind is listed by its id, which is returned."""
    gone = await lost(world, fault)
    assert (await faults(world))[fault] == [str(gone)]
    assert str(gone) in await siao_hub(world.settings, "compte")
    return gone


async def test_status_says_whether_anything_is_lost_from_the_count_of_the_scheduler(
    prepared: World,
) -> None:
    await prepared.start(Role.GATEWAY)
    assert "inconnu, aucun compte" in await siao_hub(prepared.settings, "status")
    await prepared.accepted("centre", vacancy("CH-101"))
    assert await recount(prepared.database) == 0
    assert "Rien de perdu parmi ce que le hub a accepté" in await siao_hub(prepared.settings, "status")
    await lost(prepared, Fault.SANS_TRACE)
    await prepared.stop()
    await prepared.start(Role.SCHEDULER)

    async def is_counted() -> bool:
        return "1 message ou livraison à retrouver" in await siao_hub(prepared.settings, "status")

    await until(is_counted, "le tour de l'ordonnanceur a compté")
