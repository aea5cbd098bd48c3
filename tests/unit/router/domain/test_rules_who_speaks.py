"""Who may say what, and who learns that somebody may not."""

from datetime import date, timedelta
from typing import Any

import pytest

from adapters.registry import ADAPTERS
from contracts.base import Contrat, Nature
from contracts.envelope import HUB, Attributes, Event
from contracts.errors import Unroutable
from contracts.partner import Delais, Famille, SortieBoite
from contracts.ports import View
from contracts.v1.alerte import AlerteAnomalie, AlerteConflit, AlerteEcheance, EvenementAlerte, MotifAnomalie
from contracts.v1.attribution import Canal, CandidaturePresentee, DesignationContingent
from contracts.v1.echeance import Echeance, Etape
from contracts.v1.orientation import OrientationAcceptee, OrientationAnnulee
from contracts.v1.place import PlaceDisponible, PlaceOccupee, PlaceReservee
from contracts.v1.suite import AccompagnementDemande, AccompagnementRepondu, AccompagnementSansContact
from router.domain.books import message_at
from router.domain.deadlines import Deadline, running_of
from router.domain.partners import Registry
from router.domain.routing import alerted
from tests.rows import each_row
from tests.unit.router.domain.monde import (
    AUTRE,
    BAILLEUR,
    CENTRE,
    JOUR,
    MAINTENANT,
    SIAO,
    SIRET,
    TERRITOIRE,
    Monde,
    admission,
    ident,
    menage,
    partner,
    proposition,
    vacance,
)
from tests.unit.router.domain.reponses import acceptee, entree, sortie
from tests.unit.router.domain.test_rules_abroad import ceded

PLACE, ORIENTATION = ident("place"), ident("orientation")
AVDL, FSL = "010000040", "010000057"


@pytest.fixture
def monde() -> Monde:
    monde = Monde()
    monde.dit(CENTRE, vacance(PLACE))
    return monde


def alert(monde: Monde, source: str, event: Contrat) -> AlerteAnomalie | AlerteConflit | None:
    derived = [c for c in monde.dit(source, event).derived if isinstance(c, AlerteAnomalie | AlerteConflit)]
    return derived[0] if derived else None


def test_a_direct_admission_under_a_derogation_is_told_and_occupies_its_place(monde: Monde) -> None:
    effects = monde.dit(CENTRE, admission(PLACE, derogation="D-2026-12"))
    assert effects.recipients == (SIAO,)
    assert [c.motif for c in effects.derived if isinstance(c, AlerteAnomalie)] == [MotifAnomalie.ACTE_INCONNU]
    assert monde.etat(PLACE) == "OCCUPEE"


def test_without_a_derogation_it_is_a_fact_all_the_same_and_an_anomaly(monde: Monde) -> None:
    effects = monde.dit(CENTRE, admission(PLACE))
    assert effects.recipients == (SIAO,)
    assert monde.etat(PLACE) == "OCCUPEE"
    assert [c.motif for c in effects.derived if isinstance(c, AlerteAnomalie)] == [
        MotifAnomalie.SANS_DEROGATION
    ]


def test_a_direct_admission_to_a_reserved_place_tells_the_siao_of_both_households(monde: Monde) -> None:
    monde.dit(SIAO, proposition(ORIENTATION, PLACE))
    effects = monde.dit(CENTRE, admission(PLACE, derogation="D-2026-12"))
    conflict = next(c for c in effects.derived if isinstance(c, AlerteConflit))
    assert (conflict.motif, conflict.place) == (MotifAnomalie.PLACE_DEJA_RESERVEE, PLACE)


@pytest.mark.parametrize(
    "event",
    [admission(PLACE), PlaceReservee(place=PLACE, orientation=ORIENTATION, expire_le=MAINTENANT)],
    ids=str,
)
def test_of_a_place_only_its_manager_speaks(monde: Monde, event: Contrat) -> None:
    said = alert(monde, AUTRE, event)
    assert said is not None
    assert said.motif is MotifAnomalie.EMETTEUR_INATTENDU
    assert monde.etat(PLACE) == "DISPONIBLE"


def test_the_accompaniment_that_a_shelter_asks_for_reaches_the_siao(monde: Monde) -> None:
    monde.dit(SIAO, proposition(ORIENTATION, PLACE))
    assert monde.dit(CENTRE, AccompagnementDemande(orientation=ORIENTATION)).recipients == (SIAO,)


