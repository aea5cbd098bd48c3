"""Make the routes by which a partner looks up its messages (`/v1/messages`) and the deliveries to it
(`/v1/livraisons`), fetches signed receipts, and asks for failed deliveries again."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, NamedTuple, Protocol
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import to_json

from connectors.admission import Admissions
from connectors.answer import Stop
from connectors.caller import Caller, caller_of
from connectors.http_in import PATH
from connectors.mailbox_http import CONTENT, content_of
from connectors.problem import problem
from connectors.problem_routes import without_parameters
from contracts.partner import Partner
from contracts.ports import Native
from router.domain.calendar import in_utc
from router.intake.own_answers import Livraisons, Messages, Renvoi, Sort

RECENT = timedelta(days=7)
"""Period before now in which messages are searched if the request does not say from when on."""
LISTED = 100
COMPACT_JWS = "text/plain"
"""Media type of a receipt. Usual API clients cannot read the correct `application/jose`."""

MESSAGE_UNKNOWN = problem(
    404,
    "message-inconnu",
    "Message inconnu",
    "Aucun de vos messages ne porte cet identifiant : reprenez le champ « id » de la réponse à l'envoi, ou cherchez "
    f"par GET {PATH}.",
)
DELIVERY_UNKNOWN = problem(
    404,
    "livraison-inconnue",
    "Livraison inconnue",
    "Aucun envoi en échec vers vous ne porte cet identifiant : reprenez le champ « id » de GET /v1/livraisons. Ce qui "
    "est déjà reparti n'y est plus.",
)


Moment = Annotated[AwareDatetime, BeforeValidator(datetime.fromisoformat), AfterValidator(in_utc)]
"""Moment in ISO 8601, with a time zone. Pydantic alone would also accept a number of seconds."""


class Recherche(BaseModel):
    """Query parameters of a search for messages. A request with an unknown parameter is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    depuis: Moment | None = Field(
        None, description="Reçus depuis ce moment, avec son décalage horaire ; à défaut, depuis sept jours"
    )
    etat: Literal["accepte", "partiel", "refuse", "en_cours"] | None = Field(
        None, description="État du message"
    )
    reference: str | None = Field(
        None,
        min_length=1,
        max_length=255,
        description="Comment vous appelez un message ou une ligne : clé d'idempotence, identifiant d'événement ; "
        "place, ménage, demande, orientation ou candidature, par votre identifiant ou celui du hub. D'une ligne "
        "refusée, tout sauf l'identifiant d'événement et la place",
    )
    limite: int = Field(50, ge=1, le=500, description="Messages par page")
    apres: UUID | None = Field(None, description="« suivant » de la page d'avant")


RULES: Mapping[str, str] = {
    "depuis": "Donnez une date et une heure avec décalage : 2026-03-02T14:30:00+01:00 (« + » s'écrit %2B) ; pour "
    "GET /v1/liste, le numéro de votre dernier changement.",
    "etat": "Donnez accepte, partiel, refuse ou en_cours.",
    "reference": "Donnez 1 à 255 caractères.",
    "limite": "Donnez un nombre entier entre 1 et 500.",
    "apres": "Reprenez tel quel le champ « suivant » de la page d'avant.",
    "id": "Donnez un identifiant du hub (UUID), tel qu'il vous l'a donné.",
}


NOTHING_TO_MEND = problem(
    404,
    "rien-a-corriger",
    "Aucune ligne à corriger",
    "Aucun de vos messages n'a de lignes à corriger sous cet identifiant : ce n'est pas un tableau, aucune ligne n'en "
    f"est refusée, il est encore en cours, ou il est trop ancien. Lisez « rejets » de GET {PATH}/{{id}}.",
)


RECEIPT_UNKNOWN = problem(
    404,
    "recu-inconnu",
    "Aucun reçu",
    "Aucun message accepté de vous, ni livraison arrivée chez vous ou venue de vos messages, n'a de reçu sous cet "
    "identifiant : il n'est pas à vous, a été refusé, n'est pas arrivé ou a plus de 30 jours, ou l'une des personnes "
    "qu'il nomme a été oubliée. Prenez un reçu dans les 30 jours, et gardez-le.",
)
RECEIPT_COMES = problem(
    404,
    "recu-pas-encore",
    "Le reçu vient",
    "C'est enregistré ; la tête de l'audit qui le prouve n'est pas encore signée. Redemandez dans une minute.",
    retry_after=60,
)


