"""A household is forgotten two years after its last news, and not while anything of it is due or undecided."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from contracts.errors import BusUnavailable, Misconfigured
from ops.forgetting import erasing as forgetting
from ops.forgetting.journal import Journal
from ops.person.asking import answer, ask
from ops.person.rights import Droit, Issue
from ops.retention import sweeping as retention
from router.domain.roles import Role
from router.store.database import Connection, Database
from tests.integration import accidents, clock, lasting
from tests.integration.retained import in_quarantine, later, to_nobody
from tests.integration.test_families import household
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
world = lasting.world


async def test_what_cannot_be_removed_is_named_and_keeps_nothing_else_from_being_removed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    menage = await household_of_a_closed_referral(world)
    sweep = retention._sweep

    async def fails_at_first(hub: Database, name: str) -> int:
        if name == "octets reçus":
            raise BusUnavailable("trop long")
        return await sweep(hub, name)

    monkeypatch.setattr(retention, "_sweep", fails_at_first)
    with pytest.raises(BusUnavailable, match=r"octets reçus$"):
        await later(world, timedelta(days=731))
    assert await world.count("event") == 0
    assert not await is_known(world, menage)


async def household_of_a_closed_referral(world: World, number: int = 7) -> UUID:
    """Nobody waits for an answer about it any more."""
    ours, before = await world.referred(number, f"A-{number}"), len(world.siao.of_type("orientation.refusee"))
    refusal = {"orientation": ours, "auteur": "STRUCTURE", "motif": "ANIMAL"}
    await world.accepted("centre", {"type": "orientation.refusee", **refusal})
    await until(lambda: len(world.siao.of_type("orientation.refusee")) > before, "le refus arrive")
    await world.settled()
    (menage,) = [known.menage for known in await world.subjects("orientation") if str(known.id) == ours]
    assert menage is not None
    return menage


async def is_known(world: World, menage: UUID) -> bool:
    return menage in await world.keys()


async def test_a_household_is_forgotten_two_years_after_its_last_news_unless_its_erasure_cannot_be_journalled(
    world: World,
) -> None:
    menage = await household_of_a_closed_referral(world)
    ready = {"departement": "01", "dateEvaluation": "2026-03-01"}
    said = {"idMessage": 1, "type": "menage.pret-logement.declare", "ficheGroupe": household()}
    await world.accepted("siao-01", {**said, "logement": ready})
    gone = {"idMessage": 2, "type": "menage.pret-logement.retire", "suite": {"motif": "RELOGE"}}
    await world.accepted("siao-01", {**gone, "ficheGroupe": {"id": 90210}})
    await world.settled()
    (listed,) = await world.subjects("menage")
    both = {menage, listed.id}
    assert len(both) == 2, "l'un orienté, l'autre prêt pour un logement"
    await later(world, timedelta(days=729))
    assert both <= await world.keys()
    world.settings.erasures_file.symlink_to("/dev/full")
    with pytest.raises(Misconfigured, match="journal des effacements"):
        await later(world, timedelta(days=2))
    assert both <= await world.keys()
    world.settings.erasures_file.unlink()
    await later(world, timedelta(days=0))
    assert both.isdisjoint(await world.keys())
    assert str(menage) in world.settings.erasures_file.read_text()


async def test_a_household_is_not_forgotten_while_its_person_awaits_an_answer_or_had_its_data_kept(
    world: World,
) -> None:
    """Each request in turn is all that keeps it."""
    menage = await household_of_a_closed_referral(world)
    await clock.pass_time(world, timedelta(days=731))
    before = None
    for droit, holding, ending in (
        (Droit.ACCES, (), Issue.ACCORDEE),
        (Droit.OPPOSITION, (), Issue.ACCORDEE),
        (Droit.LIMITATION, (Issue.ACCORDEE,), Issue.LEVEE),
    ):
        asked = await ask(world.database, menage, droit, datetime.now(UTC), "test", "sa demande")
        for issue in holding:
            await answer(world.database, asked.id, issue, "test", "sa demande")
        if before is not None:
            await answer(world.database, *before, "test", "sa demande")
        await later(world, timedelta(days=0))
        assert await is_known(world, menage), droit
        before = asked.id, ending
    assert before is not None
    await answer(world.database, *before, "test", "sa demande")
    await later(world, timedelta(days=0))
    assert not await is_known(world, menage)


async def test_a_household_that_is_heard_of_while_another_is_being_forgotten_is_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = {await household_of_a_closed_referral(world, number): number for number in (7, 8)}
    forgotten: list[UUID] = []

    async def erase(connection: Connection, journal: Journal, menages: Sequence[UUID], actor: str) -> int:
        (menage,) = menages
        (other,) = (number for known, number in numbers.items() if known != menage)
        status, _ = await world.send("siao-01", to_nobody(100 + other, household=other * 10))
        assert status == 202
        forgotten.append(menage)
        return await forgetting.erase(connection, journal, menages, actor)

    monkeypatch.setattr(retention, "erase", erase)
    await later(world, timedelta(days=731))
    assert len(forgotten) == 1
    assert [await is_known(world, menage) for menage in numbers] == [m not in forgotten for m in numbers]


async def test_a_household_is_not_forgotten_under_a_message_that_waits_to_be_applied_or_decided_however_old(
    world: World,
) -> None:
    menage = await household_of_a_closed_referral(world)
    await later(world, timedelta(days=729))
    await heard_of_by_the_door_alone(world)
    for days in (2, 29, 29, 1000):
        await later(world, timedelta(days=days))
        assert len(await world.backlog()) == 1
        assert await is_known(world, menage), days
    await world.stop()
    await world.start()
    await until(lambda: in_quarantine(world), "il est en quarantaine")
    await later(world, timedelta(days=1000))
    assert await is_known(world, menage), "personne n'a décidé"
    await accidents.all_settled(world)
    await later(world, timedelta(days=1))
    assert not await is_known(world, menage)


async def heard_of_by_the_door_alone(world: World) -> None:
    """A message about the household is accepted, and nobody applies it; nothing else waits."""
    await world.settled()
    await world.stop()
    await world.start(Role.GATEWAY)
    assert (await world.send("siao-01", to_nobody(8, household=70)))[0] == 202


async def test_a_household_is_not_forgotten_under_a_message_that_is_not_wholly_taken_in_however_old(
    world: World,
) -> None:
    menage = await household_of_a_closed_referral(world)
    await world.stop()
    for unfinished in ("en_cours", "held"):
        await accidents.all_finished(world)
        await accidents.left_unfinished(world, menage, unfinished)
        await later(world, timedelta(days=1000))
        assert await is_known(world, menage), unfinished
    await accidents.all_finished(world)
    await later(world, timedelta(days=1))
    assert not await is_known(world, menage)
