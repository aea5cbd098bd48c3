"""The identity provider, by OpenID Connect: authorization code with PKCE. Authlib does the exchange and checks it."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import OAuth
from httpx2 import AsyncByteStream, ReadError, Response, create_ssl_context

from contracts.errors import Misconfigured
from router.settings import ConsoleSettings

WAIT_SECONDS = 10.0
ANSWER_BYTES = 32 * 1024
"""Limit on the bytes of an answer: half as much again as the largest key lists of providers."""
LEEWAY_SECONDS = 120.0
"""Time by which the provider's clock may be ahead of ours."""
BACK = "/connexion/retour"
"""The path to which the provider sends people back."""
FAILED = "le fournisseur d'identité ne répond pas, ou pas comme il le devrait"
REFUSED = "la connexion n'a pas abouti ; recommencez"


class Vouched(NamedTuple):
    """The provider's statement about a person."""

    claims: Mapping[str, Any]
    proof: str | None
    """Refresh token, with which to ask the provider again; None if the provider gives none."""


class _Bounded(AsyncByteStream):
    """The body of an answer, up to `ANSWER_BYTES`."""

    def __init__(self, response: Response) -> None:
        self._response, self._whole = response, response.stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the body piece by piece. Raises ReadError above the limit."""
        left = ANSWER_BYTES
        async for piece in cast(AsyncByteStream, self._whole):
            left -= len(piece)
            if left < 0:
                raise ReadError("réponse trop longue", request=self._response.request)
            yield piece

    async def aclose(self) -> None:
        """Release the connection."""
        await cast(AsyncByteStream, self._whole).aclose()


async def bound(response: Response) -> None:
    """Limit the bytes that are read of an answer, and decompress none: no compressed answer was requested."""
    response.headers.pop("content-encoding", None)
    response.stream = _Bounded(response)


def proved_at(claims: Mapping[str, Any], acr: str | None, now: datetime, *, anew: bool) -> datetime | None:
    """Return the moment at which the person proved who they are, as the provider says it (`auth_time`); None if the
    proof was weaker than wanted, or the provider does not say when.

    If the person was asked for a new proof (`anew`) and the provider does not say when, they have just given it.
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
    """One identity provider. Its metadata are read once; wrong ones are dropped, and read again at the next
    use."""

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
                "event_hooks": {"response": [bound]},
                # Authlib makes a client for each question: the authorities are read here once, not 20 ms each time,
                # nor do hundreds of copies wait for one garbage collection, which held the loop for 0.3 s.
                "verify": create_ssl_context(),
            },
        )

    async def begin(self, *, anew: bool = False) -> Mapping[str, Any]:
        """Begin a login. Return the `url` to which to send the person, and the values to keep until the
        person comes back.

        With `anew` the provider has to ask for a fresh proof of identity, even of a person who is logged in
        there. Raises Misconfigured.
        """
        wanted = {"prompt": "login", "max_age": "0"} if anew else {}
        if anew and self._acr is not None:
            wanted["acr_values"] = self._acr
        async with self._known():
            begun: Mapping[str, Any] = await self._client.create_authorization_url(self._back, **wanted)
        return begun

    async def conclude(self, begun: Mapping[str, Any], code: str) -> Vouched:
        """Return the provider's statement about the visitor who came back with this code.

        Its proof is checked against the login that was `begun`. Raises Misconfigured.
        """
        async with self._known():
            token = await self._client.fetch_access_token(
                redirect_uri=self._back, code=code, code_verifier=begun["code_verifier"]
            )
            claims: Mapping[str, Any] = await self._client.parse_id_token(token, nonce=begun["nonce"])
            return Vouched({**claims}, token.get("refresh_token"))

    async def again(self, proof: str) -> Vouched | None:
        """Return the provider's present statement about a person; None if it no longer vouches for them.

        Raises Misconfigured if it does not answer.
        """
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
        """Use as a context manager: read the provider's metadata, unless they are known. Turn every error
        about an answer into Misconfigured, also in the block. Metadata that name another issuer are
        forgotten, because Authlib would keep them."""
        with _whatever_it_says():
            said = await self._client.load_server_metadata()
            if str(said.get("issuer")).rstrip("/") != self._issuer.rstrip("/"):
                said.clear()
                raise Misconfigured(FAILED)
            yield


@contextmanager
def _whatever_it_says() -> Iterator[None]:
    """Use as a context manager: turn every error in the block into Misconfigured, because the JSON of a
    provider's answer may be of any shape and depth."""
    try:
        yield
    except OAuthError as exc:
        raise Misconfigured(REFUSED) from exc
    except Exception as exc:
        raise Misconfigured(FAILED) from exc


def _secret(settings: ConsoleSettings) -> str | None:
    """Return the client secret; None if the settings have none. Raises Misconfigured if its file is
    unreadable."""
    if settings.client_secret_file is None:
        return None
    try:
        return settings.client_secret_file.read_text(encoding="utf-8").strip()
    except OSError as exc:
        raise Misconfigured(f"console : {settings.client_secret_file} ne peut être lu") from exc
