"""Aide sociale: shelters with CHRS status ask for it; the State's services receive, grant, refuse or forget
the requests."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from contracts.base import Contrat
from contracts.reference.codes import Piece
from contracts.v1.aide_sociale import (
    AideSocialeCompletee,
    AideSocialeDemandee,
    AideSocialeProlongationDemandee,
    AideSocialeRecue,
    AideSocialeRepondue,
    MotifProlongation,
    MotifRefusAide,
)
from contracts.v1.alerte import AlerteEcheance
from contracts.v1.echeance import Echeance, Etape
from contracts.v1.menage import Menage
from simulation.departement.course import Course
from simulation.departement.setting import STATE, Centre, Rates

STAY = timedelta(days=183)


@dataclass
class Applicant:
    """Shelter in its requests for aide sociale."""

    centre: Centre
    rates: Rates
    course: Course

    def asks(self, stay: UUID, menage: Menage) -> None:
        """Schedule the request for a household that has arrived; none in a shelter without CHRS status."""
        if self.centre.chrs:
            day = self.course.today
            self.course.later(
                self.centre.name, self.course.at_work(1, 2), lambda: self._asks(stay, menage, day)
            )

    def hears(self, contrat: Contrat) -> None:
        """Supply missing documents, or ask for the prolongation of a stay that is about to end."""
        match contrat:
            case AideSocialeRecue(aide_sociale=ident, pieces_manquantes=pieces) if pieces:
                if not self.course.happens(self.rates.never_completed):
                    self.course.later(
                        self.centre.name, self.course.at_work(2, 8), lambda: self._completes(ident, pieces)
                    )
            case AlerteEcheance(echeance=Echeance.PROLONGATION, etape=Etape.MI_DELAI, objet=ident):
                if self.course.happens(self.rates.prolonged):
                    self.course.later(
                        self.centre.name, self.course.at_work(1, 5), lambda: self._prolongs(ident)
                    )

    def _asks(self, stay: UUID, menage: Menage, day: date) -> None:
        self._say(
            AideSocialeDemandee(
                aide_sociale=self.course.new("aide sociale"),
                orientation=stay,
                menage=menage,
                structure=self.centre.structure.finess,
                chrs=True,
                accueil_du=day,
                jusqu_au=day + STAY,
                signee_le=day,
                pieces=(f"{Piece.IDENTITE} {day}",),
            )
        )

    def _completes(self, ident: UUID, pieces: tuple[Piece, ...]) -> None:
        day = self.course.today
        self._say(
            AideSocialeCompletee(aide_sociale=ident, pieces=tuple(f"{piece} {day}" for piece in pieces))
        )

    def _prolongs(self, ident: UUID) -> None:
        day = self.course.today
        self._say(
            AideSocialeProlongationDemandee(
                aide_sociale=ident,
                jusqu_au=day + STAY,
                motif=MotifProlongation.LOGEMENT_ATTENDU,
                signee_le=day,
            )
        )

    def _say(self, contrat: Contrat) -> None:
        self.course.say(self.centre.name, contrat)


@dataclass
class State:
    """Services of the State that receive, grant, refuse or forget requests for aide sociale."""

    rates: Rates
    course: Course

    def hears(self, contrat: Contrat) -> None:
        """Acknowledge a request, and answer it once it is complete."""
        match contrat:
            case (
                AideSocialeDemandee(aide_sociale=ident) | AideSocialeProlongationDemandee(aide_sociale=ident)
            ):
                self._later(1, 4, ident, complete=not self.course.happens(self.rates.incomplete))
            case AideSocialeCompletee(aide_sociale=ident):
                self._later(1, 4, ident, complete=True)

    def _later(self, least: int, most: int, ident: UUID, *, complete: bool) -> None:
        at = self.course.at_work(least, most)
        self.course.later(STATE, at, lambda: self._receives(ident, complete=complete))

    def _receives(self, ident: UUID, *, complete: bool) -> None:
        missing = () if complete else (Piece.RESSOURCES,)
        self._say(AideSocialeRecue(aide_sociale=ident, recue_le=self.course.today, pieces_manquantes=missing))
        if complete and not self.course.happens(self.rates.deemed):
            self.course.later(STATE, self.course.at_work(5, 18), lambda: self._answers(ident))

    def _answers(self, ident: UUID) -> None:
        refused = self.course.happens(self.rates.aid_refused)
        motif = MotifRefusAide.CONDITIONS_NON_REMPLIES if refused else None
        self._say(
            AideSocialeRepondue(
                aide_sociale=ident, accordee=not refused, motif=motif, repondue_le=self.course.today
            )
        )

    def _say(self, contrat: Contrat) -> None:
        self.course.say(STATE, contrat)
