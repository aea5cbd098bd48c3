"""The set of files that the base of observation gets: whole, in its own shape, and nothing that names anybody."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from adapters.bdos.fichiers import FICHIERS, SIA, Jeu, encode
from contracts.envelope import Event
from contracts.errors import InvalidNative, Unroutable
from contracts.ports import Native, View
from contracts.reference.territoires import departements
from contracts.v1.observation import Etape, ObservationEnregistrement
from contracts.v1.occupation import OccupationReleve
from tests.golden.cas import partenaire
from tests.rows import each_row
from tests.unit.adapters.partenaires import event, minimal, read

BASE = partenaire("bdos_fichiers", {})
SET = ("SIA", "DMR", "DME", "ORI", "PRC", "OFF")
LOT = uuid4()
MONEY_AND_HEALTH = ("NAISSANCE", "VIOLENCE", "DAHO", "IDENTIFICATION", "SITUATION", "CAPACITE", "EXPERIENCE")
WHO_AND_WHERE = ("PRESCRIPTEUR", "DESTINATION")


def step(etape: Etape, **more: Any) -> Event:
    told = {
        "observation": str(uuid4()),
        "pseudonyme": str(UUID(int=2)),
        "departement": "01",
        "le": "2026-03-01",
    }
    return event(ObservationEnregistrement.TYPE, {**told, "etape": etape, **more})


def written(*events: Event, **entry: Any) -> Native:
    return encode(events, View(BASE.model_copy(update=entry), lot=LOT))


def rows(native: Native, code: str) -> Sequence[dict[str, str]]:
    """The lines of a file, by its header."""
    (file,) = [one for one in native.avant if str(one.filename).startswith(f"VPAXT{code}")]
    header, *lines = file.body.decode("iso-8859-1").removesuffix("\r").split("\r")
    return [dict(zip(header.split("~"), line.split("~"), strict=True)) for line in lines]


def test_a_set_is_six_files_and_then_a_marker_of_one_carriage_return() -> None:
    native = written(step(Etape.DEMANDE))
    names = [str(one.filename) for one in native.avant]
    assert names == [f"VPAXT{code}0120260301_{LOT}" for code in SET]
    assert (native.filename, native.body) == (f"CPAXT0120260301_{LOT}", b"\r")
    assert all(one.body.endswith(b"\r") and b"\n" not in one.body for one in native.avant)


def test_the_same_lot_gives_the_same_set_again_and_another_of_the_same_day_has_other_names() -> None:
    one, other = step(Etape.DEMANDE), step(Etape.ENTREE)
    assert written(one, other) == written(one, other)
    assert encode([one], View(BASE, lot=uuid4())).filename != written(one).filename


def test_the_day_in_a_name_is_that_of_the_newest_line() -> None:
    newer = step(Etape.ENTREE)
    newer = replace(newer, attributes=newer.attributes._replace(time=datetime(2026, 3, 4, tzinfo=UTC)))
    assert "20260304" in str(written(newer, step(Etape.DEMANDE)).filename)


@each_row(
    ("etape", "files"),
    [
        (Etape.DEMANDE, {"DME"}),
        (Etape.ORIENTATION, {"ORI"}),
        (Etape.ACCEPTATION, {"ORI"}),
        (Etape.REFUS_STRUCTURE, {"ORI"}),
        (Etape.REFUS_PERSONNE, {"ORI"}),
        (Etape.ENTREE, {"PRC"}),
        (Etape.SORTIE, {"PRC"}),
        (Etape.RELOGEMENT, {"PRC"}),
    ],
)
def test_each_step_is_a_line_of_its_file_and_of_that_of_households_where_it_describes_one(
    etape: Etape, files: set[str]
) -> None:
    def filled(native: Native) -> set[str]:
        return {code for code in SET if rows(native, code)} - {"SIA"}

    assert filled(written(step(etape))) == files
    assert filled(written(step(etape, composition="40"))) == {*files, "DMR"}


def test_every_step_there_is_has_its_file() -> None:
    known = {etape for etape in Etape for one in FICHIERS if one.holds(step(etape).contrat)}
    assert known == set(Etape)


def test_an_answer_says_which_it_was_and_when_and_a_referral_says_neither() -> None:
    asked, refused = rows(written(step(Etape.ORIENTATION), step(Etape.REFUS_PERSONNE)), "ORI")
    flags = ("FLAG_DEMANDE_ACCEPTEE", "FLAG_REFUS_PAR_STRUCTURE", "FLAG_REFUS_PAR_DEMANDEUR")
    assert [asked[flag] for flag in flags] == ["", "", ""]
    assert [refused[flag] for flag in flags] == ["f", "f", "t"]
    assert (asked["DATE_ORIENTATION"], asked["DATE_REPONSE_STRUCTURE"]) == ("2026-03-01 00:00:00", "")
    assert (refused["DATE_ORIENTATION"], refused["DATE_REPONSE_STRUCTURE"]) == ("", "2026-03-01 00:00:00")


def test_keys_have_fifteen_characters_and_are_the_same_in_every_file() -> None:
    codes = {"code_demande": str(UUID(int=2**120)), "code_orientation": str(UUID(int=2**121))}
    native = written(
        step(Etape.DEMANDE, **codes), step(Etape.ORIENTATION, **codes), step(Etape.ENTREE, **codes)
    )
    (demand,), (referral,), (stay,) = (rows(native, code) for code in ("DME", "ORI", "PRC"))
    assert demand["CODE_DEMANDE"] == referral["CODE_DEMANDE"] == stay["CODE_DEMANDE"]
    assert referral["CODE_ORIENTATION"] == stay["CODE_ORIENTATION"] != demand["CODE_DEMANDE"]
    assert {len(demand["CODE_DEMANDE"]), len(demand["CODE_DEMANDEUR"])} == {15}
    assert demand["CODE_SIAO"] == "HUB01115"


@each_row(("territoire", "dept"), [("974-sud", "9D"), ("2A", "2A"), ("986", "9W")])
def test_a_departement_has_two_characters_overseas_too(territoire: str, dept: str) -> None:
    native = written(step(Etape.DEMANDE, departement=territoire[:3]), territoire=territoire)
    assert str(native.filename).startswith(f"CPAXT{dept}2026")
    (siao,) = rows(native, "SIA")
    assert (siao["CODE_SIAO"], siao["CODE_TERRITOIRE"]) == (f"HUB{dept}115", territoire)


def test_no_two_departements_share_a_code_a_siao_or_a_key() -> None:
    codes = [Jeu(each, each).dept for each in departements()]
    assert len(set(codes)) == len(codes)
    assert {len(code) for code in codes} == {2}


def test_a_territory_of_no_departement_is_told_to_whoever_reads_refusals() -> None:
    with pytest.raises(Unroutable, match="ne commence pas par un département"):
        written(step(Etape.DEMANDE), territoire="outre-mer")


@each_row(("told", "entry"), [({"departement": "69"}, {}), ({}, {"autres_territoires": ("69",)})])
def test_no_set_counts_one_departement_under_another(told: dict[str, str], entry: dict[str, Any]) -> None:
    with pytest.raises(Unroutable, match="un seul département"):
        written(step(Etape.DEMANDE, **told), **entry)


def test_places_stand_in_the_column_of_their_kind_and_those_of_a_secret_address_nowhere() -> None:
    figures = minimal(OccupationReleve)
    counted = figures.contrat.model_copy(update={"capacite": 3, "occupees": 2, "vacantes": 1})
    secret = counted.model_copy(update={"structure": None})
    native = written(replace(figures, contrat=counted), replace(figures, contrat=secret))
    (line,) = rows(native, "OFF")
    assert {name: value for name, value in line.items() if name.startswith("NB_") and value != "0"} == {
        "NB_PLACE_DISPO_URGENCE": "1",
        "NB_PLACE_OCCUPEES_URGENCE": "2",
    }


def test_no_column_tells_more_than_the_matrix_allows() -> None:
    columns = {name for one in FICHIERS for name in one.colonnes} | set(SIA)
    assert [name for name in columns for word in (*MONEY_AND_HEALTH, *WHO_AND_WHERE) if word in name] == []
    (referrals,) = [one for one in FICHIERS if one.code == "ORI"]
    assert "CODE_STRUCTURE" not in referrals.colonnes


def test_a_name_of_ours_cannot_break_a_line() -> None:
    (siao,) = rows(written(step(Etape.DEMANDE), territoire="01~x\ry"), "SIA")
    assert siao["CODE_TERRITOIRE"] == "01 x y"


def test_its_files_are_written_and_never_read() -> None:
    with pytest.raises(InvalidNative, match="bdos_json"):
        read("bdos_fichiers", b"CODE_SIAO~\r", BASE)
