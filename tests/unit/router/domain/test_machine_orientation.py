"""The rule book of a referral, row by row."""

from uuid import uuid4

import pytest

from contracts.base import Nature
from contracts.reference.codes import AuteurRefus, MotifRefus
from contracts.v1 import CONTRATS
from contracts.v1.echeance import OrientationEcheance
from contracts.v1.orientation import EvenementOrientation, OrientationRefusee
from contracts.v1.suite import SortieDeclaree
from router.domain.books import BOOKS
from router.domain.rulebooks.book import ByContent
from router.domain.rulebooks.machine import Anomalie, Applied
from router.domain.rulebooks.orientation import (
    ATTENDUES,
    FINIES_SANS_ENTREE,
    MACHINE,
    Etat,
    Evenement,
    refus,
)
from tests.unit.router.domain.grille import INCONNU, Grille, Regle, moves, reachable, row
from tests.unit.router.domain.monde import JOUR

ETATS = {
    INCONNU: "",
    "Prop": Etat.PROPOSEE,
    "Accusée": Etat.ACCUSEE,
    "Attente": Etat.EN_ATTENTE,
    "Préadm": Etat.PREADMISSION,
    "Acceptée": Etat.ACCEPTEE,
    "Admise": Etat.ADMISE,
    "Entrée": Etat.ENTREE,
    "Sortie": Etat.SORTIE,
    "RefusStr": Etat.REFUS_STRUCTURE,
    "RefusPers": Etat.REFUS_PERSONNE,
    "NonPrés": Etat.NON_PRESENTATION,
    "SansRép": Etat.SANS_REPONSE,
    "Annulée": Etat.ANNULEE,
}
SANS_ENTREE = "RefusStr RefusPers NonPrés SansRép Annulée"
OUVERTES = "Prop Accusée Attente Préadm"
GRILLE: Grille = {
    Evenement.PROPOSER: (Regle("Prop", "—", tu=f"{OUVERTES} Acceptée Admise Entrée Sortie {SANS_ENTREE}"),),
    Evenement.ACCUSER: (
        Regle("Accusée", "Prop", tu=f"Accusée Attente Préadm Acceptée Admise Entrée Sortie {SANS_ENTREE}"),
    ),
    Evenement.METTRE_EN_ATTENTE: (
        Regle("Attente", "Prop Accusée Préadm", tu=f"Attente Acceptée Admise Entrée Sortie {SANS_ENTREE}"),
    ),
    Evenement.PREADMISSION: (Regle("Préadm", OUVERTES, tu=f"Acceptée Admise Entrée Sortie {SANS_ENTREE}"),),
    Evenement.ACCEPTER: (Regle("Acceptée", OUVERTES, tu="Acceptée Admise Entrée Sortie"),),
    Evenement.ADMETTRE: (Regle("Admise", f"{OUVERTES} Acceptée", tu="Admise Entrée Sortie"),),
    Evenement.ENTRER: (Regle("Entrée", f"{OUVERTES} Acceptée Admise", tu="Entrée Sortie"),),
    Evenement.PROLONGER: (Regle("Entrée", "Entrée", tu="Sortie"),),
    Evenement.PREVOIR_LA_SORTIE: (Regle("Entrée", "Entrée", tu="Sortie"),),
    Evenement.SORTIR: (Regle("Sortie", "Entrée", tu="Sortie"),),
    Evenement.REFUSER_STRUCTURE: (Regle("RefusStr", f"{OUVERTES} Acceptée", tu="RefusStr"),),
    Evenement.REFUSER_PERSONNE: (Regle("RefusPers", f"{OUVERTES} Acceptée Admise", tu="RefusPers"),),
    Evenement.ABSENCE: (Regle("NonPrés", f"{OUVERTES} Acceptée Admise", tu="NonPrés"),),
    Evenement.CONSTATER_LE_SILENCE: (Regle("SansRép", OUVERTES, tu="SansRép"),),
    Evenement.ANNULER: (Regle("Annulée", f"{OUVERTES} Acceptée Admise", tu="Annulée"),),
    Evenement.ACCOMPAGNER: (Regle("même", f"{OUVERTES} Acceptée Admise Entrée", tu="Sortie"),),
}


def test_the_grid_speaks_of_every_event_and_every_state() -> None:
    assert set(GRILLE) == set(Evenement)
    assert set(ETATS.values()) - {""} == set(Etat)


@pytest.mark.parametrize("event", Evenement)
def test_an_event_does_in_every_state_what_the_grid_says(event: Evenement) -> None:
    assert moves(MACHINE, event, ETATS) == row(GRILLE[event], ETATS)


@pytest.mark.parametrize("etat", Etat)
def test_every_state_is_reached(etat: Etat) -> None:
    assert etat in reachable(MACHINE)


@pytest.mark.parametrize("etat", [*FINIES_SANS_ENTREE, Etat.SORTIE])
def test_nothing_leaves_a_final_state(etat: Etat) -> None:
    assert not any(isinstance(MACHINE.move(etat, event), Applied) for event in Evenement)


def test_every_state_is_waited_for_or_lived_in_or_final() -> None:
    assert {*ATTENDUES, Etat.ENTREE, Etat.SORTIE, *FINIES_SANS_ENTREE} == set(Etat)


@pytest.mark.parametrize("etat", ATTENDUES)
def test_the_siao_can_take_back_whatever_it_still_waits_for(etat: Etat) -> None:
    assert MACHINE.move(etat, Evenement.ANNULER) == Applied(Etat.ANNULEE)


def test_the_115_goes_from_a_referral_to_an_arrival_in_an_evening() -> None:
    assert MACHINE.move(Etat.PROPOSEE, Evenement.ENTRER) == Applied(Etat.ENTREE)


@pytest.mark.parametrize("etat", FINIES_SANS_ENTREE)
def test_a_late_acceptance_or_arrival_is_an_anomaly(etat: Etat) -> None:
    for event in (Evenement.ACCEPTER, Evenement.ADMETTRE, Evenement.ENTRER):
        assert isinstance(MACHINE.move(etat, event), Anomalie)


def test_every_message_about_a_referral_moves_it() -> None:
    messages = {c for c in CONTRATS.values() if issubclass(c, EvenementOrientation)}
    moved = BOOKS[Nature.ORIENTATION].moves
    assert messages - moved.keys() == {OrientationEcheance}
    chosen = {c.NOM for c, move in moved.items() if isinstance(move, ByContent)}
    assert chosen == {OrientationRefusee.NOM, SortieDeclaree.NOM}


@pytest.mark.parametrize("motif", MotifRefus)
def test_a_refusal_says_who_refused(motif: MotifRefus) -> None:
    expected = {
        AuteurRefus.STRUCTURE: Evenement.REFUSER_STRUCTURE,
        AuteurRefus.PERSONNE: Evenement.REFUSER_PERSONNE,
        AuteurRefus.AUTRE: Evenement.ABSENCE,
    }
    refusal = OrientationRefusee(orientation=uuid4(), auteur=motif.auteur, motif=motif)
    by_mistake = motif is MotifRefus.ERREUR_ORIENTATION
    assert refus(refusal, JOUR) is (Evenement.REFUSER_STRUCTURE if by_mistake else expected[motif.auteur])
