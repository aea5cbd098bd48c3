"""An answer that comes with its attachments (MTOM): the envelope, with each of them back in its place."""

import re
from base64 import b64encode
from email import message_from_bytes
from email.message import Message
from email.policy import HTTP
from urllib.parse import unquote

from contracts.ports import Native

_INCLUDE = re.compile(
    rb"<(?:[\w.-]+:)?Include\b[^<>]*?\shref\s*=\s*[\"']cid:([^\"'<>]*)[\"'][^<>]*?(?:/>|>\s*</[^<>]*>)"
)


def whole(reply: Native) -> Native:
    """The envelope of a `multipart/related` answer (XOP), attachments in base64; any other answer as it is."""
    if not reply.media_type.lower().startswith("multipart/related"):
        return reply
    head = f"Content-Type: {reply.media_type}\r\n\r\n".encode("latin-1", "replace")
    message = message_from_bytes(head + reply.body, policy=HTTP)
    parts = {_name(part): part for part in message.walk() if not part.is_multipart()}
    first = next(iter(parts.values()), None)
    root = parts.get(str(message.get_param("start", "")).strip("<>"), first)
    if root is None:
        return reply
    body = _INCLUDE.sub(lambda found: _inlined(parts.get(unquote(found[1].decode("latin-1")))), _bytes(root))
    return Native(body, "application/soap+xml; charset=utf-8")


def _name(part: Message) -> str:
    return str(part.get("Content-ID", "")).strip().strip("<>")


def _inlined(part: Message | None) -> bytes:
    return b"" if part is None else b64encode(_bytes(part))


def _bytes(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""
