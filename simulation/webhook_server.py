"""A partner's HTTP server: signatures after Standard Webhooks are checked, by another hand than the hub's."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

from aiohttp import web
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from simulation import moods
from simulation.inbox import Inbox
from simulation.journal import Record
from simulation.moods import Mood

PATH = "/hub"
SLOW_SECONDS = (1.0, 8.0)
RETRY_AFTER_SECONDS = 3

Understand = Callable[[bytes], Record]
"""From a body to its effect. Raises ValueError for what is not understood."""


@asynccontextmanager
async def webhook_server(
    port: int, secret: str, inbox: Inbox, understand: Understand, mood: Path | None = None
) -> AsyncIterator[None]:
    """Listen until the block ends. Answers 204 once the delivery is on disk, 401 for a bad signature, 422
    for what is not understood; as the file `mood` says, while there is one."""
    webhook = Webhook(secret)
    chance = Random(secret)

    async def receive(request: web.Request) -> web.Response:
        body = await request.read()
        try:
            webhook.verify(body, dict(request.headers), json_parse=False)
        except WebhookVerificationError:
            return web.Response(status=401)
        key, humour = request.headers["webhook-id"], moods.read(mood)
        try:
            effect = inbox.known(key) or understand(body)
        except (ValueError, LookupError):
            return web.Response(status=422)
        if humour is not None and chance.random() < humour.share:
            return await _in_a_mood(humour.mood, request, inbox, key, effect, chance)
        await inbox.take(key, effect)
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post(PATH, receive)
    runner = web.AppRunner(app, access_log=None, handle_signals=False)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield
    finally:
        await runner.cleanup()


async def _in_a_mood(
    mood: Mood, request: web.Request, inbox: Inbox, key: str, effect: Record, chance: Random
) -> web.Response:
    if mood is Mood.SLOW:
        await asyncio.sleep(chance.uniform(*SLOW_SECONDS))
        await inbox.take(key, effect)
        return web.Response(status=204)
    if mood is Mood.CUT:
        await inbox.take(key, effect)
        if request.transport is not None:
            request.transport.close()
        return web.Response(status=204)
    await inbox.decline(key, effect["ref"], mood)
    match mood:
        case Mood.FALSE_SUCCESS:
            return web.json_response({"statut": "erreur", "message": "enregistrement impossible"})
        case Mood.REFUSAL:
            return web.Response(status=422)
        case Mood.THROTTLED:
            return web.Response(status=429, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
    return web.Response(status=500)
