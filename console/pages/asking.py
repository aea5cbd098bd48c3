"""Read request parameters that several pages share."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Depends, Form, Request
from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, AwareDatetime, BaseModel, ValidationError

from ops.lists.sql import Behind
from router.domain.calendar import in_utc
from router.store.jobs import Filter

M = TypeVar("M", bound=BaseModel)
Moment = Annotated[AwareDatetime, AfterValidator(in_utc)]
TYPED = "tapé"
Tape = Annotated[str, TYPED]
"""Typed text. It is read only from posted forms, never from a URL, because proxies and browsers store
URLs."""


def asked(model: type[M]) -> Callable[[Request], Awaitable[M]]:
    """Return a FastAPI dependency that reads `model` from the posted form or, for a GET, from the query.
    Fields of type `Tape` are never read from a query: people may type a person's name there, which must not
    appear in a URL."""
    typed = {name for name, field in model.model_fields.items() if TYPED in field.metadata}

    async def read(request: Request) -> M:
        query = {name: value for name, value in request.query_params.items() if name not in typed}
        said = query if request.method == "GET" else dict(await request.form())
        try:
            return model.model_validate(said)
        except ValidationError as exc:
            raise RequestValidationError(exc.errors()) from exc

    return read


def _behind(apres: Moment | None = None, apres_id: UUID | None = None, apres_cle: str = "") -> Behind | None:
    return Behind(apres, apres_id, apres_cle) if apres and apres_id else None


async def _wanted(
    request: Request,
    entree: Annotated[UUID | None, Form()] = None,
    cause: Annotated[str | None, Form()] = None,
    empreinte: Annotated[str | None, Form()] = None,
) -> Filter:
    sender = (await request.form()).get("partenaire")  # FastAPI treats an empty field as a missing one
    return Filter(entree, cause or None, empreinte or None, None if sender is None else str(sender))


Suite = Annotated[Behind | None, Depends(_behind)]
"""Last row of the previous page; None for the first page."""
Vu = Annotated[Moment, Form()]
"""Moment at which the data of the posted page were read. The person has not seen what came later."""
Voulu = Annotated[Filter, Depends(_wanted)]
"""Posted filter for the quarantine: one item, or all items of a cause, of an error's fingerprint or of a
sender. Every field may be None."""
