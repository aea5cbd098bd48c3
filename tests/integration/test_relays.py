"""Relays share the events that wait, whatever their number was when the events were accepted."""

import pytest

from router.domain.roles import Role
from tests.integration.messages import vacancy
from tests.integration.waiting import until
from tests.integration.world import World

SUBJECTS, CHANGES = 12, 3


def with_relays(world: World, number: int) -> None:
    relay = world.settings.relay.model_copy(update={"shards": number})
    world.settings = world.settings.model_copy(update={"relay": relay})


@pytest.mark.parametrize(("before", "after"), [(1, 3), (3, 2)])
async def test_when_the_number_of_relays_changes_all_that_waits_arrives_in_order(
    prepared: World, before: int, after: int
) -> None:
    world = prepared
    with_relays(world, before)
    await world.start(Role.GATEWAY)
    for capacity in range(1, CHANGES + 1):
        places = [vacancy(f"B-{n}", capacite=capacity) for n in range(SUBJECTS)]
        assert (await world.send("centre", places))[0] == 202
    await world.stop()
    with_relays(world, after)
    await world.start()
    await until(lambda: len(world.siao.messages) == SUBJECTS * CHANGES, "tout ce qui attendait arrive")
    capacities: dict[str, list[int]] = {}
    for message in world.siao.messages:
        place = message["place"]
        capacities.setdefault(place["identifiantExterne"], []).append(place["capacite"])
    assert list(capacities.values()) == [list(range(1, CHANGES + 1))] * SUBJECTS
