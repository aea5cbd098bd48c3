"""An OTLP receiver that stores the spans sent to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.integration import beside


class Span(NamedTuple):
    """The parts of a span that tests look at."""

    name: str
    trace: str
    ident: str
    parent: str
    role: str
    said: dict[str, str]


class Collector:
    """A receiver for OTLP over HTTP in protobuf."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.spans: list[Span] = []

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Collector"]:
        app = web.Application()
        app.router.add_post("/v1/traces", self._take)
        async with beside.server(app, self.port):
            yield self

    async def _take(self, request: web.Request) -> web.Response:
        sent = ExportTraceServiceRequest.FromString(await request.read())
        for resource in sent.resource_spans:
            about = {a.key: a.value.string_value for a in resource.resource.attributes}
            for scope in resource.scope_spans:
                self.spans += [
                    Span(
                        s.name,
                        s.trace_id.hex(),
                        s.span_id.hex(),
                        s.parent_span_id.hex(),
                        about["siao.role"],
                        {a.key: a.value.string_value for a in s.attributes},
                    )
                    for s in scope.spans
                ]
        return web.Response()

    def of(self, trace: str) -> list[Span]:
        """Return the spans of one trace."""
        return [span for span in self.spans if span.trace == trace]
