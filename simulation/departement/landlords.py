"""Landlords: they acknowledge, examine and decide candidacies, then offer and sign a lease."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from contracts.base import Contrat
from contracts.reference.codes import ResultatCommission
from contracts.v1.attribution import (
    BailSigne,
    CandidatureAccusee,
    CandidatureInscrite,
    CandidaturePresentee,
    CandidatureRetiree,
    ConditionLevee,
    DecisionCommission,
    PropositionAcceptee,
    PropositionRefusee,
)
from simulation.departement.course import Course

FORGETS = 0.12
DECISIONS = {
    ResultatCommission.ATTRIBUTION: 0.35,
    ResultatCommission.NON_ATTRIBUTION: 0.40,
    ResultatCommission.ATTRIBUTION_RANG: 0.12,
    ResultatCommission.SOUS_CONDITION: 0.08,
    ResultatCommission.IRRECEVABILITE: 0.05,
}
LATEST = timedelta(days=20)


@dataclass
class Landlord:
    """Landlord. A household to which it offers a home may accept, refuse, or not answer."""

    name: str
    course: Course
    _withdrawn: set[UUID] = field(default_factory=set)

    def hears(self, contrat: Contrat) -> None:
        """React to a candidacy or its withdrawal."""
        match contrat:
            case CandidaturePresentee(candidature=ident) if not self.course.happens(FORGETS):
                self._in_days(0, 2, ident, self._acknowledges)
            case CandidatureRetiree(candidature=ident):
                self._withdrawn.add(ident)

    def _in_days(self, least: int, most: int, ident: UUID, act: Callable[[UUID], None]) -> None:
        at = self.course.at_work(least, most)
        self.course.later(self.name, at, lambda: None if ident in self._withdrawn else act(ident))

    def _say(self, contrat: Contrat) -> None:
        self.course.say(self.name, contrat)

    def _acknowledges(self, ident: UUID) -> None:
        self._say(CandidatureAccusee(candidature=ident))
        day = self.course.today + LATEST
        self._say(CandidatureInscrite(candidature=ident, commission_le=day))
        if not self.course.happens(FORGETS):
            self._in_days(8, 22, ident, self._decides)

    def _decides(self, ident: UUID) -> None:
        (resultat,) = self.course.chance.choices(list(DECISIONS), list(DECISIONS.values()))
        ranked = 2 if resultat is ResultatCommission.ATTRIBUTION_RANG else None
        day = self.course.today
        self._say(DecisionCommission(candidature=ident, resultat=resultat, commission_le=day, rang=ranked))
        match resultat:
            case ResultatCommission.ATTRIBUTION:
                self._in_days(1, 6, ident, self._offered)
            case ResultatCommission.ATTRIBUTION_RANG:
                self._in_days(5, 30, ident, self._ranked)
            case ResultatCommission.SOUS_CONDITION:
                self._in_days(5, 30, ident, self._fulfilled)

    def _ranked(self, ident: UUID) -> None:
        """Decide about a household ranked second: it gets the home only if the first has not signed."""
        moves_up = self.course.happens(0.5)
        resultat = ResultatCommission.ATTRIBUTION if moves_up else ResultatCommission.NON_ATTRIBUTION
        day = self.course.today
        self._say(DecisionCommission(candidature=ident, resultat=resultat, commission_le=day))
        if moves_up:
            self._in_days(1, 6, ident, self._offered)

    def _fulfilled(self, ident: UUID) -> None:
        self._say(ConditionLevee(candidature=ident))
        self._in_days(1, 6, ident, self._offered)

    def _offered(self, ident: UUID) -> None:
        if self.course.happens(0.15):
            return  # the household does not answer, which counts as a refusal
        if self.course.happens(0.15):
            self._say(PropositionRefusee(candidature=ident))
        else:
            self._say(PropositionAcceptee(candidature=ident))
            self._in_days(3, 25, ident, self._signs)

    def _signs(self, ident: UUID) -> None:
        self._say(BailSigne(candidature=ident, signature_le=self.course.today))
