"""Terminal, database and questions for commands."""

import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import typer
from pydantic_core import to_json, to_jsonable_python
from rich.console import Console
from rich.table import Column, Table

from contracts.errors import Misconfigured
from ops.terminal.keys import KEYS
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
    """Open a database for one command."""
    database = Database(settings.database)
    try:
        yield database
    finally:
        await database.close()


def time_of(iso: str) -> str:
    """Return a moment to the millisecond, on the local clock, with its time zone."""
    local = datetime.fromisoformat(iso).astimezone()
    return local.isoformat(" ", "milliseconds")


def in_json(content: object) -> None:
    """Print a value as JSON, with French keys."""
    console.print_json(to_json(in_french(to_jsonable_python(content))).decode())


def in_french(content: object) -> object:
    """Return JSON content with the French keys of `ops/terminal/keys.py`, however deep they are."""
    if isinstance(content, list):
        return [in_french(each) for each in content]
    if isinstance(content, dict):
        return {KEYS.get(key, key): in_french(value) for key, value in content.items()}
    return content


def aged() -> Table:
    """Return an empty table of two columns: an age, and the thing that has it."""
    return Table.grid(
        Column(width=9, no_wrap=True, justify="right"), Column(overflow="fold"), padding=(0, 2, 0, 0)
    )


def report(as_json: bool, facts: Mapping[str, object], *lines: str, done: bool = True) -> int:
    """Print the result of a command as JSON or text, and return its exit status: 1 if nothing was done."""
    if as_json:
        in_json({"fait": done, **facts})
    else:
        for line in lines:
            console.print(line, soft_wrap=True)
    return 0 if done else 1


def agreed(question: str) -> bool:
    """Return whether the person says yes, in French or English; Enter is no. Raises Misconfigured as `asked` does."""
    answer = asked(f"{question} [o/N]", "relancez avec --oui", default="n", show_default=False)
    return answer.strip().lower() in ("o", "oui", "y", "yes")


def asked(question: str, instead: str, **prompt: Any) -> str:
    """Return the answer typed in a terminal, with the given options of `typer.prompt`, or the next line of a pipe.

    Raises Misconfigured, which says what to do `instead`, if nobody can answer: a timer, `docker exec` without `-i`.
    """
    if sys.stdin.isatty():
        answer: str = typer.prompt(question, **prompt)
        return answer
    typer.echo(question, err=prompt.get("err", False))
    line = sys.stdin.readline()
    if not line:
        raise Misconfigured(f"pas de terminal pour répondre à « {question} » : {instead}")
    return line
