"""What every command shares: the terminal it writes to, the database it opens, the question it asks."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime

import typer
from pydantic_core import to_json
from rich.console import Console
from rich.table import Column, Table

from router.settings import Settings
from router.store.database import Database

console = Console()

COLOURS = {
    "applique": "green",
    "livree": "green",
    "deposee": "cyan",
    "en_attente": "yellow",
    "accepte": "yellow",
    "en_vol": "yellow",
    "sans_effet": "dim",
    "anomalie": "red",
    "quarantaine": "red",
    "refusee": "red",
    "incertaine": "red",
    "oubliee": "dim",
    "classee": "dim",
}


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """A database for one command."""
    database = Database(settings.database)
    try:
        yield database
    finally:
        await database.close()


def time_of(iso: str) -> str:
    """A moment to the millisecond, as people here read it: by the local clock, which it names."""
    local = datetime.fromisoformat(iso).astimezone()
    return local.isoformat(" ", "milliseconds")


def in_json(content: object) -> None:
    """Say something to a machine."""
    console.print_json(to_json(content).decode())


def aged() -> Table:
    """A table of things, each behind its age."""
    return Table.grid(
        Column(width=9, no_wrap=True, justify="right"), Column(overflow="fold"), padding=(0, 2, 0, 0)
    )


def report(as_json: bool, facts: Mapping[str, object], *lines: str, done: bool = True) -> int:
    """Say what came of a command, to a machine or to a person. Its exit status: 1 where nothing was done."""
    if as_json:
        in_json({"fait": done, **facts})
    else:
        for line in lines:
            console.print(line, soft_wrap=True)
    return 0 if done else 1


def agreed(question: str) -> bool:
    """Whether somebody says yes, in French or as terminals are used to; Enter is no."""
    answer: str = typer.prompt(f"{question} [o/N]", default="n", show_default=False)
    return answer.strip().lower() in ("o", "oui", "y", "yes")
