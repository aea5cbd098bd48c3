"""Send updates to an open page, as server-sent events (a stream of texts that the browser reads)."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime

from console import live
from console.sessions import person_in
from console.visit import Visite
from router.domain.vitals import Answer
from router.store.database import AWAY

STREAM_SECONDS = 300.0
"""Seconds after which an open page reloads, so that its session is checked."""
OVER = "event: fin\ndata: session\n\n"
"""Last event to a page whose session has ended or changed. The browser then goes to the login."""


async def updates(visite: Visite, rendered: Callable[[live.Seen], Awaitable[str]]) -> AsyncIterator[str]:
    """Yield the server-sent events of an open page, for `STREAM_SECONDS` at most:
    * the page's text, made by `rendered`, whenever it has changed;
    * every few seconds, how many seconds ago the hub's state was read;
    * at the end, if the session has ended or changed, an event that opens the login.
    """
    parts, last, end = visite.parts, "", time.monotonic() + STREAM_SECONDS
    with parts.open_pages.opened(visite.session):
        while time.monotonic() < end:
            newest = await parts.looks.newest()
            text = await rendered(newest)
            if text != last:
                last = text
                yield "event: etat\n" + "".join(f"data: {line}\n" for line in text.splitlines()) + "\n"
            yield f"event: vu\ndata: {(datetime.now(UTC) - newest.at).total_seconds():.1f}\n\n"
            await asyncio.sleep(live.REFRESH_SECONDS)
            if newest.facts.base is not Answer.OK:
                continue  # to wait for the database would delay the news that it is away
            with suppress(*AWAY, TimeoutError):
                async with asyncio.timeout(live.ANSWER_SECONDS):
                    known = await parts.open_pages.standing(visite.session)
                if known is None or person_in(known.person, parts.registry()) != visite.person:
                    yield OVER
                    return
                if known.due:
                    return
