"""Code lists: what a field takes, what it hides, who may refuse and why."""

import json
import re
from types import MappingProxyType
from typing import Annotated, Any, get_args

import pytest
from pydantic import TypeAdapter, ValidationError

from contracts.base import Modele, sensitive_values
from contracts.privacy import Classe, ValeursSensibles
from contracts.reference import codes
from contracts.reference.codes import (
    CATEGORIES_FINESS,
    AuteurRefus,
    Dispositif,
    MotifRefus,
    SituationDemande,
    code,
    libelle,
    listes,
    motif_permis,
    sensibles,
)
from contracts.reference.donnees import texte
from tests.rows import each_row

TYPES: dict[str, Any] = {
    "situationDemandes": codes.SituationDemande,
    "motifDemandes": codes.MotifDemande,
    "compositions": codes.CompositionCode,
    "situationSortieDemande": codes.SituationSortie,
    "droitSejours": codes.DroitSejour,
    "mesureAccompagnement": codes.MesureAccompagnement,
    "categoriePlaces": codes.CategoriePlace,
    "typePlaces": codes.TypePlace,
}
SENSIBLES = json.loads(texte("valeurs_sensibles.json"))
DIT_DU_C4 = re.compile(
    r"[Dd]étention|[Pp]rison|[Ii]ncarcér|[Vv]iolence|\bVV\b|\bC?HUDA\b|\bAUDA\b|CADA\b|\bCPH\b|[Aa]sile"
    r"|\bLHSS\b|\bLAM\b|\bACT\b|[Hh]alte|[Mm]édica|[Hh]ospital|[Hh]ôpital|[Hh]andicap|\bAAH\b|\bAME\b|\bASE\b"
)


def test_every_type_takes_all_of_its_list() -> None:
    assert set(TYPES) <= set(listes())
    assert len(listes()) == 17 + 1
    for liste, kind in TYPES.items():
        adapter: TypeAdapter[str] = TypeAdapter(kind)
        assert [text for text in listes()[liste] if adapter.validate_python(text) != text] == []
        assert adapter.json_schema()["enum"] == list(listes()[liste])