RECEIPT: dict[int | str, dict[str, Any]] = {
    200: {"description": "Le reçu, un JWS", "content": {COMPACT_JWS: {"schema": {"type": "string"}}}}
}


class Recu(NamedTuple):
    """Signed receipt. The receipt of a message proves that the hub accepted the message. The receipt of a delivery
    proves that the delivery reached its recipient."""

    jws: str | None
    """Text of the signed receipt, a compact JWS (JSON web signature). None until the hub can sign it, which takes
    about a minute."""


class Receipts(Protocol):
    """Functions by which the routes read signed receipts. They raise BusUnavailable if the database cannot be
    reached."""

    async def of_message(self, partner: str, message: UUID) -> Recu | None:
        """Return the signed receipt of a message. Return None if the message was refused or has no receipt, if the
        partner did not send it, or if a household in it was forgotten."""
        ...

    async def of_delivery(self, partner: str, delivery: UUID) -> Recu | None:
        """Return the signed receipt of a delivery. Return None if nothing proves that the delivery arrived, if the
        partner is neither the delivery's recipient nor the sender of the delivered event, or if a household in the
        delivery was forgotten."""
        ...


class Own(Protocol):
    """Functions by which the routes read a partner's messages and deliveries. They raise BusUnavailable if the
    database cannot be reached."""

    async def fate(self, partner: Partner, message: UUID) -> Mapping[str, Any] | None:
        """Return what became of a message. Return None if the partner did not send the message."""
        ...

    async def to_mend(self, partner: Partner, message: UUID) -> Native | None:
        """Return a file with the rejected rows of a message. Return None if the message has no such file, or if the
        partner did not send the message."""
        ...

    async def messages(self, partner: str, wanted: Recherche, since: datetime) -> Sequence[Mapping[str, Any]]:
        """Return the messages that the partner sent since `since` and that match `wanted`, newest first."""
        ...

    async def troubled(self, partner: str, most: int) -> Sequence[Mapping[str, Any]]:
        """Return the failed deliveries to the partner, oldest first, at most `most` of them. A delivery
        has failed if the partner refused it, or if nobody knows whether it arrived."""
        ...

    async def ask_again(self, partner: str, delivery: UUID) -> bool:
        """Request another attempt at a failed delivery to the partner. Return False if the partner has no
        failed delivery with this id."""
        ...


def own_routes(own: Own, receipts: Receipts, door: Admissions) -> APIRouter:
    """Return the routes by which a partner reads its own messages and deliveries, and asks for failed deliveries
    again."""
    router = APIRouter(prefix="/v1")
    caller = caller_of(door)
    _about_messages(router, own, receipts, caller)
    _about_deliveries(router, own, receipts, caller)
    return router


def _about_messages(router: APIRouter, own: Own, receipts: Receipts, caller: Caller) -> None:
    @router.get(
        "/messages", response_model=Messages, operation_id="chercher_messages", summary="Chercher vos messages",
        tags=["Messages"],
    )  # fmt: skip
    async def search(
        partner: Annotated[Partner, Depends(caller)], wanted: Annotated[Recherche, Query()]
    ) -> dict[str, Any]:
        """Cherche vos messages par date, par état ou par votre propre référence. Les plus récents viennent
        d'abord."""
        since = wanted.depuis or datetime.now(UTC) - RECENT
        found = await own.messages(partner.id, wanted, since)
        more = len(found) == wanted.limite
        return {"messages": found, "suivant": found[-1]["id"] if more else None}

    @router.get(
        "/messages/{id}", response_model=Sort, operation_id="suivre_message", summary="Ce qu'est devenu un message",
        tags=["Messages"],
    )  # fmt: skip
    async def message(
        ident: Annotated[UUID, Path(alias="id")],
        partner: Annotated[Partner, Depends(caller)],
        _: Annotated[None, Depends(without_parameters)],
    ) -> Response:
        """Dit ce que votre message est devenu, ligne par ligne, événement par événement, livraison par
        livraison. Répond 404 si le message n'est pas de vous."""
        found = await own.fate(partner, ident)
        if found is None:
            raise Stop(MESSAGE_UNKNOWN)
        return Response(to_json(found), media_type="application/json")

    @router.get(
        "/messages/{id}/a-corriger", response_class=Response, responses=CONTENT, operation_id="lignes_a_corriger",
        summary="Reprendre les lignes refusées d'un tableau", tags=["Messages"],
    )  # fmt: skip
    async def to_mend(
        ident: Annotated[UUID, Path(alias="id")],
        partner: Annotated[Partner, Depends(caller)],
        _: Annotated[None, Depends(without_parameters)],
    ) -> Response:
        """Donne les lignes refusées de votre tableau, sous l'en-tête du tableau, avec une colonne « a_corriger
        » qui dit pourquoi chaque ligne est refusée. Corrigez ces lignes et renvoyez le fichier. Si vous donnez
        une clé d'idempotence à vos messages, donnez une clé neuve à ce fichier. Vous pouvez laisser la colonne
        « a_corriger » : elle n'est pas lue."""
        native = await own.to_mend(partner, ident)
        if native is None:
            raise Stop(NOTHING_TO_MEND)
        return content_of(native)

    @router.get(
        "/messages/{id}/recu", response_class=Response, operation_id="recu_message",
        summary="Le reçu signé d'un message accepté", tags=["Messages"],
        responses=RECEIPT,
    )  # fmt: skip
    async def receipt(
        ident: Annotated[UUID, Path(alias="id")],
        partner: Annotated[Partner, Depends(caller)],
        _: Annotated[None, Depends(without_parameters)],
    ) -> Response:
        """Ce reçu prouve à quiconque, sans le hub, que le hub a reçu de vous les octets de ce message, et
        quand. Le guide dit comment vérifier le reçu. Prenez-le dans les 30 jours, et gardez-le. Pendant la
        minute qui suit l'envoi, la réponse peut être 404 avec « Retry-After »."""
        return _given(await receipts.of_message(partner.id, ident))


