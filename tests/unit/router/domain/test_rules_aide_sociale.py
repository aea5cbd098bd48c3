"""Aide sociale: the request goes to the State, the month runs from complete receipt, silence is the State's alone."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from contracts.base import Contrat
from contracts.errors import Unroutable
from contracts.partner import Famille
from contracts.reference.codes import MotifRefus, Piece
from contracts.v1.aide_sociale import (
    AideSocialeCompletee,
    AideSocialeDemandee,
    AideSocialeProlongationDemandee,
    AideSocialeRecue,
    AideSocialeRepondue,
    AideSocialeReputeeAcceptee,
    MotifProlongation,
    MotifRefusAide,
)
from contracts.v1.alerte import AlerteAnomalie, AlerteEcheance, MotifAnomalie
from contracts.v1.echeance import Echeance, Etape
from contracts.v1.orientation import OrientationAcceptee
from contracts.v1.suite import AdmissionPrononcee, EntreeConstatee, SortieDeclaree
from router.domain.books import message_at
from router.domain.deadlines import running_of
from router.domain.partners import Registry
from router.domain.rulebooks.aide_sociale import AideSociale, Etat
from router.domain.rules.effects import Effects
from tests.unit.router.domain.monde import (
    CENTRE,
    FINESS,
    JOUR,
    REGISTRE,
    SIAO,
    Monde,
    ident,
    menage,
    partner,
    proposition,
    vacance,
)
from tests.unit.router.domain.reponses import refusee
from tests.unit.router.domain.test_rules_actes import ETAT, monde

__all__ = ["monde"]  # the fixture

PLACE, ORIENTATION, DEMANDE = ident("place"), ident("orientation"), ident("aide sociale")
FIN = date(2026, 9, 2)
RECUE = date(2026, 3, 5)
UN_MOIS = datetime(2026, 4, 5, 22, tzinfo=UTC)
"""The end of 5 April in Paris: a month after the end of 5 March."""


def request(**more: Any) -> AideSocialeDemandee:
    values = {
        "aide_sociale": DEMANDE,
        "orientation": ORIENTATION,
        "menage": menage(f"m-{ORIENTATION}"),
        "structure": FINESS,
        "chrs": True,
        "accueil_du": JOUR,
        "jusqu_au": FIN,
        "signee_le": JOUR,
        "pieces": ("IDENTITE 2026-03-01",),
    }
    return AideSocialeDemandee(**{**values, **more})


def received(**more: Any) -> AideSocialeRecue:
    return AideSocialeRecue(**{"aide_sociale": DEMANDE, "recue_le": RECUE, **more})


def answered(**more: Any) -> AideSocialeRepondue:
    return AideSocialeRepondue(**{"aide_sociale": DEMANDE, "accordee": True, "repondue_le": RECUE, **more})


def aide(monde: Monde) -> AideSociale:
    found = monde.subjects[DEMANDE]
    assert isinstance(found, AideSociale)
    return found


def motif(effects: Effects) -> MotifAnomalie | None:
    return next((c.motif for c in effects.derived if isinstance(c, AlerteAnomalie)), None)


def month_over(monde: Monde) -> Contrat:
    deadline = running_of(aide(monde), monde.registry)[Echeance.AIDE_SOCIALE]
    return message_at(aide(monde), deadline, Etape.ECHUE)


@pytest.fixture
def admis(monde: Monde) -> Monde:
    monde.dit(CENTRE, vacance(PLACE))
    monde.dit(SIAO, proposition(ORIENTATION, PLACE))
    monde.dit(CENTRE, OrientationAcceptee(orientation=ORIENTATION))
    monde.dit(CENTRE, AdmissionPrononcee(orientation=ORIENTATION, admission_le=JOUR))
    return monde


def test_the_request_goes_to_the_states_seat_and_the_siao_knows(admis: Monde) -> None:
    assert set(admis.dit(CENTRE, request()).recipients) == {ETAT, SIAO}
    assert admis.etat(DEMANDE) == Etat.DEMANDEE


def test_without_a_seat_of_the_state_the_request_waits_for_the_registry(admis: Monde) -> None:
    admis.registry = REGISTRE
    with pytest.raises(Unroutable, match="service de l'État"):
        admis.dit(CENTRE, request())


LA_BAS, ETAT_LA_BAS, SIAO_LA_BAS = "69", "ddets-69", "siao-69"
FINESS_LA_BAS, PREFET_LA_BAS = "690000013", "35600000000088"


@pytest.fixture(params=["a place", "a structure"])
def ailleurs(monde: Monde, request: pytest.FixtureRequest) -> Monde:
    """The stay of a household in the second département of a manager that works in two."""
    there = {"territoire": LA_BAS}
    monde.avec(
        partner(SIAO_LA_BAS, Famille.SIAO, **there),
        partner(
            ETAT_LA_BAS, Famille.ETAT, structures=(PREFET_LA_BAS,), dialecte_sortant="etat_json", **there
        ),
        partner(
            CENTRE,
            Famille.HEBERGEMENT,
            structures=(FINESS, FINESS_LA_BAS),
            dialecte_sortant="hebergement_json",
            autres_territoires=(LA_BAS,),
        ),
    )
    said = proposition(ORIENTATION, structure=FINESS_LA_BAS)
    if request.param == "a place":
        place = vacance(PLACE).model_copy(update={"structure": FINESS_LA_BAS, "commune": "69266"})
        monde.dit(CENTRE, place)
        said = proposition(ORIENTATION, PLACE)
    monde.dit(SIAO_LA_BAS, said, LA_BAS)
    return monde


def test_the_state_of_the_place_gets_the_request_wherever_else_the_centre_works(ailleurs: Monde) -> None:
    ailleurs.dit(CENTRE, OrientationAcceptee(orientation=ORIENTATION))
    ailleurs.dit(CENTRE, AdmissionPrononcee(orientation=ORIENTATION, admission_le=JOUR))
    assert set(ailleurs.dit(CENTRE, request()).recipients) == {ETAT_LA_BAS, SIAO_LA_BAS}
    ailleurs.dit(ETAT_LA_BAS, received(), LA_BAS)
    effects = ailleurs.hub_dit(month_over(ailleurs))
    assert set(effects.recipients) == {CENTRE, SIAO_LA_BAS, ETAT_LA_BAS}


def test_the_state_of_the_place_learns_of_a_refusal_for_lack_of_means(ailleurs: Monde) -> None:
    refusal = refusee(ORIENTATION, MotifRefus.RESSOURCES_INSUFFISANTES)
    assert set(ailleurs.dit(CENTRE, refusal).recipients) == {SIAO_LA_BAS, ETAT_LA_BAS}


def test_the_month_does_not_run_before_the_state_says_that_it_holds_a_complete_request(admis: Monde) -> None:
    admis.dit(CENTRE, request())
    assert Echeance.AIDE_SOCIALE not in running_of(aide(admis), admis.registry)
    effects = admis.dit(ETAT, received(pieces_manquantes=(Piece.RESSOURCES,)))
    assert set(effects.recipients) == {CENTRE, SIAO}
    assert Echeance.AIDE_SOCIALE not in running_of(aide(admis), admis.registry)
    admis.dit(CENTRE, AideSocialeCompletee(aide_sociale=DEMANDE, pieces=("RESSOURCES 2026-03-04",)))
    admis.dit(ETAT, received())
    assert running_of(aide(admis), admis.registry)[Echeance.AIDE_SOCIALE].due_at == UN_MOIS


def test_silence_is_a_deemed_acceptance_under_that_receipt_and_all_three_know(admis: Monde) -> None:
    admis.dit(CENTRE, request())
    admis.dit(ETAT, received())
    said = month_over(admis)
    assert isinstance(said, AideSocialeReputeeAcceptee)
    assert (said.recue_le, said.accuse) == (RECUE, aide(admis).accuse)
    assert set(admis.hub_dit(said).recipients) == {CENTRE, SIAO, ETAT}
    assert admis.etat(DEMANDE) == Etat.REPUTEE_ACCEPTEE


def test_an_answer_before_the_month_is_over_wins(admis: Monde) -> None:
    admis.dit(CENTRE, request())
    admis.dit(ETAT, received())
    late = month_over(admis)
    admis.dit(ETAT, answered(accordee=False, motif=MotifRefusAide.CONDITIONS_NON_REMPLIES))
    assert not admis.hub_dit(late).recipients
    assert admis.etat(DEMANDE) == Etat.REFUSEE_PAR_L_ETAT


@pytest.mark.parametrize(
    ("said", "etat"),
    [
        (received(recue_le=date(2026, 3, 20)), Etat.A_L_ETUDE),
        (received(pieces_manquantes=(Piece.IDENTITE,)), Etat.INCOMPLETE),
        (answered(accordee=False, motif=MotifRefusAide.SEJOUR_TERMINE), Etat.REFUSEE_PAR_L_ETAT),
        (answered(), Etat.ACCORDEE),
        (received(), Etat.REPUTEE_ACCEPTEE),
    ],
)
def test_the_state_corrects_what_its_silence_has_made_and_a_repeated_receipt_does_not(
    admis: Monde, said: Contrat, etat: Etat
) -> None:
    admis.dit(CENTRE, request())
    admis.dit(ETAT, received())
    admis.hub_dit(month_over(admis))
    admis.dit(ETAT, said)
    assert admis.etat(DEMANDE) == etat


@pytest.mark.parametrize(("days", "etat"), [(4, Etat.ACQUISE), (5, Etat.DEMANDEE)])
def test_a_stay_of_five_days_at_most_is_acquired_and_nobody_is_reminded_of_it(
    admis: Monde, days: int, etat: Etat
) -> None:
    effects = admis.dit(CENTRE, request(jusqu_au=request().accueil_du + timedelta(days=days)))
    assert ETAT in effects.recipients
    assert admis.etat(DEMANDE) == etat
    assert bool(running_of(aide(admis), admis.registry)) == (etat is Etat.DEMANDEE)


def test_neither_a_receipt_nor_a_missing_document_takes_an_acquired_stay_back_but_a_refusal_does(
    admis: Monde,
) -> None:
    admis.dit(CENTRE, request(jusqu_au=request().accueil_du))
    missing = AideSocialeRecue(aide_sociale=DEMANDE, recue_le=RECUE, pieces_manquantes=("RESSOURCES",))
    for said in (missing, received(), AideSocialeCompletee(aide_sociale=DEMANDE)):
        who = CENTRE if isinstance(said, AideSocialeCompletee) else ETAT
        assert admis.dit(who, said).outcome is None
        assert admis.etat(DEMANDE) == Etat.ACQUISE
    refused = AideSocialeRepondue(
        aide_sociale=DEMANDE, accordee=False, motif="CONDITIONS_NON_REMPLIES", repondue_le=RECUE
    )
    admis.dit(ETAT, refused)
    assert admis.etat(DEMANDE) == Etat.REFUSEE_PAR_L_ETAT


def test_a_short_stay_of_unknown_status_is_asked_of_its_centre(admis: Monde) -> None:
    admis.dit(CENTRE, request(chrs=None, jusqu_au=request().accueil_du))
    assert admis.etat(DEMANDE) == Etat.DEMANDEE


@pytest.mark.parametrize("who", [CENTRE, ETAT])
@pytest.mark.parametrize(
    ("before", "days", "status", "etat"),
    [
        (None, 4, True, Etat.ACQUISE),
        (None, 5, True, None),
        (None, 4, False, None),
        (True, 4, False, None),
        (True, 4, True, Etat.ACQUISE),
    ],
)
def test_a_short_stay_is_acquired_once_its_status_is_known_and_no_longer_once_it_is_denied(
    admis: Monde, who: str, before: bool | None, days: int, status: bool, etat: Etat | None
) -> None:
    admis.dit(CENTRE, request(chrs=before, jusqu_au=request().accueil_du + timedelta(days=days)))
    completes = AideSocialeCompletee(aide_sociale=DEMANDE, chrs=status)
    effects = admis.dit(who, completes if who == CENTRE else received(chrs=status))
    waits = Etat.DEMANDEE if who == CENTRE else Etat.A_L_ETUDE
    assert admis.etat(DEMANDE) == (etat or waits)
    assert motif(effects) is (MotifAnomalie.SANS_STATUT_CHRS if before and not status else None)
    assert etat is None or not running_of(aide(admis), admis.registry), "personne n'est relancé"


def test_the_prolongation_of_a_short_stay_is_not_acquired(admis: Monde) -> None:
    admis.dit(CENTRE, request(jusqu_au=request().accueil_du))
    assert motif(admis.dit(CENTRE, longer(FIN))) is None
    admis.dit(ETAT, received(chrs=True))
    assert admis.etat(DEMANDE) == Etat.A_L_ETUDE


@pytest.mark.parametrize("status", [None, False])
def test_an_unknown_chrs_status_is_asked_and_silence_grants_nothing_but_the_state_is_reminded(
    admis: Monde, status: bool | None
) -> None:
    effects = admis.dit(CENTRE, request(chrs=None))
    assert motif(effects) is MotifAnomalie.STATUT_CHRS_INCONNU
    assert ETAT in effects.recipients
    admis.dit(ETAT, received(chrs=status))
    for etape, reached in ((Etape.MI_DELAI, {ETAT}), (Etape.ECHUE, {ETAT, SIAO})):
        due = running_of(aide(admis), admis.registry)[Echeance.AIDE_SOCIALE]
        (alert,) = admis.hub_dit(message_at(aide(admis), due, etape)).derived
        assert isinstance(alert, AlerteEcheance)
        assert set(admis.hub_dit(alert).recipients) == reached
    assert admis.etat(DEMANDE) == Etat.A_L_ETUDE
    admis.dit(CENTRE, AideSocialeCompletee(aide_sociale=DEMANDE, chrs=True))
    assert running_of(aide(admis), admis.registry)[Echeance.AIDE_SOCIALE].due_at == UN_MOIS


@pytest.mark.parametrize(
    ("of_place", "listed", "asked"), [(True, False, None), (None, True, None), (False, True, False)]
)
def test_the_status_is_the_places_else_the_entrys(
    admis: Monde, of_place: bool | None, listed: bool, asked: bool | None
) -> None:
    place = admis.place(PLACE)
    admis.subjects[PLACE] = replace(place, chrs=of_place)
    centre = admis.registry.get(CENTRE)
    assert centre is not None
    entry = centre.model_copy(update={"structures_chrs": (FINESS,) if listed else ()})
    admis.registry = Registry({**admis.registry.partners, CENTRE: entry})
    effects = admis.dit(CENTRE, request(chrs=None))
    assert motif(effects) is (MotifAnomalie.SANS_STATUT_CHRS if asked is False else None)


def test_a_place_says_its_status_and_keeps_it_until_it_says_another(monde: Monde) -> None:
    monde.dit(CENTRE, vacance(PLACE, chrs=True))
    monde.dit(CENTRE, vacance(PLACE))
    assert monde.place(PLACE).chrs is True


def test_of_a_household_that_is_not_admitted_the_centre_learns_what_comes_first(monde: Monde) -> None:
    monde.dit(CENTRE, vacance(PLACE))
    monde.dit(SIAO, proposition(ORIENTATION, PLACE))
    assert motif(monde.dit(CENTRE, request())) is MotifAnomalie.SANS_ADMISSION


def test_a_prolongation_is_due_a_month_before_the_end_and_has_its_own_month(admis: Monde) -> None:
    admis.dit(CENTRE, EntreeConstatee(orientation=ORIENTATION, entree_le=JOUR))
    admis.dit(CENTRE, request())
    admis.dit(ETAT, answered())
    due = running_of(aide(admis), admis.registry)[Echeance.PROLONGATION]
    assert due.due_at.date() == date(2026, 8, 2)
    effects = admis.hub_dit(message_at(aide(admis), due, Etape.ECHUE))
    assert [c.emetteur for c in effects.derived if isinstance(c, AlerteEcheance)] == [CENTRE]
    assert set(admis.dit(CENTRE, longer()).recipients) == {ETAT, SIAO}
    assert Echeance.PROLONGATION not in running_of(aide(admis), admis.registry)
    assert Echeance.AIDE_SOCIALE not in running_of(aide(admis), admis.registry)


def longer(until: date = date(2027, 3, 2)) -> AideSocialeProlongationDemandee:
    motif = MotifProlongation.LOGEMENT_ATTENDU
    return AideSocialeProlongationDemandee(aide_sociale=DEMANDE, jusqu_au=until, motif=motif, signee_le=JOUR)


BEFORE = {
    "nothing": (),
    "incomplete": (received(pieces_manquantes=(Piece.RESSOURCES,)),),
    "received": (received(),),
}
"""What the State has said of a request before it answers."""


@pytest.mark.parametrize("said", BEFORE.values(), ids=BEFORE)
def test_a_prolongation_asked_before_the_state_answers_reaches_it_and_has_its_turn_after_the_answer(
    admis: Monde, said: tuple[Contrat, ...]
) -> None:
    admis.dit(CENTRE, request())
    for each in said:
        admis.dit(ETAT, each)
    before = running_of(aide(admis), admis.registry)
    assert set(admis.dit(CENTRE, longer()).recipients) == {ETAT, SIAO}
    assert admis.dit(CENTRE, longer()).outcome == ("sans_effet", "deja_connu")
    assert (aide(admis).jusqu_au, running_of(aide(admis), admis.registry)) == (FIN, before), (
        "rien n'en change"
    )
    admis.now += timedelta(days=20)
    admis.dit(ETAT, answered())
    assert (admis.etat(DEMANDE), aide(admis).jusqu_au) == (Etat.DEMANDEE, longer().jusqu_au)
    due = running_of(aide(admis), admis.registry)
    assert due.keys() == {Echeance.ACCUSE}
    assert due[Echeance.ACCUSE].started_at == admis.now
    admis.dit(ETAT, received(recue_le=date(2026, 3, 23)))
    assert running_of(aide(admis), admis.registry)[Echeance.AIDE_SOCIALE].due_at > UN_MOIS
    admis.dit(ETAT, answered(repondue_le=date(2026, 3, 25)))
    assert (admis.etat(DEMANDE), aide(admis).jusqu_au) == (Etat.ACCORDEE, longer().jusqu_au)


def test_a_silence_grants_the_first_stay_and_not_the_longer_one_that_was_asked_since(admis: Monde) -> None:
    admis.dit(CENTRE, request())
    admis.dit(ETAT, received())
    admis.dit(CENTRE, longer())
    said = month_over(admis)
    assert isinstance(said, AideSocialeReputeeAcceptee)
    assert said.jusqu_au == FIN
    assert set(admis.hub_dit(said).recipients) == {CENTRE, SIAO, ETAT}
    assert (admis.etat(DEMANDE), aide(admis).jusqu_au) == (Etat.DEMANDEE, longer().jusqu_au)
    assert Echeance.AIDE_SOCIALE not in running_of(aide(admis), admis.registry)


@pytest.mark.parametrize(
    "answers", [(answered(),), (answered(jusqu_au=FIN),), ()], ids=("whole", "day", "none")
)
def test_what_the_state_said_of_the_first_stay_decides_nothing_of_the_longer_one_when_it_is_said_again(
    admis: Monde, answers: tuple[Contrat, ...]
) -> None:
    admis.dit(CENTRE, request())
    admis.dit(ETAT, received())
    admis.dit(CENTRE, longer())
    for each in answers or (month_over(admis),):
        admis.dit(ETAT, each) if answers else admis.hub_dit(each)
    asked = aide(admis)
    for again in (received(), *(answers or (answered(jusqu_au=FIN),))):
        assert admis.dit(ETAT, again).outcome == ("sans_effet", "deja_connu")
        assert aide(admis) == asked
    admis.dit(ETAT, received(recue_le=date(2026, 4, 7)))
    assert admis.etat(DEMANDE) == Etat.A_L_ETUDE


def test_an_answer_for_the_longer_stay_answers_both_requests(admis: Monde) -> None:
    admis.dit(CENTRE, request())
    admis.dit(CENTRE, longer(date(2027, 2, 28)))
    admis.dit(CENTRE, longer())
    admis.dit(ETAT, answered(jusqu_au=longer().jusqu_au))
    assert (admis.etat(DEMANDE), aide(admis).jusqu_au) == (Etat.ACCORDEE, longer().jusqu_au)
    assert aide(admis).prolongation_jusqu_au is None


@pytest.mark.parametrize("granted", [None, date(2026, 12, 2)])
def test_a_longer_stay_that_is_granted_is_not_asked_for_anew_when_its_centre_says_it_again(
    admis: Monde, granted: date | None
) -> None:
    for who, said in ((CENTRE, request()), (ETAT, answered()), (CENTRE, longer())):
        admis.dit(who, said)
    admis.dit(ETAT, answered(repondue_le=RECUE + timedelta(days=20), jusqu_au=granted))
    assert admis.etat(DEMANDE) == Etat.ACCORDEE
    assert admis.dit(CENTRE, longer()).outcome == ("sans_effet", "deja_connu")
    assert (admis.etat(DEMANDE), aide(admis).jusqu_au) == (Etat.ACCORDEE, granted or longer().jusqu_au)
    signed_anew = longer().model_copy(update={"signee_le": JOUR + timedelta(days=200)})
    admis.dit(CENTRE, signed_anew)
    assert admis.etat(DEMANDE) == (Etat.DEMANDEE if granted else Etat.ACCORDEE)


def test_after_a_refusal_the_old_receipt_starts_no_month_and_the_old_answer_counts(admis: Monde) -> None:
    receipt = received(recue_le=RECUE + timedelta(days=15))
    refused = answered(
        accordee=False, motif=MotifRefusAide.CONDITIONS_NON_REMPLIES, repondue_le=RECUE + timedelta(days=20)
    )
    said = ((CENTRE, request()), (ETAT, answered()), (CENTRE, longer()), (ETAT, receipt), (ETAT, refused))
    for who, contrat in (*said, (CENTRE, longer())):
        admis.dit(who, contrat)
    assert admis.etat(DEMANDE) == Etat.DEMANDEE
    assert admis.dit(ETAT, receipt).outcome == ("sans_effet", "deja_connu")
    admis.dit(ETAT, refused)
    assert admis.etat(DEMANDE) == Etat.REFUSEE_PAR_L_ETAT


def test_a_refused_request_waits_for_nothing_and_its_centre_may_ask_for_a_longer_stay_again(
    admis: Monde,
) -> None:
    admis.dit(CENTRE, request())
    admis.dit(CENTRE, longer())
    admis.dit(ETAT, answered(accordee=False, motif=MotifRefusAide.CONDITIONS_NON_REMPLIES))
    assert (admis.etat(DEMANDE), running_of(aide(admis), admis.registry)) == (Etat.REFUSEE_PAR_L_ETAT, {})
    assert set(admis.dit(CENTRE, longer()).recipients) == {ETAT, SIAO}
    assert admis.etat(DEMANDE) == Etat.DEMANDEE


def test_the_month_before_the_end_is_said_again_of_a_stay_that_the_state_grants_for_longer(
    admis: Monde,
) -> None:
    admis.dit(CENTRE, request())
    admis.dit(ETAT, answered())
    first = running_of(aide(admis), admis.registry)[Echeance.PROLONGATION]
    admis.now = first.due_at
    admis.dit(ETAT, answered(jusqu_au=date(2027, 3, 2)))
    longer = running_of(aide(admis), admis.registry)[Echeance.PROLONGATION]
    assert longer.started_at == admis.now, "un autre début : chaque étape se dit de nouveau"
    assert longer.due_at.date() == date(2027, 2, 2)


def test_who_owes_a_document_is_reminded_and_then_the_siao_knows_until_the_household_leaves(
    admis: Monde,
) -> None:
    admis.dit(CENTRE, EntreeConstatee(orientation=ORIENTATION, entree_le=JOUR))
    admis.dit(CENTRE, request())
    admis.dit(ETAT, received(pieces_manquantes=(Piece.IDENTITE,)))
    due = running_of(aide(admis), admis.registry)[Echeance.PIECES]
    told = [
        admis.hub_dit(message_at(aide(admis), due, etape)).derived for etape in (Etape.MI_DELAI, Etape.ECHUE)
    ]
    assert [[c.emetteur for c in each if isinstance(c, AlerteEcheance)] for each in told] == [
        [CENTRE],
        [CENTRE],
    ]
    assert set(admis.hub_dit(told[1][0]).recipients) == {SIAO, CENTRE}
    admis.now += timedelta(days=1)
    admis.dit(CENTRE, SortieDeclaree(orientation=ORIENTATION, sortie_le=JOUR))
    assert admis.hub_dit(message_at(aide(admis), due, Etape.ECHUE)).outcome == ("sans_effet", "ne_court_plus")


def test_nobody_is_asked_to_prolong_the_stay_of_a_household_that_has_left(admis: Monde) -> None:
    admis.dit(CENTRE, EntreeConstatee(orientation=ORIENTATION, entree_le=JOUR))
    admis.dit(CENTRE, request())
    admis.dit(ETAT, answered())
    due = running_of(aide(admis), admis.registry)[Echeance.PROLONGATION]
    admis.now += timedelta(days=1)
    admis.dit(CENTRE, SortieDeclaree(orientation=ORIENTATION, sortie_le=JOUR))
    assert not admis.hub_dit(message_at(aide(admis), due, Etape.ECHUE)).derived
