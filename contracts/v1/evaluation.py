"""Evaluation of a household, in the form that readers of the list and landlords may read (duty C5)."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import model_validator

from contracts.base import Incoherence, Modele
from contracts.privacy import Classe


class MethodeEvaluation(StrEnum):
    """Methods by which a household's situation is evaluated ([choix])."""

    ENTRETIEN = "ENTRETIEN"
    VISITE = "VISITE"
    TELEPHONE = "TELEPHONE"
    DOSSIER = "DOSSIER"


class ConclusionEvaluation(StrEnum):
    """Conclusions of an evaluation about housing ([choix])."""

    PRET = "PRET"
    PRET_AVEC_ACCOMPAGNEMENT = "PRET_AVEC_ACCOMPAGNEMENT"
    PAS_ENCORE_PRET = "PAS_ENCORE_PRET"


class Evaluateur(StrEnum):
    """The only values that the author of an evaluation may have: a kind, never a name."""

    HABILITE = "évaluateur habilité par le SIAO"


class Evaluation(Modele):
    """Evaluation that accompanies a household: method, days and conclusion. It never names its author: such a name
    may reveal violence, health or justice."""

    methode: Annotated[MethodeEvaluation, Classe.C1]
    realisee_le: Annotated[date, Classe.C1]
    valable_jusqu_au: Annotated[date | None, Classe.C1] = None
    """Last day on which the evaluation holds."""
    conclusion: Annotated[ConclusionEvaluation, Classe.C1]
    evaluateur: Annotated[Evaluateur, Classe.C1] = Evaluateur.HABILITE
    """Kind of author, in place of a name."""

    @model_validator(mode="after")
    def _finds_the_household_ready(self) -> Self:
        if self.conclusion is ConclusionEvaluation.PAS_ENCORE_PRET:
            raise Incoherence(
                "l'évaluation conclut que le ménage n'est pas encore prêt : retirez-le de la liste, ou joignez une "
                "évaluation plus récente",
                "conclusion",
            )
        return self
