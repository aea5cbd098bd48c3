"""Partners that bring households to the SIAO: the 115 every night; CCAS, hospitals and others on working
days."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from contracts.base import Contrat
from contracts.reference.codes import Dispositif
from contracts.v1.demande import (
    DemandeActualisee,
    DemandeAnnulee,
    DemandeNonPourvue,
    DemandeRecue,
    MotifAnnulation,
)
from contracts.v1.menage import Menage
from simulation.departement.course import Course

CALLS_AGAIN = 0.75


@dataclass
class Bringer:
    """Partner that brings households. A household without a place for the night may call again the next
    evening."""

    name: str
    course: Course
    _own: dict[UUID, DemandeRecue] = field(default_factory=dict)

    def bring(self, dispositif: Dispositif, *, is_family: bool) -> None:
        """Send the demand of a new household."""
        menage = Menage(
            id=self.course.new("ménage"),
            composition="40" if is_family else "10",
            adultes=1,
            enfants=2 if is_family else 0,
        )
        said = DemandeRecue(demande=self.course.new("demande"), menage=menage, dispositif=dispositif)
        self._own[said.demande] = said
        self.course.say(self.name, said)

    def hears(self, contrat: Contrat) -> None:
        """Repeat or cancel, the next evening, a demand without a place for the night."""
        if not isinstance(contrat, DemandeNonPourvue):
            return
        tomorrow = contrat.nuit_du + timedelta(days=1)
        evening = self.course.at_hour(tomorrow, self.course.chance.uniform(17, 21))
        again = self.course.happens(CALLS_AGAIN)
        self.course.later(self.name, evening, lambda: self._calls(contrat.demande, again=again))

    def _calls(self, demande: UUID, *, again: bool) -> None:
        if again:
            first = self._own[demande]
            said = DemandeActualisee(demande=demande, menage=first.menage, dispositif=first.dispositif)
            self.course.say(self.name, said)
        else:
            gone = DemandeAnnulee(demande=demande, motif=MotifAnnulation.SANS_NOUVELLES)
            self.course.say(self.name, gone)
