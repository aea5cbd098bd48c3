"""What a recipient has said can be corrected, until something has followed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from contracts.base import Contrat
from contracts.reference.codes import MotifRefus, ResultatCommission, motif_permis
from contracts.v1.attribution import BailSigne, Canal, CandidaturePresentee, DecisionCommission
from contracts.v1.echeance import Echeance
from contracts.v1.orientation import OrientationAcceptee
from contracts.v1.suite import AdmissionPrononcee, EntreeConstatee, SortieDeclaree
from router.domain.deadlines import running_of
from router.domain.rules.effects import Effects
from router.domain.subjects import Candidature, Envoi
from tests.unit.router.domain.monde import (
    BAILLEUR,
    CENTRE,
    JOUR,
    SIAO,
    SIRET,
    Monde,
    ident,
    menage,
    reservation,
)
from tests.unit.router.domain.reponses import acceptee, entree, refusee, sortie

PLACE, ORIENTATION, CANDIDATURE = ident("place"), ident("orientation"), ident("candidature")
VEILLE = JOUR - timedelta(days=1)
DEJA_CONNU = Effects(outcome=("sans_effet", "deja_connu"))
NON_CORRIGE = Effects(outcome=("sans_effet", "non_corrige"))


@pytest.fixture
def monde() -> Monde:
    return reservation(PLACE, ORIENTATION)


def envoi(monde: Monde, which: UUID = ORIENTATION) -> Envoi:
    """A referral or candidacy as it stands."""
    found = monde.subjects[which]
    assert isinstance(found, Envoi)
    return found


STEPS: list[tuple[Callable[[date], Contrat], str, str]] = [
    (lambda day: OrientationAcceptee(orientation=ORIENTATION, accueil_le=day), "accepter", "accueil_le"),
    (lambda day: AdmissionPrononcee(orientation=ORIENTATION, admission_le=day), "admettre", "admission_le"),
    (lambda day: EntreeConstatee(orientation=ORIENTATION, entree_le=day), "entrer", "entree_le"),
    (lambda day: SortieDeclaree(orientation=ORIENTATION, sortie_le=day), "sortir", "sortie_le"),
]


@pytest.mark.parametrize("number", range(len(STEPS)))
def test_another_date_of_the_last_step_counts_and_is_told_and_moves_nothing_else(
    monde: Monde, number: int
) -> None:
    for step, _, _ in STEPS[: number + 1]:
        monde.dit(CENTRE, step(JOUR))
    before, place = monde.orientation(ORIENTATION), monde.place(PLACE)
    step, move, name = STEPS[number]
    effects = monde.dit(CENTRE, step(VEILLE))
    assert (effects.recipients, effects.derived, effects.outcome) == ((SIAO,), (), None)
    assert envoi(monde).dit[move] == {name: VEILLE.isoformat()}
    comes = before.presentation_le if move == "sortir" else VEILLE
    assert monde.orientation(ORIENTATION) == replace(before, dit=envoi(monde).dit, presentation_le=comes)
    assert monde.place(PLACE) == place
    assert monde.dit(CENTRE, step(VEILLE)) == DEJA_CONNU
    assert monde.dit(CENTRE, step(JOUR)).outcome is None, "la dernière acceptée compte"


def test_a_deadline_follows_the_day_that_is_corrected(monde: Monde) -> None:
    monde.dit(CENTRE, acceptee(ORIENTATION, accueil_le=JOUR + timedelta(days=3)))
    first = running_of(envoi(monde), monde.registry)[Echeance.PRESENTATION]
    monde.now += timedelta(days=2)
    monde.dit(CENTRE, acceptee(ORIENTATION, accueil_le=JOUR + timedelta(days=5)))
    other = running_of(envoi(monde), monde.registry)[Echeance.PRESENTATION]
    assert other.due_at == first.due_at + timedelta(days=2)
    assert other.started_at == first.started_at, "un rappel dit ne se redit pas"


def test_what_a_correction_leaves_out_stays(monde: Monde) -> None:
    monde.dit(CENTRE, acceptee(ORIENTATION, accueil_le=JOUR))
    assert monde.dit(CENTRE, acceptee(ORIENTATION)) == DEJA_CONNU
    assert envoi(monde).dit["accepter"] == {"accueil_le": JOUR.isoformat()}


def test_the_day_of_an_acceptance_may_come_after_it(monde: Monde) -> None:
    monde.dit(CENTRE, acceptee(ORIENTATION))
    effects = monde.dit(CENTRE, acceptee(ORIENTATION, accueil_le=JOUR))
    assert (effects.recipients, effects.outcome) == ((SIAO,), None)
    assert monde.orientation(ORIENTATION).presentation_le == JOUR


def test_a_lower_version_corrects_nothing(monde: Monde) -> None:
    monde.dit(CENTRE, entree(ORIENTATION, version=3))
    older = EntreeConstatee(orientation=ORIENTATION, entree_le=VEILLE, version=2)
    assert monde.dit(CENTRE, older) == Effects(outcome=("sans_effet", "plus_ancien"))
    assert envoi(monde).dit["entrer"] == {"entree_le": JOUR.isoformat()}


def test_once_something_has_followed_what_was_said_stays_and_its_sender_is_told(monde: Monde) -> None:
    for answer in (acceptee(ORIENTATION, accueil_le=JOUR), entree(ORIENTATION), sortie(ORIENTATION)):
        monde.dit(CENTRE, answer)
    before = dict(monde.subjects)
    assert monde.dit(CENTRE, entree(ORIENTATION)) == DEJA_CONNU
    assert monde.dit(CENTRE, EntreeConstatee(orientation=ORIENTATION, entree_le=VEILLE)) == NON_CORRIGE
    assert monde.dit(CENTRE, acceptee(ORIENTATION, accueil_le=VEILLE)) == NON_CORRIGE
    to_come = sortie(ORIENTATION, sortie_le=date(2100, 1, 1))
    assert monde.dit(CENTRE, to_come) == NON_CORRIGE, "un départ dit ne redevient pas à venir"
    assert monde.subjects == before


def test_another_reason_of_the_same_author_is_a_correction_of_a_refusal(monde: Monde) -> None:
    monde.dit(CENTRE, refusee(ORIENTATION, MotifRefus.ACCESSIBILITE))
    first, dispositif = MotifRefus.ACCESSIBILITE, monde.orientation(ORIENTATION).dispositif
    others = (m for m in MotifRefus if m.auteur is first.auteur and motif_permis(m, dispositif))
    other = next(m for m in others if m not in (first, MotifRefus.ERREUR_ORIENTATION))
    effects = monde.dit(CENTRE, refusee(ORIENTATION, other))
    assert (effects.recipients, effects.subjects) == ((SIAO,), (envoi(monde),))
    assert envoi(monde).dit["refuser-structure"]["motif"] == other
    assert monde.etat(PLACE) == "DISPONIBLE"


def test_a_commission_and_a_lease_are_corrected_like_any_step() -> None:
    monde = Monde()
    household = menage()
    monde.dit(
        SIAO,
        CandidaturePresentee(
            candidature=CANDIDATURE, menage=household, bailleur=SIRET, canal=Canal.CONTINGENT
        ),
    )
    for day, dwelling in ((JOUR, None), (VEILLE, None), (VEILLE, "RPLS0001")):
        decided = DecisionCommission(
            candidature=CANDIDATURE,
            resultat=ResultatCommission.ATTRIBUTION,
            commission_le=day,
            logement=dwelling,
        )
        assert monde.dit(BAILLEUR, decided).outcome is None
        named = monde.subjects[CANDIDATURE]
        assert isinstance(named, Candidature)
        assert named.logement == dwelling
    assert monde.dit(BAILLEUR, decided) == DEJA_CONNU
    assert envoi(monde, CANDIDATURE).dit["attribuer"]["commission_le"] == VEILLE.isoformat()
    for day in (JOUR, VEILLE):
        assert monde.dit(BAILLEUR, BailSigne(candidature=CANDIDATURE, signature_le=day)).outcome is None
    assert envoi(monde, CANDIDATURE).dit["signer"] == {"signature_le": VEILLE.isoformat()}
