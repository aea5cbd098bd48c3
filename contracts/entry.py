"""What the tables of a partner's entry are made of: addresses, secrets, bounds."""

import re
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class Table(BaseModel):
    """One table of an entry: closed, frozen, and silent about values."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


Secret = Annotated[str, Field(pattern=r"^(env:[A-Z][A-Z0-9_]*|file:/.+)$")]
"""Where a secret is, never the secret: `env:NAME` or `file:/absolute/path`."""


_NAME = re.compile(r"\w([\w-]{0,61}\w)?(\.\w([\w-]{0,61}\w)?)*\.?")


def is_host(text: str) -> bool:
    """Whether this is a name or an IP address. A name does not end in a number: that is a mistyped address."""
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
    """Whether what is said to this host stays on the machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_readable(url: str | None) -> bool:
    """Whether what goes to an address can be read on its way: not encrypted, and to another machine."""
    if url is None or urlsplit(url).scheme == "https":
        return False
    return not is_this_machine(urlsplit(url).hostname or "")


Hote = Annotated[str, AfterValidator(_host)]
Port = Annotated[int, Field(ge=1, le=65535)]
Url = Annotated[str, AfterValidator(_url)]
Delai = Annotated[float, Field(ge=0.1, le=300, allow_inf_nan=False)]
"""Seconds that an exchange with the partner may take in all."""
EnVol = Annotated[int, Field(ge=1, le=1024)]
"""Exchanges with the partner at the same time."""


class RefusDansReponse(Table):
    """How a partner says no inside a 2xx; without it, a 2xx is proof whatever its content says."""

    champ: Annotated[str, Field(pattern=r"^[\w.-]+$")]
    """A field of its JSON (one object, or each of a list), or an element of its XML in whatever namespace."""
    valeurs: tuple[str, ...] = ()
    """What says no there, as written: `["ko", "rejeté"]`, `["false"]`, `["12"]`. Without any: every value but null,
    false, 0 and what is empty; in XML that the element is there."""
    dans: Annotated[str, Field(pattern=r"^[\w.-]+$")] | None = None
    """An element of its XML that holds another XML document in base64: the field is looked for in that one."""
