"""The part of a household's evaluation that may be read by landlords, and by partners that receive the list
of households ready for housing."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import model_validator

from contracts.base import Incoherence, Modele
from contracts.privacy import Classe


class MethodeEvaluation(StrEnum):
    """Method by which a household's situation is evaluated."""

    ENTRETIEN = "ENTRETIEN"
    VISITE = "VISITE"
    TELEPHONE = "TELEPHONE"
    DOSSIER = "DOSSIER"


class ConclusionEvaluation(StrEnum):
    """Conclusion of an evaluation: whether the household is ready for housing."""

    PRET = "PRET"
    PRET_AVEC_ACCOMPAGNEMENT = "PRET_AVEC_ACCOMPAGNEMENT"
    PAS_ENCORE_PRET = "PAS_ENCORE_PRET"


class Evaluateur(StrEnum):
    """Kind of person or service that made an evaluation."""

    HABILITE = "évaluateur habilité par le SIAO"


class Evaluation(Modele):
    """Evaluation of a household. It does not name its author, because the name may reveal violence, illness or
    a case in court."""

    methode: Annotated[MethodeEvaluation, Classe.C1]
    realisee_le: Annotated[date, Classe.C1]
    valable_jusqu_au: Annotated[date | None, Classe.C1] = None
    conclusion: Annotated[ConclusionEvaluation, Classe.C1]
    evaluateur: Annotated[Evaluateur, Classe.C1] = Evaluateur.HABILITE

    @model_validator(mode="after")
    def _finds_the_household_ready(self) -> Self:
        if self.conclusion is ConclusionEvaluation.PAS_ENCORE_PRET:
            raise Incoherence(
                "l'évaluation conclut que le ménage n'est pas encore prêt : retirez-le de la liste, ou joignez une "
                "évaluation plus récente",
                "conclusion",
            )
        return self
