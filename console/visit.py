"""Check before every page who the visitor is, what they may do, and where a posted form comes from."""

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

from connectors.addresses import sender_of
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
KNOWN_VISITORS = 5000
Rate = tuple[float, float]
"""Number of requests per second in the long run, and in one burst."""


class NotLoggedIn(Exception):
    """Raised for a visitor without a valid session, who is then sent to the login."""


class NotProved(Exception):
    """Raised if a page needs a fresh proof of identity. The visitor is then asked to log in again."""


@dataclass(frozen=True, slots=True)
class Visite:
    """Visit of a person to a page, after all checks: who the person is, what they may see, and the objects that
    the page uses."""

    person: Personne
    portee: Portee
    parts: Parts
    form_token: str
    """Token that every form must post."""
    session: bytes
    """Hash of the session's secret."""

    def partners(self) -> tuple[str, ...]:
        """Return the ids of the partners that the visitor may see."""
        return self.portee.of(self.parts.registry().partners)

    def names(self) -> dict[str, str]:
        """Return the names of the partners that the visitor may see, by id, sorted by name."""
        entries = self.parts.registry().partners
        return dict(sorted(((name, entries[name].nom) for name in self.partners()), key=itemgetter(1)))

    def real_partners(self) -> tuple[str, ...]:
        """Return the ids of the partners that the visitor may see and that are not in a sandbox."""
        return tuple(partner for partner in self.partners() if not sandbox_of(partner))

    @property
    def zone(self) -> tzinfo | None:
        """Return the time zone of the partners that the visitor may see; None if there are several, or none:
        pages then use the time zone of this machine."""
        registry = self.parts.registry()
        return only_zone(t for name in self.partners() for t in registry.partners[name].territoires)

    def needs(self, partner: str | None) -> None:
        """Raise 404 if the visitor must not see the traffic of `partner`. If `partner` is None, raise 404
        unless the visitor may see all traffic."""
        if not self.portee.sees(partner):
            raise not_found()

    def among(self, partenaire: str) -> Collection[str] | None:
        """Return `partenaire` if given, else the partners that the visitor may see; None stands for all
        partners. Raises 404 if the visitor must not see `partenaire`."""
        if not partenaire:
            return self.portee.partners
        self.needs(partenaire)
        return [partenaire]

    async def opened(self, connection: Connection, idents: Iterable[UUID]) -> frozenset[UUID]:
        """Return those of the subjects `idents` whose page the visitor may open."""
        asked = frozenset(idents)
        if self.portee.whole:
            return asked
        known = await subjects.read(connection, asked)
        return frozenset(ident for ident, each in known.items() if self.portee.opens(each))


def not_found() -> HTTPException:
    """Return a 404 error, which is the same for a page that does not exist and for a page that the visitor must
    not see."""
    return HTTPException(404)


class Exige:
    """FastAPI dependency that checks that the visitor is logged in and has the right `droit`, and that a posted
    form has the session's token."""

    def __init__(self, droit: Droit, *, proof: bool = False) -> None:
        self.droit = droit
        self._proof = proof
        """Whether the visitor needs a recent proof of identity."""

    async def recognise(self, request: Request) -> None:
        """Identify the visitor before the request's body is read. Raises NotLoggedIn without a session,
        NotProved if the page needs a fresh proof of identity, 403 without the right `droit`, 429 after too many
        requests."""
        parts: Parts = request.app.state.parts
        settings = parts.settings.console
        secret = sessions.secret_of(request, settings)
        slow_down(request, secret)
        idle = None if is_stream(request) else timedelta(minutes=settings.idle_min)
        visitor = await sessions.visitor(parts.database, parts.provider, parts.registry(), secret, idle)
        if visitor is None or secret is None:
            raise NotLoggedIn
        _bucket(request, sessions.hash_of(secret))
        if not visitor.person.may(self.droit):
            raise HTTPException(403)
        if self._proof and not visitor.has_proved:
            raise NotProved
        request.state.visitor = secret, visitor.person

    async def __call__(self, request: Request) -> Visite:
        """Return the visitor's visit. `recognise` has already checked the login and the right `droit`, on the
        same request. The only check made here is that a posted form has the session's token: raises 403 without
        it."""
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
    """Raise 403 if the token that a form posted (`sent`) is not the session's token."""
    if not hmac.compare_digest(sent.encode(), token.encode()):
        raise HTTPException(403, "ce formulaire n'est plus valable : rechargez la page, puis recommencez")


def is_stream(request: Request) -> bool:
    """Return whether a request comes from an open page that asks for its server-sent events."""
    return "text/event-stream" in request.headers.get("accept", "")


class Closed(APIRoute):
    """FastAPI route that identifies the visitor first, and only then reads the body of a request."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return a handler that identifies the visitor first, and only then reads the body of a request."""
        serve = super().get_route_handler()
        (door,) = (each.call for each in self.dependant.dependencies if isinstance(each.call, Exige))

        async def recognised(request: Request) -> Response:
            await door.recognise(request)
            return await serve(request)

        return recognised


def closed() -> APIRouter:
    """Return a router whose routes identify the visitor before they read the body of a request (`Closed`)."""
    return APIRouter(route_class=Closed)


def slow_down(request: Request, secret: str | None = None, rate: Rate | None = None) -> None:
    """Count a request against the limits of its session, or of its network address if the session was not
    verified lately. An IPv6 address counts with its whole network. `secret`: value of the session's cookie.
    `rate`: a costly page's own limits, always counted by address. Raises 429 beyond the limits."""
    session = sessions.hash_of(secret) if secret else b""
    address = sender_of(request.client.host) if request.client else ""
    who = session if session in request.app.state.buckets else address
    bucket = _bucket(request, who) if rate is None else _bucket(request, (address, rate), rate)
    if bucket.take(time.monotonic()):
        raise HTTPException(429, "trop de demandes à la fois : attendez quelques secondes")


def _bucket(request: Request, who: Hashable, rate: Rate | None = None) -> TokenBucket:
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