def _about_deliveries(router: APIRouter, own: Own, receipts: Receipts, caller: Caller) -> None:
    @router.get(
        "/livraisons", response_model=Livraisons, operation_id="lister_livraisons", summary="Vos livraisons en échec",
        tags=["Livraisons"],
    )  # fmt: skip
    async def troubled(
        partner: Annotated[Partner, Depends(caller)], _: Annotated[None, Depends(without_parameters)]
    ) -> dict[str, Any]:
        """Donne les livraisons que vous avez refusées, ou dont rien ne prouve l'arrivée : cent au plus, les
        plus anciennes d'abord."""
        return {"livraisons": await own.troubled(partner.id, LISTED)}

    @router.post(
        "/livraisons/{id}/renvoi", response_model=Renvoi, status_code=202, operation_id="redemander_livraison",
        summary="Redemander une livraison", tags=["Livraisons"],
    )  # fmt: skip
    async def ask_again(
        ident: Annotated[UUID, Path(alias="id", description="« id » de la livraison")],
        partner: Annotated[Partner, Depends(caller)],
    ) -> dict[str, Any]:
        """Le hub vous renvoie la livraison sous le même « webhook-id », avant les livraisons du même sujet
        qui attendent encore."""
        if not await own.ask_again(partner.id, ident):
            raise Stop(DELIVERY_UNKNOWN)
        return {"id": ident, "etat": "en_attente"}

    @router.get(
        "/livraisons/{id}/recu", response_class=Response, operation_id="recu_livraison",
        summary="Le reçu signé d'une livraison arrivée", tags=["Livraisons"], responses=RECEIPT,
    )  # fmt: skip
    async def receipt(
        ident: Annotated[UUID, Path(alias="id", description="« id » de la livraison, ou de son lot")],
        partner: Annotated[Partner, Depends(caller)],
        _: Annotated[None, Depends(without_parameters)],
    ) -> Response:
        """Ce reçu prouve à quiconque, sans le hub, que cette livraison est arrivée chez son destinataire, et
        quand. Deux partenaires peuvent prendre un reçu : le destinataire, et l'expéditeur du message dont vient
        la livraison. Le reçu que prend le destinataire prouve aussi quels octets sont arrivés ; celui que prend
        l'expéditeur ne le prouve pas. Prenez votre reçu dans les 30 jours, et gardez-le. Pendant la minute qui
        suit l'arrivée, la réponse peut être 404 avec « Retry-After »."""
        return _given(await receipts.of_delivery(partner.id, ident))


def _given(found: Recu | None) -> Response:
    if found is None:
        raise Stop(RECEIPT_UNKNOWN)
    if found.jws is None:
        raise Stop(RECEIPT_COMES)
    return Response(found.jws, media_type=COMPACT_JWS)
