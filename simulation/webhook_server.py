"""A partner's HTTP server, which checks Standard Webhooks signatures independently of the hub's code."""

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
"""Path at which this server tells whether a key was received."""
FALSE_SUCCESS_FIELD, FALSE_SUCCESS = "statut", "erreur"
"""Field and value of a refusal inside a 200."""
SLOW_SECONDS = (1.0, 8.0)
RETRY_AFTER_SECONDS = 3

Understand = Callable[[bytes], Record]
"""A function from a body to its effect. Raises ValueError if it is not understood."""


@asynccontextmanager
async def webhook_server(
    port: int, secret: str, inbox: Inbox, understand: Understand, temper: Temper | None = None
) -> AsyncIterator[None]:
    """Listen until the block ends. A delivery is answered 204 once it is on disk, 401 for a bad signature,
    422 if it is not understood, or as the mood demands. The server also answers whether it has received a
    key."""
    desk = _Desk(secret, inbox, understand, temper or Temper(None, ""))
    app = web.Application()
    app.router.add_post(PATH, desk.receive)
    app.router.add_get(QUESTION, desk.tell)
    async with listening(app, port):
        yield


class _Desk:
    """Handlers of the server's requests."""

    def __init__(self, secret: str, inbox: Inbox, understand: Understand, temper: Temper) -> None:
        self._webhook = Webhook(secret)
        self._inbox, self._understand, self._temper = inbox, understand, temper
        self._in_hand: Counter[str] = Counter()

    async def receive(self, request: web.Request) -> web.Response:
        """Take in a delivery."""
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
        """Tell whether a key was received: 404 only if it certainly was not, 503 if that is unknown."""
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
    """Handle a delivery as the mood demands, and answer."""
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
