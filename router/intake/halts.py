"""Halt the reading of a partner's own Kafka topic at records that cannot be read. Go on where an operator says."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import structlog

from contracts.errors import Unpassable
from contracts.partner import Partner
from contracts.ports import Source, TopicSource
from router.store import halts
from router.store.database import Database
from router.triage import first_of

logger = structlog.get_logger()
PAUSED = "La lecture est en pause : « siao-hub partners reprendre » dit d'où elle reprend"


class Halts:
    """Access to the stored halt of one partner's source. A source has one halt at most."""

    def __init__(self, database: Database, partner: Partner) -> None:
        self._database = database
        self._partner = partner
        self._may_be_one = True

    async def may_read(self, source: Source) -> bool:
        """Tell whether the source may be read now. After two failed attempts at the same records, the answer is
        False until an operator has said where to go on. The next call then moves the source to that record, and
        returns True. Raises BusUnavailable if the database cannot be reached, and any error of the source."""
        if not self._may_be_one:
            return True
        async with self._database.transaction() as connection:
            halt = await halts.of(connection, self._partner.id)
        if halt is None:
            self._may_be_one = False
            return True
        if halt.records.topic != getattr(
            self._partner.entree, "topic", None
        ):  # the registry entry now names another topic
            await self._clear()
            return True
        if halt.go_on_at is not None:
            await cast(TopicSource, source).go_on(halt.records.partition, halt.go_on_at)
            await self._clear()
            logger.info(
                "source.goes_on", partner=self._partner.id, **halt.records._asdict(), at=halt.go_on_at
            )
        return not halt.is_paused

    @asynccontextmanager
    async def counted(self) -> AsyncIterator[None]:
        """Count the `with` block as an attempt to read the source. If the block raises Unpassable, store a halt and
        let the exception go on to the caller. A halt has the records that could not be read, and the number of
        attempts. If the block succeeds, delete the halt. Raises BusUnavailable if the database cannot be reached.
        """
        try:
            yield
        except* Unpassable as exc:
            stopped = first_of(exc)
            assert isinstance(stopped, Unpassable)
            await self._note(stopped)
            raise
        if self._may_be_one:
            await self._clear()

    async def _note(self, exc: Unpassable) -> None:
        async with self._database.transaction() as connection:
            halt = await halts.note(connection, self._partner.id, exc.records, str(exc))
        self._may_be_one = True
        logger.error(
            "source.halted",
            partner=halt.partner,
            **exc.records._asdict(),
            reason=halt.cause,
            attempts=halt.attempts,
        )

    async def _clear(self) -> None:
        async with self._database.transaction() as connection:
            await halts.clear(connection, self._partner.id)
        self._may_be_one = False
