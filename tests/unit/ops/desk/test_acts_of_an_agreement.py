"""A collector states its attributions at the desk, under its agreement and no other. An agreement is described to
each party by the name of the other."""

from dataclasses import replace

from contracts.partner import Famille
from contracts.ports import View
from contracts.v1.convention import ConventionBilan, ConventionSignee, Objet
from ops.desk.about import about
from ops.desk.acts import possible
from ops.desk.filling import filled
from router.domain.partners import Registry
from router.domain.rulebooks.acte import Convention, Etat
from tests.unit.router.domain.monde import JOUR, MAINTENANT, SIAO, SIRET, ident, partner

CIL = partner("cil", Famille.CIL, structures=(SIRET,))
REGISTRY = Registry.of([partner(SIAO, Famille.SIAO), CIL])
AGREEMENT = Convention(
    id=ident("c"),
    etat=Etat.EN_VIGUEUR,
    emetteur=SIAO,
    territoire="01",
    attendus=(SIRET,),
    signatures={SIRET: CIL.id},
    bilan_depuis=MAINTENANT,
)
STATEMENT = {"du": "2026-01-01", "au": "2026-03-31", "attributions": "210", "dalo": "31", "sous_accord": "40"}


def test_a_collector_fills_in_its_statement_and_the_number_of_its_agreement_is_repeated() -> None:
    (first, *_) = possible(AGREEMENT, CIL.id, REGISTRY)
    assert (first.faire, first.principal) == ("Dire le bilan du trimestre", True)
    assert [saisie.nom for saisie in first.saisies if saisie.obligatoire] == [*STATEMENT]
    terms = {"objet": Objet.CIL_CANDIDAT, "attributions_du_collecteur": 800, "partenaire": SIRET}
    signed = ConventionSignee(
        convention=AGREEMENT.id, numero="2026/4", signataires=(SIRET,), du=JOUR, **terms
    )
    said = filled(first, AGREEMENT.id, STATEMENT, CIL, (JOUR, JOUR), signed)
    assert isinstance(said, ConventionBilan)
    assert (said.numero, f"{said.du}", said.attributions) == ("2026/4", "2026-01-01", 210)


def test_no_statement_is_asked_under_another_agreement_or_of_another_party() -> None:
    other = replace(AGREEMENT, bilan_depuis=None)
    for agreement, who in ((other, CIL.id), (AGREEMENT, SIAO)):
        assert "Dire le bilan du trimestre" not in [each.faire for each in possible(agreement, who, REGISTRY)]


def test_an_agreement_of_a_merged_siao_is_with_its_successor_for_others_and_with_nobody_for_itself() -> None:
    successor = partner("siao-b", Famille.SIAO)
    parties = [partner(SIAO, Famille.SIAO, structures=(SIRET,)), successor, partner("ddets", Famille.ETAT)]
    registry = Registry.of(parties, {SIAO: successor.id})
    agreement = Convention(id=ident("c"), emetteur="ddets", territoire="01", partenaire=SIRET)
    said = [about(agreement, {}, View(who, {}), registry) for who in (parties[-1], successor)]
    assert said == ["avec siao-b", "par ddets"]
