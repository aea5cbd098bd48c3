"""Operators of social support: they answer requests within some working days, or forget them."""

from dataclasses import dataclass

from contracts.base import Contrat
from contracts.v1.suite import AccompagnementDemande, AccompagnementRepondu
from simulation.departement.course import Course

FORGETS = 0.1


@dataclass
class Operator:
    """Operator of social support. It has ten working days to answer, and is late sometimes."""

    name: str
    course: Course

    def hears(self, contrat: Contrat) -> None:
        """Answer a request to support a household."""
        if isinstance(contrat, AccompagnementDemande) and not self.course.happens(FORGETS):
            answer = AccompagnementRepondu(
                orientation=contrat.orientation, accepte=self.course.happens(0.8), debut_le=None
            )
            at = self.course.at_work(1, 13)
            self.course.later(self.name, at, lambda: self.course.say(self.name, answer))
