"""Checks before every page: the visitor, their rights, and the origin of a posted form."""

import hmac
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Coroutine, Hashable, Iterable
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from operator import itemgetter
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.routing import APIRoute

from connectors.token_bucket import TokenBucket
from console import sessions
from console.parts import Parts
from console.rights import Droit, Personne, Portee
from ops.status.quantities import ZONE
from router.domain.calendar import only_zone
from router.domain.sandbox import sandbox_of
from router.store import subjects
from router.store.database import Connection

FORM_TOKEN = "jeton"  # noqa: S105 - the name of a field
PER_SECOND, BURST = 10.0, 60.0
"""Limits on one visitor's requests: per second in the long run, and at once."""
KNOWN_VISITORS = 5000
Rate = tuple[float, float]
"""Limit on requests: per second in the long run, and at once."""


class NotLoggedIn(Exception):
    """Raised for a visitor without a session, who is sent to the login."""


class NotProved(Exception):
    """Raised if the visitor's last proof of identity is too old. The visitor has to give a new one."""


@dataclass(frozen=True, slots=True)
class Visite:
    """Visit of a person to a page that they may see."""

    person: Personne
    portee: Portee
    parts: Parts
    form_token: str
    """Token that every form of the session sends back."""
    session: bytes
    """Hash of the session's secret."""

    def partners(self) -> tuple[str, ...]:
        """Return the ids of the partners whom the visitor may see."""
        return self.portee.of(self.parts.registry().partners)

    def names(self) -> dict[str, str]:
        """Return the names, by id, of the partners whom the visitor may see, sorted."""
        entries = self.parts.registry().partners
        return dict(sorted(((name, entries[name].nom) for name in self.partners()), key=itemgetter(1)))

    def real_partners(self) -> tuple[str, ...]:
        """Return the ids of the partners whom the visitor may see, without sandboxes."""
        return tuple(partner for partner in self.partners() if not sandbox_of(partner))

    @property
    def zone(self) -> tzinfo | None:
        """Return the common time zone of the visitor's territories; None, which means this machine's, if
        there are several."""
        registry = self.parts.registry()
        return only_zone(t for name in self.partners() for t in registry.partners[name].territoires)

    def needs(self, partner: str | None) -> None:
        """Check that the visitor may see a partner's traffic; for None, all traffic. Raises 404 if not."""
        if not self.portee.sees(partner):
            raise not_found()

    def among(self, partenaire: str) -> Collection[str] | None:
        """Return the partners whose rows a list shows: `partenaire` if given, else all partners whom the
        visitor may see. None means every partner. Raises 404 for a partner whom the visitor may not see."""
        if not partenaire:
            return self.portee.partners
        self.needs(partenaire)
        return [partenaire]

    async def opened(self, connection: Connection, idents: Iterable[UUID]) -> frozenset[UUID]:
        """Return the subjects, among `idents`, that the visitor may open."""
        asked = frozenset(idents)
        if self.portee.whole:
            return asked
        known = await subjects.read(connection, asked)
        return frozenset(ident for ident, each in known.items() if self.portee.opens(each))


def not_found() -> HTTPException:
    """Return a 404 answer. It is the same for a missing page and a hidden page."""
    return HTTPException(404)


class Exige:
    """FastAPI dependency that checks the visitor, their right and a posted form, for every page except login
    and logout."""

    def __init__(self, droit: Droit, *, proof: bool = False) -> None:
        self.droit = droit
        self._proof = proof
        """Whether the visitor needs a recent proof of identity."""

    async def recognise(self, request: Request) -> None:
        """Identify the visitor before the request's content is read. Raises NotLoggedIn, NotProved, 403 for a missing
        right, 429 for too many requests."""
        parts: Parts = request.app.state.parts
        settings = parts.settings.console
        secret = sessions.secret_of(request, settings)
        slow_down(request, secret)
        idle = None if is_stream(request) else timedelta(minutes=settings.idle_min)
        visitor = await sessions.visitor(parts.database, parts.provider, secret, idle)
        if visitor is None or secret is None:
            raise NotLoggedIn
        _bucket(request, sessions.hash_of(secret))
        if not visitor.person.may(self.droit):
            raise HTTPException(403)
        if self._proof and not visitor.has_proved:
            raise NotProved
        request.state.visitor = secret, visitor.person

    async def __call__(self, request: Request) -> Visite:
        """Return the visit for a request. Raises 403 for a posted form without the session's token."""
        parts: Parts = request.app.state.parts
        secret, person = request.state.visitor
        token = sessions.form_token(secret)
        if request.method != "GET":
            check_form(str((await request.form()).get(FORM_TOKEN, "")), token)
        portee, session = person.portee(parts.registry()), sessions.hash_of(secret)
        visite = Visite(person, portee, parts, token, session)
        ZONE.set(visite.zone)
        return visite


def check_form(sent: str, token: str) -> None:
    """Check the token of a posted form. Raises 403 for a wrong token."""
    if not hmac.compare_digest(sent.encode(), token.encode()):
        raise HTTPException(403, "ce formulaire n'est plus valable : rechargez la page, puis recommencez")


def is_stream(request: Request) -> bool:
    """Return whether a request refreshes an open page."""
    return "text/event-stream" in request.headers.get("accept", "")


class Closed(APIRoute):
    """FastAPI route that identifies its visitor before it reads a form or file."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the route's handler, which identifies the visitor first."""
        serve = super().get_route_handler()
        (door,) = (each.call for each in self.dependant.dependencies if isinstance(each.call, Exige))

        async def recognised(request: Request) -> Response:
            await door.recognise(request)
            return await serve(request)

        return recognised


def closed() -> APIRouter:
    """Return a router whose pages identify their visitor before they read a form or file."""
    return APIRouter(route_class=Closed)


def slow_down(request: Request, secret: str | None = None, rate: Rate | None = None) -> None:
    """Count a request against its visitor's limit. Raises 429 above the limit.

    `rate` replaces the limit for a costly page. The visitor is known by a recently verified session, else by
    the network address.
    """
    session = sessions.hash_of(secret) if secret else b""
    address = request.client.host if request.client else ""
    who = session if session in request.app.state.buckets else address
    bucket = _bucket(request, who) if rate is None else _bucket(request, (address, rate), rate)
    if bucket.take(time.monotonic()):
        raise HTTPException(429, "trop de demandes à la fois : attendez quelques secondes")


def _bucket(request: Request, who: Hashable, rate: Rate | None = None) -> TokenBucket:
    """Return the token bucket of one visitor: a session (by hash), or a network address."""
    buckets: OrderedDict[Hashable, TokenBucket] = request.app.state.buckets
    bucket = buckets.pop(who, None) or TokenBucket(*(rate or (PER_SECOND, BURST)))
    buckets[who] = bucket
    if len(buckets) > KNOWN_VISITORS:
        buckets.popitem(last=False)
    return bucket


Veilleur = Annotated[Visite, Depends(Exige(Droit.VEILLER))]
Suiveur = Annotated[Visite, Depends(Exige(Droit.SUIVRE))]
Decideur = Annotated[Visite, Depends(Exige(Droit.DECIDER))]
Demasqueur = Annotated[Visite, Depends(Exige(Droit.DEMASQUER, proof=True))]
Auditeur = Annotated[Visite, Depends(Exige(Droit.AUDITER))]
Parleur = Annotated[Visite, Depends(Exige(Droit.PARLER))]
