"""Building blocks of a partner's entry: addresses, secrets, limits."""

import re
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class Table(BaseModel):
    """Table of an entry: frozen, and without extra fields. Its errors show no values."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


Secret = Annotated[str, Field(pattern=r"^(env:[A-Z][A-Z0-9_]*|file:/.+)$")]
"""Place where a secret is found, never the secret itself: `env:NAME` or `file:/absolute/path`."""


_NAME = re.compile(r"\w([\w-]{0,61}\w)?(\.\w([\w-]{0,61}\w)?)*\.?")


def is_host(text: str) -> bool:
    """Tell whether a text is a host name or an IP address.

    A name that ends in a number is refused, because it is a mistyped address.
    """
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
    """Tell whether a host is this machine, so that traffic to it never leaves it."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_readable(url: str | None) -> bool:
    """Tell whether traffic to this URL could be read on its way: it is unencrypted, and goes to another
    machine."""
    if url is None or urlsplit(url).scheme == "https":
        return False
    return not is_this_machine(urlsplit(url).hostname or "")


Hote = Annotated[str, AfterValidator(_host)]
Port = Annotated[int, Field(ge=1, le=65535)]
Url = Annotated[str, AfterValidator(_url)]
Delai = Annotated[float, Field(ge=0.1, le=300, allow_inf_nan=False)]
"""Longest duration of one whole exchange with the partner, in seconds."""
EnVol = Annotated[int, Field(ge=1, le=1024)]
"""Largest number of exchanges with the partner at the same time."""


class RefusDansReponse(Table):
    """Sign by which a 2xx answer shows a refusal. Without this table, any 2xx proves the delivery."""

    champ: Annotated[str, Field(pattern=r"^[\w.-]+$")]
    """Name of a field of the JSON answer (an object, or each object of a list), or of an element of the XML
    answer in any namespace."""
    valeurs: tuple[str, ...] = ()
    """Values of `champ` that mean a refusal, as written: `["ko", "rejeté"]`, `["false"]`, `["12"]`. If this
    list is empty, a JSON answer is a refusal unless `champ` is null, false, 0 or empty; an XML answer is one
    if it has the element."""
    dans: Annotated[str, Field(pattern=r"^[\w.-]+$")] | None = None
    """Name of the element of the XML answer that holds another XML document in base64: `champ` is searched in
    that document."""
