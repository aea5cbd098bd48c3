"""A SIAO refers a household to a place that is reserved for the State."""

import pytest

from contracts.reference.codes import Reservataire
from contracts.v1.alerte import MotifAnomalie
from contracts.v1.convention import Attribution, Objet
from tests.unit.router.domain.monde import BAILLEUR, CENTRE, SIAO, SIRET, Monde, ident, proposition, vacance
from tests.unit.router.domain.test_rules_actes import ACTE, ETAT, PREFET, accord, monde, motif

__all__ = ["monde"]  # the fixture

PLACE, ORIENTATION = ident("place"), ident("orientation")
CITED = {"convention": "2026/01/4", "acte": ACTE}


@pytest.mark.parametrize(
    ("mode", "signs", "reserved", "cited", "told"),
    [
        (Attribution.DIRECTE, True, Reservataire.ETAT, CITED, None),
        (Attribution.DIRECTE, True, Reservataire.ETAT, {}, MotifAnomalie.RESERVE_A_L_ETAT),
        (Attribution.DIRECTE, False, Reservataire.ETAT, CITED, MotifAnomalie.RESERVE_A_L_ETAT),
        (Attribution.PROPOSITION, True, Reservataire.ETAT, CITED, MotifAnomalie.RESERVE_A_L_ETAT),
        (None, True, Reservataire.ETAT, CITED, MotifAnomalie.RESERVE_A_L_ETAT),
        (Attribution.DIRECTE, True, Reservataire.COLLECTIVITE, {}, None),
        (Attribution.DIRECTE, True, None, {}, None),
    ],
)
def test_it_leaves_and_without_an_agreement_to_attribute_the_siao_is_told_what_is_missing(
    monde: Monde,
    mode: Attribution | None,
    signs: bool,
    reserved: Reservataire | None,
    cited: dict[str, object],
    told: MotifAnomalie | None,
) -> None:
    parties = {"partenaire": SIRET, "signataires": (SIRET, PREFET), "objet": Objet.CONTINGENT}
    signature = accord(**parties, attribution=mode, attributions_du_collecteur=None)
    for who in (BAILLEUR, ETAT) if signs else (BAILLEUR,):
        monde.dit(who, signature)
    monde.dit(CENTRE, vacance(PLACE, reservataire=reserved))
    effects = monde.dit(SIAO, proposition(ORIENTATION, PLACE, **cited))
    assert (effects.recipients, monde.etat(PLACE)) == ((CENTRE,), "RESERVEE")
    assert motif(effects) is told