def test_an_alert_reaches_the_siao_and_the_sender_of_what_it_is_about(monde: Monde) -> None:
    monde.dit(SIAO, proposition(ORIENTATION, PLACE))
    said = alert(monde, AUTRE, OrientationAcceptee(orientation=ORIENTATION))
    assert isinstance(said, AlerteAnomalie)
    assert monde.hub_dit(said).recipients == (SIAO, AUTRE)
    assert said.etat is None, "qui n'a rien à y voir n'apprend pas où elle en est"


def test_a_sender_whose_system_reads_no_alerts_is_simply_not_addressed(monde: Monde) -> None:
    deaf = partner(AUTRE, Famille.ARS, dialecte_sortant="prescripteur_json")
    monde.avec(deaf)
    said = alert(monde, AUTRE, OrientationAcceptee(orientation=ORIENTATION))
    assert said is not None
    assert monde.hub_dit(said).recipients == (SIAO,)


ALERTE: dict[str, Any] = {
    "objet": ORIENTATION,
    "nature": Nature.ORIENTATION,
    "evenement": ident("événement"),
    "type_evenement": OrientationAcceptee.TYPE,
    "emetteur": AUTRE,
}
ALERTES = (
    AlerteAnomalie(**ALERTE, motif=MotifAnomalie.TRANSITION_ILLEGALE),
    AlerteEcheance(**ALERTE, echeance=Echeance.DECISION, due_le=MAINTENANT, etape=Etape.BIENTOT),
)


@each_row("alerte", ALERTES, ids=lambda alerte: alerte.NOM)
@each_row("dialecte", ADAPTERS)
def test_who_is_told_of_an_alert_has_a_dialect_that_carries_it(
    dialecte: str, alerte: EvenementAlerte
) -> None:
    event = ident("alerte")
    attributes = Attributes(event, alerte.TYPE, HUB, ORIENTATION, MAINTENANT, TERRITOIRE, event)
    reader = partner(AUTRE, Famille.HEBERGEMENT, dialecte_sortant=dialecte, sortie=SortieBoite())
    told = alerted(alerte, Registry.of([reader]))
    try:
        ADAPTERS[dialecte].encode([Event(attributes, alerte)], View(reader, {}))
    except Unroutable:
        assert told == ()
    else:
        assert told == (AUTRE,)


def test_what_is_asked_and_answered_about_accompaniment_after_the_exit_still_arrives(monde: Monde) -> None:
    with_operators(monde)
    for answer in (acceptee(ORIENTATION), entree(ORIENTATION), sortie(ORIENTATION)):
        monde.dit(CENTRE, answer)
    assert monde.etat(ORIENTATION) == "SORTIE"
    answered = monde.dit("avdl", AccompagnementRepondu(orientation=ORIENTATION, accepte=True))
    assert answered.recipients == (SIAO,)
    asked = monde.dit(SIAO, AccompagnementDemande(orientation=ORIENTATION, operateur=FSL))
    assert asked.recipients == ("fsl",)


def test_a_direct_admission_is_told_even_of_a_place_that_is_lived_in_already(monde: Monde) -> None:
    monde.dit(CENTRE, PlaceOccupee(place=PLACE))
    assert monde.dit(CENTRE, admission(PLACE, derogation="D-2026-12")).recipients == (SIAO,)


@pytest.mark.parametrize(
    "event",
    [
        proposition(ORIENTATION, PLACE),
        CandidaturePresentee(
            candidature=ident("candidature"), menage=menage(), bailleur=SIRET, canal=Canal.DIRECT
        ),
    ],
    ids=["referral", "candidacy"],
)
@pytest.mark.parametrize("source", [CENTRE, AUTRE, BAILLEUR])
def test_only_a_siao_refers_or_presents_a_household(monde: Monde, source: str, event: Contrat) -> None:
    assert monde.dit(source, event).outcome == ("anomalie", MotifAnomalie.EMETTEUR_INATTENDU)
    assert event.sujet not in monde.subjects


def test_the_siao_of_the_place_may_tell_its_manager_that_it_is_reserved_and_another_siao_may_not(
    monde: Monde,
) -> None:
    ailleurs = partner("siao-02", Famille.SIAO, territoire="02")
    monde.avec(ailleurs)
    event = PlaceReservee(place=PLACE, orientation=ORIENTATION, expire_le=MAINTENANT)
    assert monde.dit(SIAO, event).recipients == (CENTRE,)
    assert monde.dit("siao-02", event, territoire="02").outcome == (
        "anomalie",
        MotifAnomalie.EMETTEUR_INATTENDU,
    )


