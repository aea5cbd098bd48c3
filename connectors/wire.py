"""Write responses as bytes, for connections that are closed before a request reaches the application."""

from http import HTTPStatus

from connectors.answer import Answer


def on_the_wire(answer: Answer) -> bytes:
    """Return a response of the hub as the bytes of a whole HTTP/1.1 response."""
    fields = (*answer.headers, (b"content-length", b"%d" % len(answer.body)))
    lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}".encode()]
    lines += [b"%b: %b" % field for field in fields]
    return b"\r\n".join((*lines, b"", answer.body))
