"""Make the routes of the list of households ready for housing: the whole list, its changes, and its figures."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json

from connectors.admission import Admissions
from connectors.answer import Stop
from connectors.caller import caller_of
from connectors.problem import problem
from connectors.problem_routes import without_parameters
from contracts.partner import Famille, Partner
from router.intake.api import Routes
from router.store.lists import Cursor

PATH = "/v1/liste"
LINES = 500
"""Default number of households on a page."""

TAKE_IT_WHOLE = problem(
    410,
    "liste-a-reprendre",
    "Liste à reprendre en entier",
    "Le hub ne peut pas dire ce qui a changé depuis ce numéro : il est trop ancien, d'avant une restauration, ou le "
    "hub ne l'a pas donné. Videz votre copie, puis reprenez toute la liste par "
    f"GET {PATH}, sans « depuis » ni « point ».",
)
"""HTTP answer to a partner that has to fetch the whole list: the hub never gave the change number that the partner
names, or no longer has all changes after it."""
FIGURES_ARE_FOR = (Famille.ETAT, Famille.BDOS)
"""Types of partners that receive the figures, but never the list."""
NO_FIGURES = problem(
    403,
    "chiffres-d-une-autre-famille",
    "Chiffres d'une autre famille",
    "Les chiffres de la liste sont pour les services de l'État et l'observation. Un lecteur de la liste compte la "
    f"sienne (GET {PATH}) ; sinon, demandez-les à votre SIAO.",
)
RULES: Mapping[str, str] = {
    "point": "Reprenez tel quel le champ « point » de la première page.",
}


MOST = 2**63 - 1
"""Largest number that PostgreSQL can compare."""


class Page(BaseModel):
    """Query parameters of a request for one page of the list. A request with an unknown parameter is
    refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    depuis: int = Field(0, ge=0, le=MOST, description="Votre dernier numéro ; 0 ou absent : toute la liste")
    point: int | None = Field(
        None, ge=0, le=MOST, description="« point » de la première page, pour les suivantes"
    )
    apres: int = Field(0, ge=0, le=MOST, description="« suivant » de la page d'avant")
    limite: int = Field(LINES, ge=1, le=1000, description="Ménages par page")


class Lists(Protocol):
    """Functions by which the routes read a partner's list of households ready for housing. They raise
    BusUnavailable if the database cannot be reached."""

    async def page(self, partner: Partner, cursor: Cursor, most: int) -> Mapping[str, Any] | None:
        """Return a page of the partner's list: the changes from `cursor` on, at most `most` of them.
        Return None if the partner must fetch the whole list again."""
        ...


class MenageListe(BaseModel):
    """Un ménage prêt au logement, qui est sur votre liste ou qui vient de la quitter."""

    numero: int = Field(description="Numéro du changement ; les vôtres se suivent sans trou")
    fiche: int = Field(description="Numéro du ménage dans votre liste, le même s'il y revient")
    presente: bool = Field(description="false : retirez cette fiche de votre copie")
    type: str | None = Field(description="Dernier message sur ce ménage ; nul s'il est oublié")
    donnees: dict[str, Any] | None = Field(
        description="Son contenu, comme dans CloudEvents ; nul s'il est oublié : rien d'autre n'en reste"
    )


class ListePage(BaseModel):
    """Une page de votre liste des ménages prêts au logement."""

    point: int = Field(
        description="Numéro du dernier changement compris : gardez-le, et demandez « depuis » lui"
    )
    lignes: list[MenageListe]
    suivant: int | None = Field(description="Valeur de « apres » pour la suite ; nul s'il n'y a plus rien")


class ChiffresDepartement(BaseModel):
    """Le nombre de ménages prêts au logement qui sont à loger dans un département, par état."""

    departement: str
    menages: dict[str, int] = Field(
        description="Par état : A_CONFIRMER (déclaré par un partenaire, son SIAO n'a pas répondu), DECLARE et "
        "ACTUALISE (à présenter à un bailleur), PRESENTE (une candidature est en cours)"
    )


class Chiffres(BaseModel):
    """Les chiffres de la liste des ménages prêts au logement, dans les départements de votre fiche."""

    le: datetime = Field(description="Moment du décompte : une minute au plus avant votre demande")
    departements: list[ChiffresDepartement]


class Figures(Protocol):
    """Functions by which the routes read how many households are ready for housing. They raise BusUnavailable
    if the database cannot be reached."""

    async def of(self, partner: Partner) -> Mapping[str, Any]:
        """Return, for each département of a partner, how many households ready for housing are in each state
        (declared, presented to a landlord…), as in the response `Chiffres`."""
        ...


def list_routes(lists: Lists, figures: Figures, door: Admissions) -> Routes:
    """Return the HTTP routes of the list of households ready for housing. The readers of the list may read its
    households. The State's services and the national base of social observation may read only its figures."""
    router = APIRouter()
    caller = caller_of(door)

    @router.get(
        PATH, response_model=ListePage, operation_id="lire_liste", summary="Votre liste de ménages prêts au logement",
        tags=["Liste"],
        responses={410: {"description": "Numéro inconnu ou trop ancien : videz votre copie, reprenez toute la liste"}},
    )  # fmt: skip
    async def page(
        partner: Annotated[Partner, Depends(caller)], wanted: Annotated[Page, Query()]
    ) -> Response:
        """Le hub donne toute votre liste ou, avec un numéro dans « depuis », seulement les changements qui le
        suivent. La liste est celle du moment où vous demandez la première page ; le « point » est le numéro de
        son dernier changement. La prochaine fois, demandez « depuis » ce point : vous recevrez ce qui a changé
        entre-temps. Plusieurs lignes peuvent parler d'un même ménage, sous le même numéro de « fiche » : gardez
        celle dont le « numero » est le plus haut."""
        cursor = Cursor(wanted.depuis, wanted.point, wanted.apres)
        found = await lists.page(partner, cursor, wanted.limite)
        if found is None:
            raise Stop(TAKE_IT_WHOLE)
        return Response(to_json(found), media_type="application/json")

    @router.get(
        f"{PATH}/chiffres", response_model=Chiffres, operation_id="lire_chiffres_liste",
        summary="Les chiffres de la liste, sans les ménages", tags=["Liste"],
        responses={403: {"description": "Votre famille ne reçoit pas ces chiffres"}},
    )  # fmt: skip
    async def numbers(
        partner: Annotated[Partner, Depends(caller)], _: Annotated[None, Depends(without_parameters)]
    ) -> Response:
        """Le hub dit combien de ménages sont prêts au logement en ce moment, par département et par état. Il ne garde
        pas les chiffres d'hier : pour une série, demandez-les chaque jour."""
        if partner.famille not in FIGURES_ARE_FOR:
            raise Stop(NO_FIGURES)
        return Response(to_json(await figures.of(partner)), media_type="application/json")

    return Routes(router, RULES)
