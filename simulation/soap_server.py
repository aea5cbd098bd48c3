"""The SOAP 1.1 service of a simulated partner. An HTTP header holds the message's key."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

from aiohttp import web
from lxml import etree

from simulation.inbox import Inbox
from simulation.journal import Record
from simulation.listening import listening
from simulation.moods import Mood, Temper
from simulation.webhook_server import PATH, RETRY_AFTER_SECONDS, SLOW_SECONDS, Understand

KEY = "idempotency-key"
XML = "text/xml"
TAKEN = (
    b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><recu>pris</recu></s:Body>'
    b"</s:Envelope>"
)


@asynccontextmanager
async def soap_server(
    port: int, inbox: Inbox, understand: Understand, temper: Temper | None = None
) -> AsyncIterator[None]:
    """Serve the SOAP service until the block ends.

    Answers to a call: an empty 200 once the message is in the journal, a fault if it cannot be understood; a
    bad mood may change them.
    """
    desk = _Desk(inbox, understand, temper or Temper(None, ""))
    app = web.Application()
    app.router.add_post(PATH, desk.called)
    async with listening(app, port):
        yield


class _Desk:
    def __init__(self, inbox: Inbox, understand: Understand, temper: Temper) -> None:
        self._inbox, self._understand, self._temper = inbox, understand, temper

    async def called(self, request: web.Request) -> web.StreamResponse:
        """Receive a message, and answer."""
        key = request.headers[KEY]
        try:
            effect = self._inbox.known(key) or self._understand(_carried(await request.read()))
        except (ValueError, LookupError):
            return _fault("Client", "message inattendu")
        if felt := self._temper.at(effect["ref"]):
            return await self._in_a_mood(*felt, request, key, effect)
        await self._inbox.take(key, effect)
        return web.Response()

    async def _in_a_mood(
        self, mood: Mood, chance: Random, request: web.Request, key: str, effect: Record
    ) -> web.StreamResponse:
        if mood is Mood.SLOW:
            await self._inbox.take_late(chance.uniform(*SLOW_SECONDS), key, effect)
            return web.Response()
        if mood is Mood.CUT:
            await self._inbox.take(key, effect)
            return await _half(request)
        await self._inbox.decline(key, effect["ref"], mood)
        if mood is Mood.THROTTLED:
            return web.Response(status=503, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
        if mood in (Mood.REFUSAL, Mood.FALSE_SUCCESS):
            return _fault("Client", "dossier refusé", 200 if mood is Mood.FALSE_SUCCESS else 500)
        return _fault("Server", "enregistrement impossible")


async def _half(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": XML, "Content-Length": str(len(TAKEN))})
    await response.prepare(request)
    await response.write(TAKEN[: len(TAKEN) // 2])
    if request.transport is not None:
        request.transport.close()
    return response


def _fault(code: str, says: str, status: int = 500) -> web.Response:
    body = (
        f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault>'
        f"<faultcode>s:{code}</faultcode><faultstring>{says}</faultstring></s:Fault></s:Body></s:Envelope>"
    )
    return web.Response(status=status, body=body.encode(), content_type=XML)


def _carried(body: bytes) -> bytes:
    try:
        (soap_body,) = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
        (message,) = soap_body
    except etree.XMLSyntaxError as exc:
        raise ValueError("enveloppe illisible") from exc
    return etree.tostring(message)
