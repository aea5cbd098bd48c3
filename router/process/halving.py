"""Log that the transaction of a group of items has failed. The group is then halved, and each half tried alone."""

import time

import structlog

from router.telemetry.metrics import HALVED
from router.telemetry.repeats import Repeats
from router.triage import cause_of

logger = structlog.get_logger()
_told = Repeats()


def tell_halved(of: str, number: int, exc: Exception) -> None:
    """Count and log that a group of `number` items failed with the error `exc`, and is now halved. `of` names the
    queue of the group. The same cause is logged at most once a minute."""
    HALVED.labels(of).inc()
    cause, fingerprint, detail = cause_of(exc)
    if times := _told.times((of, fingerprint), time.monotonic()):
        logger.warning("transaction.halved", of=of, number=number, times=times, cause=cause, **detail)
