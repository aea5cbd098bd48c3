"""Short cut between the HTTP server and the hub's busiest path: read a body that has arrived, and write a whole
answer, each in one call. ASGI's messages and the time limit on bodies take 12 µs more."""

from collections.abc import MutableMapping
from typing import Any

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from connectors.answer import CLOSE, PRIVATE, Answer
from connectors.wire import on_the_wire

_NAME = "siao.shortcut"


class Shortcut:
    """Short cut for one request, beside ASGI's `receive` and `send`, which serve whatever it does not."""

    __slots__ = ("_cycle",)

    def __init__(self, cycle: RequestResponseCycle) -> None:
        self._cycle = cycle

    def body(self) -> bytes | None:
        """Return the whole body of the request. Return None unless all of it has arrived and the sender is still
        connected."""
        cycle = self._cycle
        return None if cycle.more_body or cycle.disconnected else bytes(cycle.body)

    def answer(self, answer: Answer) -> bool:
        """Write a whole answer, and return True. Return False, without writing, if the connection ends with this
        answer or cannot be written to now."""
        cycle = self._cycle
        if (
            not cycle.keep_alive
            or CLOSE[0] in answer.headers
            or cycle.disconnected
            or cycle.flow.write_paused
        ):
            return False
        cycle.response_started = cycle.response_complete = True
        cycle.transport.write(on_the_wire(answer, (*PRIVATE, *cycle.default_headers)))
        cycle.message_event.set()
        cycle.on_response()
        return True


def offer(cycle: RequestResponseCycle) -> None:
    """Offer the short cut to the application that serves this request."""
    if cycle.scope["method"] == "POST":
        scope: Any = cycle.scope  # its type lists the names of ASGI; a server may add its own
        scope[_NAME] = Shortcut(cycle)


def of(scope: MutableMapping[str, Any]) -> Shortcut | None:
    """Return the short cut that the server offers for a request; None if it offers none."""
    found: Shortcut | None = scope.get(_NAME)
    return found
