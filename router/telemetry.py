"""Structured logs without values, and the metrics of each role (all counts and seconds, labelled by partner)."""

import logging
import sys

import structlog
from prometheus_client import Counter, Gauge, Histogram

ACCEPTED = Counter("siao_messages_total", "Messages received, by outcome", ["partner", "etat"])
APPLIED = Counter("siao_events_applied_total", "Events handed to the worker's transaction")
DELIVERED = Counter("siao_deliveries_total", "Deliveries settled, by outcome", ["partner", "etat"])
UNAVAILABLE = Counter("siao_unavailable_total", "Times a role had to wait for PostgreSQL or Kafka", ["role"])
OUTBOX_WAITING = Gauge("siao_outbox_waiting", "Events published or to be published, not yet applied")
COMMIT_SECONDS = Histogram("siao_intake_commit_seconds", "Duration of an intake commit")


def configure_logs(role: str) -> None:
    """JSON lines on stderr: event name, ids and counts. Never a payload."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    structlog.contextvars.bind_contextvars(role=role)
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
