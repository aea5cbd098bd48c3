"""Request parameters that several pages share."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Depends, Form, Request
from fastapi.exceptions import RequestValidationError
from pydantic import AwareDatetime, BaseModel, ValidationError

from ops.lists.sql import Behind
from router.store.jobs import Filter

M = TypeVar("M", bound=BaseModel)
TYPED = "tapé"
Tape = Annotated[str, TYPED]
"""Words typed by a visitor. They are read from posted forms only, because proxies and browsers store
addresses."""


def asked(model: type[M]) -> Callable[[Request], Awaitable[M]]:
    """Return a FastAPI dependency that reads a model from a posted form. From the query it reads the model
    without typed words. It raises RequestValidationError for wrong values."""
    typed = {name for name, field in model.model_fields.items() if TYPED in field.metadata}

    async def read(request: Request) -> M:
        query = {name: value for name, value in request.query_params.items() if name not in typed}
        said = query if request.method == "GET" else dict(await request.form())
        try:
            return model.model_validate(said)
        except ValidationError as exc:
            raise RequestValidationError(exc.errors()) from exc

    return read


def _behind(
    apres: AwareDatetime | None = None, apres_id: UUID | None = None, apres_cle: str = ""
) -> Behind | None:
    return Behind(apres, apres_id, apres_cle) if apres and apres_id else None


async def _wanted(
    request: Request,
    entree: Annotated[UUID | None, Form()] = None,
    cause: Annotated[str | None, Form()] = None,
    empreinte: Annotated[str | None, Form()] = None,
) -> Filter:
    sender = (await request.form()).get("partenaire")  # FastAPI takes an empty field for a missing one
    return Filter(entree, cause or None, empreinte or None, None if sender is None else str(sender))


Suite = Annotated[Behind | None, Depends(_behind)]
"""Last row of the previous page; None for the first page."""
Voulu = Annotated[Filter, Depends(_wanted)]
"""Filter for quarantined entries, from a posted form: one entry or a group. An empty filter has no criteria."""
