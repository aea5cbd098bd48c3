"""The webhook server of a simulated partner. Its check of Standard Webhooks signatures is not the hub's
code."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from random import Random

from aiohttp import web
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from simulation.inbox import Inbox
from simulation.journal import Record
from simulation.listening import listening
from simulation.moods import Mood, Temper

PATH = "/hub"
QUESTION = "/hub/recues/{cle}"
"""Path at which the server answers whether it has received a delivery."""
FALSE_SUCCESS_FIELD, FALSE_SUCCESS = "statut", "erreur"
"""Name and value of the JSON field by which a 200 means a refusal."""
SLOW_SECONDS = (1.0, 8.0)
RETRY_AFTER_SECONDS = 3

Understand = Callable[[bytes], Record]
"""Function that returns the journal line for a body. Raises ValueError or LookupError."""


@asynccontextmanager
async def webhook_server(
    port: int, secret: str, inbox: Inbox, understand: Understand, temper: Temper | None = None
) -> AsyncIterator[None]:
    """Serve the partner's webhook until the block ends.

    Answers to a delivery: 204 once it is in the journal, 401 for a bad signature, 422 if it cannot be
    understood; a bad mood may change them.
    """
    desk = _Desk(secret, inbox, understand, temper or Temper(None, ""))
    app = web.Application()
    app.router.add_post(PATH, desk.receive)
    app.router.add_get(QUESTION, desk.tell)
    async with listening(app, port):
        yield


class _Desk:
    def __init__(self, secret: str, inbox: Inbox, understand: Understand, temper: Temper) -> None:
        self._webhook = Webhook(secret)
        self._inbox, self._understand, self._temper = inbox, understand, temper
        self._in_hand: Counter[str] = Counter()

    async def receive(self, request: web.Request) -> web.Response:
        """Receive a delivery, and answer."""
        body = await request.read()
        if not self._is_signed(request, body):
            return web.Response(status=401)
        key = request.headers["webhook-id"]
        try:
            effect = self._inbox.known(key) or self._understand(body)
        except (ValueError, LookupError):
            return web.Response(status=422)
        with self._having_in_hand(key):
            if felt := self._temper.at(effect["ref"]):
                return await in_a_mood(self._inbox, *felt, request, key, effect)
            await self._inbox.take(key, effect)
        return web.Response(status=204)

    async def tell(self, request: web.Request) -> web.Response:
        """Answer whether a key was received: 200 if so, 404 if certainly not, 503 if unknown, 401 without a
        valid signature."""
        if not self._is_signed(request, b""):
            return web.Response(status=401)
        key = request.match_info["cle"]
        if self._in_hand[key] or self._temper.at(QUESTION):
            return web.Response(status=503)
        return web.Response(status=404 if self._inbox.known(key) is None else 200)

    def _is_signed(self, request: web.Request, body: bytes) -> bool:
        try:
            self._webhook.verify(body, dict(request.headers), json_parse=False)
        except WebhookVerificationError:
            return False
        return True

    @contextmanager
    def _having_in_hand(self, key: str) -> Iterator[None]:
        self._in_hand[key] += 1
        try:
            yield
        finally:
            self._in_hand[key] -= 1


async def in_a_mood(
    inbox: Inbox, mood: Mood, chance: Random, request: web.Request, key: str, effect: Record
) -> web.Response:
    """Receive or decline a delivery as a mood demands, and return the answer."""
    if mood is Mood.SLOW:
        await inbox.take_late(chance.uniform(*SLOW_SECONDS), key, effect)
        return web.Response(status=204)
    if mood is Mood.CUT:
        await inbox.take(key, effect)
        if request.transport is not None:
            request.transport.close()
        return web.Response(status=204)
    await inbox.decline(key, effect["ref"], mood)
    match mood:
        case Mood.FALSE_SUCCESS:
            return web.json_response(
                {FALSE_SUCCESS_FIELD: FALSE_SUCCESS, "message": "enregistrement impossible"}
            )
        case Mood.REFUSAL:
            return web.Response(status=422)
        case Mood.THROTTLED:
            return web.Response(status=429, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
    return web.Response(status=500)
