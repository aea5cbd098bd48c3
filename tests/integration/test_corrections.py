"""A corrected date counts and reaches the SIAO; an event keeps the verdict of the moment when it was applied."""

from itertools import count
from typing import Any

from tests.integration import lasting
from tests.integration.desk import siao_hub
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
world = lasting.world

Said = dict[str, Any]
NUMBERS = count()
"""Under a key of its own the same content is another message."""


def came(ours: str, day: str) -> Said:
    return {"type": "entree.constatee", "orientation": ours, "entreeLe": day}


def left(ours: str) -> Said:
    return {"type": "sortie.declaree", "orientation": ours, "sortieLe": "2026-11-26"}


async def said(world: World, *events: Said) -> str:
    """The shelter says these in one message; its id, once it is applied."""
    status, answer = await world.send("centre", list(events), f"envoi-{next(NUMBERS)}")
    assert status == 202, answer
    await world.settled()
    ident: str = answer["id"]
    return ident


async def verdict(world: World, message: str) -> Said:
    """Of the last event of a message of the shelter."""
    _, fate = await world.get("centre", f"/v1/messages/{message}")
    last: Said = fate["evenements"][-1]
    return last


async def test_a_corrected_arrival_counts_and_is_told_until_something_has_followed(world: World) -> None:
    ours = await world.referred()
    for day in ("2026-11-25", "2026-11-24", "2026-11-24"):
        last = await said(world, came(ours, day))
    assert (await verdict(world, last))["raison"] == "deja_connu"
    await until(lambda: len(world.siao.of_type("entree.constatee")) == 2, "le SIAO reçoit la correction")

    late = await said(world, left(ours), came(ours, "2026-11-23"))
    assert (await verdict(world, late))["raison"] == "non_corrige"
    _, seen = await world.get("centre", f"/v1/orientations/{ours}")
    assert seen["vous_avez_dit"] == {
        "entrer": {"entreeLe": "2026-11-24"},
        "sortir": {"sortieLe": "2026-11-26"},
    }
    _, of_the_siao = await world.get("siao-01", f"/v1/orientations/{ours}")
    assert of_the_siao["vous_avez_dit"] == {}
    assert len(world.siao.of_type("entree.constatee")) == 2, "ni une redite ni ce qui vient trop tard"


async def test_an_event_keeps_the_verdict_of_the_moment_when_it_was_applied(world: World) -> None:
    ours = await world.referred()
    read = {"type": "orientation.accusee", "orientation": ours}
    too_soon = await said(world, read, left(ours))
    repeated = await said(world, read)
    then = [await verdict(world, message) for message in (too_soon, repeated)]
    assert then[0]["explication"].startswith(
        "Cette orientation est lue, sans décision encore : on ne peut pas"
    )
    assert "appelez" not in then[1]["explication"], "une redite ne nuit pas"

    await said(world, came(ours, "2026-11-25"), left(ours))
    assert [await verdict(world, message) for message in (too_soon, repeated)] == then
    _, seen = await world.get("centre", f"/v1/orientations/{ours}")
    why = [fact["explication"] for fact in seen["histoire"] if fact["explication"]]
    assert why == [event["explication"] for event in then]
    shown = await siao_hub(world.settings, "trace", "4711")
    assert "sortie.declaree anomalie : transition illegale" in shown
