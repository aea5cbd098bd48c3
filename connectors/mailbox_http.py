"""Serve a partner's mailbox over HTTP: three routes under `/v1/boite`."""

from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field

from connectors.admission import Admissions
from connectors.answer import Stop
from connectors.caller import Caller, caller_of
from connectors.mailbox import MailboxStore, Uncollected
from connectors.native_headers import headers_of
from connectors.problem import UNAVAILABLE, problem
from connectors.problem_routes import response, wrong_parameters
from contracts.errors import Transient
from contracts.partner import Partner
from contracts.ports import Native

LIMITE_DEFAUT = 50
LIMITE_MAX = 500

Cle = Annotated[str, Path(description="Clé de l'envoi, telle que la liste la donne", max_length=255)]

NOT_FOUND = problem(
    404,
    "envoi-inconnu",
    "Envoi inconnu",
    "Votre boîte ne contient aucun envoi sous cette clé : reprenez « cle » de GET /v1/boite. Un envoi confirmé se "
    "relit pendant 7 jours, puis n'y est plus.",
)


class _Reponse(BaseModel):
    model_config = ConfigDict(frozen=True)


class Envoi(_Reponse):
    """Un envoi du hub qui attend dans votre boîte."""

    cle: str = Field(
        description="Clé de l'envoi : à donner pour le lire, puis pour en confirmer la réception"
    )
    type_contenu: str = Field(description="Type du contenu (Content-Type)")
    fichier: str | None = Field(description="Nom de fichier proposé, s'il y en a un")
    taille_octets: int = Field(description="Taille du contenu, en octets")
    depose_le: datetime = Field(description="Date et heure du dépôt")


class Boite(_Reponse):
    """Liste des envois qui attendent dans votre boîte, du plus ancien au plus récent."""

    envois: list[Envoi] = Field(description="Envois dont vous n'avez pas encore confirmé la réception")
    suivant: str | None = Field(description="Valeur de « apres » pour la suite ; nul s'il n'y a plus rien")


class Accuse(_Reponse):
    """Réponse à votre confirmation de réception : celle-ci est enregistrée."""

    cle: str = Field(description="Clé de l'envoi")
    etat: str = Field(description="Toujours « recu »")


class _ProblemRoute(APIRoute):
    """Route whose error responses are all problem details (RFC 9457)."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await handle(request)
            except Stop as stop:
                return response(stop.answer)
            except RequestValidationError as exc:
                return response(wrong_parameters(exc, _RULES))
            except Transient:
                return response(UNAVAILABLE)

        return answered


def mailbox_routes(store: MailboxStore, door: Admissions) -> APIRouter:
    """Return the three routes of the mailbox: list the deliveries, read a delivery, confirm its receipt.
    `door` checks the API key and the limits of each request."""
    router = APIRouter(prefix="/v1/boite", tags=["Boite"], route_class=_ProblemRoute)
    _add_routes(router, store, caller_of(door))
    return router


def _add_routes(router: APIRouter, store: MailboxStore, caller: Caller) -> None:
    @router.get(
        "", response_model=Boite, operation_id="lister_boite", summary="Lister les envois qui attendent",
        responses=_PROBLEMS,
    )  # fmt: skip
    async def lister(
        partner: Annotated[Partner, Depends(caller)],
        limite: Annotated[
            int, Query(ge=1, le=LIMITE_MAX, description="Nombre d'envois par page")
        ] = LIMITE_DEFAUT,
        apres: Annotated[
            str | None, Query(max_length=255, description="Clé du dernier envoi déjà vu")
        ] = None,
    ) -> Boite:
        """Donne la liste des envois dont vous n'avez pas confirmé la réception, du plus ancien au plus
        récent."""
        waiting = await store.list(partner.id, limite, apres)
        return Boite(envois=[_envoi(item) for item in waiting.items], suivant=waiting.after)

    @router.get(
        "/{cle}", response_class=Response, operation_id="lire_envoi", summary="Lire un envoi",
        responses=CONTENT | _PROBLEMS,
    )  # fmt: skip
    async def lire(partner: Annotated[Partner, Depends(caller)], cle: Cle) -> Response:
        """Donne le contenu de l'envoi, dans votre format. La lecture de l'envoi n'en confirme pas la réception."""
        native = await store.fetch(partner.id, cle)
        if native is None:
            raise Stop(NOT_FOUND)
        return content_of(native)

    @router.post(
        "/{cle}/accuse", response_model=Accuse, operation_id="accuser_envoi", summary="Confirmer la réception",
        responses=_PROBLEMS,
    )  # fmt: skip
    async def accuser(partner: Annotated[Partner, Depends(caller)], cle: Cle) -> Accuse:
        """Confirmez la réception : l'envoi quitte la liste, et vos délais commencent. Ce n'est pas une réponse : pour
        dire qu'une orientation est lue, envoyez un message par POST /v1/messages. Répéter cette confirmation est sans
        effet."""
        if not await store.acknowledge(partner.id, cle):
            raise Stop(NOT_FOUND)
        return Accuse(cle=cle, etat="recu")


def _envoi(item: Uncollected) -> Envoi:
    return Envoi(
        cle=item.key,
        type_contenu=item.media_type,
        fichier=item.filename,
        taille_octets=item.size_bytes,
        depose_le=item.since,
    )


def content_of(native: Native) -> Response:
    """Return a message, in its partner's format, as an HTTP response that no cache may store."""
    headers = headers_of(native) | {"cache-control": "no-store", "x-content-type-options": "nosniff"}
    return Response(native.body, headers=headers)


_RULES = {
    "limite": f"Donnez un nombre entier entre 1 et {LIMITE_MAX}.",
    "apres": "Donnez la clé d'un envoi (255 caractères au plus).",
    "cle": "Donnez la clé d'un envoi (255 caractères au plus).",
}

_PROBLEM_CONTENT = {"application/problem+json": {"schema": {"type": "object"}}}

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: {"description": "Paramètre invalide", "content": _PROBLEM_CONTENT},
    401: {"description": "Clé d'API absente ou inconnue", "content": _PROBLEM_CONTENT},
    429: {"description": "Votre limite est atteinte", "content": _PROBLEM_CONTENT},
    404: {"description": "Envoi inconnu", "content": _PROBLEM_CONTENT},
    "default": {"description": "Autre problème : lire « detail »", "content": _PROBLEM_CONTENT},
}

CONTENT: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Le contenu, dans votre format",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
