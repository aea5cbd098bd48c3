"""What stands before every page: who visits, whether they may, and whether a form is ours."""

import hmac
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, HTTPException, Request

from connectors.token_bucket import TokenBucket
from console import sessions
from console.parts import Parts
from console.rights import Droit, Personne, Portee
from router.domain.sandbox import sandbox_of
from router.store import subjects
from router.store.database import Connection

FORM_TOKEN = "jeton"  # noqa: S105 - the name of a field
PER_SECOND, BURST = 10.0, 60.0
"""Requests of one session, or of one address before that: more than hands and live pages need."""
KNOWN_VISITORS = 5000


class NotLoggedIn(Exception):
    """Nobody knows who this is yet: the way to the identity provider."""


@dataclass(frozen=True, slots=True)
class Visite:
    """Somebody on a page that they may see."""

    person: Personne
    portee: Portee
    parts: Parts
    form_token: str
    """Every form sends it back."""

    def partners(self) -> tuple[str, ...]:
        """The partners of the registry whose traffic they may see."""
        return self.portee.of(self.parts.registry().partners)

    def real_partners(self) -> tuple[str, ...]:
        """The same without those of a sandbox."""
        return tuple(partner for partner in self.partners() if not sandbox_of(partner))

    def needs(self, partner: str | None) -> None:
        """Raises 404, as for what does not exist, where this partner's traffic is not theirs to see. What is nobody's,
        or everybody's, is for who sees all."""
        if not self.portee.sees(partner):
            raise not_found()

    async def opened(self, connection: Connection, idents: Iterable[UUID]) -> frozenset[UUID]:
        """Those of these subjects whose page they may open: of no other is the id shown, nor a link to it."""
        asked = frozenset(idents)
        if self.portee.whole:
            return asked
        known = await subjects.read(connection, asked)
        return frozenset(ident for ident, each in known.items() if self.portee.opens(each))


def not_found() -> HTTPException:
    """For what is not there, and for what is somebody else's: nobody learns which."""
    return HTTPException(404)


class Exige:
    """The dependency of every route but those of the way in."""

    def __init__(self, droit: Droit) -> None:
        self.droit = droit

    async def __call__(self, request: Request) -> Visite:
        """Raises NotLoggedIn; 403 where a right is missing or a form is not ours; 429 for too many requests."""
        parts: Parts = request.app.state.parts
        secret = sessions.secret_of(request, parts.settings.console)
        slow_down(request, secret)
        person = await sessions.visitor(parts.database, parts.provider, secret)
        if person is None or secret is None:
            raise NotLoggedIn
        if not person.may(self.droit):
            raise HTTPException(403)
        token = sessions.form_token(secret)
        if request.method != "GET":
            sent = str((await request.form()).get(FORM_TOKEN, ""))
            if not hmac.compare_digest(sent.encode(), token.encode()):
                raise HTTPException(
                    403, "ce formulaire n'est plus valable : rechargez la page, puis recommencez"
                )
        return Visite(person, person.portee(parts.registry()), parts, token)


def slow_down(request: Request, secret: str | None) -> None:
    """Raises 429 for who asks too much: a session, or an address that shows none."""
    buckets: OrderedDict[str, TokenBucket] = request.app.state.buckets
    who = secret or (request.client.host if request.client else "")
    bucket = buckets.pop(who, None) or TokenBucket(PER_SECOND, BURST)
    buckets[who] = bucket
    if len(buckets) > KNOWN_VISITORS:
        buckets.popitem(last=False)
    if bucket.take(time.monotonic()):
        raise HTTPException(429, "trop de demandes à la fois : attendez quelques secondes")


Veilleur = Annotated[Visite, Depends(Exige(Droit.VEILLER))]
Suiveur = Annotated[Visite, Depends(Exige(Droit.SUIVRE))]
Decideur = Annotated[Visite, Depends(Exige(Droit.DECIDER))]
Demasqueur = Annotated[Visite, Depends(Exige(Droit.DEMASQUER))]
Auditeur = Annotated[Visite, Depends(Exige(Droit.AUDITER))]
