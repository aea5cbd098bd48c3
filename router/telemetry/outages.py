"""Log outages of PostgreSQL, Kafka, the worker, and of each partner's deliveries and source."""

import time

import structlog

from router.telemetry.metrics import OUTAGE
from router.telemetry.outage import STARTED, Line, Outage

logger = structlog.get_logger()


class OutageLog:
    """Outages of one server, as this process sees them, written to the log and to a gauge. `of` is the
    server's type (`sortie`, `postgresql`…). `partner` is the partner to which the server belongs, or None for
    the hub's own servers."""

    def __init__(self, of: str, partner: str | None = None) -> None:
        self._ids = {"of": of} if partner is None else {"of": of, "partner": partner}
        self._outage = Outage()
        self._gauge = OUTAGE.labels(of, partner or "")

    @property
    def lasts(self) -> bool:
        """Tell whether there is an outage at present."""
        return self._outage.since is not None

    @property
    def quiet_s(self) -> float:
        """Return the seconds since the last failed attempt."""
        return self._outage.quiet_s(time.monotonic())

    def failed(self, reason: str) -> None:
        """Count a failed attempt, and log the outage if a line is due. `reason` is in French, without
        personal values."""
        line = self._outage.failed(time.monotonic())
        if line is not None:
            self._gauge.set(1)
            level = logger.error if line.event == STARTED else logger.warning
            level(line.event, **self._ids, **_figures(line), reason=reason)

    def succeeded(self) -> None:
        """Record a successful attempt, and log the end of an outage."""
        if self._outage.since is not None:
            line = self._outage.succeeded(time.monotonic())
            assert line is not None, "it was away"
            self._gauge.set(0)
            logger.info(line.event, **self._ids, **_figures(line))


def _figures(line: Line) -> dict[str, int]:
    return {"seconds": line.seconds, "failures": line.failures}
