"""Where a finding says to begin, its command lists what the finding counts: all of it, and nothing else."""

from datetime import UTC, datetime, timedelta

import pytest

from ops.finding import sql
from ops.finding.printed import EVER, OPEN
from ops.status.findings import Code
from router.store import quarantine
from router.store.jobs import Filter
from tests.integration import clock, lasting
from tests.integration.beginnings import begins, shows
from tests.integration.messages import vacancy
from tests.integration.test_doubts import NEVER_SILENT, looked_at
from tests.integration.troubles import silent
from tests.integration.world import World

pytestmark = lasting.MARK
door, world = lasting.door, lasting.world
WRONG = "99999"


async def test_what_a_partner_was_refused_is_listed_whole_or_in_part_however_old_and_nothing_else(
    door: World,
) -> None:
    await door.send("centre", vacancy("A-101", commune=WRONG))
    for table in ("inbox", "quarantine"):
        await clock.grow_older(door, table, timedelta(days=3))
    await door.send("centre", vacancy("A-102", commune=WRONG))
    rows = [vacancy("A-103"), vacancy("A-104", commune=WRONG), vacancy("A-105", commune=WRONG)]
    partial = await door.accepted("centre", rows)
    await door.accepted("centre", vacancy("A-106"))
    await door.send("siao-01", {"type": "orientation.proposee"})

    listed = (await begins(door, Code.LIGNES_REFUSEES, "--json", about="centre")).rows
    entries = {str(each.id) for each in await door.quarantined() if each.partner == "centre"}
    assert len(entries) == 2
    assert {each["id"] for each in listed} == {partial["id"], *entries}
    (part,) = (each for each in listed if each["id"] == partial["id"])
    assert part["erreur"].startswith("2 lignes refusées, la première : ligne 2, commune : ")


async def test_every_wrong_field_of_a_refused_message_is_named_where_it_is_first_listed(door: World) -> None:
    wrong = {**vacancy("A-101", commune=WRONG), "structure": 7}
    await door.send("centre", [wrong])
    (found,) = (await begins(door, Code.LIGNES_REFUSEES, "--json", about="centre")).rows
    async with door.database.statement() as connection:
        (group,) = await quarantine.grouped(connection, 10)
        (member,) = await quarantine.members(connection, Filter(partner="centre"), 10)
    for said in (found["erreur"], group.raison, member.raison):
        assert "ligne 1 : " in said
        assert said.endswith(" ; et 1 autre : commune")


async def test_a_message_that_was_accepted_has_no_error(door: World) -> None:
    await door.accepted("centre", vacancy())
    now = datetime.now(UTC)
    wanted = sql.Wanted(("centre",), now - timedelta(hours=1), now, etats=("accepte",))
    async with door.database.statement() as connection:
        (found,) = await sql.find(connection, wanted, 10)
    assert found.error is None


async def test_a_list_that_is_cut_says_so_to_a_person_and_to_a_machine_and_shows_more_when_asked(
    door: World,
) -> None:
    for number in range(3):
        await door.send("centre", vacancy(f"A-{number}", commune=WRONG))
    await shows(door, Code.LIGNES_REFUSEES)
    for most, is_cut in ((2, True), (3, False)):
        asked = door, Code.LIGNES_REFUSEES, "--combien", str(most)
        assert (f"les {most} plus récents ; --combien en montre davantage" in await begins(*asked)) is is_cut
        listed = await begins(*asked, "--json")
        assert (len(listed.rows), listed.content["suite"]) == (most, is_cut)


async def test_a_silent_partner_begins_with_what_it_said_last(world: World) -> None:
    await silent(world)
    await shows(world, Code.SILENCE)


async def test_vacancies_that_are_not_told_anew_are_named_where_the_finding_says(world: World) -> None:
    await world.apply(world.registry(centre={"rythme": NEVER_SILENT}))
    for place in ("A-101", "A-102"):
        await world.accepted("centre", vacancy(place))
    await world.settled()
    await clock.grow_older(world, "subject", timedelta(days=20))
    await looked_at(world)
    await shows(world, Code.VACANCES)


async def test_an_open_entry_is_found_however_many_of_others_came_after_it(
    door: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "SCANNED", 1)
    await door.send("centre", vacancy("A-101", commune=WRONG))
    await door.send("siao-01", {"type": "orientation.proposee"})
    now = datetime.now(UTC)
    wanted = sql.Wanted(("centre",), now - timedelta(hours=1), now, etats=(OPEN,), open_since=EVER)
    async with door.database.statement() as connection:
        (found,) = await sql.find(connection, wanted, 10)
    assert (found.kind, found.partner) == ("quarantaine", "centre")
