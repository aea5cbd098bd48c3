"""Make the routes about a partner's referrals and candidacies. One route lists those that the partner has to
answer. The other shows one of them with its history."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel, Field
from pydantic_core import to_json

from connectors.admission import Admissions
from connectors.answer import Stop
from connectors.caller import caller_of
from connectors.problem import problem
from contracts.partner import Partner

PATH = "/v1/orientations"
UNKNOWN = problem(
    404,
    "orientation-inconnue",
    "Orientation inconnue",
    "Aucune orientation ni candidature à laquelle vous avez part n'a cet identifiant : reprenez celui de l'envoi que "
    "vous avez reçu.",
)


class OrientationVue(BaseModel):
    """Une orientation ou une candidature, et qui doit agir maintenant."""

    id: UUID
    nature: str = Field(description="orientation ou candidature")
    votre_id: str | None
    place: str | None = Field(description="Votre identifiant de la place, sinon celui du hub")
    autres_places: list[str] = Field(description="Les autres places du ménage, s'il en reçoit plusieurs")
    etat: str
    ou_en_est: str
    recue_le: datetime | None
    au_tour_de: str | None = Field(description="vous, hub, emetteur ou destinataire")
    attendu: str | None = Field(description="Ce que dit maintenant celui dont c'est le tour")
    depuis: datetime | None
    avant_le: datetime | None
    en_retard: bool


class Fait(BaseModel):
    """Une chose dite d'une orientation ou d'une candidature : par qui, quand, et avec quel effet."""

    le: datetime
    par: str | None
    type: str
    fait: str
    compte: bool = Field(
        description="Si cela a eu un effet ; false aussi tant que le hub ne l'a pas encore appliqué"
    )
    explication: str | None = Field(
        description="Pourquoi cela ne compte pas, jugé quand le hub l'a appliqué ; dit à qui l'a envoyé"
    )


class OrientationSuivie(OrientationVue):
    """Une orientation ou une candidature, avec son histoire."""

    vous_avez_dit: dict[str, dict[str, str]] = Field(
        description="Ce que vous avez dit et qui compte, par acte : dates, codes, oui et non"
    )
    histoire: list[Fait]


class Orientations(BaseModel):
    """Les orientations et candidatures qui attendent votre réponse, la plus urgente d'abord."""

    orientations: list[OrientationVue]
    d_autres: bool = Field(
        description="Vrai s'il peut y en avoir d'autres : 500 d'un même état sont listées au plus, aux échéances les "
        "plus proches"
    )


class Envois(NamedTuple):
    """Functions by which the routes read referrals and candidacies. They raise BusUnavailable if the database
    cannot be reached."""

    owed: Callable[[Partner], Awaitable[Mapping[str, Any]]]
    """Function that returns what the partner still has to answer, most urgent first, and whether there may be more.
    """
    one: Callable[[str, Partner], Awaitable[Mapping[str, Any] | None]]
    """Function that returns one referral or candidacy, by the hub's id or the partner's own id. It returns None if
    the partner is neither the sender nor the recipient."""


def orientation_routes(envois: Envois, door: Admissions) -> APIRouter:
    """Return the routes by which a partner reads the referrals and candidacies that it received or sent. The
    routes read them from `envois`."""
    routes = APIRouter(tags=["Orientations"])
    caller = caller_of(door)

    @routes.get(
        PATH, response_model=Orientations, operation_id="lister_orientations", summary="Ce qui attend votre réponse"
    )  # fmt: skip
    async def owed(partner: Annotated[Partner, Depends(caller)]) -> Response:
        """Le hub donne vos orientations et candidatures ouvertes, la plus urgente d'abord, et ce qu'il attend
        de vous pour chacune."""
        return _json(await envois.owed(partner))

    @routes.get(
        f"{PATH}/{{id}}", response_model=OrientationSuivie, operation_id="suivre_orientation",
        summary="À qui le tour, pour une orientation ou une candidature",
    )  # fmt: skip
    async def one(
        ident: Annotated[str, Path(alias="id")], partner: Annotated[Partner, Depends(caller)]
    ) -> Response:
        """Le hub donne l'histoire de cette orientation ou candidature : ce qui est attendu, de qui, depuis
        quand et jusqu'à quand. Il répond 404 si elle ne vous concerne pas."""
        found = await envois.one(ident, partner)
        if found is None:
            raise Stop(UNKNOWN)
        return _json(found)

    return routes


def _json(content: object) -> Response:
    return Response(to_json(content), media_type="application/json")