def test_a_place_that_the_siao_of_another_territory_gives_back_is_announced_to_the_siao_of_the_place(
    monde: Monde,
) -> None:
    ailleurs = partner("siao-02", Famille.SIAO, territoire="02")
    monde.avec(ailleurs)
    named = ceded(monde, "siao-02")
    monde.dit("siao-02", proposition(ORIENTATION, PLACE, demande=named), territoire="02")
    effects = monde.dit("siao-02", OrientationAnnulee(orientation=ORIENTATION), territoire="02")
    (free,) = (each for each in effects.derived if isinstance(each, PlaceDisponible))
    assert monde.dit(HUB, free, territoire="02").recipients == (SIAO,)


def with_operators(monde: Monde) -> None:
    """Two operators of accompaniment, and a referral on which the first one is asked."""
    operators = [
        partner(name, Famille.ACCOMPAGNEMENT, structures=(structure,))
        for name, structure in (("avdl", AVDL), ("fsl", FSL))
    ]
    monde.avec(*operators)
    monde.dit(SIAO, proposition(ORIENTATION, PLACE))
    monde.dit(SIAO, AccompagnementDemande(orientation=ORIENTATION, operateur=AVDL))


@pytest.mark.parametrize(("source", "heard"), [("avdl", True), ("fsl", False)])
def test_only_the_operator_that_was_asked_answers(monde: Monde, source: str, heard: bool) -> None:
    with_operators(monde)
    effects = monde.dit(source, AccompagnementRepondu(orientation=ORIENTATION, accepte=True))
    assert effects.recipients == ((SIAO,) if heard else ())
    assert effects.outcome == (None if heard else ("anomalie", MotifAnomalie.EMETTEUR_INATTENDU))


def test_an_operator_that_is_asked_by_one_referral_answers_no_other(monde: Monde) -> None:
    with_operators(monde)
    monde.dit(SIAO, proposition(ident("autre orientation")))
    answer = AccompagnementRepondu(orientation=ident("autre orientation"), accepte=True)
    assert monde.dit("avdl", answer).outcome == ("anomalie", MotifAnomalie.EMETTEUR_INATTENDU)


def test_who_is_asked_besides_takes_no_answer_from_who_was_asked_before(monde: Monde) -> None:
    with_operators(monde)
    monde.dit(CENTRE, AccompagnementDemande(orientation=ORIENTATION, operateur=FSL))
    for source in ("avdl", "fsl"):
        said = monde.dit(source, AccompagnementRepondu(orientation=ORIENTATION, accepte=source == "fsl"))
        assert said.outcome is None


def accompaniment(monde: Monde) -> Deadline | None:
    return running_of(monde.orientation(ORIENTATION), monde.registry).get(Echeance.ACCOMPAGNEMENT)


def test_an_operator_has_ten_working_days_from_the_last_time_that_somebody_new_was_asked(
    monde: Monde,
) -> None:
    with_operators(monde)
    first = accompaniment(monde)
    assert first is not None
    assert (first.started_at, first.due_at.date()) == (monde.now, date(2026, 3, 16))
    monde.now += timedelta(days=1)
    monde.dit(SIAO, AccompagnementDemande(orientation=ORIENTATION, operateur=AVDL))
    assert accompaniment(monde) == first, "redemander à qui l'on attend ne donne pas plus de temps"
    monde.dit(SIAO, AccompagnementDemande(orientation=ORIENTATION, operateur=FSL))
    second = accompaniment(monde)
    assert second is not None
    assert second.started_at == monde.now
    for operator, awaited in (("avdl", True), ("fsl", False)):
        monde.dit(operator, AccompagnementRepondu(orientation=ORIENTATION, accepte=False))
        assert (accompaniment(monde) is not None) is awaited


def test_an_operator_that_cannot_reach_the_household_has_not_refused_and_is_still_awaited(
    monde: Monde,
) -> None:
    with_operators(monde)
    awaited = accompaniment(monde)
    said = monde.dit("avdl", AccompagnementSansContact(orientation=ORIENTATION, tente_le=JOUR))
    assert (said.recipients, said.outcome) == ((SIAO,), None)
    assert accompaniment(monde) == awaited
    monde.dit("avdl", AccompagnementRepondu(orientation=ORIENTATION, accepte=True))
    assert accompaniment(monde) is None


