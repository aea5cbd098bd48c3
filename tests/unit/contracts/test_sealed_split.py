"""Taken apart, nothing above C1 stays in clear; put together again, nothing is missing."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic_core import from_json, to_json

from contracts.base import Contrat, Modele, classe_of, is_sealed, sensitive_values
from contracts.privacy import Classe
from contracts.reference.codes import Dispositif, sensibles
from contracts.sealed import Arbre, clear_half, put_together, take_apart
from contracts.v1 import CONTRATS
from contracts.v1.attribution import Canal, CandidaturePresentee
from contracts.v1.evaluation import Evaluation
from contracts.v1.menage import Menage, Personne
from contracts.v1.orientation import OrientationProposee
from contracts.v1.place import GroupePlacesModifie
from contracts.v1.suite import SortieDeclaree
from tests.rows import each_row
from tests.unit.contracts.contrats_fictifs import contrats, menages, tous

rapide = settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
DETENTION, SORTIE_DE_DETENTION, INCARCERATION = "25", "218", "27"


def referral(menage: Menage) -> OrientationProposee:
    return OrientationProposee(
        orientation=uuid4(), menage=menage, place=uuid4(), dispositif=Dispositif.INSERTION
    )


def lone(**more: Any) -> Menage:
    """A household of one."""
    return Menage(id=uuid4(), composition="10", adultes=1, **more)


def lowest_first(secrets: Mapping[Classe, Arbre]) -> list[Arbre]:
    return [secrets[classe] for classe in sorted(secrets)]


def too_much(model: type[Modele], clair: Arbre, path: str = "") -> Iterator[str]:
    """Paths of what stands in clear and should not, by what the fields declare."""
    for name, value in clair.items():
        classe, values = classe_of(model, name), sensitive_values(model, name)
        if classe is not None and is_sealed(classe):
            yield f"{path}{name}"
        if values is not None and value in values.classes:
            yield f"{path}{name}={value}"
        if isinstance(value, dict):
            inner = Evaluation if name == "evaluation" else Menage
            yield from too_much(inner, value, f"{path}{name}.")
        if isinstance(value, list) and value and isinstance(value[0], dict):
            for member in value:
                yield from too_much(Personne, member, f"{path}{name}.")


@each_row("contrat", CONTRATS.values(), ids=lambda contrat: contrat.__name__)
@rapide
@given(data=st.data())
def test_taken_apart_a_contract_leaves_nothing_above_c1_in_clear_and_put_together_it_is_the_same_again(
    contrat: type[Contrat], data: st.DataObject
) -> None:
    event = data.draw(contrats(contrat))
    clair, secrets = take_apart(event)
    assert list(too_much(contrat, clair)) == []
    assert all(is_sealed(classe) for classe in secrets)
    assert put_together(contrat, clear_half(event)).sujet == event.sujet, "the clear half alone is valid"
    assert put_together(contrat, clair, lowest_first(secrets)) == event


@settings(max_examples=60, deadline=None)
@given(event=tous())
def test_taking_apart_and_putting_together_leave_their_arguments_as_they_were(event: Contrat) -> None:
    clair, secrets = take_apart(event)
    before = to_json([clair, lowest_first(secrets)])
    put_together(type(event), clair, lowest_first(secrets))
    assert to_json([clair, lowest_first(secrets)]) == before


@settings(max_examples=60, deadline=None)
@given(menage=menages())
def test_no_word_about_a_household_of_those_that_identify_it_is_in_clear(menage: Menage) -> None:
    marked = menage.model_copy(
        update={
            "personnes": tuple(
                p.model_copy(update={"nom": f"NOM{n}", "prenom": f"PRENOM{n}"})
                for n, p in enumerate(menage.personnes)
            ),
            "telephone": "06 11 22 33 44",
            "numero_unique": "1110318016982G1104",
        }
    )
    clair = to_json(clear_half(referral(marked)))
    births = [p.date_naissance.isoformat() for p in menage.personnes if p.date_naissance]
    for word in ("NOM", "06 11 22 33 44", "1110318016982G1104", *births):
        assert word.encode() not in clair


def test_each_class_has_a_tree_of_its_own() -> None:
    menage = lone(
        personnes=(Personne(nom="Fictif"),), ressources_mensuelles_euros=600, victime_de_violences=True
    )
    assert take_apart(referral(menage))[1] == {
        Classe.C2: {"menage": {"personnes": [{"nom": "Fictif"}]}},
        Classe.C3: {"menage": {"ressources_mensuelles_euros": 600}},
        Classe.C4: {"menage": {"victime_de_violences": True}},
    }


def test_the_second_members_name_comes_back_to_the_second_member() -> None:
    menage = Menage(
        id=uuid4(),
        composition="40",
        adultes=1,
        enfants=2,
        personnes=(Personne(), Personne(nom="Fictif"), Personne()),
    )
    clair, secrets = take_apart(referral(menage))
    again = put_together(OrientationProposee, clair, lowest_first(secrets))
    assert isinstance(again, OrientationProposee)
    assert [p.nom for p in again.menage.personnes] == [None, "Fictif", None]


def test_detention_is_c4_and_a_reader_of_c3_sees_the_wider_value() -> None:
    clair, secrets = take_apart(referral(lone(situation=DETENTION, motif=SORTIE_DE_DETENTION)))
    assert secrets[Classe.C4] == {"menage": {"situation": DETENTION, "motif": SORTIE_DE_DETENTION}}
    assert secrets[Classe.C3] == {"menage": {"situation": "44", "motif": "221"}}
    reader = put_together(OrientationProposee, clair, [secrets[Classe.C3]])
    assert isinstance(reader, OrientationProposee)
    assert (reader.menage.situation, reader.menage.motif) == ("44", "221")


def test_a_reader_of_c4_sees_the_value_itself() -> None:
    clair, secrets = take_apart(referral(lone(situation=DETENTION)))
    reader = put_together(OrientationProposee, clair, lowest_first(secrets))
    assert isinstance(reader, OrientationProposee)
    assert reader.menage.situation == DETENTION


@each_row("code", sorted(sensibles("situationDemandes").classes))
def test_no_sensitive_situation_is_in_any_tree_below_c4(code: str) -> None:
    clair, secrets = take_apart(referral(lone(situation=code)))
    assert secrets[Classe.C3]["menage"]["situation"] != code
    assert "situation" not in clair["menage"]


def test_an_ordinary_situation_is_c3_and_leaves_nothing_in_c4() -> None:
    _, secrets = take_apart(referral(lone(situation="44")))
    assert set(secrets) == {Classe.C3}


def test_to_where_a_household_left_is_c3_and_prison_is_c4() -> None:
    clair, secrets = take_apart(
        SortieDeclaree(orientation=uuid4(), sortie_le="2026-01-05", vers=INCARCERATION)
    )
    assert "vers" not in clair
    assert secrets == {Classe.C3: {"vers": "1"}, Classe.C4: {"vers": INCARCERATION}}


def test_the_household_holds_the_key_of_all_that_says_who_it_is() -> None:
    menage = lone(numero_unique="1110318016982G1104")
    candidacy = CandidaturePresentee(
        candidature=uuid4(), menage=menage, bailleur="26010004500012", canal=Canal.DIRECT
    )
    assert candidacy.titulaire == menage.id
    assert referral(menage).titulaire == menage.id


def test_what_names_no_household_is_sealed_under_its_subject() -> None:
    departure = SortieDeclaree(orientation=uuid4(), sortie_le="2026-01-05")
    assert departure.titulaire == departure.orientation


def test_a_household_with_a_year_as_its_children_that_was_accepted_earlier_is_read_as_one_of_two_hundred() -> (
    None
):
    family = {"id": str(uuid4()), "composition": "40", "adultes": 1, "enfants": 2019}
    clair = clear_half(referral(lone())) | {"menage": family}
    with pytest.raises(ValueError, match="less than or equal to 200"):
        OrientationProposee(**clair)
    read = put_together(OrientationProposee, clair)
    assert isinstance(read, OrientationProposee)
    assert (read.menage.adultes, read.menage.enfants) == (1, 200)


def test_a_siret_as_a_number_of_places_that_was_accepted_earlier_is_read_as_it_was() -> None:
    siret = 26010004500012
    clair = {
        "groupe": str(uuid4()),
        "dispositif": Dispositif.INSERTION,
        "capacite": siret,
        "occupees": 12,
        "vacantes": siret - 12,
        "indisponibles": 0,
    }
    with pytest.raises(ValueError, match="less than or equal to 1000000"):
        GroupePlacesModifie(**clair)
    read = put_together(GroupePlacesModifie, clair)
    assert isinstance(read, GroupePlacesModifie)
    assert (read.capacite, read.vacantes) == (siret, siret - 12)


def test_a_clear_half_is_plain_json() -> None:
    clair = clear_half(referral(lone()))
    assert from_json(to_json(clair)) == clair
