"""Decoding of messages in the test's own process, for runs that a seed must be able to repeat."""

from uuid import UUID

from router.intake.decoders import Decoders
from router.intake.decoding import Chunk, DecodedMessage, Incoming, read, read_from


class ReadHere(Decoders):
    """Decodes messages at once, without limits, and keeps nothing open."""

    async def read(self, message: Incoming, most_rows: int) -> DecodedMessage:
        """Decode up to this number of rows."""
        return read(message, most_rows)

    async def read_on(self, ident: UUID, done: int, most_rows: int, message: Incoming) -> Chunk:
        """Decode further rows of a message. It is always read from its beginning."""
        return read_from(ident, done, most_rows, message)
