"""A partner's client for the hub's HTTP API, which repeats a request until it has an answer."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any, cast
from urllib.parse import quote

from aiohttp import ClientError, ClientSession, ClientTimeout

from simulation import moods
from simulation.config import Config
from simulation.journal import Journal, Kind, Row
from simulation.moods import Mood
from simulation.turns import Turns, times

RETRY_SECONDS = (0.1, 2.0)
GIVE_UP_SECONDS = 180.0
AT_ONCE = 32
"""Limit on the requests in flight."""
TIMEOUT = ClientTimeout(total=15)
AGAIN = frozenset({408, 429, 500, 502, 503, 504})
FOUND = 200
UNAVAILABLE = 503
"""The only 5xx that the hub may answer to a message."""


class HubAway(Exception):
    """The hub did not answer a request before the deadline."""


@dataclass(frozen=True, slots=True)
class Sending:
    """A message to the hub. Equal keys mean equal bytes."""

    key: str
    body: bytes
    media_type: str
    dialect: str
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    body: bytes
    is_json: bool

    @property
    def content(self) -> Any:
        """The parsed JSON of the reply, or its bytes."""
        return json.loads(self.body) if self.is_json else self.body


class HubDoor:
    """One partner's client for the hub's HTTP API. Its `Config.manner` may make it send badly."""

    def __init__(self, config: Config, journal: Journal, session: ClientSession) -> None:
        self._url, self._manner = config.hub, config.manner
        self._headers = {"Authorization": f"Bearer {config.api_key}"}
        self._journal = journal
        self._session = session
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._chance = Random(f"{config.temper}/porte")
        self._turns = Turns(self._chance)
        self._answered = {r["key"] for r in journal.past if r["kind"] == Kind.ANSWERED}

    async def close(self) -> None:
        """Cancel the repetitions still to be sent."""
        await self._turns.close()

    async def send(self, sending: Sending) -> None:
        """Send a message, and write the answer to the journal.

        Does nothing if an earlier run of the program got an answer. Raises HubAway.
        """
        if sending.key in self._answered:
            return
        manner = moods.sort_of(self._manner)
        async with self._turns.turn(manner):
            await self._journal.about_to_send(sending.key, sending.rows)
            async with self._slots:
                await asyncio.gather(*(self._post(sending) for _ in range(times(manner))))
        if manner is Mood.TWICE:
            self._turns.later(partial(self._post, sending))

    async def _post(self, sending: Sending) -> None:
        headers = {
            "Content-Type": sending.media_type,
            "Idempotency-Key": sending.key,
            "SIAO-Dialecte": sending.dialect,
        }
        reply = await self._persistently("POST", "/v1/messages", headers, sending.body)
        answer = reply.content if isinstance(reply.content, dict) else {}
        await self._journal.answered(sending.key, reply.status, answer.get("id"), answer.get("rejets", ()))

    async def known(self, key: str) -> Mapping[str, Any] | None:
        """Return the hub's description of the message with this key; None for an unknown key."""
        reply = await self._persistently("GET", f"/v1/messages?reference={quote(key)}")
        return next(iter(reply.content["messages"]), None)

    async def effect(self, key: str) -> str | None:
        """Return the effect of a message, « en_attente » until the hub has applied it; None for an unknown key,
        or if a restored hub no longer has the message."""
        if (known := await self.known(key)) is None:
            return None
        reply = await self._persistently("GET", f"/v1/messages/{known['id']}")
        return cast(str, reply.content["effet"]) if reply.status == FOUND else None

    async def waiting(self) -> list[str]:
        """Return the keys of the deliveries in the mailbox."""
        reply = await self._persistently("GET", "/v1/boite?limite=500")
        return [item["cle"] for item in reply.content["envois"]]

    async def fetch(self, key: str) -> bytes | None:
        """Return the content of one delivery in the mailbox; None if a restored hub no longer has it."""
        reply = await self._persistently("GET", f"/v1/boite/{key}")
        return reply.body if reply.status == FOUND else None

    async def listed(self, **asked: int) -> Mapping[str, Any] | None:
        """Return a page of the partner's list of households; None if it must read the whole list. `asked`:
        parameters of the query."""
        query = "&".join(f"{name}={value}" for name, value in asked.items())
        reply = await self._persistently("GET", f"/v1/liste?{query}")
        return reply.content if reply.status == FOUND else None

    async def acknowledge(self, keys: Sequence[str]) -> None:
        """Acknowledge deliveries of the mailbox, one by one."""
        manner = moods.sort_of(self._manner)
        for key in reversed(keys) if manner is Mood.SWAPPED else keys:
            async with self._turns.turn(manner if manner is Mood.LATE else None):
                await asyncio.gather(*(self._acknowledge(key) for _ in range(times(manner))))
            if manner is Mood.TWICE:
                self._turns.later(partial(self._acknowledge, key))

    async def _acknowledge(self, key: str) -> None:
        reply = await self._persistently("POST", f"/v1/boite/{key}/accuse")
        await self._journal.write({"kind": Kind.ACKNOWLEDGED, "key": key, "status": reply.status})

    async def _persistently(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> _Reply:
        wait, longest = RETRY_SECONDS
        deadline = asyncio.get_running_loop().time() + GIVE_UP_SECONDS
        while asyncio.get_running_loop().time() < deadline:
            reply = await self._once(method, path, {**self._headers, **(headers or {})}, body)
            if reply is not None and reply.status not in AGAIN:
                return reply
            if reply is not None and reply.status >= 500 and reply.status != UNAVAILABLE:
                failed = {"kind": Kind.FAILED, "what": f"{method} {path}", "status": reply.status}
                await self._journal.write(failed)
            await asyncio.sleep(wait * self._chance.uniform(0.5, 1.0))
            wait = min(wait * 2, longest)
        raise HubAway

    async def _once(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None
    ) -> _Reply | None:
        """Return the reply to one request; None without a complete one."""
        try:
            async with self._session.request(
                method, self._url + path, headers=headers, data=body
            ) as response:
                body = await response.read()
                return _Reply(response.status, body, response.content_type.endswith("json"))
        except (ClientError, TimeoutError, OSError):
            return None


@asynccontextmanager
async def hub_door(config: Config, journal: Journal) -> AsyncIterator[HubDoor]:
    """Give a client for one partner until the block ends."""
    async with ClientSession(timeout=TIMEOUT) as session:
        door = HubDoor(config, journal, session)
        try:
            yield door
        finally:
            await door.close()
