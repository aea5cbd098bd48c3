"""The identity provider, by OpenID Connect: authorization code with PKCE. Authlib speaks to it and checks its word."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import OAuth
from httpx2 import HTTPError
from joserfc.errors import JoseError

from contracts.errors import Misconfigured
from router.settings import ConsoleSettings

WAIT_SECONDS = 10.0
BACK = "/connexion/retour"
"""Where the provider sends people back to."""
FAILED = "le fournisseur d'identité ne répond pas, ou pas comme il le devrait"
REFUSED = "la connexion n'a pas abouti ; recommencez"


class Vouched(NamedTuple):
    """What the provider says of somebody."""

    claims: Mapping[str, Any]
    proof: str | None
    """What it is asked again by (a refresh token); None where it gives none."""


class Provider:
    """One identity provider; what it says of itself is asked once."""

    def __init__(self, settings: ConsoleSettings) -> None:
        self._back = f"{settings.url}{BACK}"
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
            },
        )

    async def begin(self) -> Mapping[str, Any]:
        """A login: its `url`, and what has to be kept of it until somebody comes back. Raises Misconfigured."""
        try:
            begun: Mapping[str, Any] = await self._client.create_authorization_url(self._back)
        except (HTTPError, ValueError, KeyError) as exc:
            raise Misconfigured(FAILED) from exc
        return begun

    async def conclude(self, begun: Mapping[str, Any], code: str) -> Vouched:
        """What the provider says of whoever came back with this code: its proof is checked against the login that was
        `begun`. Raises Misconfigured."""
        try:
            token = await self._client.fetch_access_token(
                redirect_uri=self._back, code=code, code_verifier=begun["code_verifier"]
            )
            claims: Mapping[str, Any] = await self._client.parse_id_token(token, nonce=begun["nonce"])
        except OAuthError as exc:
            raise Misconfigured(REFUSED) from exc
        except (HTTPError, JoseError, ValueError, KeyError) as exc:
            raise Misconfigured(FAILED) from exc
        if claims is None:
            raise Misconfigured(FAILED)
        return Vouched(claims, token.get("refresh_token"))

    async def again(self, proof: str) -> Vouched | None:
        """What the provider says of the same person now; None where it vouches for them no more. Raises Misconfigured
        where it does not answer."""
        try:
            token = await self._client.fetch_access_token(grant_type="refresh_token", refresh_token=proof)
            claims: Mapping[str, Any] = await self._client.userinfo(token=token)
        except OAuthError as exc:
            if exc.error == "invalid_grant":
                return None
            raise Misconfigured(FAILED) from exc
        except (HTTPError, ValueError, KeyError) as exc:
            raise Misconfigured(FAILED) from exc
        return Vouched(claims, token.get("refresh_token", proof))


def _secret(settings: ConsoleSettings) -> str | None:
    """Raises Misconfigured."""
    if settings.client_secret_file is None:
        return None
    try:
        return settings.client_secret_file.read_text(encoding="utf-8").strip()
    except OSError as exc:
        raise Misconfigured(f"console : {settings.client_secret_file} ne peut être lu") from exc
