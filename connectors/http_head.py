"""Read the head of a request: API key, dialect, idempotency key, and whether a dry run is asked for."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

from connectors.answer import Stop
from connectors.disposition import filename_of
from connectors.http_body import Limits, too_large
from connectors.media import OCTETS
from connectors.problem import problem
from contracts.partner import Partner
from contracts.ports import Native

RawHeaders = Mapping[bytes, bytes]

_CLE = re.compile(rb"[\x21-\x7e]{1,255}")

_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}")
_PASSED_ON = frozenset({b"content-type", b"soapaction", b"traceparent", b"tracestate"})
"""Names of headers that the router receives with a message. The router also receives the headers of
CloudEvents, whose names begin with `ce-`."""


def api_key(headers: RawHeaders) -> str | None:
    """Return the API key in `Authorization: Bearer`, else in `X-API-Key`; None without an API key."""
    scheme, _, credentials = headers.get(b"authorization", b"").partition(b" ")
    if scheme.lower() == b"bearer" and credentials:
        return credentials.strip().decode("latin-1")
    key = headers.get(b"x-api-key")
    return key.decode("latin-1") if key else None


def idempotency_key(headers: RawHeaders) -> str | None:
    """Return the sender's idempotency key; None without a key. Raises Stop (400) if the key is not 1 to 255
    visible ASCII characters."""
    key = headers.get(b"idempotency-key")
    if key is None:
        return None
    if not _CLE.fullmatch(key):
        raise Stop(
            problem(
                400,
                "cle-idempotence-invalide",
                "Clé d'idempotence invalide",
                "« Idempotency-Key » n'est pas lisible : écrivez-y 1 à 255 caractères ASCII visibles, sans espace.",
            )
        )
    return key.decode("ascii")


def dialect(headers: RawHeaders, partner: Partner) -> str | None:
    """Return the dialect named in the header `SIAO-Dialecte`; None without this header. Raises Stop (400) if
    the partner's registry entry does not list this dialect."""
    raw = headers.get(b"siao-dialecte")
    if raw is None:
        return None
    name = raw.decode("latin-1").strip()
    if name not in partner.dialectes:
        known = ", ".join(partner.dialectes) or "aucun"
        detail = f"Ce n'est pas l'un de vos dialectes : nommez-en un dans « SIAO-Dialecte » ({known}), ou retirez-le."
        raise Stop(problem(400, "dialecte-inconnu", "Dialecte inconnu", detail))
    return name


def is_dry_run(query: bytes) -> bool:
    """Tell whether the query string asks for a dry run (`essai=true`). Raises Stop (400) for any other
    parameter, or a value other than `true` and `false`."""
    if not query:
        return False
    values = {"true": True, "false": False}
    parameters = dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True))
    value = values.get(parameters.pop("essai", ""))
    if value is None or parameters:
        detail = "Paramètre inconnu : n'écrivez que « essai », avec la valeur « true » ou « false »."
        raise Stop(problem(400, "parametre-invalide", "Paramètre invalide", detail))
    return value


def is_gzip(headers: RawHeaders) -> bool:
    """Tell whether the body is packed with gzip. Raises Stop (415) for any other compression."""
    coding = headers.get(b"content-encoding", b"identity").strip().lower()
    if coding in (b"gzip", b"x-gzip"):
        return True
    if coding in (b"identity", b""):
        return False
    raise Stop(
        problem(
            415,
            "encodage-inconnu",
            "Encodage inconnu",
            "« Content-Encoding » annonce une compression que le hub ne lit pas : retirez-le, ou envoyez en « gzip ».",
            headers=((b"accept-encoding", b"gzip"),),
        )
    )


def check_length(headers: RawHeaders, limits: Limits) -> None:
    """Raise Stop (413) if the header Content-Length announces a body above the limit."""
    announced = headers.get(b"content-length")
    if announced is not None and int(announced) > limits.body_bytes:
        raise Stop(too_large(limits.body_bytes))


def native_of(headers: RawHeaders, body: bytes) -> Native:
    """Return the message as received: its body, media type and file name, and those headers that the hub
    uses."""
    essence = headers.get(b"content-type", b"").partition(b";")[0].strip().lower().decode("latin-1")
    passed = {
        name.decode("latin-1"): value.decode("latin-1")
        for name, value in headers.items()
        if name in _PASSED_ON or name.startswith(b"ce-")
    }
    disposition = headers.get(b"content-disposition")
    filename = filename_of(disposition.decode("latin-1")) if disposition else None
    return Native(body, essence if _MEDIA_TYPE.fullmatch(essence) else OCTETS, filename, passed)
