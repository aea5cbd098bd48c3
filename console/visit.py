"""Checks before every page: the visitor, their rights, and whether a form is ours."""

import hmac
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Hashable, Iterable
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
"""Limits on the requests of one session, or of all visitors without a session at one network address: a
second in the long run, and in one burst. Hands and live pages need fewer."""
KNOWN_VISITORS = 5000
Rate = tuple[float, float]
"""Limit on requests: the number a second in the long run, and the number at once."""


class NotLoggedIn(Exception):
    """Raised for a visitor without a session, who has to log in."""


class NotProved(Exception):
    """Raised if the last proof of identity is too old. It leads to the identity provider, for a new proof."""


@dataclass(frozen=True, slots=True)
class Visite:
    """A visitor on a page that they may see."""

    person: Personne
    portee: Portee
    parts: Parts
    form_token: str
    """Token that every form sends back."""
    session: bytes
    """Hash of the session's secret."""

    def partners(self) -> tuple[str, ...]:
        """Return the partners of the registry whose traffic the visitor may see."""
        return self.portee.of(self.parts.registry().partners)

    def names(self) -> dict[str, str]:
        """Return the names, by id, of the partners whose traffic the visitor may see, sorted by name."""
        entries = self.parts.registry().partners
        return dict(sorted(((name, entries[name].nom) for name in self.partners()), key=itemgetter(1)))

    def real_partners(self) -> tuple[str, ...]:
        """Return the partners whose traffic the visitor may see, without those of a sandbox."""
        return tuple(partner for partner in self.partners() if not sandbox_of(partner))

    @property
    def zone(self) -> tzinfo | None:
        """Return the time zone of all territories that the visitor may see; None, which means that of this machine,
        if there are several."""
        registry = self.parts.registry()
        return only_zone(t for name in self.partners() for t in registry.partners[name].territoires)

    def needs(self, partner: str | None) -> None:
        """Check that the visitor may see this partner's traffic; for None as partner, that the visitor may
        see all traffic.

        Raises 404, as for a page that does not exist.
        """
        if not self.portee.sees(partner):
            raise not_found()

    async def opened(self, connection: Connection, idents: Iterable[UUID]) -> frozenset[UUID]:
        """Return the subjects, among `idents`, whose page the visitor may open. Pages neither show nor link
        the ids of other subjects."""
        asked = frozenset(idents)
        if self.portee.whole:
            return asked
        known = await subjects.read(connection, asked)
        return frozenset(ident for ident, each in known.items() if self.portee.opens(each))


def not_found() -> HTTPException:
    """Return a 404 for a page that does not exist, or that the visitor may not see, without saying which."""
    return HTTPException(404)


class Exige:
    """FastAPI dependency that checks the visitor, the right `droit` and the form. Every route has it, except
    those of login and logout."""

    def __init__(self, droit: Droit, *, proof: bool = False) -> None:
        self.droit = droit
        self._proof = proof
        """Whether the visitor must have proved a moment ago who they are."""

    async def recognise(self, request: Request) -> None:
        """Find out who the visitor is, before the content of the request is read. Raises NotLoggedIn; 403 if a right
        is missing; NotProved; 429 for too many requests."""
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
        """Return the visitor of a request. Raises 403 for a form that does not carry the token of its
        session."""
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
    """Raise 403 for a form that does not carry the token of its session."""
    if not hmac.compare_digest(sent.encode(), token.encode()):
        raise HTTPException(403, "ce formulaire n'est plus valable : rechargez la page, puis recommencez")


def is_stream(request: Request) -> bool:
    """Return whether the request is that of an open page that refreshes itself."""
    return "text/event-stream" in request.headers.get("accept", "")


class Closed(APIRoute):
    """A route that recognises its visitor before it reads a form or a file."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return FastAPI's own handler, which runs after the visitor is recognised."""
        serve = super().get_route_handler()
        (door,) = (each.call for each in self.dependant.dependencies if isinstance(each.call, Exige))

        async def recognised(request: Request) -> Response:
            await door.recognise(request)
            return await serve(request)

        return recognised


def closed() -> APIRouter:
    """Return a router whose pages check the visitor before they read a form."""
    return APIRouter(route_class=Closed)


def slow_down(request: Request, secret: str | None = None, rate: Rate | None = None) -> None:
    """Raise 429 for a visitor with too many requests. `rate`, if given, is the limit for a costlier page. A
    session that was verified lately has a limit of its own; with any other cookie, the limit is that of the
    network address."""
    session = sessions.hash_of(secret) if secret else b""
    address = request.client.host if request.client else ""
    who = session if session in request.app.state.buckets else address
    bucket = _bucket(request, who) if rate is None else _bucket(request, (address, rate), rate)
    if bucket.take(time.monotonic()):
        raise HTTPException(429, "trop de demandes à la fois : attendez quelques secondes")


def _bucket(request: Request, who: Hashable, rate: Rate | None = None) -> TokenBucket:
    """Return the token bucket that limits one visitor: a session, known by the hash of its secret, or a
    network address."""
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
