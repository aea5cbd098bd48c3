"""Request parameters that several pages share."""

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
"""Typed text, read from posted forms only, never from an address: proxies and browsers store addresses."""


def asked(model: type[M]) -> Callable[[Request], Awaitable[M]]:
    """Return a FastAPI dependency that reads `model` from a posted form or a GET's query. Fields of type `Tape`
    are never read from a query: people may type a person's name there, which must not appear in a URL."""
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
"""Moment at which the posted page was read: what came later, the person has not seen."""
Voulu = Annotated[Filter, Depends(_wanted)]
"""Posted filter for the quarantine: one row, or all rows of a cause, fingerprint or sender. Every field may
be None."""
