"""Convert between Kafka records and messages, by the Kafka binding of CloudEvents 1.0 (a standard envelope
for events).

In binary mode, a record has the attributes of its event in `ce_…` headers. Such a record becomes a structured
one, with the attributes in its body. Any other record stays unchanged.
"""

from collections.abc import Mapping, Sequence

from pydantic_core import to_json

from contracts.ports import Native

STRUCTURED = "application/cloudevents"
EVENT = "application/cloudevents+json"
JSON = "application/json"
KEY = "idempotency-key"
PARTITION = "partitionkey"
"""Name of the CloudEvents extension (Partitioning) that says to which stream a message belongs. The messages
of one stream keep their order."""
VISIBLE = range(0x21, 0x7F)


def native_of(body: bytes, headers: Sequence[tuple[str, bytes | None]], cle: str) -> Native:
    """Return a Kafka record as a message. `cle`: the idempotency key of the message, if no header of the
    record gives a valid key."""
    said = {name.lower(): _text(text) for name, text in headers}
    media_type = said.get("content-type") or JSON
    key = {KEY: said[KEY]} if _is_key(said.get(KEY)) else {}
    if "ce_specversion" in said and not media_type.lower().startswith(STRUCTURED):
        body, media_type = _structured(body, said, media_type), EVENT
    return Native(body, media_type, headers=key, cle=cle)


def _structured(data: bytes, said: Mapping[str, str], media_type: str) -> bytes:
    attributes = {name.removeprefix("ce_"): text for name, text in said.items() if name.startswith("ce_")}
    head = to_json({**attributes, "datacontenttype": media_type})
    return head[:-1] + b',"data":' + (data or b"null") + b"}"


def headers_of(native: Native, key: str) -> list[tuple[str, bytes]]:
    """Return the Kafka headers for a delivery with the idempotency key `key`."""
    return [("content-type", native.media_type.encode()), (KEY, key.encode())]


def _text(value: bytes | None) -> str:
    return (value or b"").decode("utf-8", "replace")


def _is_key(text: str | None) -> bool:
    return text is not None and 0 < len(text) <= 255 and all(ord(letter) in VISIBLE for letter in text)
