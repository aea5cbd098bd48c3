"""Play in a sandbox: the SIAO of a partner that is in one sends it a made-up household. Anybody else gets a 404."""

from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from typing import Annotated, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from connectors.admission import Admissions
from connectors.answer import Answer, Stop
from connectors.caller import caller_of
from connectors.problem import problem
from connectors.problem_routes import ADDRESS_UNKNOWN
from contracts.partner import Partner
from router.domain.sandbox import sandbox_of
from router.intake.orientations_http import PATH as ORIENTATIONS

PATH = "/v1/bac-a-sable/orientation"


class Sent(NamedTuple):
    """What is on its way to the partner."""

    id: UUID
    nature: str
    place: UUID | None = None


class NotSent(StrEnum):
    """Why nothing is."""

    PAS_DESTINATAIRE = "pas_destinataire"
    SANS_STRUCTURE = "sans_structure"
    SANS_PLACE = "sans_place"
    PLACE_INCONNUE = "place_inconnue"
    PLACE_PRISE = "place_prise"


Play = Callable[[Partner, str | None], Awaitable[Sent | NotSent]]
"""Make the SIAO of a sandbox send its partner a household, for the place of this id. Raises BusUnavailable or
Throttled."""

PROBLEMS: Mapping[NotSent, Answer] = {
    NotSent.PAS_DESTINATAIRE: problem(
        409,
        "pas-destinataire",
        "Votre famille ne reçoit pas d'orientation",
        "Un partenaire de votre famille ne reçoit ni orientation ni candidature : le SIAO simulé n'a rien à vous "
        "envoyer. Il reçoit ce que vous envoyez ; GET /v1/messages/{id} dit ce que c'est devenu.",
    ),
    NotSent.SANS_STRUCTURE: problem(
        409,
        "structure-absente",
        "Aucune structure à votre entrée",
        "Votre entrée au registre n'a pas de SIRET auquel présenter un ménage : demandez à l'équipe du hub de "
        "l'ajouter (« structures »).",
    ),
    NotSent.SANS_PLACE: problem(
        409,
        "place-absente",
        "Aucune place libre",
        "Le SIAO simulé n'a nulle part où orienter un ménage : envoyez d'abord place.vacante, ou demandez à l'équipe "
        "du hub d'ajouter une structure à votre entrée.",
    ),
    NotSent.PLACE_INCONNUE: problem(
        404,
        "place-inconnue",
        "Place inconnue",
        "Aucune de vos places n'a cet identifiant : donnez dans « place » celui de votre place.vacante. Si vous venez "
        "de l'envoyer, recommencez dans une seconde.",
    ),
    NotSent.PLACE_PRISE: problem(
        409,
        "place-prise",
        "Place prise",
        "Cette place est réservée, occupée ou indisponible : répondez d'abord à l'orientation qui la tient "
        f"(GET {ORIENTATIONS} la cite), ou dites-la de nouveau vacante.",
    ),
}


class Choix(BaseModel):
    """Where to. A misspelt parameter is refused: the household would go anywhere."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    place: str | None = Field(
        None,
        min_length=1,
        max_length=255,
        description="Votre identifiant de la place, ou celui du hub ; à défaut, celle qui est libre depuis le plus "
        "longtemps, sinon votre première structure",
    )


RULES: Mapping[str, str] = {"place": "Donnez 1 à 255 caractères : votre identifiant de la place."}


class Oriente(BaseModel):
    """Ce qui part vers vous."""

    id: UUID = Field(description="Identifiant du hub, à suivre par GET /v1/orientations/{id}")
    nature: str = Field(description="orientation ou candidature")
    place: UUID | None = Field(
        description="Identifiant du hub de la place ; nul pour une structure ou une candidature"
    )


def sandbox_routes(play: Play, door: Admissions) -> APIRouter:
    """The route, to be included into the application."""
    routes = APIRouter(tags=["Bac à sable"])

    @routes.post(
        PATH, response_model=Oriente, status_code=202, operation_id="orienter_bac_a_sable",
        summary="Bac à sable : recevoir un ménage inventé",
    )  # fmt: skip
    async def orient(
        partner: Annotated[Partner, Depends(caller_of(door))], wanted: Annotated[Choix, Query()]
    ) -> Sent:
        """Le SIAO simulé oriente vers vous un ménage inventé, ou vous le présente si vous attribuez des logements.
        L'envoi part par votre sortie, comme un vrai. 404 hors d'un bac à sable."""
        if sandbox_of(partner.id) is None:
            raise Stop(ADDRESS_UNKNOWN)
        sent = await play(partner, wanted.place)
        if isinstance(sent, NotSent):
            raise Stop(PROBLEMS[sent])
        return sent

    return routes
