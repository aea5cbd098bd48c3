"""A partner's HTTP server: signatures after Standard Webhooks are checked, by another hand than the hub's."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from simulation.inbox import Inbox
from simulation.journal import Record

PATH = "/hub"

Understand = Callable[[bytes], Record]
"""From a body to its effect. Raises ValueError for what is not understood."""


@asynccontextmanager
async def webhook_server(port: int, secret: str, inbox: Inbox, understand: Understand) -> AsyncIterator[None]:
    """Listen until the block ends. Answers 204 once the delivery is on disk, 401 for a bad signature, 422
    for what is not understood."""
    webhook = Webhook(secret)

    async def receive(request: web.Request) -> web.Response:
        body = await request.read()
        try:
            webhook.verify(body, dict(request.headers), json_parse=False)
        except WebhookVerificationError:
            return web.Response(status=401)
        try:
            effect = understand(body)
        except (ValueError, LookupError):
            return web.Response(status=422)
        await inbox.take(request.headers["webhook-id"], effect)
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
