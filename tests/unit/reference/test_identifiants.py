"""SIREN, SIRET, FINESS, RNA and numéro unique: what is taken, what is refused, and in which words."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.base import Modele
from contracts.privacy import Classe
from contracts.reference import identifiants
from contracts.reference.identifiants import (
    Etablissement,
    NumeroUnique,
    Siret,
    code_commune,
    code_departement,
    departement_de_commune,
    departements_of_finess,
    etablissement,
    finess,
    numero_unique,
    rna,
    siren,
    siret,
)
from tests.rows import each_row
from tests.unit.reference.etablissements_reels import REELS, Reel

TOUTES = (siren, siret, finess, etablissement, numero_unique, rna, code_commune, code_departement)
CLE_FAUSSE = "{} invalide : sa clé de contrôle est fausse, vérifiez la saisie"
CORSE = next(reel.finess for reel in REELS if reel.finess.startswith("2A"))


class Fiche(Modele):
    siret: Annotated[Siret | None, Classe.C0] = None
    structure: Annotated[Etablissement | None, Classe.C0] = None
    numero: Annotated[NumeroUnique | None, Classe.C2] = None


def refusal(rule: Callable[[str], str], text: str) -> str | None:
    try:
        rule(text)
    except ValueError as exc:
        return str(exc)
    return None


@cache
def sirets_valides() -> Sequence[str]:
    return [reel.siret for reel in REELS if refusal(siret, reel.siret) is None]


UN_SIRET = st.deferred(lambda: st.sampled_from(sirets_valides()))


def test_all_3995_real_finess_are_valid_37_of_them_corsican() -> None:
    assert len(REELS) == 3995
    assert [reel.finess for reel in REELS if finess(reel.finess) != reel.finess] == []
    assert sum(reel.finess.startswith(("2A", "2B")) for reel in REELS) == 37


def test_every_real_finess_names_the_departement_of_its_establishment() -> None:
    """Saint-Barthélemy and Saint-Martin have numbers of Guadeloupe."""
    real = {(departement_de_commune(r.commune), frozenset(departements_of_finess(r.finess))) for r in REELS}
    assert all(there in named for there, named in real)
    assert {there for there, named in real if named != {there}} == {"971", "977", "978"}


def test_of_3995_real_sirets_3945_are_valid_and_the_50_others_are_refused_for_what_they_are() -> None:
    refusals = [refusal(siret, reel.siret) for reel in REELS]
    assert refusals.count(None) == 3945
    assert (
        refusals.count("SIRET incomplet : 9 chiffres (SIREN), ajoutez les 5 de l'établissement (NIC)") == 45
    )
    assert refusals.count("SIRET absent : renseignez-le") == 2
    assert refusals.count("SIRET fait de zéros seulement : vérifiez la saisie") == 2
    assert refusals.count(CLE_FAUSSE.format("SIRET")) == 1


def test_the_siren_of_every_real_siret_is_valid() -> None:
    assert [number for number in sirets_valides() if siren(number[:9]) != number[:9]] == []


def test_an_establishment_is_known_by_its_finess_or_by_its_siret() -> None:
    assert etablissement("26010004500012") == "26010004500012"
    assert etablissement(CORSE) == CORSE


@each_row("espace", [" ", "\u00a0", "\u202f", "\t"])
def test_spaces_of_any_kind_do_not_count(espace: str) -> None:
    assert siret(espace.join(("260", "100", "045", "00012", ""))) == "26010004500012"


def test_lower_case_becomes_upper_case() -> None:
    assert finess(CORSE.lower()) == CORSE
    assert numero_unique("1110318016982g1104") == "1110318016982G1104"
    assert rna("w751000001") == "W751000001"


def test_corsican_letters_are_not_interchangeable() -> None:
    assert refusal(finess, CORSE.replace("2A", "2B")) is not None


def test_la_poste_goes_by_its_digit_sum_and_its_seat_by_luhn() -> None:
    assert siret("35600000049837") == "35600000049837"
    assert siret("35600000000048") == "35600000000048"
    assert refusal(siret, "35600000049838") is not None
    assert refusal(siret, "35600000000055") is not None


@given(reel=st.sampled_from(REELS), position=st.integers(0, 8), shift=st.integers(1, 9))
def test_one_wrong_digit_in_a_finess_is_always_seen(reel: Reel, position: int, shift: int) -> None:
    number = reel.finess
    if number[position].isdigit():
        digit = str((int(number[position]) + shift) % 10)
        assert refusal(finess, number[:position] + digit + number[position + 1 :]) is not None


@given(number=UN_SIRET, position=st.integers(0, 13), shift=st.integers(1, 9))
def test_one_wrong_digit_in_a_siret_is_always_seen(number: str, position: int, shift: int) -> None:
    digit = str((int(number[position]) + shift) % 10)
    assert refusal(siret, number[:position] + digit + number[position + 1 :]) is not None


def test_a_siret_whose_siren_is_wrong_is_refused_though_the_whole_passes_luhn() -> None:
    assert refusal(siret, "26010004600010") == CLE_FAUSSE.format("SIRET")


@given(number=UN_SIRET, position=st.integers(0, 8), shift=st.integers(1, 9))
def test_one_wrong_digit_in_a_siren_is_always_seen(number: str, position: int, shift: int) -> None:
    digit = str((int(number[position]) + shift) % 10)
    assert refusal(siren, number[:position] + digit + number[position + 1 : 9]) == CLE_FAUSSE.format("SIREN")


@each_row("text", ["2,601E+13", "2.60100045E+13", "2,601e13", " 2,601E+13 "])
def test_a_siret_damaged_by_a_spreadsheet_is_told_apart(text: str) -> None:
    abime = "abîmé par un tableur (notation scientifique) : formatez la colonne en texte"
    assert refusal(siret, text) == f"SIRET {abime}"
    assert refusal(finess, text) == f"FINESS {abime}"
    assert refusal(siren, text) == f"SIREN {abime}"
    assert refusal(etablissement, text) == f"FINESS ou SIRET {abime}"


def test_a_lost_leading_zero_is_told_apart() -> None:
    message = refusal(finess, "10000024")
    assert message is not None
    assert message.startswith("FINESS de 8 chiffres au lieu de 9 : un tableur a pu ôter le zéro de tête")


@each_row(
    ("rule", "text", "message"),
    [
        (siret, "2601000450001A", "SIRET illisible : écrivez 14 chiffres"),
        (siret, "260100045000120", "SIRET de 15 chiffres au lieu de 14 : vérifiez la saisie"),
        (siret, "00000000000000", "SIRET fait de zéros seulement : vérifiez la saisie"),
        (siret, "٢٦٠١٠٠٠٤٥٠٠٠١٢", "SIRET illisible : écrivez 14 chiffres"),
        (siren, "", "SIREN absent : renseignez-le"),
        (finess, "1A0000024", "FINESS illisible : écrivez 9 chiffres"),
        (finess, "2A00000", "FINESS illisible : écrivez 9 chiffres, ou 2A/2B puis 7 chiffres en Corse"),
        (finess, "000000000", "FINESS fait de zéros seulement : vérifiez la saisie"),
        (rna, "W75100000", "RNA illisible : écrivez W suivi de 9 chiffres"),
        (rna, "751000001", "RNA illisible : écrivez W suivi de 9 chiffres"),
        (
            numero_unique,
            "1110318016982G110",
            "numéro unique illisible : écrivez ses 18 caractères, tels que sur l'attestation",
        ),
    ],
)
def test_a_refusal_says_what_is_wrong(rule: Callable[[str], str], text: str, message: str) -> None:
    assert refusal(rule, text) == message


def test_a_numero_unique_has_a_month_in_it() -> None:
    assert numero_unique("111 0318 016982 G1104") == "1110318016982G1104"
    assert numero_unique("1111218016982G1104") == "1111218016982G1104"
    for month in ("00", "13", "1G"):
        assert refusal(numero_unique, f"111{month}18016982G1104") is not None


@given(text=st.text("0123456789ABEW+,", min_size=5))
def test_a_refusal_never_quotes_the_value(text: str) -> None:
    for rule in TOUTES:
        assert text not in (refusal(rule, text) or "")


@given(text=st.text(max_size=20))
def test_any_text_is_either_taken_in_a_normal_form_or_refused(text: str) -> None:
    for rule in TOUTES:
        if refusal(rule, text) is None:
            assert rule(rule(text)) == rule(text)


def test_a_field_holds_the_normal_form() -> None:
    fiche = Fiche(siret="260 100 045 00012", structure=CORSE.lower(), numero="1110318016982g1104")
    assert (fiche.siret, fiche.structure, fiche.numero) == ("26010004500012", CORSE, "1110318016982G1104")


def test_a_refused_field_gives_its_code_and_its_french_message_without_the_value() -> None:
    with pytest.raises(ValidationError) as caught:
        Fiche(numero="1111318016982G1104")
    (error,) = caught.value.errors(include_input=False)
    assert error["type"] == "numero_unique"
    assert error["msg"].startswith("numéro unique illisible")
    assert "016982" not in str(caught.value)


@each_row(
    "name",
    ["Siren", "Siret", "Finess", "Etablissement", "NumeroUnique", "Rna", "CodeCommune", "CodeDepartement"],
)
def test_every_identifier_can_be_an_optional_field_and_shows_its_pattern(name: str) -> None:
    class Seul(Modele):
        champ: getattr(identifiants, name) | None = None  # type: ignore[valid-type]  # chosen by name

    (shown, _) = Seul.model_json_schema()["properties"]["champ"]["anyOf"]
    assert shown["type"] == "string"
    assert shown["pattern"].startswith("^")
