"""A reader that has no program gets its whole list of households ready for housing: on its day and hour, or because it
says by a file that it has lost it."""

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from contracts.entry import Lot
from contracts.partner import Famille
from contracts.rythme import Jour, Releve
from contracts.sftp import EntreeSftp, SortieSftp
from ops.recovery.reading import recover
from router.domain import routing
from router.domain.calendar import wall_clock
from tests.conformance.droppers import SftpDropper
from tests.integration import lasting
from tests.integration.by_the_lot import HOUR
from tests.integration.registry import entry, key_of
from tests.integration.test_desk import kept, words
from tests.integration.test_families import joined, mailbox
from tests.integration.test_lists import BELLEY, Copy, nur, read, say
from tests.integration.visitors import visitor, works_at
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
console, dropper = lasting.console, lasting.dropper
prepared, world = lasting.prepared, lasting.world

MOMENT = datetime(2026, 11, 1, tzinfo=UTC)
CLERK = mailbox("ddets", Famille.CONTINGENT, "contingent_tableau")


async def ask(world: World, reference: str) -> None:
    table = f"Demande;Votre référence\nListe entière;{reference}\n"
    await world.accepted("ddets", table.encode(), Content_Type="text/csv")


async def asked(world: World, reference: str) -> None:
    await ask(world, reference)
    await world.settled()


async def box(world: World, partner: str = "ddets") -> dict[str, bytes]:
    """The files in a partner's mailbox, by name, which it then has."""
    _, listed = await world.get(partner, "/v1/boite")
    headers = {"Authorization": f"Bearer {key_of(partner)}"}
    found = {}
    for envoi in listed["envois"]:
        path = f"{world.base}/v1/boite/{envoi['cle']}"
        async with world.http.get(path, headers=headers) as response:
            found[envoi["fichier"]] = await response.read()
        await world.http.post(f"{path}/accuse", headers=headers)
    return found


def rows(workbook: bytes) -> list[dict[str, Any]]:
    header, *lines = CalamineWorkbook.from_filelike(BytesIO(workbook)).get_sheet_by_index(0).to_python()
    return [dict(zip(map(str, header), line, strict=True)) for line in lines]


def whole(files: dict[str, bytes]) -> dict[str, list[dict[str, Any]]]:
    return {name: rows(body) for name, body in files.items() if "liste-entiere" in name}


