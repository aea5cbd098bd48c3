"""Record traces of messages in the form of OpenTelemetry, a standard for following work from process to
process.

A trace follows one message from its request to its last delivery. It consists of spans: a span is one step of
the work, with its start and its end. The `traceparent` of an event names the trace that the event's spans
join.

If the settings name no endpoint (address to which spans are sent), no spans are recorded, and a sender's
`traceparent` is passed on. Spans have ids, types and partners, never personal values.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any, Literal, Self, TypeAlias
from urllib.parse import urlsplit

from contracts.envelope import Attributes
from contracts.errors import Misconfigured
from router.settings import TraceSettings

Kind: TypeAlias = Literal["SERVER", "PRODUCER", "CONSUMER", "CLIENT"]
EXPORT_SECONDS = 2
"""Longest time for sending one batch of spans, in seconds."""
LOOPBACK = ("localhost", "127.0.0.1", "::1")
_tracer: Any = None


class Carried:
    """Context manager that records its block as a span. Give its `traceparent` to the work that the block
    causes, so that this work joins the same trace. If the settings name no endpoint for traces, nothing is
    recorded."""

    def __init__(self, traceparent: str | None, span: Any = None) -> None:
        self.traceparent = traceparent
        self._span = span

    def note(self, **attributes: str) -> None:
        """Add attributes to the span. Do nothing if there is no span."""
        if self._span is not None:
            self._span.set_attributes(attributes)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._span is not None:
            if kind is not None:
                self._span.set_attribute("error.type", kind.__name__)
            self._span.end()


@contextmanager
def exporting_traces(settings: TraceSettings, role: str) -> Iterator[None]:
    """Export the spans of this process while the block runs. At the end of the block, sending the last spans
    may take some seconds. If the settings name no endpoint, export nothing. Raises Misconfigured if spans
    would leave this machine unencrypted."""
    global _tracer
    if settings.endpoint is None:
        yield
        return
    url = urlsplit(settings.endpoint)
    if url.scheme != "https" and url.hostname not in LOOPBACK:
        raise Misconfigured("traces : l'adresse doit commencer par https:// (SIAO_HUB_TRACES__ENDPOINT)")
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.sampling import TraceIdRatioBased

    named = Resource({"service.name": "siao-hub", "service.version": version("siao-hub"), "siao.role": role})
    provider = TracerProvider(TraceIdRatioBased(settings.ratio), named, shutdown_on_exit=False)
    exporter = OTLPSpanExporter(f"{settings.endpoint}/v1/traces", timeout=EXPORT_SECONDS)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    _tracer = provider.get_tracer("siao-hub")
    try:
        yield
    finally:
        _tracer = None
        provider.shutdown()


def now_ns() -> int:
    """Return the present time in nanoseconds since 1970."""
    return time.time_ns()


def span(name: str, kind: Kind, parent: str | None, **attributes: str) -> Carried:
    """Return a context manager that records its block as a span. If the block raises an error, the span has
    the type of the error. `parent` is the `traceparent` of the span that causes the block, or None."""
    if _tracer is None:
        return Carried(parent)
    begun = _begun(name, kind, parent, None, attributes)
    return Carried(_traceparent(begun), begun)


def record_events(name: str, kind: Kind, began_ns: int, events: Iterable[Attributes]) -> None:
    """Record a span for each event, in the trace that the event's `traceparent` names. An event without a
    `traceparent` begins a new trace. Each span lasts from `began_ns` (a result of `now_ns`) until now."""
    if _tracer is None:
        return
    for event in events:
        named = {"event": str(event.id), "type": event.type}
        _begun(name, kind, event.traceparent, began_ns, named).end()


def _begun(name: str, kind: Kind, parent: str | None, at_ns: int | None, attributes: dict[str, str]) -> Any:
    from opentelemetry.context import Context
    from opentelemetry.trace import SpanKind
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    before = TraceContextTextMapPropagator().extract({"traceparent": parent} if parent else {}, Context())
    return _tracer.start_span(name, before, SpanKind[kind], attributes, start_time=at_ns)


def _traceparent(begun: Any) -> str:
    context = begun.get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"
