"""The files of a retired 115 reach the SIAO's software through the hub: each household once, whoever is killed."""

import asyncio
import csv
import json
import signal
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from openpyxl import load_workbook

from contracts.errors import InvalidNative, Misconfigured
from contracts.partner import Famille
from ops.importing import importing, printed
from ops.importing.printed import Asked
from tests.conformance.rest_partner import RestDropper
from tests.integration import dying, lasting
from tests.integration.registry import entry
from tests.integration.test_duplicates import pairs, read_again
from tests.integration.test_families import joined
from tests.integration.test_rest import joined as reached_by_its_api
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
api, world = lasting.api, lasting.world

HEADER = (
    *("HG_FicheNuméro", "HG_Date", "HG_HB_ID", "HG_FamCompo", "HG_Nom", "HG_Prénom", "HG_DateNéLe"),
    *("HG_Type_Demande", "Adultes", "HG_Commentaires"),
)
NIR, TEXT = "1 84 12 76 451 089 46", "Canaricommentaire"
ROWS = 23


def line(number: int, **changed: str) -> list[str]:
    seen = date.today() - timedelta(days=number)  # noqa: DTZ011 - a partner's own day
    said = (
        f"F-{number}",
        f"{seen:%d/%m/%Y}",
        f"M-{number}",
        "Homme seul",
        f"Nom{number}",
        "Jean",
        "12/03/1984",
    )
    row = dict(zip(HEADER, (*said, "Insertion", "1", ""), strict=True))
    return [str(value) for value in (row | changed).values()]


def export(folder: Path, *, whole: bool = False) -> Path:
    """An export with, among its rows, one that is too old, a free text, a NIR and, unless it is `whole`, two faults."""
    rows = [line(number) for number in range(1, ROWS + 1)]
    rows[3] = line(4, HG_Date="01/01/2019")
    rows[8] = line(9, HG_Commentaires=TEXT)
    rows[12] = line(13, HG_Nom=NIR)
    if not whole:
        rows[17] = line(18, HG_FamCompo="Bande")
        rows[20] = line(21, HG_Date="hier")
    file = folder / "export.txt"
    file.write_bytes("\r".join("\t".join(row) for row in (list(HEADER), *rows)).encode("cp1252"))
    return file


RETIRED = entry("ancien-115", Famille.VEILLE_SOCIALE, "veille_sociale_tableau")


@pytest_asyncio.fixture(loop_scope="module")
async def retired(world: World) -> World:
    """A world with a retired 115, which has no way out."""
    await joined(world, RETIRED)
    return world


def asked(file: Path, rejected: Path | None = None, crosswalk: Path | None = None) -> Asked:
    return Asked(file, "ancien-115", "HG_Date", rejected, "cli:test", "reprise", crosswalk)


def put(api: RestDropper) -> dict[str, dict[str, Any]]:
    """The demands that are put into the SIAO's software, by the family name; each is there once."""
    said = [json.loads(body) for _, body in api.server.puts]
    demands = [each for each in said if each["type"] == "demande.recue"]
    named = {str(each["ficheGroupe"]["personnes"][0].get("nom")): each for each in demands}
    assert len(named) == len(demands)
    return named


async def run(world: World, order: Asked, capsys: pytest.CaptureFixture[str], *, trial: bool = False) -> Any:
    capsys.readouterr()
    await printed.run(world.settings, order, trial=trial, as_json=True)
    said = capsys.readouterr().out
    return json.loads(said[said.index("{\n") :])