async def test_a_clerk_who_has_lost_the_list_asks_by_a_file_and_gets_it_whole(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await joined(world, CLERK)
    for number in (1, 2, 3, 4):
        await say(world, number)
    await say(world, 2, "retire")
    await world.settled()
    await box(world)
    await asked(world, "perdue-1")
    ((name, lines),) = whole(await box(world)).items()
    assert "_liste-entiere-au-5_1-sur-1_" in name, "son point"
    assert sorted(line["N° unique"] for line in lines) == [nur(1), nur(3), nur(4)]
    assert {line["N° de fiche"] for line in lines} == (await read(world, "ddets", Copy())).fiches.keys()
    monkeypatch.setattr(routing, "HOUSEHOLDS_AT_ONCE", 2)
    await asked(world, "perdue-2")
    await say(world, 3, "actualise", communes=[BELLEY])
    await say(world, 4, "retire")
    await world.settled()
    files = whole(await box(world))
    assert [name.split("_")[2] for name in files] == ["1-sur-2", "2-sur-2"]
    in_parts = [(line["N° unique"], line["Communes"]) for lines in files.values() for line in lines]
    assert sorted(in_parts) == [(nur(1), ""), (nur(3), "")], (
        "comme à leur point, sans qui a quitté la liste depuis"
    )


async def test_a_list_comes_whole_on_the_day_and_hour_that_its_reader_chose_once(world: World) -> None:
    far_off = wall_clock("01", datetime.now(UTC) + timedelta(hours=12))
    every_day = Releve(jours=tuple(Jour), heures=(f"{far_off:%H}:00",))
    await joined(world, CLERK)
    await say(world, 1)
    await world.settled()
    await box(world)
    await joined(world, CLERK.model_copy(update={"liste": every_day}))

    async def came() -> bool:
        return bool(files.update(await box(world)) or whole(files))

    files: dict[str, bytes] = {}
    await until(came, "la liste entière est dans la boîte")
    ((_, lines),) = whole(files).items()
    assert [line["N° unique"] for line in lines] == [nur(1)]
    await joined(world, CLERK.model_copy(update={"liste": every_day, "nom": "DDETS de l'Ain"}))
    await say(world, 2)
    await world.settled()
    assert not whole(await box(world)), "une fois par heure choisie"


async def test_a_clerk_gets_the_list_whole_after_a_recovery_because_she_sees_no_gap_in_its_numbers(
    prepared: World,
) -> None:
    world = prepared
    await world.start()
    await joined(world, CLERK)
    await say(world, 1)
    await world.settled()
    await box(world)
    for _ in range(2):
        await recover(world.settings, world.database, MOMENT, "test")
    await world.settled()
    ((_, lines),) = whole(await box(world)).items()
    assert [line["N° unique"] for line in lines] == [nur(1)]


async def test_a_whole_list_is_a_file_of_its_own_for_who_takes_lots_of_changes(
    world: World, dropper: SftpDropper
) -> None:
    lot = Lot(lignes=4, attente_s=HOUR)
    files = SortieSftp(**dropper.server.entry(), dossier="depot", lot=lot)
    await joined(world, entry("ddets", Famille.CONTINGENT, "contingent_tableau", sortie=files))
    for number in (1, 2, 3):
        await say(world, number)

    async def wait_for_their_lot() -> bool:
        return len(await world.deliveries("ddets")) == 3

    await until(wait_for_their_lot, "trois changements attendent leur lot")
    await ask(world, "perdue-1")  # the fourth that waits
    found: dict[str, bytes] = {}

    async def has_files(number: int) -> bool:
        found.update({path.name: path.read_bytes() for path in dropper.folder.glob("*.xlsx")})
        return len(found) == number

    await until(lambda: has_files(2), "la liste entière est déposée, puis les changements")
    ((_, listed),) = whole(found).items()
    assert sorted(line["N° unique"] for line in listed) == [nur(1), nur(2), nur(3)]
    (changes,) = (rows(body) for name, body in found.items() if "entiere" not in name)
    assert sorted(line["N° unique"] for line in changes) == [nur(1), nur(2), nur(3)], (
        "laissés par le lot de la liste, ils partent juste derrière"
    )


async def test_an_empty_list_comes_as_an_empty_table(world: World) -> None:
    await joined(world, CLERK)
    await asked(world, "perdue-1")
    ((name, lines),) = whole(await box(world)).items()
    assert ("-au-0_" in name, lines) == (True, [])


async def test_a_reader_of_single_messages_gets_its_whole_list_household_by_household(world: World) -> None:
    await joined(world, mailbox("ddets", Famille.CONTINGENT, "contingent_json"))
    for number in (1, 2, 3):
        await say(world, number)
    await say(world, 2, "retire")
    told = await world.collected("ddets", 4)
    await world.accepted(
        "ddets", {"type": "liste.demandee", "idEvenement": "l-1", "liste": {"id": "perdue-1"}}
    )
    again = await world.collected("ddets", 2)
    assert sorted(each["menage"]["numeroUnique"] for each in again) == [nur(1), nur(3)]
    assert {each["numero"] for each in again} < {each["numero"] for each in told}
    assert not {each["idEvenement"] for each in again} & {each["idEvenement"] for each in told}
    assert (await read(world, "ddets", Copy())).fiches.keys() == {each["fiche"] for each in again}


def filled(lines: list[dict[str, Any]], answers: dict[int, dict[str, str]]) -> BytesIO:
    """The sheet as it came, with the clerk's columns behind it where it has none for an answer: one row an answer, by
    the number of the row."""
    sheet, book = openpyxl.Workbook(), BytesIO()
    columns = [*dict.fromkeys([*lines[0], "Réponse", "Date", "Motif de refus", "Pièces manquantes"])]
    sheet.active.append(columns)
    for number, answer in answers.items():
        row = {**lines[number], "Date": date(2026, 11, 28), **answer}
        sheet.active.append([row.get(name, "") for name in columns])
    sheet.save(book)
    book.seek(0)
    book.name = "liste-repondue.xlsx"
    return book


async def test_a_clerk_who_has_spreadsheets_alone_gets_the_list_answers_twenty_rows_and_sees_them_counted(
    console: World,
) -> None:
    await joined(console, CLERK)
    for number in range(1, 21):
        await say(console, number)
    await console.settled()
    await box(console)
    sub = await works_at(console.settings.console.issuer, "ddets")
    async with visitor(console.settings.console, sub) as clerk:
        wanted = filled([{"Demande": "Liste entière", "Votre référence": "perdue-1"}], {0: {}})
        await clerk.post(
            "/bureau/deposer/envoyer", **kept(await clerk.post("/bureau/deposer", fichier=wanted))
        )
        await console.settled()
        ((_, lines),) = whole(await box(console)).items()
        assert len(lines) == 20

        answers = {row: {"Réponse": "Labellisé"} for row in range(20)}
        answers |= {
            18: {"Réponse": "", "Date": ""},
            19: {"Réponse": ""},
            3: {"Réponse": "Refusé", "Motif de refus": "HORS_CONTINGENT"},
            4: {"Réponse": "Incomplet", "Pièces manquantes": "RESSOURCES,IDENTITE"},
            5: {"Réponse": "Labellisé", "Réf. ménage": str(int(lines[5]["N° de fiche"]))},
            6: {"Réponse": "Désigné", "Réf. ménage": lines[6]["N° unique"]},
            7: {"Réponse": "Refusé"},  # without a reason
        }
        tried = await clerk.post("/bureau/deposer", fichier=filled(lines, answers))
        assert "17 lignes à envoyer, 1 refus" in words(tried)
        assert "2 lignes sans réponse" in words(tried)
        assert "Un motif va avec un refus" in words(tried)
        sent = await clerk.post("/bureau/deposer/envoyer", **kept(tried))
        assert "17 lignes acceptées, 1 refusée" in words(sent)
        mended = {7: {"Réponse": "Refusé", "Motif de refus": "DEJA_RELOGE"}}
        mended |= {row: {"Réponse": "Labellisé"} for row in (18, 19)}
        tried = await clerk.post("/bureau/deposer", fichier=filled(lines, mended))
        assert "3 lignes acceptées" in words(await clerk.post("/bureau/deposer/envoyer", **kept(tried)))
    await console.settled()
    heard = Counter(each["liste"]["reponse"] for each in console.siao.of_type("liste.repondue"))
    assert heard == {"LABELLISEE": 16, "REFUSEE": 2, "INCOMPLETE": 1, "DESIGNEE": 1}


async def test_a_clerk_who_has_a_folder_alone_answers_as_one_who_has_a_browser(
    world: World, dropper: SftpDropper
) -> None:
    (dropper.server.root / "liste").mkdir()
    folder = {
        **dropper.server.entry(),
        "dialecte": "contingent_tableau",
        "stable_s": 0.1,
        "intervalle_s": 0.1,
    }
    clerk = entry(
        "ddets",
        Famille.CONTINGENT,
        "contingent_tableau",
        entree=EntreeSftp(**folder, dossier="depot"),
        sortie=SortieSftp(**dropper.server.entry(), dossier="liste"),
    )
    await joined(world, clerk)
    for number in (1, 2, 3):
        await say(world, number)
    await world.settled()
    await dropper.drop("perdue.csv", "Demande;Votre référence\nListe entière;perdue-1\n".encode())
    found: dict[str, bytes] = {}

    async def is_there() -> bool:
        found.update(
            {path.name: path.read_bytes() for path in (dropper.server.root / "liste").glob("*.xlsx")}
        )
        return bool(whole(found))

    await until(is_there, "la liste entière est déposée")
    ((_, lines),) = whole(found).items()
    answers = {0: {"Réponse": "Labellisé"}, 1: {"Réponse": "Refusé"}, 2: {"Réponse": ""}}
    await dropper.drop("liste-repondue.xlsx", filled(lines, answers).read())
    report = dropper.folder / "rapports" / "liste-repondue.xlsx.rapport.json"
    await until(report.exists, "le compte rendu est déposé")
    said = json.loads(report.read_text("utf-8"))
    assert (said["etat"], said["acceptes"]) == ("partiel", 1)
    assert [each["ligne"] for each in said["rejets"]] == [3]
    (told,) = (each for each in said["avertissements"] if each["code"] == "sans_reponse")
    assert told["message"].startswith("1 ligne sans réponse")
    (mend,) = (dropper.folder / "rapports").glob("liste-repondue.a-corriger.xlsx")
    assert len(rows(mend.read_bytes())) == 1
    await until(lambda: world.siao.of_type("liste.repondue"), "le SIAO apprend la réponse")
