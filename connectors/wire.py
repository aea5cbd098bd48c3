"""Answers as bytes, for connections that are turned away before there is a request."""

from http import HTTPStatus

from connectors.answer import Answer


def on_the_wire(answer: Answer) -> bytes:
    """Return the whole HTTP/1.1 answer as bytes."""
    fields = (*answer.headers, (b"content-length", b"%d" % len(answer.body)))
    lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}".encode()]
    lines += [b"%b: %b" % field for field in fields]
    return b"\r\n".join((*lines, b"", answer.body))
