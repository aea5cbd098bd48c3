"""SIAO of the neighbouring département: it accepts offered demands, refuses them, or forgets to answer."""

from dataclasses import dataclass, field
from uuid import UUID

from contracts.base import Contrat
from contracts.v1.demande import DemandeAnnulee, DemandeTransferee, MotifAnnulation
from contracts.v1.transfert import (
    DemandeTransfertAccepte,
    DemandeTransfertRefuse,
    DemandeTransfertRetire,
    MotifRefusTransfert,
)
from simulation.departement.course import Course
from simulation.departement.setting import NEIGHBOUR

ACCEPTED, REFUSED = 0.7, 0.2
"""Probabilities; otherwise an offered demand gets no answer."""


@dataclass
class Neighbour:
    """SIAO of the neighbouring département. It knows only what the hub has delivered."""

    course: Course
    _asked: set[UUID] = field(default_factory=set)
    """Demands offered and not answered."""

    def hears(self, contrat: Contrat) -> None:
        """React to the offer of a demand, or its withdrawal."""
        match contrat:
            case DemandeTransferee(demande=demande):
                self._asked.add(demande)
                self.course.later(NEIGHBOUR, self.course.at_work(0, 4), lambda: self._answers(demande))
            case DemandeTransfertRetire(demande=demande):
                self._asked.discard(demande)

    def _answers(self, demande: UUID) -> None:
        chance = self.course.chance.random()
        if demande not in self._asked or chance >= ACCEPTED + REFUSED:
            return
        self._asked.discard(demande)
        if chance < ACCEPTED:
            self.course.say(NEIGHBOUR, DemandeTransfertAccepte(demande=demande))
            self.course.later(NEIGHBOUR, self.course.at_work(3, 30), lambda: self._closes(demande))
        else:
            motif = MotifRefusTransfert.SANS_LIEN_AVEC_LE_TERRITOIRE
            self.course.say(NEIGHBOUR, DemandeTransfertRefuse(demande=demande, motif=motif))

    def _closes(self, demande: UUID) -> None:
        self.course.say(NEIGHBOUR, DemandeAnnulee(demande=demande, motif=MotifAnnulation.AUTRE_SOLUTION))
