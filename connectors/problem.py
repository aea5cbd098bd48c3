"""Describe errors to partners as problem details (JSON texts, RFC 9457), in French, with every rejected row
and field."""

import json
import math
from collections.abc import Iterable
from uuid import UUID

from connectors.answer import Answer, Headers
from contracts.ports import Rejet

MEDIA_TYPE = b"application/problem+json"
CATALOGUE = "/docs/erreurs"
"""Path of the page that explains each problem type."""


def problem(
    status: int,
    slug: str,
    titre: str,
    detail: str,
    rejets: Iterable[Rejet] = (),
    *,
    retry_after: float | None = None,
    headers: Headers = (),
    ident: UUID | None = None,
    a_corriger: str | None = None,
) -> Answer:
    """Return a response with a problem detail of type `urn:siao:probleme:<slug>`. `detail` says what to do,
    without personal values. `retry_after`: in seconds; `ident`: id of the stored message; `a_corriger`:
    address of the file with the rejected rows."""
    content: dict[str, object] = {
        "type": f"urn:siao:probleme:{slug}",
        "title": titre,
        "status": status,
        "detail": detail,
        "documentation": f"{CATALOGUE}#{slug}",
    }
    if ident is not None:
        content["id"] = str(ident)
    if a_corriger is not None:
        content["a_corriger"] = a_corriger
    if lignes := [rejet_json(rejet) for rejet in rejets]:
        content["rejets"] = lignes
    fields: Headers = ((b"content-type", MEDIA_TYPE), *headers)
    if retry_after is not None:
        fields = (*fields, (b"retry-after", str(math.ceil(retry_after)).encode()))
    return Answer(status, json.dumps(content, ensure_ascii=False).encode(), fields)


def rejet_json(rejet: Rejet) -> dict[str, object]:
    """Return a rejection as JSON for the sender, with the sender's reference if the rejection has one."""
    told = rejet_kept(rejet)
    return told if rejet.reference is None else {**told, "reference": rejet.reference}


def rejet_kept(rejet: Rejet) -> dict[str, object]:
    """Return a rejection as JSON for storage: without the sender's reference, which may be a name."""
    return {"code": rejet.code, "message": rejet.message, "ligne": rejet.ligne, "champ": rejet.champ}


UNAUTHENTICATED = problem(
    401,
    "cle-api-invalide",
    "Clé d'API absente ou inconnue",
    "Envoyez votre clé dans l'en-tête « Authorization: Bearer … » ou « X-API-Key ». "
    "Si elle a été changée, demandez la nouvelle à l'équipe du hub.",
    headers=((b"www-authenticate", b'Bearer realm="siao"'),),
)

_AGAIN = "Renvoyez ensuite la même requête, avec la même clé : elle n'a eu aucun effet."


def too_many(detail: str, retry_after: float) -> Answer:
    """Return the 429 response to a partner that has reached the limit named in `detail`. `retry_after` is
    in seconds."""
    return problem(
        429, "limite-atteinte", "Votre limite est atteinte", f"{detail} {_AGAIN}", retry_after=retry_after
    )


BODIES_TOO_LARGE = too_many(
    "Vos gros messages en cours occupent toute la mémoire qui vous revient : attendez que l'un d'eux ait sa réponse.",
    5,
)

BUG = problem(
    500,
    "erreur-interne",
    "Erreur du hub",
    "La faute est du côté du hub, et son équipe le voit. Renvoyez la même requête, avec la même clé, dans une heure.",
)
UNAVAILABLE = problem(
    503,
    "momentanement-indisponible",
    "Service momentanément indisponible",
    "Rien n'est perdu de votre côté : renvoyez la même requête, avec la même clé, après le délai indiqué.",
    retry_after=5,
)
