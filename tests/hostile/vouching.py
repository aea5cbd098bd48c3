"""A hostile identity provider: its metadata, tokens and keys are made to be expensive."""

import json
import random
from base64 import urlsafe_b64encode
from collections.abc import Iterator

from console.oidc import ANSWER_BYTES
from tests.hostile.parsers import PARSERS

HONEST = 0.3
"""Share of the answers with valid metadata. Without them the hub asks for no token."""
SIZES = (1000, 16_000, ANSWER_BYTES - 500, 200_000)
(_SAID,) = (parser for parser in PARSERS if parser.fed_by == "fournisseur d'identité")


def said(drawn: random.Random, issuer: str, path: str) -> bytes:
    """Return the JSON that the provider answers under a path."""
    size = drawn.choice(SIZES)
    if path.startswith("/.well-known") and drawn.random() < HONEST:
        places = {"authorization_endpoint": "/ici", "token_endpoint": "/jeton", "jwks_uri": "/cles"}
        return json.dumps(
            {"issuer": issuer} | {name: issuer + place for name, place in places.items()}
        ).encode()
    if path.startswith("/jeton") and drawn.random() < 0.8:
        token = drawn.choice(list(_tokens(size)))
        return json.dumps({"access_token": "a", "token_type": "bearer", "id_token": token}).encode()
    body: bytes
    (body,) = drawn.choice(list(_SAID.worst(size)))
    return body


def _tokens(size: int) -> Iterator[str]:
    """Yield tokens of about this size, none of them valid."""
    for head in (
        b'{"alg":"none"}',
        b'{"alg":"RS256","kid":"%b"}' % (b"k" * (size // 2)),
        b'{"alg":"HS256","crit":%b}' % (b"[" * (size // 2)),
        b'{"alg":"RS256","kid":"a","zip":"DEF"}',
    ):
        claims = b'{"iss":' * (size // 32)
        yield ".".join(urlsafe_b64encode(part).decode().rstrip("=") for part in (head, claims, b"s"))
    yield "." * size
    yield "=" * size
