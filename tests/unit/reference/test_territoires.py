"""The geographic code: every commune and département, in every spelling that arrives."""

import subprocess
import sys
from collections import Counter

import pytest

from contracts.reference.donnees import lignes
from contracts.reference.identifiants import code_commune, code_departement, departement_de_commune
from contracts.reference.territoires import (
    arrondissements,
    communes,
    departement_of,
    departements,
    intercommunalites,
    rattachements,
    regions,
)
from tests.rows import each_row
from tests.unit.reference.etablissements_reels import REELS


def prefix(commune: str) -> str:
    return commune[: 3 if commune.startswith(("97", "98")) else 2]


def test_all_34969_present_communes_are_themselves_and_lie_in_the_departement_of_their_prefix() -> None:
    assert len(communes()) == 34969
    assert [code for code in communes() if code_commune(code) != code] == []
    assert [code for code in communes() if departement_de_commune(code) != prefix(code)] == []


def test_all_2037_other_codes_lead_to_a_present_commune() -> None:
    rows = list(lignes("cog_communes_rattachees.csv"))
    assert Counter(kind for _, kind, _ in rows) == {
        "arrondissement-municipal": 45,
        "commune-associee": 471,
        "commune-deleguee": 1521,
    }
    assert [code for code, _, commune in rows if code in communes() or code_commune(code) != commune] == []
    assert set(rattachements().values()) <= set(communes())


def test_every_departement_has_communes_and_a_region() -> None:
    assert set(communes().values()) == set(departements())
    assert {entry.region for entry in departements().values()} == set(regions())
    assert len(departements()) == 109
    assert {entry.zone for entry in departements().values()} == {"metro", "drom", "com"}


def test_every_departement_is_its_own_normal_form() -> None:
    assert [code for code in departements() if code_departement(code) != code] == []


@each_row(
    ("arrondissement", "commune", "departement"),
    [("75101", "75056", "75"), ("75120", "75056", "75"), ("69381", "69123", "69"), ("13216", "13055", "13")],
)
def test_an_arrondissement_is_its_commune(arrondissement: str, commune: str, departement: str) -> None:
    assert code_commune(arrondissement) == commune
    assert departement_de_commune(arrondissement) == departement


def test_a_commune_that_moved_with_its_merger_lies_in_the_departement_of_today() -> None:
    assert departement_de_commune("02285") == "59"


@each_row(
    ("text", "commune", "departement"),
    [
        ("9A101", "97101", "971"),
        ("9b209", "97209", "972"),
        ("9C302", "97302", "973"),
        ("9D411", "97411", "974"),
        ("9F611", "97611", "976"),
        ("97411", "97411", "974"),
        (" 2a004 ", "2A004", "2A"),
        ("2B033", "2B033", "2B"),
        ("9A123", "97701", "977"),
        ("97127", "97801", "978"),
    ],
)
def test_a_commune_overseas_or_in_corsica_is_known_in_both_spellings(
    text: str, commune: str, departement: str
) -> None:
    assert code_commune(text) == commune
    assert departement_de_commune(text) == departement


def test_all_3995_real_communes_are_known_149_of_them_written_as_the_ministries_do() -> None:
    written = [reel.commune for reel in REELS if reel.commune[:2] in ("9A", "9B", "9C", "9D", "9F")]
    assert len(written) == 149
    assert [
        code for code in written if not code_commune(code).startswith(("971", "972", "973", "974", "976"))
    ] == [code for code in written if code in ("9A123", "9A127")]
    assert {code_commune(reel.commune) for reel in REELS} <= set(communes())


@each_row("text", ["75001", "9A411", "2A", "20004", "99999", "00000", "0451", "Paris", "1E004"])
def test_an_unknown_commune_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="code commune inconnu du COG"):
        code_commune(text)


def test_a_commune_that_lost_its_leading_zero_is_told_apart() -> None:
    with pytest.raises(ValueError, match="code commune privé par un tableur de son zéro de tête"):
        code_commune("1451")


@each_row(
    ("text", "code"),
    [
        ("1", "01"),
        ("01", "01"),
        ("001", "01"),
        ("075", "75"),
        ("75", "75"),
        ("2a", "2A"),
        ("02B", "2B"),
        ("9A", "971"),
        ("9B", "972"),
        ("9c", "973"),
        ("9D", "974"),
        ("9F", "976"),
        ("974", "974"),
        (" 13 ", "13"),
    ],
)
def test_a_departement_is_known_in_every_spelling(text: str, code: str) -> None:
    assert code_departement(text) == code


@each_row("text", ["20", "96", "97", "9E", "0", "00", "2C", "100", "Ain"])
def test_an_unknown_departement_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="code département inconnu du COG"):
        code_departement(text)


def test_an_empty_cell_is_told_apart() -> None:
    with pytest.raises(ValueError, match="code département absent"):
        code_departement("  ")
    with pytest.raises(ValueError, match="code commune absent"):
        code_commune("")


def test_no_table_of_communes_is_read_before_somebody_asks() -> None:
    program = (
        "from contracts.reference import codes, identifiants, territoires, tranches;"
        "import contracts.partner;"
        "tables = 'communes', 'rattachements', 'arrondissements', 'intercommunalites';"
        "print(*(getattr(territoires, table).cache_info().currsize for table in tables))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0"] * 4


@each_row(
    ("territoire", "departement"),
    [("01", "01"), ("2A", "2A"), ("974-sud", "974"), ("59/bac-a-sable-x", "59"), ("outre-mer", None)],
)
def test_the_departement_of_a_territory_is_what_its_name_begins_with(
    territoire: str, departement: str | None
) -> None:
    assert departement_of(territoire) == departement


def test_every_commune_is_in_one_arrondissement_of_its_departement_but_where_the_state_has_none() -> None:
    listed = Counter(code for each in arrondissements().values() for code in each.communes)
    assert len(arrondissements()) == 333
    assert set(listed.values()) == {1}
    assert set(listed) <= set(communes())
    assert {communes()[code] for code in set(communes()) - set(listed)} == {
        "976", "975", "977", "978", "984", "986", "987", "988", "989",
    }  # fmt: skip
    for each in arrondissements().values():
        assert {communes()[code] for code in each.communes} == {departement_of(each.code)}


def test_the_intercommunalites_are_made_of_communes_of_today() -> None:
    assert len(intercommunalites()) == 1255 + 11
    listed = {code for each in intercommunalites().values() for code in each.communes}
    assert listed <= set(communes())
    assert len(listed) == 34871
