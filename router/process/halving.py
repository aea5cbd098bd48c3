"""Log that a transaction for a group of items has failed, and with which error. The group is then halved, to
try each half in a transaction of its own."""

import time

import structlog

from router.telemetry.metrics import HALVED
from router.telemetry.repeats import Repeats
from router.triage import cause_of

logger = structlog.get_logger()
_told = Repeats()


def tell_halved(of: str, number: int, exc: Exception) -> None:
    """Log that a group of `number` items is halved because its transaction failed with `exc`. Count it in the
    metric of halved groups. `of` is the name of the group's queue. Each cause is logged at most once a
    minute."""
    HALVED.labels(of).inc()
    cause, fingerprint, detail = cause_of(exc)
    if times := _told.times((of, fingerprint), time.monotonic()):
        logger.warning("transaction.halved", of=of, number=number, times=times, cause=cause, **detail)
