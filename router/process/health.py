"""Answer the requests that ask how a process does, on a port of its own: /healthz, /readyz, /metrics."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.registry import Collector
from pydantic_core import to_json

from router.telemetry.metrics import REGISTRY

Check = Callable[[], Awaitable[bool]]
JSON = "application/json"


class Health:
    """Web application (ASGI) that answers /healthz, /readyz and /metrics. `ready` has a check for each server
    that the process needs. `shown` has gauges to add to the process's metrics."""

    def __init__(self, ready: Mapping[str, Check], shown: Collector) -> None:
        self._ready = ready
        self._shown = CollectorRegistry()
        self._shown.register(shown)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer an HTTP request, whatever its method. `/healthz` tells that the process runs. `/readyz` tells
        whether each server that the process needs works. `/metrics` gives the process's metrics. Any other path
        is answered with 404."""
        status, media_type, body = await self._answer(scope["path"])
        headers = [(b"content-type", media_type.encode()), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, path: str) -> tuple[int, str, bytes]:
        match path:
            case "/healthz":
                return 200, JSON, b'{"etat":"ok"}'
            case "/readyz":
                parts = {name: await check() for name, check in self._ready.items()}
                states = {name: "ok" if works else "en panne" for name, works in parts.items()}
                return 200 if all(parts.values()) else 503, JSON, to_json(states)
            case "/metrics":
                return 200, CONTENT_TYPE_LATEST, generate_latest(REGISTRY) + generate_latest(self._shown)
        return 404, JSON, b'{"etat":"introuvable"}'
