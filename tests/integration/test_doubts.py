"""Figures that are not what is known, and vacancies that are not told anew: seen by the hub's team while that lasts."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import uuid4

from contracts.partner import Delais
from contracts.rythme import Jour, Rythme
from ops.silences.watch import Silences
from ops.status.findings import Code
from ops.status.verdict import verdict
from ops.status.vitals import vitals
from router.privacy.keyring import Keyring
from router.process.leases import Lease
from tests.integration import clock, lasting
from tests.integration.messages import vacancy
from tests.integration.world import World

pytestmark = lasting.MARK
world = lasting.world

DAY = timedelta(days=1)
NEVER_SILENT = Rythme(jours=(), avant=())
SENSELESS = """
    UPDATE subject SET donnees = donnees || '{"capacite": 26010004500012, "occupees": 26010004500012}'
    WHERE nature = 'groupe_places'
"""
DOUBTS = (Code.ECART, Code.RELEVE, Code.VACANCES)


async def looked_at(world: World) -> None:
    """Two processes look at once, one of them again; then all that follows has happened."""
    assert world.hub is not None
    prover, lease = Keyring.of(world.settings).prover, Lease(world.database, "another", uuid4(), 3.0)
    registry = world.hub.registry
    one, other = (Silences(world.database, prover, lease, lambda: registry) for _ in range(2))
    await asyncio.gather(one.look(), other.look())
    await one.look()
    await world.settled()


async def shown(world: World) -> list[tuple[Code, str, str]]:
    """What the hub's team is shown of it."""
    facts = await vitals(world.database, world.settings)
    found = verdict(facts, datetime.now(UTC)).findings
    return [(f.code, f.about, f.sentence) for f in found if f.code in DOUBTS]


def told(world: World) -> list[Mapping[str, Any]]:
    """What the SIAO was told of what is out of date."""
    alerts = [each["alerte"] for each in world.siao.messages if each["type"] == "alerte.echeance"]
    return [alert for alert in alerts if alert["echeance"] in ("OCCUPATION", "VACANCE")]


def figures(occupees: int, day: datetime, groupe: str = "G1", capacite: int = 2) -> dict[str, Any]:
    return {
        "type": "occupation.releve",
        "groupe": groupe,
        "structure": "010000024",
        "dispositif": "INSERTION",
        "capacite": capacite,
        "occupees": occupees,
        "vacantes": capacite - occupees,
        "indisponibles": 0,
        "releveLe": f"{day:%Y-%m-%d}",
    }


async def test_a_gap_of_occupation_is_shown_with_both_figures_until_the_accounts_agree(world: World) -> None:
    await world.apply(world.registry(centre={"rythme": NEVER_SILENT}))
    for code in ("A-101", "A-102"):
        assert (await world.send("centre", vacancy(code)))[0] == 202
    assert (await world.send("centre", {"type": "place.occupee", "place": "A-101"}))[0] == 202
    assert (await world.send("centre", figures(2, datetime.now(UTC))))[0] == 202
    await world.settled()
    await looked_at(world)
    assert await shown(world) == [], "tout a bougé aujourd'hui"

    await clock.places_moved_earlier(world, 2 * DAY)
    await looked_at(world)
    ((code, about, sentence),) = await shown(world)
    assert (code, about) == (Code.ECART, "centre INSERTION")
    assert "2 places occupées d'après lui" in sentence
    assert "1 d'après le hub" in sentence

    assert (await world.send("centre", figures(1, datetime.now(UTC))))[0] == 202
    await world.settled()
    await looked_at(world)
    assert await shown(world) == []
    assert told(world) == [], "un écart se règle entre le centre et l'exploitation"


async def test_vacancies_and_figures_that_are_not_told_anew_are_told_to_the_siao_once_and_shown_while_it_lasts(
    world: World,
) -> None:
    weeks_ago = datetime.now(UTC) - 20 * DAY
    await world.apply(world.registry(centre={"rythme": NEVER_SILENT}))
    for said in (vacancy("A-101"), vacancy("A-102"), figures(0, weeks_ago)):
        assert (await world.send("centre", said))[0] == 202
    await world.settled()
    await clock.grow_older(world, "subject", 20 * DAY)
    await looked_at(world)
    assert {(code, about) for code, about, _ in await shown(world)} == {
        (Code.RELEVE, "centre INSERTION"),
        (Code.VACANCES, "centre"),
    }
    assert sorted(alert["echeance"] for alert in told(world)) == ["OCCUPATION", "VACANCE"]

    assert (await world.send("centre", vacancy("A-101", capacite=2)))[0] == 202
    assert (await world.send("centre", figures(0, datetime.now(UTC))))[0] == 202
    await world.settled()
    await looked_at(world)
    ((_, _, sentence),) = await shown(world)
    assert sentence.startswith("centre : 1 place vacante")

    await world.apply(world.registry(centre={"rythme": NEVER_SILENT, "delais": Delais(vacance="90 jours")}))
    await looked_at(world)
    assert await shown(world) == []
    assert len(told(world)) == 2


async def test_a_group_of_places_that_is_no_more_is_waited_for_until_its_last_figures_say_so(
    world: World,
) -> None:
    await world.apply(world.registry(centre={"rythme": NEVER_SILENT}))
    long_ago = datetime.now(UTC) - 20 * DAY
    for said in (figures(0, datetime.now(UTC)), figures(0, long_ago, "G2")):
        assert (await world.send("centre", said))[0] == 202
    await world.settled()
    await looked_at(world)
    assert [code for code, _, _ in await shown(world)] == [Code.RELEVE]

    assert (await world.send("centre", figures(0, long_ago, "G2", capacite=0)))[0] == 202
    await world.settled()
    await looked_at(world)
    assert await shown(world) == []


async def test_a_senseless_number_of_places_is_refused_and_one_from_before_stops_nobody(world: World) -> None:
    await world.apply(world.registry(centre={"rythme": NEVER_SILENT}))
    assert (await world.send("centre", figures(2**31, datetime.now(UTC), capacite=2**31)))[0] == 422
    long_ago = datetime.now(UTC) - 20 * DAY
    for said in (figures(2, long_ago), figures(0, long_ago, "G2")):
        assert (await world.send("centre", said))[0] == 202
    await world.settled()
    await world.sql(SENSELESS)
    await looked_at(world)
    assert [code for code, _, _ in await shown(world)] == [Code.RELEVE]


async def test_of_who_says_nothing_at_all_only_the_silence_is_told(world: World) -> None:
    every_day = Rythme(jours=tuple(Jour), avant=(time(1),), feries=True)
    await world.known_place("A-101")
    await world.apply(world.registry(centre={"rythme": every_day}))
    await clock.grow_older(world, "inbox", 20 * DAY)  # first: the hub may look between the two
    await clock.grow_older(world, "subject", 20 * DAY)
    await looked_at(world)
    assert await shown(world) == []
    assert told(world) == []
