"""Reading of messages in the process of the test itself: for histories that a seed must be able to repeat."""

from uuid import UUID

from router.intake.decoders import Decoders
from router.intake.decoding import Chunk, DecodedMessage, Incoming, read, read_from


class ReadHere(Decoders):
    """Reads at once, without bounds, and keeps nothing open."""

    async def read(self, message: Incoming, most_rows: int) -> DecodedMessage:
        """As many rows as are asked for."""
        return read(message, most_rows)

    async def read_on(self, ident: UUID, done: int, most_rows: int, message: Incoming) -> Chunk:
        """Always from the beginning."""
        return read_from(ident, done, most_rows, message)