def agree(monde: Monde, known: str, time_given: str) -> None:
    agreed = monde.registry.partners[known].model_copy(update={"delais": Delais(accompagnement=time_given)})
    monde.avec(agreed)


def test_an_agreement_gives_an_operator_its_own_time_and_that_of_the_centre_says_nothing_of_it(
    monde: Monde,
) -> None:
    with_operators(monde)
    usual = accompaniment(monde)
    agree(monde, CENTRE, "1 jour")
    assert accompaniment(monde) == usual
    agree(monde, "avdl", "3 heures")
    hurried = accompaniment(monde)
    assert hurried is not None
    assert hurried.due_at == hurried.started_at + timedelta(hours=3)


def test_an_operator_is_reminded_then_the_siao_is_told_and_nothing_else_follows(monde: Monde) -> None:
    with_operators(monde)
    deadline, before = accompaniment(monde), monde.orientation(ORIENTATION)
    assert deadline is not None
    for etape, told in ((Etape.MI_DELAI, ("avdl",)), (Etape.ECHUE, (SIAO, "avdl"))):
        (alert,) = monde.hub_dit(message_at(before, deadline, etape)).derived
        assert monde.hub_dit(alert).recipients == told
    assert monde.orientation(ORIENTATION) == before


@pytest.mark.parametrize(("source", "heard"), [("ddets", True), (BAILLEUR, False)])
def test_the_prefects_services_designate_and_no_landlord_does(source: str, heard: bool) -> None:
    monde = Monde().avec(partner("ddets", Famille.CONTINGENT))
    candidature = ident("candidature")
    monde.dit(
        SIAO,
        CandidaturePresentee(
            candidature=candidature, menage=menage(), bailleur=SIRET, canal=Canal.CONTINGENT
        ),
    )
    effects = monde.dit(source, DesignationContingent(candidature=candidature, designation_le=JOUR))
    assert (effects.outcome is None) is heard


def test_the_versions_of_two_operators_are_not_compared(monde: Monde) -> None:
    with_operators(monde)
    monde.dit(SIAO, AccompagnementDemande(orientation=ORIENTATION, operateur=FSL))
    monde.dit("avdl", AccompagnementRepondu(orientation=ORIENTATION, accepte=True, version=9))
    answer = AccompagnementRepondu(orientation=ORIENTATION, accepte=False, version=1)
    assert monde.dit("fsl", answer).outcome is None


def test_a_message_without_effect_still_makes_older_ones_older(monde: Monde) -> None:
    monde.dit(CENTRE, vacance(PLACE, version=5))
    monde.dit(SIAO, proposition(ORIENTATION, PLACE))
    monde.dit(CENTRE, vacance(PLACE, version=9))
    assert monde.dit(CENTRE, vacance(PLACE, version=7)).outcome == ("sans_effet", "plus_ancien")


def test_an_operator_hears_what_it_is_asked_and_no_other_operator_does(monde: Monde) -> None:
    operators = [
        partner("avdl", Famille.ACCOMPAGNEMENT, structures=(AVDL,)),
        partner("fsl", Famille.ACCOMPAGNEMENT, structures=(FSL,)),
    ]
    monde.avec(*operators)
    monde.dit(SIAO, proposition(ORIENTATION, PLACE))
    asked = AccompagnementDemande(orientation=ORIENTATION, operateur=AVDL)
    assert monde.dit(SIAO, asked).recipients == ("avdl",)
    assert monde.dit(CENTRE, asked).recipients == (SIAO, "avdl")


def test_a_request_that_reaches_no_operator_is_refused_and_the_referral_goes_on(monde: Monde) -> None:
    monde.dit(SIAO, proposition(ORIENTATION, PLACE))
    for source, named in ((SIAO, "010000099"), (SIAO, None), (CENTRE, "010000099")):
        asked = monde.dit(source, AccompagnementDemande(orientation=ORIENTATION, operateur=named))
        assert asked.outcome == ("anomalie", MotifAnomalie.SERVICE_INCONNU)
        assert asked.recipients == ()
    assert monde.dit(CENTRE, acceptee(ORIENTATION)).recipients == (SIAO,)
