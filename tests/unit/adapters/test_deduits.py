"""What a table leaves to its reader: the rest of a total, the month of a sheet, what was repaired on the way."""

from datetime import date

import pytest

from adapters import reparations
from adapters.declaration import MEDIA_TYPES
from adapters.registry import ADAPTERS
from adapters.tabulaire.deduits import last_day_of, remainders
from adapters.tabulaire.ecriture import xlsx_file
from adapters.valeurs import centre_dna, commune, day_or_month, departement, etablissement, text, whole_number
from contracts.ports import Ligne, Native
from contracts.v1.occupation import OccupationReleve
from tests.golden import cas

PARTS = {"vacantes": ("capacite", "occupees", "indisponibles")}


@pytest.mark.parametrize(
    ("sheet", "day"),
    [
        ("octobre 2025", date(2025, 10, 31)),
        ("10 25", date(2025, 10, 31)),
        ("Fevrier 2024", date(2024, 2, 29)),
        ("Liste", None),
        ("13 25", None),
        ("²² 25", None),
        (None, None),
    ],
)
def test_a_sheet_that_is_named_after_a_month_is_of_its_last_day(sheet, day):
    assert last_day_of(sheet) == day


def centre(sheet: str) -> Ligne:
    header = ["Code", "FINESS", "Capacité", "Total de places indisponibles", "Places occupées"]
    body = xlsx_file(sheet, header, [["HO123", "010000024", 24, 1, 20]], "aaaa-mm-jj")
    sender = cas.partenaire("asile_tableau", {"famille": "hebergement"})  # an OFII's places are refused
    (ligne,) = ADAPTERS["asile_tableau"].decode(Native(body, MEDIA_TYPES["xlsx"]), sender).lignes
    return ligne


def test_a_sheet_without_a_month_says_which_column_would_date_it():
    assert [(each.code, each.champ) for each in centre("Liste").rejets] == [("champ_absent", "Relevé le")]


def test_the_sheet_of_a_month_dates_the_centres_in_it():
    ligne = centre("10 25")
    assert isinstance(ligne.contrat, OccupationReleve)
    assert (ligne.contrat.releve_le, ligne.contrat.vacantes) == (date(2025, 10, 31), 3)
    assert [each.champ for each in ligne.avertissements] == ["Code"]


def test_a_rest_is_never_below_zero_nor_guessed_from_parts_that_are_not_there():
    short, unknown = {"capacite": 3, "occupees": 4, "indisponibles": 0}, {"capacite": 3, "occupees": 2}
    assert [each.champ for each in remainders(short, PARTS, 5, {"capacite": "Places"})] == ["Places"]
    assert remainders(unknown, PARTS, 5, {}) == []
    assert "vacantes" not in unknown


@pytest.mark.parametrize(
    ("read", "written", "message"),
    [
        (etablissement, "10000024", reparations.TABLEUR),
        (etablissement, "010000024,0", reparations.TABLEUR),
        (etablissement, "010 000 024", None),
        (commune, "1053", reparations.TABLEUR),
        (commune, "9D411", reparations.OUTRE_MER),
        (commune, "2a004", None),
        (departement, "075", reparations.TABLEUR),
        (departement, "9A", reparations.OUTRE_MER),
        (departement, "75", None),
        (text, "RÃ©sidence", reparations.ENCODAGE),
        (text, " Résidence\xa0", None),
        (text, "9A101 rue Fictive", None),
        (whole_number, "4,0", reparations.VIRGULE),
        (whole_number, "1 200", None),
        (day_or_month, "02/1990", reparations.JOUR),
        (day_or_month, "14/02/1990", None),
        (centre_dna, "H 0123", None),
        (centre_dna, "HO123", reparations.ECRITURE),
    ],
)
def test_a_sender_is_told_what_was_repaired_and_nothing_else(read, written, message):
    assert reparations.repair(written, read(written)) == message