@each_row("liste", TYPES)
def test_a_code_outside_its_list_is_refused_by_the_name_of_the_list_alone(liste: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(TYPES[liste]).validate_python("98765")
    (error,) = caught.value.errors(include_input=False)
    assert (error["type"], error["msg"]) == ("code_inconnu", f"code inconnu de la liste « {liste} »")


@each_row("text", ["", "025", " 25", "Détention"])
def test_only_the_id_itself_is_a_code(text: str) -> None:
    with pytest.raises(ValueError, match="code inconnu de la liste « situationDemandes »"):
        code("situationDemandes", text)


def test_a_code_has_its_french_label() -> None:
    assert libelle("situationDemandes", "20") == "À la rue"
    assert libelle("categoriesFiness", "258") == "Pension de famille"
    with pytest.raises(ValueError, match="code inconnu de la liste « typePlaces »"):
        libelle("typePlaces", "2")


def test_types_carry_the_sensitive_values_of_their_list_and_only_those_that_have_some() -> None:
    for liste, kind in TYPES.items():
        markers = [marker for marker in get_args(kind) if isinstance(marker, ValeursSensibles)]
        assert markers == ([sensibles(liste)] if liste in SENSIBLES else []), liste


def test_what_is_shown_instead_is_a_harmless_value_of_the_same_list() -> None:
    for liste in SENSIBLES:
        wide = sensibles(liste).valeur_large
        assert re.match("autre|information non rens|non rens", libelle(liste, wide), re.IGNORECASE), liste
        assert wide not in sensibles(liste).classes
        assert SENSIBLES[liste]["valeur_large"]["libelle"] == libelle(liste, wide)


def test_sensitive_values_are_those_that_their_labels_say() -> None:
    for liste, entry in SENSIBLES.items():
        labels = {text: valeur["libelle"] for text, valeur in entry["valeurs"].items()}
        assert labels == {text: libelle(liste, text) for text in sensibles(liste).classes}
        assert set(sensibles(liste).classes.values()) == {Classe.C4}


def test_no_label_speaks_of_health_violence_justice_or_asylum_without_being_c4() -> None:
    said = {
        (liste, text) for liste, table in listes().items() for text in table if DIT_DU_C4.search(table[text])
    }
    marked = {(liste, text) for liste in SENSIBLES for text in sensibles(liste).classes}
    assert said - marked == set()
    assert len(said) > 25


@each_row(
    ("liste", "text"),
    [
        ("situationDemandes", "25"),
        ("motifDemandes", "218"),
        ("motifDemandes", "220"),
        ("situationDemandes", "22"),
        ("situationDemandes", "42"),
        ("situationDemandes", "27"),
        ("typePlaces", "60"),
        ("droitSejours", "10"),
        ("droitOuvertSecuriteSociales", "10"),
        ("situationSortieDemande", "27"),
        ("categoriesFiness", "443"),
    ],
)
def test_detention_violence_asylum_childcare_and_care_are_c4(liste: str, text: str) -> None:
    assert sensibles(liste).classes[text] is Classe.C4


def test_being_in_the_street_is_not_c4() -> None:
    assert "20" not in sensibles("situationDemandes").classes


def test_a_field_of_the_type_declares_its_sensitive_values() -> None:
    class Demande(Modele):
        situation: Annotated[SituationDemande, Classe.C3]

    assert sensitive_values(Demande, "situation") == sensibles("situationDemandes")


def test_a_type_with_sensitive_values_can_be_optional() -> None:
    class Demande(Modele):
        situation: Annotated[SituationDemande | None, Classe.C3] = None

    assert Demande().situation is None
    assert Demande(situation="25").situation == "25"


def test_equal_sensitive_values_hash_alike() -> None:
    first = sensibles("typePlaces")
    again = type(first)(MappingProxyType(dict(reversed(list(first.classes.items())))), first.valeur_large)
    assert first == again
    assert hash(first) == hash(again)


def test_the_places_of_cph_and_cada_are_the_ofii_s() -> None:
    ofii = {text for text, entry in CATEGORIES_FINESS.items() if entry.ofii}
    assert ofii == {"442", "443"}
    others = {"165", "180", "213", "214", "219", "256", "257", "258", "259"}
    assert set(CATEGORIES_FINESS) == others | ofii


def test_lack_of_resources_is_no_motive_in_emergency_shelter_and_only_there() -> None:
    refused = {(m, d) for m in MotifRefus for d in Dispositif if not motif_permis(m, d)}
    assert refused == {(MotifRefus.RESSOURCES_INSUFFISANTES, Dispositif.URGENCE)}


def test_every_refusal_motive_says_who_refuses() -> None:
    by_author = {author: {motif for motif in MotifRefus if motif.auteur is author} for author in AuteurRefus}
    assert by_author[AuteurRefus.PERSONNE] == {
        MotifRefus.LOCALISATION,
        MotifRefus.TYPE_HEBERGEMENT,
        MotifRefus.COHABITATION,
        MotifRefus.AUTRE_SOLUTION,
        MotifRefus.SANS_MOTIF,
    }
    assert by_author[AuteurRefus.AUTRE] == {
        MotifRefus.INJOIGNABLE,
        MotifRefus.NE_S_EST_PAS_PRESENTE,
        MotifRefus.ERREUR_ORIENTATION,
    }
    assert len(by_author[AuteurRefus.STRUCTURE]) == 9


def test_enumeration_values_are_french_ascii_capitals() -> None:
    enumerations = (
        Dispositif,
        MotifRefus,
        AuteurRefus,
        codes.MotifRadiation,
        codes.MotifIndisponibilite,
        codes.ResultatCommission,
        codes.ResultatPreadmission,
        codes.TrancheAge,
        codes.Sexe,
    )
    for enumeration in enumerations:
        for member in enumeration:
            assert member.value == member.name
            assert re.fullmatch("[A-Z0-9_]+", member.value)
