"""What an agreement or a derogation must say before anybody may rely on it."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from contracts.reference.regle import RELU
from contracts.v1.convention import ConventionSignee, DerogationAccordee, Objet, Signataire
from contracts.v1.observation import ObservationIndicateur
from tests.rows import each_row

SIRET, ID = "26010004500012", UUID(int=1)
DU, AU = date(2026, 1, 1), date(2027, 1, 1)


def convention(**more: Any) -> ConventionSignee:
    values = {
        "convention": ID,
        "objet": Objet.COLLECTIVITE,
        "partenaire": SIRET,
        "signataires": (SIRET, SIRET),
    }
    return ConventionSignee(**{**values, "du": DU, **more})


def derogation(**more: Any) -> DerogationAccordee:
    values = {"derogation": ID, "structure": "010000024", "signataires": tuple(Signataire), "quota": 3}
    return DerogationAccordee(**{**values, "du": DU, "au": AU, **more})


def test_a_list_of_households_asks_for_the_cnil_reference_and_the_collectors_total() -> None:
    assert convention(objet=Objet.CIL_LISTE, reference_cnil="REG-2026-12", attributions_du_collecteur=900)
    with pytest.raises(ValueError, match="CNIL"):
        convention(objet=Objet.CIL_LISTE, attributions_du_collecteur=900)
    with pytest.raises(ValueError, match="total de ses attributions"):
        convention(objet=Objet.CIL_CANDIDAT)


OF_THE_CNIL = ("AU-34", "1234567", "1234567V0", "2014-123")
OF_A_REGISTER = ("REG-2026-12", "RT-14")


@each_row("reference", [*OF_THE_CNIL, *OF_A_REGISTER])
def test_a_list_cites_a_number_from_before_2018_or_an_entry_of_a_register(reference: str) -> None:
    assert convention(reference_cnil=reference).reference_cnil == reference


@each_row(
    ("reference", "why"),
    [
        ("AU-2026-12", "ne donne plus de numéro depuis le 25 mai 2018"),
        ("2026-12", "ne donne plus de numéro depuis le 25 mai 2018"),
        ("14", "pattern"),
        ("REG", "ligne du registre illisible"),
        ("DUPONT-JEAN", "ligne du registre illisible"),
    ],
)
def test_a_reference_of_neither_kind_is_refused_with_the_kind_to_give(reference: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        convention(reference_cnil=reference)


def test_a_reference_accepted_earlier_is_read_again_as_it_was() -> None:
    stored = convention().model_dump() | {"reference_cnil": "AU-2026-12"}
    assert ConventionSignee.model_validate(stored, context=RELU).reference_cnil == "AU-2026-12"


@each_row("absent", Signataire)
def test_a_derogation_is_formalised_by_all_three(absent: Signataire) -> None:
    assert derogation()
    with pytest.raises(ValueError, match="entre le gestionnaire, le SIAO et l'État"):
        derogation(signataires=tuple(s for s in Signataire if s is not absent))


def test_a_derogation_says_which_places_or_how_many() -> None:
    assert derogation(quota=None, places=(ID,))
    with pytest.raises(ValueError, match="leur nombre maximal"):
        derogation(quota=None)


@pytest.mark.parametrize("make", [convention, derogation])
def test_no_agreement_ends_before_it_begins(make: Any) -> None:
    with pytest.raises(ValueError, match="finit avant de commencer"):
        make(au=DU)


def test_no_figure_is_published_of_fewer_than_eleven() -> None:
    figure = {"observation": ID, "departement": "01", "indicateur": "ENTREES", "du": DU, "au": AU}
    assert ObservationIndicateur(**figure, valeur=11)
    with pytest.raises(ValueError, match="greater than or equal to 11"):
        ObservationIndicateur(**figure, valeur=10)
