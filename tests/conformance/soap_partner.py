"""A partner with a SOAP service that deduplicates on `Idempotency-Key`."""

import base64
from dataclasses import replace
from typing import Any, ClassVar

from lxml import etree

from connectors.soap import SoapSink
from connectors.soap.envelope import envelope
from contracts.ports import Native, Receipt
from contracts.soap import ENVELOPES, SortieSoap

from .http_partner import HttpServer, Script
from .promises import Promise

NO_QUESTION = "none of its operations asks for a key"
XML = {"Content-Type": "text/xml; charset=utf-8"}
TAKEN = Script(200, XML, envelope(b"<pris/>", "1.1"))


def faulty(code: str, status: int = 500) -> Script:
    """Return a server's answer with a SOAP fault of this code."""
    return Script(status, XML, fault(code))


def fault(code: str) -> bytes:
    """Return the XML of a SOAP 1.1 fault with this code."""
    soap = ENVELOPES["1.1"]
    inner = (
        f'<f:Fault xmlns:f="{soap}"><faultcode>f:{code}</faultcode><faultstring>non</faultstring></f:Fault>'
    )
    return envelope(inner.encode(), "1.1")


def carried(received: bytes) -> etree._Element:
    """Return the single element in the body of a SOAP envelope."""
    (body,) = etree.fromstring(received)
    (message,) = body
    return message


class _Framed:
    """A sink for a dialect whose XML carries arbitrary bytes."""

    def __init__(self, sink: SoapSink) -> None:
        self._sink = sink

    async def send(self, native: Native, key: str) -> Receipt:
        octets = b"<octets>%b</octets>" % base64.b64encode(native.body)
        return await self._sink.send(replace(native, body=octets, media_type="application/xml"), key)

    async def close(self) -> None:
        await self._sink.close()


class SoapPartner:
    NAME: ClassVar[str] = "soap"
    WAIVED: ClassVar[dict[Promise, str]] = {Promise.ASKED: NO_QUESTION, Promise.ASKED_IN_VAIN: NO_QUESTION}

    def __init__(self, tmp_path: Any, monkeypatch: Any) -> None:
        monkeypatch.setenv("SIAO_SECRET_MOT_DE_PASSE", "mot-de-passe")
        self.server = HttpServer()
        self.server.script = TAKEN

    async def start(self) -> None:
        await self.server.start()
        self.sink = _Framed(SoapSink(SortieSoap(url=self.server.url)))

    async def stop(self) -> None:
        await self.sink.close()
        await self.server.stop()

    async def effects(self) -> list[bytes]:
        by_key: dict[str, bytes] = {}
        for request in self.server.requests:
            octets = base64.b64decode(carried(request.body).text or "")
            assert by_key.setdefault(request.headers["idempotency-key"], octets) == octets
        return list(by_key.values())

    async def go_away(self) -> None:
        await self.server.stop()

    async def come_back(self) -> None:
        await self.server.start()

    async def refuse(self, native: Native, key: str) -> None:
        self.server.script = faulty("Client")

    async def throttle(self, seconds: int) -> None:
        self.server.script = Script(503, {"Retry-After": str(seconds), **XML}, fault("Server"))

    async def distrust(self) -> None:
        self.server.script = Script(401)

    async def lose_the_next_answer(self) -> None:
        self.server.script = Script(hang_up=True)

    async def behave(self) -> None:
        self.server.script = TAKEN