async def test_each_household_is_put_once_through_three_kills_and_the_refused_ones_are_given_back(
    world: World, api: RestDropper, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await reached_by_its_api(world, api, RETIRED)
    retired, file, rejected = world, export(tmp_path), tmp_path / "rejets.xlsx"
    for pieces in (1, 2, 4):
        killed = await asyncio.to_thread(dying.importing, retired.settings, asked(file), pieces)
        assert killed == -signal.SIGKILL
    assert await asyncio.to_thread(dying.importing, retired.settings, asked(file, rejected), 99) == 1
    await until(lambda: len(put(api)) == ROWS - 3, "chaque ménage est écrit au logiciel du SIAO")
    await retired.settled()
    assert put(api).keys() == {"None", *(f"Nom{n}" for n in range(1, ROWS + 1) if n not in (4, 13, 18, 21))}
    sheet = load_workbook(rejected).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert [(row[0], str(row[-1]).split(" — ")[0]) for row in rows[1:]] == [
        ("F-21", "ligne 22"),
        ("F-18", "ligne 19"),
    ]
    for row in sheet.iter_rows(min_row=2):
        row[1].value, row[3].value = f"{date.today():%d/%m/%Y}", "Homme seul"  # noqa: DTZ011
    corrected = tmp_path / "corrigees.xlsx"
    sheet.parent.save(corrected)
    assert (await run(retired, asked(corrected), capsys))["acceptees"] == 2
    await until(lambda: len(put(api)) == ROWS - 1, "les lignes corrigées arrivent")
    await retired.settled()
    table = tmp_path / "correspondance.csv"
    assert (await run(retired, asked(file, crosswalk=table), capsys))["correspondances"] == ROWS - 1
    await retired.settled()
    assert len(put(api)) == ROWS - 1
    assert table.stat().st_mode & 0o077 == 0
    with table.open(newline="") as text:
        known = {each["demande"]: each for each in csv.DictReader(text, delimiter=";")}
    for number in (1, 18, ROWS):
        line, there = known[f"F-{number}"], put(api)[f"Nom{number}"]
        assert (line["menage"], line["siao"]) == (f"M-{number}", "siao-01")
        assert line["demande_hub"] == there["demande"]["identifiantExterne"]
        assert line["menage_siao"] == there["ficheGroupe"]["identifiantExterne"]


async def test_what_may_not_be_carried_is_counted_and_nowhere_and_a_trial_keeps_nothing(
    retired: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = await run(retired, asked(export(tmp_path)), capsys, trial=True)
    counted = {name: told[name] for name in ("lues", "perimees", "textes", "nir", "refusees", "acceptees")}
    assert counted == {"lues": 23, "perimees": 1, "textes": 1, "nir": 1, "refusees": 2, "acceptees": 20}
    assert await retired.sql("SELECT FROM inbox") == []
    await run(retired, asked(export(tmp_path)), capsys)
    await until(
        lambda: len(retired.siao.of_type("demande.recue")) == ROWS - 3, "chaque ménage arrive au SIAO"
    )
    assert not any(word in json.dumps(retired.siao.messages) for word in (NIR, NIR.replace(" ", ""), TEXT))


async def test_every_refused_row_is_given_back_however_many_faults_it_has(
    retired: World, tmp_path: Path
) -> None:
    wrong = {"HG_FamCompo": "Bande", "HG_DateNéLe": "hier", "HG_Type_Demande": "Rien", "Adultes": "deux"}
    seen = f"{date.today():%d/%m/%Y}"  # noqa: DTZ011 - a partner's own day
    rows = [line(1), *(line(number, HG_Date=seen, **wrong) for number in range(2, 451))]
    file = tmp_path / "export.txt"
    file.write_bytes("\r".join("\t".join(row) for row in (list(HEADER), *rows)).encode("cp1252"))
    # the last time, by what the hub has kept of the one before
    for again, trial in enumerate((True, False, False)):
        rejected = tmp_path / f"rejets-{again}.xlsx"
        await printed.run(retired.settings, asked(file, rejected), trial=trial, as_json=True)
        sheet = load_workbook(rejected).active
        given_back = [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)]
        assert given_back == [f"F-{number}" for number in range(2, 451)]


async def test_households_that_look_alike_are_put_to_the_siao_on_the_way(
    retired: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    twice = {"HG_Nom": "Canaridoublon", "HG_Prénom": "Églantine", "HG_DateNéLe": "07/03/1988"}
    file = tmp_path / "export.txt"
    rows = [
        list(HEADER),
        line(1, **twice),
        line(2, **twice),
        line(3, HG_Nom="Autre", HG_DateNéLe="01/02/1970"),
    ]
    file.write_bytes("\r".join("\t".join(row) for row in rows).encode("cp1252"))
    assert (await run(retired, asked(file), capsys))["acceptees"] == 3
    await retired.settled()
    await read_again(retired)
    ((one, other, indices),) = await pairs(retired)
    assert {one, other} <= {each.menage for each in await retired.subjects("demande")}
    assert "NOM_IDENTIQUE" in indices
    await retired.settled()
    (told,) = retired.siao.of_type("menage.doublon-suspecte")
    assert "Canaridoublon" not in json.dumps(told)


async def test_an_export_that_its_profile_does_not_fit_stops_and_a_wrong_order_is_said(
    retired: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "MOST_REFUSED", 1)
    with pytest.raises(InvalidNative, match="corrigez le profil"):
        await printed.run(retired.settings, asked(export(tmp_path)), trial=True, as_json=True)
    wrong = asked(export(tmp_path))
    for order, says in (
        (Asked(wrong.file, "siao-01", "HG_Date", None, "cli:test", "essai"), "aucun dialecte à tableau"),
        (Asked(wrong.file, "ancien-115", "Vu le", None, "cli:test", "essai"), "aucune colonne"),
        (asked(wrong.file, wrong.file), "existe déjà"),
    ):
        with pytest.raises(Misconfigured, match=says):
            await printed.run(retired.settings, order, trial=True, as_json=True)
