"""Evaluations: a partner is asked, reminded and answers; readers of the list and landlords read no author."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from contracts.base import Contrat
from contracts.partner import Famille
from contracts.v1.alerte import AlerteAnomalie, AlerteEcheance, MotifAnomalie
from contracts.v1.demande import DemandeEvaluee, DemandeRecue, EvaluationDemandee, EvaluationRealisee
from contracts.v1.echeance import Echeance, Etape
from contracts.v1.evaluation import Evaluation
from contracts.v1.pret_logement import MenageSepare, PretLogementActualise, PretLogementDeclare
from router.domain.books import message_at
from router.domain.deadlines import Deadline, running_of
from router.domain.rules.effects import Effects
from router.domain.subjects import Demande
from tests.unit.router.domain.monde import (
    AUTRE,
    AUTRE_FINESS,
    BAILLEUR,
    CENTRE,
    FINESS,
    JOUR,
    SIAO,
    SIRET,
    Monde,
    ident,
    menage,
    partner,
)

CCAS = "ccas"
DEMANDE, MENAGE = ident("demande"), ident("ménage")
UNTIL = JOUR + timedelta(days=20)
DONE = EvaluationRealisee(demande=DEMANDE, methode="VISITE", realisee_le=JOUR, conclusion="PRET")
NOBODY = ("anomalie", MotifAnomalie.SERVICE_INCONNU)
OF_SIAO = DemandeEvaluee(demande=DEMANDE, evaluee_le=JOUR, preconisation="LOGEMENT")


@pytest.fixture
def monde() -> Monde:
    """A demand that a CCAS has brought, in a world whose shelter reads requests to evaluate."""
    reading = {"dialecte_sortant": "hebergement_json"}
    shelter = partner(CENTRE, Famille.HEBERGEMENT, structures=(FINESS,), **reading)
    landlord = partner(BAILLEUR, Famille.BAILLEUR, structures=(SIRET,), dialecte_sortant="bailleur_xml")
    other = partner(AUTRE, Famille.HEBERGEMENT, structures=(AUTRE_FINESS,), **reading)
    more = (shelter, landlord, other, partner(CCAS, Famille.PRESCRIPTEUR))
    there = Monde().avec(*more)
    there.dit(CCAS, DemandeRecue(demande=DEMANDE, menage=menage(), dispositif="INSERTION"))
    return there


def asked(**more: Any) -> EvaluationDemandee:
    return EvaluationDemandee(**{"demande": DEMANDE, "service": FINESS, "avant_le": UNTIL, **more})


def running(monde: Monde) -> dict[Echeance, Deadline]:
    return dict(running_of(monde.subjects[DEMANDE], monde.registry))


def elapses(monde: Monde, etape: Etape) -> Effects:
    deadline = running(monde)[Echeance.EVALUATION]
    return monde.hub_dit(message_at(monde.subjects[DEMANDE], deadline, etape))


def test_a_siao_that_registered_the_demand_itself_must_name_who_evaluates(monde: Monde) -> None:
    there = Monde().avec(*monde.registry.partners.values())
    there.dit(SIAO, DemandeRecue(demande=DEMANDE, menage=menage(), dispositif="INSERTION"))
    assert there.dit(SIAO, asked(service=None)).outcome == NOBODY
    assert there.dit(SIAO, asked()).recipients == (CENTRE,)


def test_any_partner_named_is_asked_to_evaluate_and_its_answer_reaches_the_siao(monde: Monde) -> None:
    assert monde.dit(SIAO, asked()).recipients == (CENTRE,), "et pas qui a apporté la demande"
    assert monde.dit(CENTRE, DONE).recipients == (SIAO,)
    assert monde.dit(AUTRE, DONE).outcome == ("anomalie", MotifAnomalie.EMETTEUR_INATTENDU)


def test_who_brought_the_household_and_cannot_be_asked_is_told_before_anybody_waits() -> None:
    there = Monde().avec(partner(CCAS, Famille.PRESCRIPTEUR, sortie=None))
    there.dit(CCAS, DemandeRecue(demande=DEMANDE, menage=menage(), dispositif="INSERTION"))
    assert there.dit(SIAO, asked(service=None)).outcome == NOBODY
    assert Echeance.EVALUATION not in running(there)


@pytest.mark.parametrize("service", [SIRET, "010000099"], ids=["ne lit pas", "inconnu"])
def test_who_cannot_be_asked_is_told_before_anybody_waits(monde: Monde, service: str) -> None:
    assert monde.dit(SIAO, asked(service=service)).outcome == NOBODY
    assert Echeance.EVALUATION not in running(monde)


def test_the_evaluator_is_reminded_in_words_that_it_reads_and_the_siao_learns_of_its_silence(
    monde: Monde,
) -> None:
    monde.dit(SIAO, asked())
    for etape in (Etape.MI_DELAI, Etape.BIENTOT):
        (reminder,) = elapses(monde, etape).derived
        assert reminder == EvaluationDemandee(demande=DEMANDE, avant_le=UNTIL, rappel=True)
        assert monde.hub_dit(reminder).recipients == (CENTRE,)
    (alert,) = elapses(monde, Etape.ECHUE).derived
    assert isinstance(alert, AlerteEcheance)
    assert (alert.emetteur, alert.due_le.date()) == (CENTRE, UNTIL)
    assert SIAO in monde.hub_dit(alert).recipients


def test_everybody_asked_to_evaluate_is_reminded_and_the_siao_learns_of_the_silence_of_each(
    monde: Monde,
) -> None:
    later = UNTIL + timedelta(days=10)
    monde.dit(SIAO, asked())
    monde.dit(SIAO, asked(service=AUTRE_FINESS, avant_le=later))
    (reminder,) = elapses(monde, Etape.MI_DELAI).derived
    assert reminder == EvaluationDemandee(demande=DEMANDE, avant_le=later, rappel=True)
    assert set(monde.hub_dit(reminder).recipients) == {CENTRE, AUTRE}
    assert late(monde) == {(CENTRE, later), (AUTRE, later)}


def test_who_was_asked_before_is_still_reminded_once_the_one_asked_last_has_evaluated(monde: Monde) -> None:
    monde.dit(SIAO, asked())
    monde.dit(SIAO, asked(service=AUTRE_FINESS))
    monde.dit(AUTRE, DONE)
    (reminder,) = elapses(monde, Etape.MI_DELAI).derived
    assert monde.hub_dit(reminder).recipients == (CENTRE,)
    assert late(monde) == {(CENTRE, UNTIL)}
    monde.dit(CENTRE, DONE)
    assert Echeance.EVALUATION not in running(monde)


def late(monde: Monde) -> set[tuple[str | None, date]]:
    """The evaluators of whose silence the SIAO is alerted at the end of the time, with the day of this end."""
    alerts = [each for each in elapses(monde, Etape.ECHUE).derived if isinstance(each, AlerteEcheance)]
    assert all(SIAO in monde.hub_dit(alert).recipients for alert in alerts)
    return {(alert.emetteur, alert.due_le.date()) for alert in alerts}


@pytest.mark.parametrize(
    ("source", "answer"), [(CENTRE, DONE), (SIAO, OF_SIAO)], ids=["le service", "le SIAO"]
)
def test_nobody_is_reminded_of_an_evaluation_that_is_given(
    monde: Monde, source: str, answer: Contrat
) -> None:
    monde.dit(SIAO, asked())
    (reminder,) = elapses(monde, Etape.MI_DELAI).derived
    monde.dit(source, answer)
    assert Echeance.EVALUATION not in running(monde)
    assert monde.hub_dit(reminder).outcome == ("sans_effet", "ne_court_plus")


def test_what_another_says_of_the_household_leaves_the_evaluator_awaited(monde: Monde) -> None:
    monde.dit(SIAO, asked())
    assert monde.dit(CCAS, DONE).recipients == (SIAO,)
    assert Echeance.EVALUATION in running(monde)
    assert demand(monde).evaluateur == CENTRE


def test_who_was_asked_to_evaluate_may_do_so_after_another_was_asked_too(monde: Monde) -> None:
    split = MenageSepare(menage=MENAGE, autre=ident("parti"))
    later = UNTIL + timedelta(days=10)
    monde.dit(SIAO, asked())
    monde.dit(SIAO, asked(service=AUTRE_FINESS, avant_le=later))
    assert holders(monde.suites(SIAO, split)) == {CENTRE, AUTRE}
    assert monde.dit(CENTRE, DONE).recipients == (SIAO,)
    assert running(monde)[Echeance.EVALUATION].due_at.date() == later, "l'autre reste attendu"
    assert holders(monde.suites(SIAO, split)) == {AUTRE}
    assert monde.dit(CENTRE, DONE).outcome is None, "et il peut se corriger"
    monde.dit(AUTRE, DONE)
    assert Echeance.EVALUATION not in running(monde)
    assert holders(monde.suites(SIAO, split)) == set()


def test_the_siaos_own_evaluation_ends_the_wait_for_everybody_asked(monde: Monde) -> None:
    monde.dit(SIAO, asked())
    monde.dit(SIAO, asked(service=AUTRE_FINESS))
    monde.dit(SIAO, OF_SIAO)
    assert demand(monde).evaluating == ()


def test_who_was_asked_before_the_hub_kept_them_all_is_still_asked(monde: Monde) -> None:
    """The demand is stored as an earlier version of the hub stored it."""
    monde.dit(SIAO, asked())
    monde.subjects[DEMANDE] = replace(demand(monde), evaluateurs=(), evaluateurs_attendus=())
    assert demand(monde).evaluating == (CENTRE,)
    monde.dit(SIAO, asked(service=AUTRE_FINESS))
    assert demand(monde).evaluating == (CENTRE, AUTRE)
    assert monde.dit(CENTRE, DONE).recipients == (SIAO,)


def demand(monde: Monde) -> Demande:
    found = monde.subjects[DEMANDE]
    assert isinstance(found, Demande)
    return found


def holders(effects: Effects) -> set[str | None]:
    """The partners that are told of a split."""
    return {each.emetteur for each in effects.derived if isinstance(each, AlerteAnomalie)}


def test_without_a_service_who_brought_the_household_is_asked(monde: Monde) -> None:
    assert monde.dit(SIAO, asked(service=None)).recipients == (CCAS,)
    assert running(monde)[Echeance.EVALUATION].due_at.date() == UNTIL


def test_the_evaluation_that_readers_get_says_no_author_and_finds_the_household_ready() -> None:
    said = {"methode": "VISITE", "realisee_le": JOUR, "conclusion": "PRET"}
    assert Evaluation(**said).evaluateur == "évaluateur habilité par le SIAO"
    for wrong in ({"evaluateur": "CIDFF de l'Isère"}, {"conclusion": "PAS_ENCORE_PRET"}):
        with pytest.raises(ValidationError):
            Evaluation(**{**said, **wrong})


def described(kind: type[Any], until: Any) -> Any:
    evaluation = Evaluation(methode="VISITE", realisee_le=JOUR, conclusion="PRET", valable_jusqu_au=until)
    return kind(menage=menage(), departement="01", evaluee_le=JOUR, evaluation=evaluation)


def test_the_siao_is_told_before_an_evaluation_of_its_list_holds_no_more_until_there_is_another(
    monde: Monde,
) -> None:
    monde.dit(SIAO, described(PretLogementDeclare, UNTIL))
    due = running_of(monde.subjects[MENAGE], monde.registry)[Echeance.VALIDITE_EVALUATION]
    assert due.due_at.date() == UNTIL
    (alert,) = monde.hub_dit(message_at(monde.subjects[MENAGE], due, Etape.ECHUE)).derived
    assert monde.hub_dit(alert).recipients == (SIAO,)
    monde.dit(SIAO, described(PretLogementActualise, None))
    later = running_of(monde.subjects[MENAGE], monde.registry)[Echeance.VALIDITE_EVALUATION]
    assert (later.due_at.date() - JOUR) > timedelta(days=180), "sans jour dit, elle vaut six mois"
    bare = PretLogementActualise(menage=menage(), departement="01", evaluee_le=JOUR)
    monde.dit(SIAO, bare)
    assert Echeance.VALIDITE_EVALUATION not in running_of(monde.subjects[MENAGE], monde.registry)
