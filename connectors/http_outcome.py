"""Decide what a partner's HTTP response means for a delivery."""

import codecs
import re
from base64 import b64decode
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import datetime
from email.utils import parsedate_to_datetime

from pydantic_core import from_json, to_json

from contracts.entry import RefusDansReponse
from contracts.errors import HubError, Misconfigured, OutcomeUnknown, PartnerUnavailable, Refused, Throttled

RETRY_AFTER_DEFAULT_SECONDS = 30.0
RETRY_AFTER_MIN_SECONDS = 1.0
RETRY_AFTER_MAX_SECONDS = 3600.0
RETRY_AFTER_CHARACTERS = 64
"""Number of characters of the longest `Retry-After` header that is read. An HTTP date has half as many."""


def outcome(status: int, headers: Mapping[str, str], now: Callable[[], float]) -> HubError | None:
    """Return the error that the status of a partner's HTTP response stands for; None for a 2xx. Refused means
    that the partner refuses the delivery for good; OutcomeUnknown, that the partner may have accepted it; any
    other error, that the partner has not accepted it.

    If the partner asks the hub to wait, the error is Throttled, and says how many seconds to wait. This
    number comes from the header `Retry-After`, which has seconds or a date (see `retry_after_seconds`). For a
    date, `now` returns the present time, in seconds since the epoch.
    """
    if 200 <= status < 300:
        return None
    asked = headers.get("Retry-After")
    if status == 429 or (status == 503 and asked):
        seconds = retry_after_seconds(asked, now())
        return Throttled(f"Le partenaire demande d'attendre (HTTP {status})", seconds)
    if status in _NOTHING_ACCEPTED:
        return PartnerUnavailable(f"Le système du partenaire n'accepte rien pour le moment (HTTP {status})")
    if status in _NO_RIGHTS:
        return Misconfigured(f"Le partenaire n'accepte pas la signature ou les droits du hub (HTTP {status})")
    if status in _REDIRECTS:
        return Misconfigured(f"Le partenaire redirige ailleurs (HTTP {status}) : corriger l'URL")
    if 400 <= status < 500:
        return Refused(f"Le système du partenaire a refusé l'envoi (HTTP {status})")
    return OutcomeUnknown(f"La réponse du partenaire ne dit pas s'il a accepté l'envoi (HTTP {status})")


_NOTHING_ACCEPTED = frozenset({408, 501, 503})
_NO_RIGHTS = frozenset({401, 403})
_REDIRECTS = frozenset({301, 307, 308})
"""Statuses of redirects that a server sends before it processes the request. A redirect 302 or 303 may come
after the delivery is accepted."""


def refused_inside(media_type: str, body: bytes, refus: RefusDansReponse | None) -> bool:
    """Tell whether the body of a 2xx contains a refusal: a problem detail (RFC 9457), or a value that counts
    as a refusal by the rule `refus` of the registry entry."""
    essence = media_type.partition(";")[0].strip().lower()
    if essence == "application/problem+json":
        return True
    if refus is None:
        return False
    text = _text(media_type, body)
    if essence.endswith("xml"):
        held = [_xml_in_base64(value) for value in _elements(refus.dans, text)] if refus.dans else [text]
        return any(_says_no(value, refus.valeurs) for each in held for value in _elements(refus.champ, each))
    return essence.endswith("json") and any(
        _says_no(value, refus.valeurs) for value in _fields(refus.champ, text)
    )


def _text(media_type: str, body: bytes) -> str:
    declared = _CHARSET.search(media_type)
    for charset in (*(declared.groups() if declared else ()), "utf-8"):
        with suppress(LookupError, ValueError):
            if codecs.lookup(charset).name in _CHARSETS:
                return body.decode(charset).removeprefix(_BOM)
    return body.decode("latin-1")


def _fields(name: str, text: str) -> list[object]:
    try:
        tree: object = from_json(text)
    except ValueError:
        return []
    results = tree if isinstance(tree, list) else [tree]
    return [result.get(name) for result in results if isinstance(result, dict)]


def _elements(name: str, text: str) -> list[object]:
    element = rf"<(?:[\w.-]+:)?{re.escape(name)}(?:\s[^<>]*?)?(?:/>|>([^<]*))"
    # True for an element without text: that it exists may mean a refusal
    return [(found[1] or "").strip() or True for found in re.finditer(element, text)]


def _xml_in_base64(value: object) -> str:
    try:
        return _text("", b64decode(str(value)))
    except ValueError:
        return ""


def _says_no(value: object, values: Collection[str]) -> bool:
    word = value.strip() if isinstance(value, str) else value
    return (word if isinstance(word, str) else to_json(word).decode()) in values if values else bool(word)


_CHARSET = re.compile(r'charset\s*=\s*"?([\w.:-]+)', re.IGNORECASE)
_CHARSETS = frozenset(
    {"ascii", "utf-8", "utf-16", "utf-16-le", "utf-16-be", "iso8859-1", "iso8859-15", "cp1252"}
)
"""Charsets in which the hub decodes responses. Other charsets may be very slow in Python."""
_BOM = "\ufeff"


def received(status: int, headers: Mapping[str, str], now: Callable[[], float]) -> bool:
    """Tell from a partner's response whether the partner has a delivery, after the hub has asked: True for
    the status 200 or 204, False for 404.

    Raises Throttled, PartnerUnavailable or OutcomeUnknown if the partner cannot tell now; Misconfigured for
    any other status.
    """
    if status in (200, 204):
        return True
    if status == 404:
        return False
    error = outcome(status, headers, now)
    if error is None or isinstance(error, Refused) or status < 400:
        raise Misconfigured(f"Le partenaire répond HTTP {status} à « question » (attendu : 200, 204 ou 404)")
    raise error


def retry_after_seconds(value: str | None, now: float) -> float:
    """Return how many seconds a Retry-After header asks to wait, at least one second and at most one hour; 30
    if the header is missing or unreadable. `now`: the Unix time, which is subtracted if the header has a
    date."""
    seconds = RETRY_AFTER_DEFAULT_SECONDS if value is None else _parsed(value.strip(), now)
    return min(max(seconds, RETRY_AFTER_MIN_SECONDS), RETRY_AFTER_MAX_SECONDS)


def _parsed(value: str, now: float) -> float:
    if len(value) > RETRY_AFTER_CHARACTERS:
        return RETRY_AFTER_DEFAULT_SECONDS
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        date: datetime = parsedate_to_datetime(value)
        return date.timestamp() - now
    except (ValueError, OverflowError):
        return RETRY_AFTER_DEFAULT_SECONDS
