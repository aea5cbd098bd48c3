"""The frame of a simulated partner's program."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import uvloop

from simulation.config import Config, load
from simulation.journal import Journal

START_POLL_SECONDS = 0.05


def run(main: Callable[[Config], Awaitable[None]]) -> None:
    """Run `main` for each configuration file on the command line, until one fails or SIGTERM comes."""
    uvloop.run(_until_stopped(main, [load(Path(file)) for file in sys.argv[1:]]))


async def _until_stopped(main: Callable[[Config], Awaitable[None]], configs: Sequence[Config]) -> None:
    work = asyncio.gather(*(main(config) for config in configs))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, work.cancel)
    try:
        await work
    except asyncio.CancelledError:
        return


@asynccontextmanager
async def journal_of(config: Config) -> AsyncIterator[Journal]:
    """Give the partner's journal, open until the block ends."""
    journal = Journal(config.journal)
    try:
        yield journal
    finally:
        journal.close()


async def started(config: Config) -> None:
    """Report that this program is ready, then wait for the signal to begin."""
    config.ready.touch()
    while not config.start.exists():  # noqa: ASYNC110 - another process writes it
        await asyncio.sleep(START_POLL_SECONDS)
