"""Tell a FastAPI route which partner calls it."""

from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

from fastapi import Request, Security
from fastapi.security import APIKeyHeader, HTTPBearer

from connectors.admission import Admissions
from contracts.partner import Partner

Caller = Callable[..., AsyncIterator[Partner]]

_BEARER = HTTPBearer(auto_error=False, description="Clé d'API du partenaire")
_HEADER = APIKeyHeader(name="X-API-Key", auto_error=False, description="Clé d'API du partenaire")


def caller_of(door: Admissions) -> Caller:
    """Return a FastAPI dependency that gives a route its calling partner, and counts the request as under way
    until the route ends.

    The dependency raises Stop: 401 without a valid API key; 429 above a limit of the sender's address or of
    the partner.
    """

    async def caller(
        request: Request,
        _: Annotated[Any, Security(_BEARER)],  # this scheme and the next are only for the API's description
        __: Annotated[Any, Security(_HEADER)],
    ) -> AsyncIterator[Partner]:
        with await door.admit(request.scope, dict(request.headers.raw)) as admission:
            yield admission.partner

    return caller
