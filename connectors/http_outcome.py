"""What a partner's HTTP answer means for a delivery. Pure: status, headers, content in, an error or none out."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

from pydantic_core import from_json

from contracts.errors import HubError, Misconfigured, OutcomeUnknown, PartnerUnavailable, Refused, Throttled

RETRY_AFTER_DEFAULT_SECONDS = 30.0
RETRY_AFTER_MIN_SECONDS = 1.0
RETRY_AFTER_MAX_SECONDS = 3600.0


def outcome(status: int, headers: Mapping[str, str], now: Callable[[], float]) -> HubError | None:
    """None when the partner took it (2xx); else the error to raise.

    `now` is in seconds since the epoch. 502 and 504 are spoken by a gateway that may have passed the request
    on, so nobody knows what became of it; every other 5xx is the partner's own word that it did not take it.
    """
    if 200 <= status < 300:
        return None
    asked = headers.get("Retry-After")
    if status == 429 or (status == 503 and asked):
        seconds = retry_after_seconds(asked, now())
        return Throttled(f"Le partenaire demande d'attendre (HTTP {status})", seconds)
    if status in (401, 403):
        return Misconfigured(f"Le partenaire n'accepte pas la signature ou les droits du hub (HTTP {status})")
    if 300 <= status < 400:
        return Misconfigured(f"Le partenaire redirige ailleurs (HTTP {status}) : corriger l'URL")
    if status in (502, 504):
        return OutcomeUnknown(f"Une passerelle du partenaire n'a pas su répondre (HTTP {status})")
    if status == 408 or status >= 500:
        return PartnerUnavailable(f"Le système du partenaire est en erreur (HTTP {status})")
    return Refused(f"Le système du partenaire a refusé l'envoi (HTTP {status})")


def refused_inside(media_type: str, body: bytes) -> bool:
    """Whether the content of a 2xx says that the delivery was not taken: a problem, an `erreur` or a false
    `succes` in JSON, a Fault in XML. Anything else is left to the status."""
    essence = media_type.partition(";")[0].strip().lower()
    if essence == "application/problem+json":
        return True
    if essence.endswith("xml"):
        return _FAULT.search(body) is not None
    return essence.endswith("json") and _says_no(body)


def _says_no(body: bytes) -> bool:
    try:
        tree = from_json(body)
    except ValueError:
        return False
    if not isinstance(tree, dict):
        return False
    said = {str(name).lower(): value for name, value in tree.items()}
    failed = any(str(said.get(name, "")).lower() in _FAILURES for name in _STATUSES)
    return failed or any(said.get(name) for name in _ERRORS) or any(said.get(n) is False for n in _SUCCESSES)


_FAULT = re.compile(rb"<(?:[\w.-]+:)?Fault[\s/>]")
_ERRORS = ("erreur", "erreurs", "error", "errors", "fault")
_STATUSES = ("statut", "status", "etat")
_FAILURES = ("erreur", "error", "echec", "échec", "ko", "failed", "failure", "rejete", "rejeté", "rejected")
_SUCCESSES = ("succes", "success", "ok")


def received(status: int, headers: Mapping[str, str], now: Callable[[], float]) -> bool:
    """What a partner that was asked for a key says: 200 and 204 that it has it, 404 that it has not.

    Raises the rest as for a delivery, but for an answer that is none, or that refuses the question: it says
    nothing of the delivery and is Misconfigured.
    """
    if status in (200, 204):
        return True
    if status == 404:
        return False
    error = outcome(status, headers, now)
    if error is None or isinstance(error, Refused):
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
    except ValueError:
        return RETRY_AFTER_DEFAULT_SECONDS
    return date.timestamp() - now
