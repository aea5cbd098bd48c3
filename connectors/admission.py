"""Check the API key of each request to the gateway, and its partner's limits: simultaneous requests, requests
per second, bytes."""

import time
from collections.abc import Callable, MutableMapping
from typing import Any, Self

from connectors.answer import Stop
from connectors.byte_budget import ByteBudget, Share
from connectors.failures import Failures
from connectors.http_body import Limits
from connectors.http_head import RawHeaders, api_key
from connectors.problem import too_many
from connectors.token_bucket import TokenBucket
from contracts.partner import Partner
from contracts.unknown_keys import UnknownKeys

Authenticate = Callable[[str], Partner | None]
"""Function that returns the partner of an API key; None for an unknown key. It never waits."""
Refuse = Callable[[str], bool]
"""Function that records that an API key was refused, and returns whether the key once belonged to a partner.
It never waits."""
Scope = MutableMapping[str, Any]
MIB = 1024 * 1024
SOON_SECONDS = 1.0


class _Caller:
    """One partner's use of the gateway, compared with the limits in its registry entry."""

    def __init__(self, partner: Partner, large: ByteBudget) -> None:
        self.at_once = 0
        self.large = ByteBudget(partner.limites.corps_simultanes_mio * MIB, within=large)
        self._follow(partner)

    def of(self, partner: Partner) -> Self:
        """Apply from now on the limits in `partner`, the partner's present registry entry. Return this object
        itself."""
        if partner is not self.partner and partner.limites != self.partner.limites:
            self.large.resize(partner.limites.corps_simultanes_mio * MIB)
            self._follow(partner)
        return self

    def _follow(self, partner: Partner) -> None:
        self.partner = partner
        self._rate = TokenBucket(partner.limites.requetes_par_seconde, partner.limites.rafale_requetes)

    def enter(self, now: float) -> None:
        """Count a new request as under way. Raises Stop (429) if the partner already has too many under way, or
        sends too many per second."""
        limites = self.partner.limites
        if self.at_once >= limites.requetes_simultanees:
            most = limites.requetes_simultanees
            raise Stop(
                too_many(f"Vous avez déjà {most} requêtes en cours : attendez une réponse.", SOON_SECONDS)
            )
        if wait := self._rate.take(now):
            detail = f"Vous dépassez {limites.requetes_par_seconde:g} requêtes par seconde : ralentissez."
            raise Stop(too_many(detail, wait))
        self.at_once += 1


class Admission:
    """Request of an authenticated partner. It counts as under way until the end of its `with` block."""

    __slots__ = ("_caller", "_door", "partner")

    def __init__(self, door: "Admissions", caller: _Caller, partner: Partner) -> None:
        self._door = door
        self._caller = caller
        self.partner = partner

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._caller.at_once -= 1

    def share(self) -> Share:
        """Return a reservation of memory for the request's body. It is empty until the caller takes bytes with
        `grow`. The caller must use it in a `with` block, which gives all bytes back at its end."""
        return Share(self._door.bodies, self._caller.large, self._door.bounds.small_bytes)


class Admissions:
    """Admission of requests to all routes that need an API key. It authenticates each request, and applies
    the limits of each partner and of each network address."""

    def __init__(
        self,
        authenticate: Authenticate,
        bounds: Limits | None = None,
        clock: Callable[[], float] = time.monotonic,
        refuse: Refuse = lambda _: False,
    ) -> None:
        self.bounds = bounds or Limits()
        self.bodies = ByteBudget(self.bounds.together_bytes)
        self._large = ByteBudget(self.bounds.large_bytes, within=self.bodies)
        self._authenticate = authenticate
        self._refuse = refuse
        self._failures = Failures(clock)
        self._clock = clock
        self._callers: dict[str, _Caller] = {}

    @property
    def unknown_keys(self) -> UnknownKeys:
        """Return the count of the requests of the last hour whose API key was missing or never belonged to a
        partner. The count says since when such requests come, and from which address the last one came."""
        return self._failures.in_the_last_hour()

    async def admit(self, scope: Scope, headers: RawHeaders) -> Admission:
        """Authenticate a request, and count it as under way. The caller must at once use the result in a
        `with` block.

        Raises Stop: 401 without a valid key; 429 above a limit of the sender's address or of the partner.
        """
        key = api_key(headers)
        partner = self._authenticate(key) if key else None
        if partner is None:
            client = scope.get("client")
            retired = key is not None and self._refuse(key)
            raise Stop(await self._failures.answer(client[0] if client else "", retired=retired))
        caller = self._callers.get(partner.id)
        if caller is None:
            caller = self._callers[partner.id] = _Caller(partner, self._large)
        caller.of(partner).enter(self._clock())
        return Admission(self, caller, partner)
