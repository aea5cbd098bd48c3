"""Log people in by OpenID Connect, in the flow «authorization code» with PKCE (protection against stolen
codes). Authlib checks the tokens.

The identity provider gives the hub claims, which are statements about a person. It may also give a refresh
token, with which the hub asks about the person again.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple

from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import OAuth
from httpcore2 import ReadError
from httpx2 import Request, Response, create_ssl_context

from contracts.errors import Misconfigured
from router.settings import ConsoleSettings

WAIT_SECONDS = 10.0
LONGEST_SECONDS = 20.0
"""Maximum seconds for all requests to the provider in one step of a login."""
ANSWER_BYTES = 64 * 1024
"""Maximum number of bytes that the provider sends on one connection: headers, framing and body."""
PIECE_BYTES = 2 * 1024
"""Maximum number of bytes parsed in one turn of the event loop."""
CONNECTED = ("connect_tcp.complete", "start_tls.complete")
"""Endings of the names of the events by which httpcore reports a new connection."""
LEEWAY_SECONDS = 120.0
"""Seconds by which the provider's clock may be ahead."""
BACK = "/connexion/retour"
"""Path to which people come back from the provider."""
FAILED = "le fournisseur d'identité ne répond pas, ou pas comme il le devrait"
NOT_SIGNED_IN = "la connexion n'a pas abouti ; recommencez"


class Vouched(NamedTuple):
    """What the identity provider says of a person who has logged in there."""

    claims: Mapping[str, Any]
    proof: str | None
    """Refresh token with which to ask about the person again; None if the provider gave no token."""


async def kept_compressed(response: Response) -> None:
    """Leave the body of the identity provider's reply compressed, so that a small body cannot unpack to a very
    large one."""
    response.headers.pop("content-encoding", None)


async def watched(request: Request) -> None:
    """Limit what the hub reads on a connection opened for `request`, the hub's own HTTP request to the identity
    provider. One read returns at most 2 KiB (`PIECE_BYTES`), all reads together at most 64 KiB
    (`ANSWER_BYTES`). When the provider sends more, reading raises ReadError."""

    async def connected(event: str, info: Mapping[str, Any]) -> None:
        if event.endswith(CONNECTED):
            _bound(info["return_value"])

    request.extensions = {**request.extensions, "trace": connected}


def _bound(stream: Any) -> None:
    whole, left = stream.read, ANSWER_BYTES

    async def read(max_bytes: int, **more: Any) -> bytes:
        nonlocal left
        piece: bytes = await whole(min(max_bytes, PIECE_BYTES), **more)
        left -= len(piece)
        if left < 0:
            raise ReadError("more than an answer")
        return piece

    stream.read = read


def proved_at(claims: Mapping[str, Any], acr: str | None, now: datetime, *, anew: bool) -> datetime | None:
    """Return when the person last proved their identity:
    * None, if a level of proof is required (`acr`), and the `acr` in the provider's `claims` is another;
    * without `auth_time` in `claims`: `now` if the hub has just demanded a proof (`anew`), else None;
    * with `auth_time`: that moment, `now` at the latest; None if it is invalid.
    """
    if acr is not None and claims.get("acr") != acr:
        return None
    match claims.get("auth_time"):
        case None:
            return now if anew else None
        case bool():
            return None
        case int() | float() as at if 0 <= at <= now.timestamp() + LEEWAY_SECONDS:
            return min(now, datetime.fromtimestamp(at, UTC))
    return None


class Provider:
    """Client of the console's identity provider. The provider's metadata are read when a login first needs
    them."""

    def __init__(self, settings: ConsoleSettings) -> None:
        self._back = f"{settings.url}{BACK}"
        self._issuer = str(settings.issuer)
        self._acr = settings.acr
        secret = _secret(settings)
        self._client = OAuth().register(
            "console",
            server_metadata_url=f"{settings.issuer}/.well-known/openid-configuration",
            client_id=settings.client_id,
            client_secret=secret,
            client_kwargs={
                "scope": "openid profile",
                "code_challenge_method": "S256",
                "token_endpoint_auth_method": "client_secret_basic" if secret else "none",
                "timeout": WAIT_SECONDS,
                "headers": {"accept-encoding": "identity"},
                "event_hooks": {"request": [watched], "response": [kept_compressed]},
                # Authlib makes a client for each request. Read here, the authorities cost 20 ms once, not each time;
                # and no garbage collection of hundreds of copies holds the event loop for 0.3 s.
                "verify": create_ssl_context(),
            },
        )

    async def begin(self, *, anew: bool = False) -> Mapping[str, Any]:
        """Begin a login, and return what `conclude` needs later, with the `url` to redirect the person to.
        `anew` demands a fresh proof of identity. Raises Misconfigured if the provider does not reply."""
        wanted = {"prompt": "login", "max_age": "0"} if anew else {}
        if anew and self._acr is not None:
            wanted["acr_values"] = self._acr
        async with self._known():
            begun: Mapping[str, Any] = await self._client.create_authorization_url(self._back, **wanted)
        return begun

    async def conclude(self, begun: Mapping[str, Any], code: str) -> Vouched:
        """Return what the provider says of a person who came back with `code`, after `begin` returned `begun`.
        Raises Misconfigured if the provider does not reply, refuses `code`, or gives a reply that is invalid
        for this login."""
        async with self._known():
            token = await self._client.fetch_access_token(
                redirect_uri=self._back, code=code, code_verifier=begun["code_verifier"]
            )
            claims: Mapping[str, Any] = await self._client.parse_id_token(token, nonce=begun["nonce"])
            return Vouched({**claims}, token.get("refresh_token"))

    async def again(self, proof: str) -> Vouched | None:
        """Ask the identity provider about a person once more, with their refresh token `proof`. Return what the
        provider says of them, with the refresh token for the next time; None if the provider no longer vouches
        for them. Raises Misconfigured if the provider does not reply."""
        async with self._known():
            try:
                token = await self._client.fetch_access_token(grant_type="refresh_token", refresh_token=proof)
            except OAuthError as exc:
                if exc.error == "invalid_grant":
                    return None
                raise Misconfigured(FAILED) from exc
            claims: Mapping[str, Any] = await self._client.userinfo(token=token)
            return Vouched(claims, token.get("refresh_token", proof))

    @asynccontextmanager
    async def _known(self) -> AsyncIterator[None]:
        """Load the identity provider's metadata, then run the body of the caller's `async with`. Raises
        Misconfigured if either fails, or if both together take more than 20 seconds (`LONGEST_SECONDS`)."""
        with _whatever_it_says():
            async with asyncio.timeout(LONGEST_SECONDS):
                said = await self._client.load_server_metadata()
                if str(said.get("issuer")).rstrip("/") != self._issuer.rstrip("/"):
                    said.clear()
                    raise Misconfigured(FAILED)
                yield


@contextmanager
def _whatever_it_says() -> Iterator[None]:
    """Turn any error in the block into Misconfigured, because a provider's reply may be malformed in any
    way."""
    try:
        yield
    except OAuthError as exc:
        raise Misconfigured(NOT_SIGNED_IN) from exc
    except Exception as exc:
        raise Misconfigured(FAILED) from exc


def _secret(settings: ConsoleSettings) -> str | None:
    if settings.client_secret_file is None:
        return None
    try:
        return settings.client_secret_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise Misconfigured(f"console : {settings.client_secret_file} ne peut être lu") from None
