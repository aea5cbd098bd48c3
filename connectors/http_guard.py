"""Limit the times and sizes of an HTTP connection, and the requests that wait on it, before the sender's API
key is checked.

The limits are added to the protocol class with which uvicorn, the web server, reads requests. A request above
a limit gets a problem detail (a JSON text that explains the error) with the status 400, 408 or 431, and the
connection is closed. A response that has begun is never replaced.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from connectors.answer import CLOSE, Answer
from connectors.problem import problem
from connectors.wire import on_the_wire

AHEAD = 16
"""Limit on the requests that wait on a connection behind the request that is being answered."""
FRAMING = 16
"""Number of framing bytes (chunk sizes and line ends) allowed for each byte of a chunked body."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of an HTTP connection, which hold before the sender is authenticated."""

    head_bytes: int = 32 * 1024
    headers: int = 100
    head_seconds: float = 10.0
    """Time in which the head of a request must arrive. If a request was answered before its whole body
    arrived, the rest of the body must arrive in this time too."""
    unread_seconds: float = 60.0
    """Time after which a sender that does not read its response is cut off."""


class _OverLimit(Exception):
    """Raised if the head of a request is too large, or if too many requests wait on one connection."""


class GuardedProtocol(HttpToolsProtocol):
    """HTTP protocol of one connection, with the limits `bounds` on sizes and times. It calls three functions:
    `busy` when the head of a request is complete, `waits` when no request is under way any more, and `gone`
    when the connection has ended."""

    def __init__(
        self,
        config: Config,
        state: ServerState,
        bounds: Bounds,
        busy: Callable[[], None],
        waits: Callable[[], None],
        gone: Callable[[], None],
    ) -> None:
        super().__init__(config, state, {})
        self._bounds = bounds
        self._busy, self._waits, self.gone = busy, waits, gone
        self._served: RequestResponseCycle | None = None
        self._left = bounds.head_bytes
        self._deadline: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None
        self._refusal = UNREADABLE
        self._in_head = False
        self._reads_no_more = False

    # --- incoming bytes

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn does
        """Accept the connection, and start the time limit for the head of its first request."""
        super().connection_made(transport)
        self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel all time limits and call `gone`, because the connection has ended."""
        self._disarm()
        self._disarm_unread()
        super().connection_lost(exc)
        self.gone()

    def data_received(self, data: bytes) -> None:
        """Parse bytes from the sender. If more bytes than allowed have arrived outside of bodies, refuse the
        request."""
        if self._reads_no_more:
            return
        self._left -= len(data)
        super().data_received(data)
        if self._left < 0 and not self._reads_no_more:
            self._refusal = HEAD_TOO_LARGE
            self.send_400_response("")
        elif self._deadline is None and not self._is_at_work():
            self._arm()

    def on_message_begin(self) -> None:
        """Begin a request, and count the bytes of its head from zero."""
        self._left = self._bounds.head_bytes
        self._in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Accept a request whose head is complete. Raises _OverLimit if the head is too large, or if too many
        requests wait on the connection."""
        if self._is_too_large():
            self._refusal = HEAD_TOO_LARGE
            raise _OverLimit
        if len(self.pipeline) >= AHEAD:
            self._refusal = TOO_FAR_AHEAD
            raise _OverLimit
        self._in_head = False
        self._disarm()
        self._busy()
        super().on_headers_complete()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header of the request's head. Drop a trailer, which comes after the body: uvicorn would
        treat it as a header of the head."""
        if self._in_head:
            super().on_header(name, value)

    def on_body(self, body: bytes) -> None:
        """Receive a piece of a request's body. The piece does not count against the limit on the bytes
        outside of bodies. Each byte of the piece even raises this limit by 16 (`FRAMING`), because the chunk
        sizes and line ends around pieces do count."""
        self._left += len(body) * (1 + FRAMING)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request that has arrived completely, and set the count of bytes outside of bodies back to 0.
        The limit on these bytes holds for each request of the connection separately."""
        self._left = self._bounds.head_bytes
        super().on_message_complete()

    def _is_too_large(self) -> bool:
        if len(self.headers) > self._bounds.headers:
            return True
        size = len(self.url) + sum([len(name) + len(value) for name, value in self.headers])
        return size > self._bounds.head_bytes

    # --- outgoing answers

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._served = cycle
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        """Go on after a response that is completely written:

        * if the connection is closing, start the time limit for the sender to read the response;
        * else, if no other request is under way, call `waits` to report that the connection is idle. If part
          of the request's body has still to arrive, also start the time limit for that part.
        """
        unread = self._served is not None and self._served.more_body
        super().on_response_complete()
        if self.transport.is_closing():
            self._arm_unread()
        elif not self._is_at_work():
            self._waits()
            if unread:
                self._arm()

    def pause_writing(self) -> None:
        """Start the time limit for a sender that has stopped reading its response."""
        super().pause_writing()
        self._arm_unread()

    def resume_writing(self) -> None:
        """Cancel the time limit for a sender that had stopped reading its response, because the sender reads
        on. On a connection that is being closed, the time limit stays."""
        super().resume_writing()
        if not self.transport.is_closing():
            self._disarm_unread()

    def send_400_response(self, msg: str) -> None:
        """Refuse a request that is malformed or above a limit, and close the connection. `msg` is not used.
        Before the end, the sender gets:

        * if responses to earlier requests are due, only these responses;
        * if the response to the refused request has begun, nothing more of it;
        * else a problem detail (400 or 431) that says why.
        """
        self._reads_no_more = True
        self._disarm()
        broken = self.cycle if self.cycle is not None and self.cycle.more_body else None
        if broken is not None and self.pipeline and self.pipeline[0][0] is broken:
            self.pipeline.popleft()
        last = self.pipeline[0][0] if self.pipeline else self._served
        if last is not None and last is not broken and not last.response_complete:
            last.keep_alive = False
        elif broken is not None and broken.response_started:
            self._close()
        else:
            self._end_with(self._refusal)

    def _is_at_work(self) -> bool:
        return bool(self.pipeline) or (self._served is not None and not self._served.response_complete)

    def _arm(self) -> None:
        self._disarm()
        self._deadline = self.loop.call_later(self._bounds.head_seconds, self._too_late)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_late(self) -> None:
        self._reads_no_more = True
        if self._in_head:
            self._end_with(HEAD_TOO_SLOW)
        else:
            self._close()

    def _arm_unread(self) -> None:
        if self._unread is None:
            self._unread = self.loop.call_later(self._bounds.unread_seconds, self.transport.abort)

    def _disarm_unread(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _end_with(self, answer: Answer) -> None:
        self.transport.write(on_the_wire(answer))
        self._close()

    def _close(self) -> None:
        self.transport.close()
        self._arm_unread()


UNREADABLE = problem(
    400,
    "requete-illisible",
    "Requête HTTP illisible",
    "Ce qui est arrivé n'est pas une requête HTTP/1.1. Vérifiez votre client, et le proxy devant lui s'il y en a un.",
    headers=CLOSE,
)
TOO_FAR_AHEAD = problem(
    400,
    "trop-de-requetes-d-avance",
    "Trop de requêtes d'avance",
    f"Attendez une réponse avant d'envoyer plus de {AHEAD} requêtes sur une même connexion.",
    headers=CLOSE,
)
HEAD_TOO_SLOW = problem(
    408,
    "en-tete-trop-lent",
    "En-tête trop lent",
    "Les en-têtes de la requête ne sont pas arrivés à temps. Renvoyez-la d'un trait.",
    headers=CLOSE,
)
HEAD_TOO_LARGE = problem(
    431,
    "en-tete-trop-grand",
    "En-tête trop grand",
    "La requête a trop d'en-têtes, ou de trop longs. N'envoyez que ceux du guide ; le message va dans le corps.",
    headers=CLOSE,
)
