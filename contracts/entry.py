"""Building blocks of a partner's registry entry: addresses, secrets, limits."""

import re
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class Table(BaseModel):
    """Base of each table in a registry entry. Its values cannot be changed. Unknown fields are refused.
    Validation errors never show values."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


Secret = Annotated[str, Field(pattern=r"^(env:[A-Z][A-Z0-9_]*|file:/.+)$")]
"""Where the hub finds a secret: `env:NAME` for an environment variable, or `file:/absolute/path` for a
file."""


_NAME = re.compile(r"\w([\w-]{0,61}\w)?(\.\w([\w-]{0,61}\w)?)*\.?")


def is_host(text: str) -> bool:
    """Return whether a text is a host name or IP address. A name whose last part is a number (`10.0.0.256`)
    does not count, because it is probably a mistyped address."""
    try:
        ip_address(text)
    except ValueError:
        last = text.rstrip(".").rpartition(".")[2]
        return len(text) <= 253 and bool(_NAME.fullmatch(text)) and not last.isdecimal()
    return True


def _host(text: str) -> str:
    if not is_host(text):
        raise ValueError(
            "hôte invalide, attendu un nom (sftp.exemple.fr) ou une adresse IP, sans rien d'autre"
        )
    return text


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError("URL invalide, port attendu entre 1 et 65535") from None
    if parts.scheme not in ("http", "https") or " " in text or not text.isprintable():
        raise ValueError("URL invalide, attendu https://… ou http://…, sans espace")
    if port == 0 or not is_host(parts.hostname or ""):
        raise ValueError("URL invalide, attendu un nom ou une adresse IP, et un port entre 1 et 65535")
    return text


def is_this_machine(host: str) -> bool:
    """Return whether a host is `localhost` or a loopback address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_readable(url: str | None) -> bool:
    """Return whether the hub's traffic to a URL leaves this machine unencrypted. Return False for None."""
    if url is None or urlsplit(url).scheme == "https":
        return False
    return not is_this_machine(urlsplit(url).hostname or "")


Hote = Annotated[str, AfterValidator(_host)]
Port = Annotated[int, Field(ge=1, le=65535)]
Url = Annotated[str, AfterValidator(_url)]
Delai = Annotated[float, Field(ge=0.1, le=300, allow_inf_nan=False)]
"""Longest duration, in seconds, of one exchange."""
EnVol = Annotated[int, Field(ge=1, le=1024)]
"""Limit on simultaneous exchanges with a partner."""


class RefusDansReponse(Table):
    """Rule by which the hub recognises that a 2xx response of the partner is a refusal. A problem detail
    (error format of RFC 9457) or a SOAP fault is a refusal even without such a rule."""

    champ: Annotated[str, Field(pattern=r"^[\w.-]+$")]
    """JSON field or XML element in which the partner's response reports a refusal."""
    valeurs: tuple[str, ...] = ()
    """Values of `champ` that mean a refusal, exactly as the partner writes them: `["ko", "rejeté"]`.

    If no values are given, a response with an XML element `champ` is always a refusal. A response with a JSON
    field `champ` is a refusal unless the field is null, false, 0 or empty.
    """
    dans: Annotated[str, Field(pattern=r"^[\w.-]+$")] | None = None
    """XML element that contains a second XML document, in base64, if `champ` is in this second document. None
    if `champ` is in the response itself."""


class Lot(Table):
    """Rule for sending deliveries to a partner in lots: several deliveries together, in one file."""

    lignes: Annotated[int, Field(ge=2, le=500)]
    """Limit on the deliveries in a lot. A full lot is sent without waiting."""
    attente_s: Annotated[float, Field(ge=1, le=86_400, allow_inf_nan=False)]
    """Longest time, in seconds, for which the first delivery of a lot waits for others. The wait is shorter
    near a deadline."""
