"""The SIAO's own worker decides suspected duplicates at its desk; nobody else sees them."""

from uuid import UUID, uuid4

import pytest

from ops.duplicates import sql
from tests.integration.test_desk import words
from tests.integration.visitors import visitor, works_at
from tests.integration.world import World


@pytest.fixture
async def suspected(console: World) -> list[tuple[UUID, UUID]]:
    """Three pairs that were put to the SIAO, and one that was put to another."""
    pairs = [(uuid4(), uuid4()) for _ in range(4)]
    async with console.database.transaction() as connection:
        for number, (one, other) in enumerate(pairs):
            siao = "siao-01" if number < 3 else "siao-69"
            await sql.propose(connection, one, other, ["DATE_INVERSEE", "NOM_IDENTIQUE"], [siao])
    return pairs


async def left(console: World, siao: str) -> int:
    async with console.database.statement() as connection:
        return len(await sql.undecided(connection, [siao], 10))


async def test_a_worker_of_the_siao_decides_each_pair_by_what_agrees(
    console: World, suspected: list[tuple[UUID, UUID]]
) -> None:
    sub = await works_at(console.settings.console.issuer, "siao-01")
    async with visitor(console.settings.console, sub) as worker:
        shown = words(await worker.get("/bureau/doublons"))
        assert shown.count("jour et mois inversés ; même nom") == 3
        for number, (one, other) in enumerate(suspected[:3]):
            said = {"decision": "un" if number else "deux", "motif": "vus ensemble au guichet"}
            assert (await worker.post(f"/bureau/doublons/{one}", autre=str(other), **said)).status == 200
        assert "Aucune ressemblance n'attend" in words(await worker.get("/bureau/doublons"))
        one, other = suspected[3]
        said = {"autre": str(other), "decision": "un", "motif": "vus ensemble"}
        theirs = await worker.post(f"/bureau/doublons/{one}", **said)
        assert theirs.status == 404
    assert (await left(console, "siao-01"), await left(console, "siao-69")) == (0, 1)
    acts = await console.audited("doublon.decider")
    assert len(acts) == 3
    assert all("vus ensemble" in act.detail for act in acts)


async def test_a_centre_has_no_such_page(console: World, suspected: list[tuple[UUID, UUID]]) -> None:
    one, other = suspected[0]
    async with visitor(console.settings.console, "partenaire") as centre:
        assert "Doublons" not in words(await centre.get("/bureau"))
        assert (await centre.get("/bureau/doublons")).status == 404
        said = {"autre": str(other), "decision": "un", "motif": "vus ensemble"}
        posted = await centre.post(f"/bureau/doublons/{one}", **said)
        assert posted.status == 404
