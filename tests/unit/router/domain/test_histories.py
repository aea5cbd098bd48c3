"""What no history may break, however it goes; the guilty seed is in the failure."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar
from uuid import UUID

from contracts.base import Contrat
from contracts.envelope import HUB
from contracts.v1.alerte import DOUBTS, RECOMPOSED, EvenementAlerte, MotifAnomalie
from contracts.v1.echeance import EcheanceAtteinte
from contracts.v1.livraison import LivraisonRemise
from contracts.v1.orientation import EvenementOrientation, OrientationProposee
from contracts.v1.place import PlaceDisponible
from router.domain.books import AWAITED
from router.domain.deadlines import running_of
from router.domain.rulebooks import candidature, orientation, place
from router.domain.subjects import Candidature, Orientation, Place, Subject
from tests.rows import each_row
from tests.unit.router.domain.histoires import Pas, histoire, tous_les_pas
from tests.unit.router.domain.monde import BAILLEUR, CENTRE, REGISTRE, SIAO, Monde

PROMISED = {*orientation.PROMISES, orientation.Etat.ENTREE}
FINAL = {*orientation.FINIES_SANS_ENTREE, orientation.Etat.SORTIE}
HOUSED_FINAL = set(candidature.Etat) - set(candidature.ATTENDUES)


S = TypeVar("S", bound=Subject)


def referrals(pas: Pas) -> Iterator[tuple[Orientation | None, Orientation]]:
    """(before, after) of the referrals that an event changed."""
    return _changed(pas, Orientation)


def places(pas: Pas) -> Iterator[tuple[Place | None, Place]]:
    """(before, after) of the places that an event changed."""
    return _changed(pas, Place)


def _changed(pas: Pas, kind: type[S]) -> Iterator[tuple[S | None, S]]:
    for subject in pas.effets.subjects:
        before, after = pas.avant.get(subject.id), pas.apres[subject.id]
        if isinstance(after, kind):
            assert before is None or isinstance(before, kind), pas
            yield before, after


def all_places(subjects: Mapping[UUID, Subject]) -> list[Place]:
    """The places among subjects."""
    return [subject for subject in subjects.values() if isinstance(subject, Place)]


def place_in(subjects: Mapping[UUID, Subject], ident: UUID) -> Place:
    """The place of an id."""
    held = subjects[ident]
    assert isinstance(held, Place)
    return held


def test_the_same_seed_tells_the_same_history() -> None:
    assert list(map(repr, histoire(7))) == list(map(repr, histoire.__wrapped__(7)))


def test_no_event_is_met_with_silence() -> None:
    """A delivery, an alert or an outcome; a receipt is noted."""
    for pas in tous_les_pas():
        e = pas.effets
        noted = isinstance(pas.contrat, LivraisonRemise) and e.subjects
        assert e.recipients or e.derived or e.outcome or noted, pas


def test_every_anomaly_is_told_to_the_siao_and_delivered_to_nobody_else() -> None:
    for pas in tous_les_pas():
        if pas.effets.outcome and pas.effets.outcome[0] == "anomalie":
            (alert,) = pas.effets.derived
            assert isinstance(alert, EvenementAlerte), pas
            assert alert.motif == pas.effets.outcome[1], pas
            assert pas.effets.recipients == (), pas


def test_what_is_not_applied_changes_nothing_but_the_version_its_sender_is_known_to_be_at() -> None:
    for pas in tous_les_pas():
        if pas.effets.outcome:
            before = {i: _without_versions(subject) for i, subject in pas.avant.items()}
            after = {i: _without_versions(subject) for i, subject in pas.apres.items()}
            if pas.effets.outcome == ("sans_effet", "place_reservee"):  # when its occupant leaves is noted
                before, after = map(_without_occupants, (before, after))
            assert after == before, pas


OF_AN_OCCUPANT: dict[str, Any] = {
    **dict.fromkeys(("libre_le", "occupant", "acte", "a_justifier_depuis", "a_expliquer_depuis")),
    "admission": {},
}
"""What a place notes of who lives there, empty."""


def _without_versions(subject: Subject) -> Subject:
    return replace(subject, versions_seen={})


def _without_occupants(subjects: dict[UUID, Subject]) -> dict[UUID, Subject]:
    return {
        i: replace(subject, **OF_AN_OCCUPANT) if isinstance(subject, Place) else subject
        for i, subject in subjects.items()
    }


def test_what_is_applied_changes_what_it_is_about_by_one_version() -> None:
    for pas in tous_les_pas():
        for subject in pas.effets.subjects:
            before = pas.avant.get(subject.id)
            if before is None or subject.etat != before.etat:
                assert subject.version == (before.version if before else 0) + 1, pas
            assert before is None or subject.version - before.version in (0, 1), pas
        others = pas.avant.keys() - {subject.id for subject in pas.effets.subjects}
        assert all(pas.apres[i] == pas.avant[i] for i in others), pas


def test_a_referral_in_a_final_state_never_leaves_it() -> None:
    for pas in tous_les_pas():
        for before, after in referrals(pas):
            if before and before.etat in FINAL:
                assert after.etat == before.etat, pas


def test_a_candidacy_in_a_final_state_never_leaves_it() -> None:
    for pas in tous_les_pas():
        for ident, before in pas.avant.items():
            if isinstance(before, Candidature) and before.etat in HOUSED_FINAL:
                assert pas.apres[ident].etat == before.etat, pas


def test_a_closed_place_stays_closed() -> None:
    for pas in tous_les_pas():
        for before, after in places(pas):
            assert not before or before.etat != "FERMEE" or after.etat == "FERMEE", pas


def test_a_reserved_place_is_held_for_one_referral_that_is_waited_for_and_wants_it() -> None:
    for pas in tous_les_pas():
        for held in all_places(pas.apres):
            if held.etat == place.Etat.RESERVEE:
                referral = pas.apres[_holder(held)]
                assert isinstance(referral, Orientation)
                assert held.id in referral.places, pas
                assert referral.etat in orientation.ATTENDUES, pas


def test_a_referral_gets_all_the_places_that_it_names_or_none() -> None:
    for pas in tous_les_pas():
        if isinstance(pas.contrat, OrientationProposee) and pas.contrat.sujet not in pas.avant:
            opened = pas.contrat.sujet in pas.apres
            held = {each.id for each in all_places(pas.apres) if each.orientation == pas.contrat.sujet}
            assert held == set(pas.contrat.places if opened else ()), pas


def test_no_referral_holds_a_place_that_it_does_not_name() -> None:
    for pas in tous_les_pas():
        for held in all_places(pas.apres):
            referral = pas.apres.get(held.orientation) if held.orientation else None
            assert not isinstance(referral, Orientation) or held.id in referral.places, pas


def test_a_free_place_is_held_for_nobody() -> None:
    free = {place.Etat.DISPONIBLE, place.Etat.DECLAREE, place.Etat.INDISPONIBLE, place.Etat.FERMEE}
    for pas in tous_les_pas():
        for subject in all_places(pas.apres):
            if subject.etat in free:
                assert subject.orientation is None, pas


def test_a_reservation_has_an_end_until_the_place_is_promised() -> None:
    for pas in tous_les_pas():
        for held in all_places(pas.apres):
            waits = held.etat == place.Etat.RESERVEE and pas.apres[_holder(held)].etat in orientation.OUVERTES
            assert (held.expire_le is not None) is waits, pas


def test_a_place_is_promised_only_to_the_household_it_is_held_for() -> None:
    for pas in tous_les_pas():
        for before, after in referrals(pas):
            newly = after.etat in orientation.PROMISES and (before is None or before.etat != after.etat)
            for wanted in after.places if newly else ():
                assert _holder(place_in(pas.avant, wanted)) == after.id, pas
                assert place_in(pas.apres, wanted).expire_le is None, pas


def test_nobody_moves_into_a_place_that_is_anothers() -> None:
    for pas in tous_les_pas():
        for before, after in referrals(pas):
            arrives = after.etat == orientation.Etat.ENTREE and (before is None or before.etat != after.etat)
            for wanted in after.places if arrives else ():
                assert place_in(pas.avant, wanted).orientation in (None, after.id), pas


def test_time_alone_takes_no_place_from_a_household_it_was_promised_to() -> None:
    for pas in tous_les_pas():
        if pas.source == HUB:
            for before, after in places(pas):
                if before and (holder := before.orientation):
                    assert pas.avant[holder].etat not in PROMISED or after.orientation == holder, pas


def test_a_referral_that_ends_frees_the_place_that_was_held_for_it_and_says_so() -> None:
    for pas in tous_les_pas():
        for before, after in referrals(pas):
            ends = before and after.etat in orientation.FINIES_SANS_ENTREE and before.etat != after.etat
            for held in after.places if ends else ():
                was = place_in(pas.avant, held)
                if was.etat == place.Etat.RESERVEE and _holder(was) == after.id:
                    news = PlaceDisponible(place=held, version=pas.apres[held].version)
                    lived_in = was.libre_le is not None
                    state = place.Etat.A_LIBERER if lived_in else place.Etat.DISPONIBLE
                    assert pas.apres[held].etat == state, pas
                    assert (news in pas.effets.derived) is not lived_in, pas


def test_a_place_has_a_day_to_be_free_only_while_somebody_is_in_it_who_leaves() -> None:
    for pas in tous_les_pas():
        for subject in all_places(pas.apres):
            dated = subject.libre_le is not None
            assert dated or subject.occupant is None, pas
            assert dated or subject.etat != place.Etat.A_LIBERER, pas
            assert not dated or subject.etat in (place.Etat.A_LIBERER, place.Etat.RESERVEE), pas


def test_a_household_that_has_left_is_in_no_place() -> None:
    for pas in tous_les_pas():
        for before, after in referrals(pas):
            for held in after.places if before and after.etat == orientation.Etat.SORTIE else ():
                left = place_in(pas.apres, held)
                assert after.id not in (left.orientation, left.occupant), pas


def test_every_delivery_is_to_a_party_and_never_back_to_who_spoke() -> None:
    for pas in tous_les_pas():
        if pas.source != HUB:
            assert set(pas.effets.recipients) <= {SIAO, CENTRE, BAILLEUR}, pas
            assert pas.source not in pas.effets.recipients, pas


def test_a_partner_without_business_changes_nothing() -> None:
    for pas in tous_les_pas():
        known = pas.avant.get(pas.contrat.sujet)
        if known and pas.source not in (SIAO, CENTRE, BAILLEUR, HUB):
            assert pas.apres == pas.avant, pas


def test_the_version_of_a_sender_never_goes_back() -> None:
    for pas in tous_les_pas():
        for ident, before in pas.avant.items():
            for partner, seen in before.versions_seen.items():
                assert pas.apres[ident].versions_seen[partner] >= seen, pas


def test_somebody_is_awaited_for_every_referral_and_candidacy_that_has_not_ended() -> None:
    for pas in tous_les_pas():
        for subject in pas.apres.values():
            waited = isinstance(subject, Orientation | Candidature) and subject.etat in AWAITED
            assert not waited or running_of(subject, REGISTRE), (pas, subject.etat)


def test_no_deadline_moves_what_it_was_not_about() -> None:
    """What a deadline that still runs changes is its subject, and what follows it; one that runs no more, nothing."""
    for pas in tous_les_pas():
        if isinstance(pas.contrat, EcheanceAtteinte):
            before = pas.avant[pas.contrat.sujet]
            running = running_of(before, REGISTRE).get(pas.contrat.echeance)
            runs = running is not None and running.started_at == pas.contrat.commencee_le
            assert runs is (pas.effets.outcome is None), pas
            assert runs or not pas.effets.subjects, pas


def test_an_answer_told_twice_moves_its_referral_once() -> None:
    for pas in tous_les_pas():
        if isinstance(pas.contrat, EvenementOrientation) and pas.effets.recipients:
            assert _again(pas, pas.contrat)[pas.contrat.sujet].etat == pas.apres[pas.contrat.sujet].etat, pas


def _again(pas: Pas, contrat: Contrat) -> dict[UUID, Subject]:
    monde = Monde(subjects=dict(pas.apres))
    monde.dit(pas.source, contrat)
    return monde.subjects


def _holder(held: Place) -> UUID:
    assert held.orientation is not None
    return held.orientation


@each_row("machine", [place.Etat, orientation.Etat, candidature.Etat])
def test_the_histories_pass_through_every_state(machine: type[orientation.Etat]) -> None:
    """So that the rest of this file speaks of something. No deadline of an answer fires yet."""
    seen = {subject.etat for pas in tous_les_pas() for subject in pas.effets.subjects}
    assert set(machine) - seen <= {orientation.Etat.SANS_REPONSE}


def test_the_histories_meet_every_kind_of_anomaly_and_of_what_has_no_effect() -> None:
    outcomes = {pas.effets.outcome for pas in tous_les_pas() if pas.effets.outcome}
    beside_what_is_applied = {
        MotifAnomalie.ECHEANCE_ATTEINTE,
        MotifAnomalie.SILENCE,
        MotifAnomalie.SANS_DEROGATION,
        MotifAnomalie.SEJOUR_PRECEDENT_OUVERT,
        MotifAnomalie.OCCUPEE_SANS_ORIENTATION,
        MotifAnomalie.DEMANDE_INCONNUE,
        MotifAnomalie.DEMANDE_CLOSE,
        MotifAnomalie.SANS_LABEL,
        *RECOMPOSED,
    }
    of_other_partners = {
        MotifAnomalie.AUTRE_GESTIONNAIRE,
        MotifAnomalie.SERVICE_INCONNU,
        MotifAnomalie.AUTRE_SIAO,
        MotifAnomalie.ORIENTE_PAR_UN_AUTRE_SIAO,
        MotifAnomalie.TERRITOIRE_SANS_SIAO,
        MotifAnomalie.DESCRIPTION_INCOMPLETE,
        MotifAnomalie.MENAGE_INCERTAIN,
        MotifAnomalie.TRANSFERT_EN_COURS,
        MotifAnomalie.TRANSFERT_SANS_OBJET,
        MotifAnomalie.DEMANDE_TRANSFEREE,
    }
    of_acts = {
        MotifAnomalie.SANS_CONVENTION,
        MotifAnomalie.NUMERO_DE_SEJOUR_PRIS,
        MotifAnomalie.RANG_CADUC,
        MotifAnomalie.RESERVE_A_L_ETAT,
        MotifAnomalie.SANS_ADMISSION,
        MotifAnomalie.SANS_CONVENTION,
        MotifAnomalie.SANS_STATUT_CHRS,
        MotifAnomalie.STATUT_CHRS_INCONNU,
        MotifAnomalie.SIGNATURE_DIFFERENTE,
        MotifAnomalie.SIGNATAIRES_INCOMPLETS,
        MotifAnomalie.ACTE_INCONNU,
        MotifAnomalie.ACTE_NON_SIGNE,
        MotifAnomalie.HORS_DATES,
        MotifAnomalie.HORS_ACTE,
        MotifAnomalie.QUOTA_EPUISE,
    }
    assert {reason for kind, reason in outcomes if kind == "anomalie"} == {
        *MotifAnomalie
    } - beside_what_is_applied - of_other_partners - of_acts - {*DOUBTS}
    assert {reason for kind, reason in outcomes if kind == "sans_effet"} == {
        "deja_connu",
        "non_corrige",
        "plus_ancien",
        "place_reservee",
    }
