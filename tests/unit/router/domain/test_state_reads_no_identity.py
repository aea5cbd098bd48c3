"""The State reads who a household is in its own procedures alone, and nowhere what says where it is from."""

from contracts.base import Contrat, Nature, classe_of
from contracts.partner import Famille
from contracts.privacy import Classe
from contracts.v1 import CONTRATS
from contracts.v1.aide_sociale import AideSocialeDemandee
from contracts.v1.menage import Menage, MenageSurListe, Personne
from router.domain.audience import receivable_by
from router.domain.rights import ALL, Stade, rights
from tests.rows import each_row

OWN = (Nature.AIDE_SOCIALE, Nature.DAHO)
"""Procedures of the State: requests for aide sociale, and households that it designates."""
PEOPLE = (Menage, MenageSurListe, Personne)
SENT = [contrat for contrat in CONTRATS.values() if contrat in receivable_by(Famille.ETAT)]


def identifies(contrat: type[Contrat]) -> bool:
    """Whether a message carries a household, or a field that says who somebody is."""
    sealed = {
        name
        for name in contrat.model_fields
        if (c := classe_of(contrat, name)) is not None and c >= Classe.C2
    }
    household = any(field.annotation in PEOPLE for field in contrat.model_fields.values())
    return household or bool(sealed - {"protegee"})


@each_row("contrat", SENT, ids=lambda contrat: contrat.NOM)
def test_a_message_that_may_reach_the_state_identifies_nobody_outside_its_procedures(
    contrat: type[Contrat],
) -> None:
    assert contrat.NATURE in OWN or not identifies(contrat)


def test_a_request_for_aide_sociale_does_identify_a_household() -> None:
    assert AideSocialeDemandee in SENT
    assert identifies(AideSocialeDemandee)


@each_row("stade", Stade)
def test_the_state_never_reads_the_right_to_stay_nor_the_life_of_a_household(stade: Stade) -> None:
    droits = rights(Famille.ETAT, stade)
    for classe in (Classe.C3, Classe.C4):
        paths = droits.paths.get(classe, frozenset())
        assert paths is not ALL
        assert not {path for path in paths if "sejour" in path or "violences" in path or "motif" in path}
