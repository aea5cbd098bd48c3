"""What a partner's HTTP answer means for a delivery. Pure: status, headers, content in, an error or none out."""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from email.utils import parsedate_to_datetime

from pydantic_core import from_json

from contracts.errors import HubError, Misconfigured, OutcomeUnknown, PartnerUnavailable, Refused, Throttled

RETRY_AFTER_DEFAULT_SECONDS = 30.0
RETRY_AFTER_MIN_SECONDS = 1.0
RETRY_AFTER_MAX_SECONDS = 3600.0


def outcome(status: int, headers: Mapping[str, str], now: Callable[[], float]) -> HubError | None:
    """None when the partner took it (2xx); else the error to raise.

    `now` is in seconds since the epoch. Only the statuses of `_NOT_TAKEN`, `_NO_RIGHTS` and `_ELSEWHERE` prove that
    nothing was taken, and a 4xx says no for good. Any other proves nothing: a program may break down after its
    commit, a gateway give up waiting, a form redirect after taking.
    """
    if 200 <= status < 300:
        return None
    asked = headers.get("Retry-After")
    if status == 429 or (status == 503 and asked):
        seconds = retry_after_seconds(asked, now())
        return Throttled(f"Le partenaire demande d'attendre (HTTP {status})", seconds)
    if status in _NOT_TAKEN:
        return PartnerUnavailable(f"Le système du partenaire ne prend rien pour le moment (HTTP {status})")
    if status in _NO_RIGHTS:
        return Misconfigured(f"Le partenaire n'accepte pas la signature ou les droits du hub (HTTP {status})")
    if status in _ELSEWHERE:
        return Misconfigured(f"Le partenaire redirige ailleurs (HTTP {status}) : corriger l'URL")
    if 400 <= status < 500:
        return Refused(f"Le système du partenaire a refusé l'envoi (HTTP {status})")
    return OutcomeUnknown(f"La réponse du partenaire ne dit pas s'il a pris l'envoi (HTTP {status})")


_NOT_TAKEN = frozenset({408, 501, 503})
_NO_RIGHTS = frozenset({401, 403})
_ELSEWHERE = frozenset({301, 307, 308})
"""Redirects that come before any processing; 302 and 303 are also what a form answers that has taken it."""


def refused_inside(media_type: str, body: bytes) -> bool:
    """Whether the content of a 2xx says that the delivery was not taken: a problem, an `erreur` or a false
    `succes` in JSON (one object, or one of a list), a Fault in XML. Anything else is left to the status."""
    essence = media_type.partition(";")[0].strip().lower()
    if essence == "application/problem+json":
        return True
    text = _text(media_type, body)
    if essence.endswith("xml"):
        return _FAULT.search(text) is not None
    return essence.endswith("json") and any(_says_no(result) for result in _results(text))


def _text(media_type: str, body: bytes) -> str:
    """The body in its declared charset; where that is none or wrong, in UTF-8, else in Latin-1."""
    declared = _CHARSET.search(media_type)
    for charset in (*(declared.groups() if declared else ()), "utf-8"):
        with suppress(LookupError, ValueError):
            return body.decode(charset).removeprefix(_BOM)
    return body.decode("latin-1")


def _results(text: str) -> list[object]:
    try:
        tree: object = from_json(text)
    except ValueError:
        return []
    return tree if isinstance(tree, list) else [tree]


def _says_no(result: object) -> bool:
    if not isinstance(result, dict):
        return False
    said = {str(name).lower(): value for name, value in result.items()}
    failed = any(_word(said.get(name)) in _FAILURES for name in _STATUSES)
    wrong = any(said.get(name) and _word(said[name]) not in _NOTHING for name in _ERRORS)
    return failed or wrong or any(said.get(name) is False for name in _SUCCESSES)


def _word(value: object) -> str | None:
    return value.strip().lower() if isinstance(value, str) else None


_CHARSET = re.compile(r'charset\s*=\s*"?([\w.:-]+)', re.IGNORECASE)
_BOM = "\ufeff"
_FAULT = re.compile(r"<(?:[\w.-]+:)?Fault[\s/>]")
_ERRORS = ("erreur", "erreurs", "error", "errors", "fault")
_NOTHING = ("aucune", "aucun", "none", "null", "no", "non", "false", "ok", "0", "")
_STATUSES = ("statut", "status", "etat")
_FAILURES = ("erreur", "error", "echec", "échec", "ko", "failed", "failure", "rejete", "rejeté", "rejected")
_SUCCESSES = ("succes", "success", "ok")


def received(status: int, headers: Mapping[str, str], now: Callable[[], float]) -> bool:
    """What a partner that was asked for a key says: 200 and 204 that it has it, 404 that it has not.

    Raises the rest as for a delivery, but for an answer that is none, that refuses the question or sends it
    elsewhere: it says nothing of the delivery and is Misconfigured.
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
    """Seconds to wait: a number or an HTTP date, 30 s when absent or unreadable, between 1 s and 1 h."""
    seconds = RETRY_AFTER_DEFAULT_SECONDS if value is None else _parsed(value.strip(), now)
    return min(max(seconds, RETRY_AFTER_MIN_SECONDS), RETRY_AFTER_MAX_SECONDS)


def _parsed(value: str, now: float) -> float:
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        date: datetime = parsedate_to_datetime(value)
        return date.timestamp() - now
    except (ValueError, OverflowError):
        return RETRY_AFTER_DEFAULT_SECONDS
