"""Who receives an event, and what is said when nobody can."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.base import Contrat
from contracts.errors import Unroutable
from contracts.partner import Famille
from contracts.reference.codes import Dispositif
from contracts.v1 import (
    CONTRATS,
    demande,
    place,
    pret_logement,
    suivi,
    transfert,
)
from contracts.v1.attribution import CandidatureAccompagnement, CandidaturePresentee, CandidatureRetiree
from contracts.v1.convention import ConventionBilan
from contracts.v1.livraison import LivraisonRemise
from contracts.v1.orientation import OrientationAccusee, OrientationAnnulee, OrientationProposee
from contracts.v1.place import PlaceLiberee
from contracts.v1.suite import AdmissionDirecte, AdmissionHorsSiao
from router.domain.messages import facts_of
from router.domain.partners import Registry
from router.domain.parts import Party
from router.domain.routing import BETWEEN_SIAO, recipient
from router.domain.rulebooks.demande import Etat as EtatDemande
from router.domain.rulebooks.orientation import Etat
from router.domain.rulebooks.pret_logement import MenagePret
from router.domain.subjects import Demande, Orientation, Subject
from tests.rows import each_row
from tests.unit.contracts.contrats_fictifs import contrats
from tests.unit.router.domain.monde import (
    AUTRE,
    CENTRE,
    MAINTENANT,
    REGISTRE,
    SIAO,
    TERRITOIRE,
    ident,
    partner,
)

TO_THE_RECIPIENT = {
    *(OrientationProposee, OrientationAnnulee, CandidaturePresentee, CandidatureRetiree),
    *(CandidatureAccompagnement, suivi.SuiviDemande),
}
GROUPS = {
    "offre": Party.SIAO,
    "alerte": Party.SIAO,
    "demande": Party.DESTINATAIRE,
    "menage": Party.HUB,
    "occupation": Party.SIAO,
    "convention": Party.SIGNATAIRE,
    "observation": Party.HUB,
    "echeance": Party.HUB,
    "livraison": Party.HUB,
    "orientation": Party.EMETTEUR,
    "attribution": Party.EMETTEUR,
}
REFERRAL = Orientation(
    id=ident("orientation"),
    etat=Etat.PROPOSEE,
    emetteur=AUTRE,
    destinataire=CENTRE,
    menage=ident("ménage"),
    dispositif=Dispositif.INSERTION,
)
HOUSEHOLD = MenagePret(id=ident("ménage"), emetteur=SIAO, menage=ident("ménage"), declarant=AUTRE)
BROUGHT = Demande(
    id=ident("demande"), etat=EtatDemande.RECUE, emetteur=AUTRE, destinataire=SIAO, menage=ident("ménage")
)
une_fois = settings(max_examples=1, deadline=None, suppress_health_check=[HealthCheck.too_slow])


SPECIAL: dict[type[Contrat], Party] = {
    AdmissionDirecte: Party.SIAO,
    AdmissionHorsSiao: Party.HUB,
    demande.SignalementRecu: Party.SIAO,
    pret_logement.DoublonSuspecte: Party.SIAO,
    pret_logement.ListeRepondue: Party.EMETTEUR,
    pret_logement.PretLogementRepondu: Party.DECLARANT,
    demande.DemandeEvaluee: Party.HUB,
    demande.DemandeTransferee: Party.REPRENEUR,
    transfert.DemandeTransfertRetire: Party.REPRENEUR,
    OrientationAnnulee: Party.DESTINATAIRE,
    CandidatureAccompagnement: Party.DESTINATAIRE,
    ConventionBilan: Party.HUB,
    demande.DemandeSuite: Party.EMETTEUR,
    demande.DemandePlaceTrouvee: Party.EMETTEUR,
    demande.DemandeNonPourvue: Party.EMETTEUR,
    demande.SignalementTraite: Party.EMETTEUR,
    place.PlaceRetenue: Party.HUB,
    demande.EvaluationDemandee: Party.EVALUATEUR,
}

ABOUT: dict[type[Contrat], Subject] = {
    pret_logement.PretLogementRepondu: HOUSEHOLD,
    **dict.fromkeys((demande.DemandeSuite, demande.DemandePlaceTrouvee, demande.DemandeNonPourvue), BROUGHT),
    demande.SignalementTraite: BROUGHT,
}
"""What a message is about, where it is no referral."""


def expected_party(contrat: type[Contrat]) -> Party:
    party = SPECIAL.get(contrat) or GROUPS.get(contrat.DOMAINE)
    assert party, f"à qui va « {contrat.NOM} » ? dites-le dans SPECIAL"
    return party


@each_row("contrat", CONTRATS.values(), ids=lambda contrat: contrat.__name__)
@une_fois
@given(data=st.data())
def test_every_message_has_a_role_it_is_meant_for(contrat: type[Contrat], data: st.DataObject) -> None:
    assert facts_of(data.draw(contrats(contrat))).addressee is expected_party(contrat), (
        "s'il va bien à lui, dites-le dans SPECIAL"
    )


@each_row("contrat", CONTRATS.values(), ids=lambda contrat: contrat.__name__)
@une_fois
@given(data=st.data())
def test_every_message_about_a_referral_reaches_the_partner_of_its_role(
    contrat: type[Contrat], data: st.DataObject
) -> None:
    reached = {Party.SIAO: SIAO, Party.DECLARANT: AUTRE, Party.EMETTEUR: AUTRE, Party.EVALUATEUR: AUTRE}
    event = data.draw(contrats(contrat))
    if contrat in TO_THE_RECIPIENT:
        assert recipient(event, AUTRE, TERRITOIRE, REFERRAL, REGISTRE) == CENTRE
    elif contrat not in BETWEEN_SIAO:
        subject = ABOUT.get(contrat, REFERRAL)
        assert recipient(event, CENTRE, TERRITOIRE, subject, REGISTRE) == reached.get(expected_party(contrat))


def test_an_answer_goes_to_who_sent_the_referral_and_not_to_the_siao_of_the_territory() -> None:
    event = OrientationAccusee(orientation=REFERRAL.id)
    assert recipient(event, CENTRE, TERRITOIRE, REFERRAL, REGISTRE) == AUTRE


def test_an_event_about_no_referral_goes_to_the_siao_of_its_territory() -> None:
    there = partner("siao-02", Famille.SIAO, territoire="02")
    registry = Registry.of([*REGISTRE.partners.values(), there])
    event = PlaceLiberee(place=ident("place"))
    assert recipient(event, CENTRE, TERRITOIRE, None, registry) == SIAO
    assert recipient(event, CENTRE, "02", None, registry) == "siao-02"


@each_row(
    ("event", "territoire", "lacking"),
    [
        (PlaceLiberee(place=ident("place")), "99", "aucun SIAO au registre pour le territoire 99"),
        (
            OrientationAccusee(orientation=REFERRAL.id),
            "99",
            "aucun partenaire du registre pour le rôle « emetteur » (territoire 99)",
        ),
        (
            OrientationAnnulee(orientation=REFERRAL.id),
            "01",
            "aucun partenaire du registre pour le rôle « destinataire » (territoire 01)",
        ),
    ],
)
def test_when_nobody_plays_the_role_it_is_said_in_french_what_the_registry_lacks(
    event: Contrat, territoire: str, lacking: str
) -> None:
    with pytest.raises(Unroutable) as refused:
        recipient(event, CENTRE, territoire, None, REGISTRE)
    assert str(refused.value) == lacking


def test_a_partner_that_is_gone_is_named() -> None:
    only_the_siao = Registry.of([REGISTRE.partners[SIAO]])
    with pytest.raises(Unroutable, match=f"« {AUTRE} » n'est pas au registre"):
        recipient(OrientationAccusee(orientation=REFERRAL.id), CENTRE, TERRITOIRE, REFERRAL, only_the_siao)


def test_a_partner_that_left_the_registry_is_not_replaced_by_another() -> None:
    registry = Registry.of([p for p in REGISTRE.partners.values() if p.id != AUTRE])
    event = OrientationAccusee(orientation=REFERRAL.id)
    with pytest.raises(Unroutable):
        recipient(event, CENTRE, TERRITOIRE, REFERRAL, registry)


def test_news_for_a_partner_that_left_the_registry_wait_until_it_is_back() -> None:
    found = demande.DemandeSuite(demande=BROUGHT.id, suite="POURVUE")
    registry = Registry.of([p for p in REGISTRE.partners.values() if p.id != AUTRE])
    with pytest.raises(Unroutable, match=f"« {AUTRE} » n'est pas au registre"):
        recipient(found, "siao-hub", TERRITOIRE, BROUGHT, registry)


def test_a_partner_without_a_way_out_receives_nothing() -> None:
    mute = partner(CENTRE, Famille.HEBERGEMENT, sortie=None)
    registry = Registry.of([*REGISTRE.partners.values(), mute])
    event = OrientationAnnulee(orientation=REFERRAL.id)
    with pytest.raises(Unroutable):
        recipient(event, AUTRE, TERRITOIRE, REFERRAL, registry)


def test_a_receipt_concerns_the_hub_alone_even_where_there_is_no_partner() -> None:
    event = LivraisonRemise(objet=REFERRAL.id, partenaire=CENTRE, remise_le=MAINTENANT)
    assert recipient(event, "siao-hub", "99", None, Registry()) is None
