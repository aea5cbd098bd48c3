"""Log outages of what a process needs, such as PostgreSQL, Kafka, or a partner's source."""

import time

import structlog

from router.telemetry.metrics import OUTAGE
from router.telemetry.outage import STARTED, Line, Outage

logger = structlog.get_logger()


class OutageLog:
    """Recorder of the outages of one server, as this process sees them. It writes them to the technical log
    and to a gauge. `of` is the kind of server. `partner` is the partner that owns the server, None for a
    server of the hub."""

    def __init__(self, of: str, partner: str | None = None) -> None:
        self._ids = {"of": of} if partner is None else {"of": of, "partner": partner}
        self._outage = Outage()
        self._gauge = OUTAGE.labels(of, partner or "")

    @property
    def lasts(self) -> bool:
        """Return whether the server is out of reach now."""
        return self._outage.since is not None

    @property
    def quiet_s(self) -> float:
        """Return the seconds since an attempt to reach the server last failed. If no attempt has failed, return
        the time of the monotonic clock."""
        return self._outage.quiet_s(time.monotonic())

    def failed(self, reason: str) -> None:
        """Count a failed attempt, and log the outage if a line about it is due. `reason` says in French why the
        attempt failed, without personal values."""
        line = self._outage.failed(time.monotonic())
        if line is not None:
            self._gauge.set(1)
            level = logger.error if line.event == STARTED else logger.warning
            level(line.event, **self._ids, **_figures(line), reason=reason)

    def succeeded(self) -> None:
        """Note a successful attempt, and log the end of the outage if there was one."""
        if self._outage.since is not None:
            line = self._outage.succeeded(time.monotonic())
            assert line is not None, "it was away"
            self._gauge.set(0)
            logger.info(line.event, **self._ids, **_figures(line))


def _figures(line: Line) -> dict[str, int]:
    return {"seconds": line.seconds, "failures": line.failures}
