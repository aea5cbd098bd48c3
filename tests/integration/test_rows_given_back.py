"""The refused rows of a table that came over HTTP are given back to its sender as a file, and to nobody else."""

from datetime import timedelta
from uuid import UUID

import pytest
import pytest_asyncio

from contracts.partner import Famille
from tests.integration import lasting
from tests.integration.large_files import decided, in_hundreds
from tests.integration.registry import FINESS, entry, key_of
from tests.integration.retained import later
from tests.integration.test_families import joined, mailbox
from tests.integration.test_forgetting import forgotten
from tests.integration.world import World

pytestmark = lasting.MARK
door, world = lasting.door, lasting.world

HEADER = "N° de demande;Objet;N° du ménage;Composition;Adultes;Dispositif"
GOOD = "D-1;Nouvelle;M-1;Homme seul;1;Urgence"
BAD = "D-2;Nouvelle;M-2;Homme seul;1;Peut-être"
WORSE = "D-3;Nouvelle;M-3;Homme seul;un;Urgence"
CSV = {"Content_Type": "text/csv", "Content_Disposition": 'attachment; filename="du soir.csv"'}


def table(*rows: str) -> bytes:
    return "\n".join((HEADER, *rows)).encode()


async def file_at(world: World, path: str, partner: str = "ccas") -> tuple[int, str, str]:
    """Status, name and text of what a partner finds at an address."""
    headers = {"Authorization": f"Bearer {key_of(partner)}"}
    async with world.http.get(world.base + path, headers=headers) as response:
        return (
            response.status,
            response.headers.get("Content-Disposition", ""),
            (await response.read()).decode(),
        )


@pytest_asyncio.fixture(loop_scope="module")
async def ccas(door: World) -> World:
    """A welfare office that sends tables has joined."""
    await joined(door, mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_tableau"))
    return door


@pytest.mark.parametrize(("rows", "status"), [((GOOD, BAD, WORSE), 202), ((BAD, WORSE), 422)])
async def test_the_refused_rows_of_a_table_are_given_back_with_why_and_accepted_once_mended(
    ccas: World, rows: tuple[str, ...], status: int
) -> None:
    got, answer = await ccas.send("ccas", table(*rows), "cle-1", **CSV)
    assert (got, answer["a_corriger"]) == (status, f"/v1/messages/{answer['id']}/a-corriger")
    assert await ccas.send("ccas", table(*rows), "cle-1", **CSV) == (got, answer), (
        "la même réponse, à la lettre"
    )
    _, fate = await ccas.get("ccas", f"/v1/messages/{answer['id']}")
    assert fate["a_corriger"] == answer["a_corriger"]

    found, name, text = await file_at(ccas, answer["a_corriger"])
    assert (found, name) == (200, 'attachment; filename="du soir.a-corriger.csv"')
    header, *lines = text.removeprefix("\ufeff").splitlines()
    assert header == f"{HEADER};a_corriger"
    assert [line.split(";")[0] for line in lines] == ["D-2", "D-3"]
    assert all("ligne" in line for line in lines)

    mended = text.replace("Peut-être", "Urgence").replace(";un;", ";1;").encode()
    assert (await ccas.send("ccas", mended, "cle-2", **CSV))[1]["etat"] == "accepte"


async def test_only_its_sender_reads_them_and_where_there_is_none_it_is_told_so(ccas: World) -> None:
    _, answer = await ccas.send("ccas", table(GOOD, BAD), "cle-1", **CSV)
    assert (await file_at(ccas, answer["a_corriger"], "centre"))[0] == 404
    assert (await file_at(ccas, answer["a_corriger"] + "?format=xlsx"))[0] == 400
    assert b"D-2" not in await ccas.everything(), "scellées au repos"

    _, whole = await ccas.send("ccas", table("D-9;Nouvelle;M-9;Homme seul;1;Urgence"), "cle-2", **CSV)
    assert "a_corriger" not in whole
    status, problem = await ccas.get("ccas", f"/v1/messages/{whole['id']}/a-corriger")
    assert (status, problem["type"]) == (404, "urn:siao:probleme:rien-a-corriger")


async def test_they_go_with_whom_they_name_and_after_a_month(ccas: World) -> None:
    _, answer = await ccas.send("ccas", table(GOOD, BAD), "cle-1", **CSV)
    message = UUID(answer["id"])
    assert message in await ccas.keys()
    await later(ccas, timedelta(days=29))
    assert (await file_at(ccas, answer["a_corriger"]))[0] == 200
    for menage in await ccas.called("menage"):
        await forgotten(ccas, menage, force=True)
    assert message not in await ccas.keys()
    assert (await file_at(ccas, answer["a_corriger"]))[0] == 404

    _, other = await ccas.send(
        "ccas", table(*(row.replace("D-", "E-") for row in (GOOD, BAD))), "cle-2", **CSV
    )
    await later(ccas, timedelta(days=31))
    assert (await file_at(ccas, other["a_corriger"]))[0] == 404
    _, fate = await ccas.get("ccas", f"/v1/messages/{other['id']}")
    assert fate["a_corriger"] is None


@pytest.mark.parametrize("rows", [3, 110], ids=["petit", "grand"])
async def test_those_of_a_table_of_places_are_given_back_once_it_is_read_to_its_end(
    world: World, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_hundreds(world, monkeypatch)
    await joined(world, entry("centre-csv", Famille.HEBERGEMENT, "hebergement_csv", structures=(FINESS,)))
    places: list[str] = [f"A-{n};vacante;{FINESS};01053;URGENCE" for n in range(rows)]
    places[-2] = f"faux;vacante;{FINESS};99999;URGENCE"
    body = "\n".join(("reference_place;etat;structure;commune;dispositif", *places)).encode()
    status, answer = await world.send("centre-csv", body, "cle-1", **CSV)
    assert status == 202
    fate = await decided(world, answer["id"], "centre-csv")
    assert fate["etat"] == "partiel"
    assert answer.get("a_corriger") == (fate["a_corriger"] if rows == 3 else None)
    found, _, text = await file_at(world, fate["a_corriger"], "centre-csv")
    assert found == 200
    assert [line.split(";")[0] for line in text.splitlines()[1:]] == ["faux"]
