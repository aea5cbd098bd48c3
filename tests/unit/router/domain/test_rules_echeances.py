"""What follows when a stage of a deadline is reached."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.base import Contrat
from contracts.partner import Famille
from contracts.reference.codes import Dispositif
from contracts.reference.regle import RELU
from contracts.v1 import attribution as a
from contracts.v1.alerte import AlerteAnomalie, AlerteEcheance, MotifAnomalie
from contracts.v1.demande import DemandeRecue, DemandeSuite, Suite
from contracts.v1.echeance import Echeance, Etape, OrientationEcheance, SuiteEcheance
from contracts.v1.livraison import LivraisonRemise
from contracts.v1.orientation import (
    OrientationAccusee,
    OrientationMiseEnAttente,
    OrientationPreadmissionPlanifiee,
)
from contracts.v1.place import PlaceDisponible, PlaceLiberee
from router.domain.books import message_at
from router.domain.deadlines import Deadline, running_of
from router.domain.rulebooks import candidature, demande, orientation, place
from router.domain.rules.effects import Effects
from router.domain.subjects import Candidature
from tests.rows import each_row
from tests.unit.router.domain.monde import (
    BAILLEUR,
    CENTRE,
    JOUR,
    SIAO,
    SIRET,
    Monde,
    ident,
    menage,
    partner,
    proposition,
    vacance,
)
from tests.unit.router.domain.reponses import acceptee, admise, entree, refusee

PLACE, ORIENTATION, CANDIDATURE, DEMANDE = map(ident, ("place", "orientation", "candidature", "demande"))


def referred(dispositif: Dispositif = Dispositif.INSERTION) -> Monde:
    """A demand, and a referral of it to a place, that its shelter has received."""
    monde = Monde().avec(partner("ccas", Famille.PRESCRIPTEUR))
    monde.dit(CENTRE, vacance(PLACE))
    monde.dit("ccas", DemandeRecue(demande=DEMANDE, menage=menage(), dispositif=dispositif))
    monde.dit(SIAO, proposition(ORIENTATION, PLACE, demande=DEMANDE, dispositif=dispositif))
    monde.hub_dit(LivraisonRemise(objet=ORIENTATION, partenaire=CENTRE, remise_le=monde.now))
    return monde


def attributed(context: object = None, **offer: Any) -> Monde:
    """A candidacy to which the commission has given a home. `context`: how its decision is read."""
    monde = Monde()
    canal = {"bailleur": SIRET, "canal": a.Canal.DIRECT}
    monde.dit(SIAO, a.CandidaturePresentee(candidature=CANDIDATURE, menage=menage(), **canal))
    decision = {"candidature": CANDIDATURE, "resultat": "ATTRIBUTION", "commission_le": JOUR, **offer}
    monde.dit(BAILLEUR, a.DecisionCommission.model_validate(decision, context=context))
    return monde


def running(monde: Monde, subject: UUID, echeance: Echeance) -> Deadline:
    return running_of(monde.subjects[subject], monde.registry)[echeance]


def reached(monde: Monde, subject: UUID, echeance: Echeance, etape: Etape) -> Contrat:
    """What the hub says of it, as it stands now."""
    return message_at(monde.subjects[subject], running(monde, subject, echeance), etape)


def elapses(monde: Monde, subject: UUID, echeance: Echeance, etape: Etape) -> Effects:
    return monde.hub_dit(reached(monde, subject, echeance, etape))


def the_alert(effects: Effects) -> AlerteEcheance:
    (alert,) = [each for each in effects.derived if isinstance(each, AlerteEcheance)]
    return alert


@pytest.mark.parametrize("etape", [Etape.MI_DELAI, Etape.BIENTOT])
def test_a_reminder_goes_to_the_partner_alone_and_changes_nothing(etape: Etape) -> None:
    monde = referred()
    effects = elapses(monde, ORIENTATION, Echeance.DECISION, etape)
    assert effects.subjects == ()
    assert monde.hub_dit(the_alert(effects)) == Effects(recipients=(CENTRE,))


def test_the_siao_is_reminded_in_place_of_a_partner_that_reads_no_reminders() -> None:
    mute = partner(CENTRE, Famille.HEBERGEMENT, dialecte_sortant="bdos_fichiers", structures=("010000024",))
    monde = referred()
    monde.avec(mute)
    effects = elapses(monde, ORIENTATION, Echeance.DECISION, Etape.MI_DELAI)
    assert monde.hub_dit(the_alert(effects)) == Effects(recipients=(SIAO,))


def test_a_deadline_that_has_passed_is_told_to_the_siao_and_the_partner_and_the_place_is_still_held() -> None:
    monde = referred()
    effects = elapses(monde, ORIENTATION, Echeance.DECISION, Etape.ECHUE)
    alert = the_alert(effects)
    assert (effects.subjects, alert.suite) == ((), None)
    assert alert.due_le == running(monde, ORIENTATION, Echeance.DECISION).due_at
    assert set(monde.hub_dit(alert).recipients) == {SIAO, CENTRE}
    assert monde.etat(PLACE) == place.Etat.RESERVEE


def test_a_silence_gives_the_household_back_to_the_siao_and_frees_the_place() -> None:
    monde = referred()
    effects = elapses(monde, ORIENTATION, Echeance.DECISION, Etape.DEPASSEE)
    assert monde.etat(ORIENTATION) == orientation.Etat.SANS_REPONSE
    assert monde.etat(DEMANDE) == demande.Etat.EN_ATTENTE
    assert monde.etat(PLACE) == place.Etat.DISPONIBLE
    assert the_alert(effects).suite is SuiteEcheance.SANS_REPONSE
    free = PlaceDisponible(place=PLACE, version=monde.place(PLACE).version)
    assert free in effects.derived
    assert DemandeSuite(demande=DEMANDE, suite=Suite.EN_ATTENTE) in effects.derived
    assert running_of(monde.orientation(ORIENTATION), monde.registry) == {}


def test_a_night_place_is_free_again_once_its_half_hour_is_over() -> None:
    monde = referred(Dispositif.URGENCE)
    decision = running(monde, ORIENTATION, Echeance.DECISION)
    assert decision.due_at - decision.started_at == timedelta(minutes=30)
    elapses(monde, ORIENTATION, Echeance.DECISION, Etape.ECHUE)
    assert (monde.etat(ORIENTATION), monde.etat(PLACE)) == ("SANS_REPONSE", "DISPONIBLE")


@each_row("late", [acceptee, admise, entree, refusee])
def test_an_answer_after_the_silence_is_told_as_late_and_gives_the_place_to_nobody(late: object) -> None:
    assert callable(late)
    monde = referred()
    elapses(monde, ORIENTATION, Echeance.DECISION, Etape.DEPASSEE)
    effects = monde.dit(CENTRE, late(ORIENTATION))
    (alert,) = effects.derived
    assert isinstance(alert, AlerteAnomalie)
    assert (alert.motif, alert.etat) == (MotifAnomalie.REPONSE_TARDIVE, orientation.Etat.SANS_REPONSE)
    assert set(monde.hub_dit(alert).recipients) == {SIAO, CENTRE}
    assert monde.etat(PLACE) == place.Etat.DISPONIBLE


def test_the_household_of_a_silent_referral_goes_elsewhere_at_once() -> None:
    monde = referred()
    elapses(monde, ORIENTATION, Echeance.DECISION, Etape.DEPASSEE)
    second = ident("seconde")
    assert monde.dit(SIAO, proposition(second, PLACE, demande=DEMANDE)).recipients == (CENTRE,)
    assert (monde.place(PLACE).orientation, monde.etat(DEMANDE)) == (second, demande.Etat.ORIENTEE)


@each_row("answer", [acceptee, refusee, lambda i: OrientationAccusee(orientation=i)])
def test_an_answer_that_is_applied_first_wins_over_a_deadline_that_is_on_its_way(answer: object) -> None:
    assert callable(answer)
    monde = referred()
    echeance = Echeance.ACCUSE
    silence = reached(monde, ORIENTATION, echeance, Etape.ECHUE)
    monde.dit(CENTRE, answer(ORIENTATION))
    before = dict(monde.subjects)
    assert monde.hub_dit(silence).outcome == ("sans_effet", "ne_court_plus")
    assert monde.subjects == before


def test_a_note_in_between_does_not_make_a_deadline_old() -> None:
    monde = referred()
    silence = reached(monde, ORIENTATION, Echeance.DECISION, Etape.DEPASSEE)
    monde.dit(CENTRE, OrientationAccusee(orientation=ORIENTATION, version=4))
    monde.hub_dit(silence)
    assert monde.etat(ORIENTATION) == orientation.Etat.SANS_REPONSE


def test_a_deadline_of_another_start_has_no_effect() -> None:
    monde = referred()
    other = monde.now - timedelta(days=30)
    which = {"echeance": Echeance.DECISION, "etape": Etape.DEPASSEE, "commencee_le": other}
    effects = monde.hub_dit(OrientationEcheance(orientation=ORIENTATION, **which))
    assert effects.outcome == ("sans_effet", "ne_court_plus")


def test_no_partner_may_say_that_another_is_silent() -> None:
    monde = referred()
    for who in (SIAO, CENTRE):
        effects = monde.dit(who, reached(monde, ORIENTATION, Echeance.DECISION, Etape.DEPASSEE))
        assert effects.outcome == ("anomalie", MotifAnomalie.EMETTEUR_INATTENDU)
    assert monde.etat(ORIENTATION) == orientation.Etat.PROPOSEE


def test_an_answer_counts_from_its_acceptance_however_late_it_is_applied() -> None:
    monde = referred()
    monde.retard = timedelta(days=2)
    monde.dit(CENTRE, acceptee(ORIENTATION, accueil_le=date(2026, 3, 9)))
    accepted = monde.orientation(ORIENTATION)
    assert (accepted.etat_depuis, accepted.presentation_le) == (monde.now, date(2026, 3, 9))
    arrival = running(monde, ORIENTATION, Echeance.PRESENTATION)
    assert arrival.due_at == datetime.fromisoformat("2026-03-09T20:00+01:00")


def test_who_answers_has_received_whatever_proof_of_it_there_is() -> None:
    monde = Monde()
    monde.dit(SIAO, proposition(ORIENTATION))
    assert running_of(monde.orientation(ORIENTATION), monde.registry).keys() == {Echeance.REMISE}
    monde.dit(CENTRE, OrientationAccusee(orientation=ORIENTATION))
    assert running_of(monde.orientation(ORIENTATION), monde.registry).keys() == {Echeance.DECISION}


def test_an_undelivered_referral_is_told_to_the_siao_as_ours() -> None:
    monde = Monde()
    monde.dit(SIAO, proposition(ORIENTATION))
    alert = the_alert(elapses(monde, ORIENTATION, Echeance.REMISE, Etape.ECHUE))
    assert (alert.echeance, alert.emetteur) == (Echeance.REMISE, None)
    assert monde.hub_dit(alert).recipients == (SIAO,)


@each_row("dispositif", Dispositif)
def test_no_deadline_of_a_prefect_that_received_nothing_starts_with_an_admission(
    dispositif: Dispositif,
) -> None:
    monde = referred(dispositif)
    monde.dit(CENTRE, admise(ORIENTATION))
    assert Echeance.AIDE_SOCIALE not in running_of(monde.orientation(ORIENTATION), monde.registry)
    monde.dit(CENTRE, entree(ORIENTATION))
    assert running_of(monde.orientation(ORIENTATION), monde.registry) == {}


def test_a_month_of_the_prefect_that_an_older_hub_started_ends_without_a_word() -> None:
    monde = referred()
    monde.dit(CENTRE, admise(ORIENTATION))
    month = {"echeance": Echeance.AIDE_SOCIALE, "etape": Etape.ECHUE, "commencee_le": monde.now}
    effects = monde.hub_dit(OrientationEcheance(orientation=ORIENTATION, **month))
    assert (effects.derived, effects.outcome) == ((), ("sans_effet", "ne_court_plus"))


def test_at_the_end_of_an_offer_the_hub_asks_and_only_the_landlord_says_that_the_household_refused() -> None:
    monde = attributed()
    offer = running(monde, CANDIDATURE, Echeance.REPONSE_DU_MENAGE)
    assert offer.due_at >= monde.now + timedelta(days=10)
    reminder = the_alert(elapses(monde, CANDIDATURE, Echeance.REPONSE_DU_MENAGE, Etape.MI_DELAI))
    assert monde.hub_dit(reminder).recipients == (SIAO,), "qui suit le ménage le lui rappelle"
    alert = the_alert(elapses(monde, CANDIDATURE, Echeance.REPONSE_DU_MENAGE, Etape.ECHUE))
    assert set(monde.hub_dit(alert).recipients) == {SIAO, BAILLEUR}
    assert monde.etat(CANDIDATURE) == candidature.Etat.ATTRIBUEE
    monde.dit(BAILLEUR, a.PropositionRefusee(candidature=CANDIDATURE, silence=True))
    assert monde.etat(CANDIDATURE) == candidature.Etat.REFUSEE_PAR_LE_MENAGE


@each_row(
    ("notified", "days", "last"),
    [
        (date(2026, 3, 2), 10, date(2026, 3, 12)),
        (date(2026, 3, 2), 12, date(2026, 3, 16)),  # a Saturday: the next working day
        (date(2026, 4, 20), 11, date(2026, 5, 4)),  # the first of May, a Friday
        (date(2026, 3, 2), None, date(2026, 3, 12)),
    ],
)
def test_a_household_has_the_time_that_its_offer_says_to_the_next_working_day(
    notified: date, days: int | None, last: date
) -> None:
    monde = attributed(notifiee_le=notified, delai_jours=days)
    candidacy = monde.subjects[CANDIDATURE]
    assert isinstance(candidacy, Candidature)
    assert candidacy.reponse_le == last


@pytest.mark.parametrize("days", [9, 366, 20_261_215])
def test_an_offer_of_less_than_ten_days_or_of_more_than_a_year_is_refused(days: int) -> None:
    with pytest.raises(ValueError, match=r"10 jours au moins .* et 365 au plus"):
        attributed(delai_jours=days)


def test_an_offer_of_more_than_a_year_that_was_accepted_earlier_ends_after_a_year() -> None:
    candidacy = attributed(RELU, delai_jours=20_261_215).subjects[CANDIDATURE]
    assert isinstance(candidacy, Candidature)
    assert candidacy.reponse_le == date(2027, 3, 2)


def test_a_reservation_that_ran_out_says_which_one_it_was() -> None:
    monde = referred()
    released = reached(monde, PLACE, Echeance.RESERVATION, Etape.ECHUE)
    assert released == PlaceLiberee(place=PLACE, version=monde.place(PLACE).version)
    monde.hub_dit(released)
    assert monde.etat(PLACE) == place.Etat.DISPONIBLE


Over = dict[tuple[Echeance, datetime], int]
"""How many stages of each deadline are over, as the database stores it."""


def left_alone(
    monde: Monde, subject: UUID, over: Over | None = None, until: Etape | None = None
) -> list[AlerteEcheance]:
    """Time passes and nobody says anything: what the hub tells until no stage is left, or until this stage."""
    told: list[AlerteEcheance] = []
    over = {} if over is None else over
    while until is None or not told or told[-1].etape is not until:
        runs = running_of(monde.subjects[subject], monde.registry).values()
        left = [(d, n) for d in runs for n in range(over.get((d.echeance, d.started_at), 0), len(d.stages))]
        if not left:
            break
        deadline, number = min(left, key=lambda each: each[0].stages[each[1]].at)
        over[deadline.echeance, deadline.started_at] = number + 1
        monde.now = max(monde.now, deadline.stages[number].at)
        said = message_at(monde.subjects[subject], deadline, deadline.stages[number].etape)
        told.append(the_alert(monde.hub_dit(said)))
    return told


WAITING = {
    "received": (lambda _: (), "SANS_REPONSE"),
    "acknowledged": (lambda i: (OrientationAccusee(orientation=i),), "SANS_REPONSE"),
    "on a waiting list": (lambda i: (OrientationMiseEnAttente(orientation=i),), "EN_ATTENTE"),
    "interviewed": (lambda i: (interviews(i, Monde().now),), "SANS_REPONSE"),
    "accepted": (lambda i: (acceptee(i),), "ACCEPTEE"),
    "admitted": (lambda i: (admise(i),), "ADMISE"),
}


@each_row(("name", "answers", "etat"), [(name, *what) for name, what in WAITING.items()])
def test_a_referral_that_is_left_alone_ends_or_is_the_siaos_to_decide_and_is_never_forgotten(
    name: str, answers: Callable[[UUID], tuple[Contrat, ...]], etat: str
) -> None:
    monde = referred()
    for answer in answers(ORIENTATION):
        monde.dit(CENTRE, answer)
    told = left_alone(monde, ORIENTATION)
    assert monde.etat(ORIENTATION) == etat
    by_stage = [alert.etape for alert in told if alert.echeance in (Echeance.DECISION, Echeance.PRESENTATION)]
    assert by_stage == [*Etape], "deux rappels, l'échéance, ce qui vient après"
    assert (SuiteEcheance.SANS_REPONSE in {alert.suite for alert in told}) is (etat == "SANS_REPONSE")


def interviews(ident: UUID, at: datetime) -> Contrat:
    return OrientationPreadmissionPlanifiee(orientation=ident, entretien_le=at)


@pytest.mark.parametrize("dispositif", [Dispositif.URGENCE, Dispositif.INSERTION])
@pytest.mark.parametrize("days", [-2, 3, 40])
def test_a_structure_that_plans_an_interview_has_its_time_to_answer_after_it(
    dispositif: Dispositif, days: int
) -> None:
    monde = referred(dispositif)
    monde.dit(CENTRE, OrientationMiseEnAttente(orientation=ORIENTATION))
    monde.now += timedelta(days=21)
    planned = monde.now + timedelta(days=days)
    monde.dit(CENTRE, interviews(ORIENTATION, planned))
    assert running(monde, ORIENTATION, Echeance.DECISION).started_at == max(planned, monde.now)
    began = running(monde, ORIENTATION, Echeance.DECISION).started_at
    monde.now += timedelta(days=5)
    monde.dit(CENTRE, interviews(ORIENTATION, planned))
    assert running(monde, ORIENTATION, Echeance.DECISION).started_at == began, "redit chaque nuit"
    moved = monde.now + timedelta(days=50)
    monde.dit(CENTRE, interviews(ORIENTATION, moved))
    assert running(monde, ORIENTATION, Echeance.DECISION).started_at == moved
    monde.dit(CENTRE, interviews(ORIENTATION, monde.now + timedelta(days=9_000)))
    assert running(monde, ORIENTATION, Echeance.DECISION).started_at == monde.now + timedelta(days=60)


def test_a_candidacy_that_is_left_alone_is_the_siaos_to_decide() -> None:
    monde = attributed()
    assert left_alone(monde, CANDIDATURE)[-1].suite is SuiteEcheance.REPONSE_A_DIRE
    monde = attributed()
    monde.dit(BAILLEUR, a.PropositionAcceptee(candidature=CANDIDATURE))
    assert [alert.echeance for alert in left_alone(monde, CANDIDATURE)] == [Echeance.BAIL] * 4


def to_arrive(day: date) -> tuple[Monde, UUID, Contrat]:
    """A referral that is accepted for today, and the word that the household comes on another day."""
    monde = referred()
    monde.dit(CENTRE, acceptee(ORIENTATION, accueil_le=JOUR))
    return monde, ORIENTATION, acceptee(ORIENTATION, accueil_le=day)


def to_answer(day: date) -> tuple[Monde, UUID, Contrat]:
    """An offer of today, and the word that the household was notified on another day."""
    said = a.DecisionCommission(
        candidature=CANDIDATURE, resultat="ATTRIBUTION", commission_le=JOUR, notifiee_le=day
    )
    return attributed(notifiee_le=JOUR), CANDIDATURE, said


@each_row("until", [Etape.ECHUE, Etape.DEPASSEE])
@each_row("case", [to_arrive, to_answer])
def test_a_day_that_is_put_off_once_it_has_passed_is_watched_like_the_first(
    until: Etape, case: Callable[[date], tuple[Monde, UUID, Contrat]]
) -> None:
    monde, subject, put_off = case(JOUR + timedelta(days=40))
    over: Over = {}
    assert [alert.etape for alert in left_alone(monde, subject, over, until)][-1] is until
    since = monde.subjects[subject].etat_depuis
    monde.dit(CENTRE if subject == ORIENTATION else BAILLEUR, put_off)
    assert [alert.etape for alert in left_alone(monde, subject, over)] == [*Etape]
    assert monde.subjects[subject].etat_depuis == since, "l'état est le même"
