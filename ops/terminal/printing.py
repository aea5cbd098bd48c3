"""Functions that all commands share: they open the database, print results, and put questions to the person
at the terminal."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import typer
from pydantic_core import to_json, to_jsonable_python
from rich.console import Console
from rich.table import Column, Table

from contracts.errors import BusUnavailable, DatabaseUnusable, Misconfigured
from ops.status.quantities import ZONE, zone_of
from ops.status.wording import TONS
from ops.terminal.keys import KEYS
from router.domain.calendar import only_zone
from router.settings import Settings
from router.store import registry as registry_store
from router.store.database import Connection, Database

console = Console()

STYLES = {"green": "green", "azure": "cyan", "yellow": "yellow", "red": "red"}
"""The terminal colour for each colour of the console."""


ZONE_SECONDS = 1.0
"""Seconds that a command waits for the database to name the registry's territories. Hours are shown in the
time zone of these territories."""


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """Open the database for one command, and close it afterwards. Hours are then shown in the time zone of
    the registry's territories. They are shown in this machine's own zone if the territories have several
    zones or none, or if the database does not name the territories within `ZONE_SECONDS`."""
    database = Database(settings.database)
    try:
        with suppress(BusUnavailable, DatabaseUnusable, TimeoutError):
            async with asyncio.timeout(ZONE_SECONDS), database.statement() as connection:
                ZONE.set(await _zone(connection))
        yield database
    finally:
        await database.close()


async def moment_of(database: Database, typed: datetime) -> datetime:
    """Return the moment that a person typed. If it has no time zone, it is read in the time zone of the
    registry's territories. Raises Misconfigured if it has none and the territories have several time zones,
    or none. Raises BusUnavailable if the database does not answer, and DatabaseUnusable if the database
    refuses the hub."""
    if typed.tzinfo is not None:
        return typed
    async with database.statement() as connection:
        zone = await _zone(connection)
    if zone is None:
        raise Misconfigured(
            "ce moment n'a pas de fuseau, et le registre en a plusieurs ou aucun : écrivez 2026-11-24T03:00:00+01:00"
        )
    return typed.replace(tzinfo=zone)


async def _zone(connection: Connection) -> ZoneInfo | None:
    return only_zone(await registry_store.territories(connection))


def style_of(state: str) -> str:
    """Return the terminal colour for the state of a message, a delivery or a partner. Return « dim » if the
    state has no colour of its own."""
    return STYLES.get(TONS.get(state, ""), "dim")


def hours_of() -> str:
    """Return the French line that says in which time zone hours are shown."""
    return f"[dim]fuseau : {zone_of(datetime.now(UTC))}[/]"


def in_json(content: object) -> None:
    """Print a value as JSON. Its keys (English names of fields) are translated into French."""
    console.print_json(to_json(in_french(to_jsonable_python(content))).decode())


def in_json_list(rows: Sequence[object], most: int, **more: object) -> None:
    """Print the first `most` rows as a JSON list under the key `lignes`. The key `suite` is true if there are
    further rows. For this, the caller passes `most` + 1 rows, if there are so many. `more` has other keys to
    print, with their values."""
    in_json({"lignes": rows[:most], "suite": len(rows) > most, **more})


def print_cut(rows: Sequence[object], most: int, which: str) -> None:
    """Print a line that says that a list is cut, but only if there are more than `most` rows. `which` says in
    French which rows the list shows, such as « plus récentes ». The line is then « les 50 plus récentes ;
    --combien en montre davantage »."""
    if len(rows) > most:
        console.print(f"[dim]les {most} {which} ; --combien en montre davantage[/]")


def in_french(content: object) -> object:
    """Return JSON content with all its keys in French, those of inner objects too."""
    if isinstance(content, list):
        return [in_french(each) for each in content]
    if isinstance(content, dict):
        return {KEYS.get(key, key): in_french(value) for key, value in content.items()}
    return content


def aged() -> Table:
    """Return an empty table with two columns: the age of an item, and a text about it."""
    return Table.grid(
        Column(width=9, no_wrap=True, justify="right"), Column(overflow="fold"), padding=(0, 2, 0, 0)
    )


def report(as_json: bool, facts: Mapping[str, object], *lines: str, done: bool = True) -> int:
    """Print what a command did: `facts` as JSON if `as_json` is True, else `lines` as text. `done` says
    whether the command did what was asked: return exit code 0 if it did, else 1."""
    if as_json:
        in_json({"fait": done, **facts})
    else:
        for line in lines:
            console.print(line, soft_wrap=True)
    return 0 if done else 1


def agreed(question: str) -> bool:
    """Ask a yes-or-no question, and return whether the person agrees. An empty reply means no. If there is no
    terminal, the reply is the next line of the standard input. Raises Misconfigured if there is no such
    line."""
    answer = asked(f"{question} [o/N]", "relancez avec --oui", default="n", show_default=False)
    return answer.strip().lower() in ("o", "oui", "y", "yes")


def asked(question: str, instead: str, **prompt: Any) -> str:
    """Ask a question on the terminal, and return the reply. If there is no terminal, the reply is the next
    line of the standard input. Raises Misconfigured if there is no such line; `instead` says in French what
    the person should do then. `prompt` has options of `typer.prompt`."""
    if sys.stdin.isatty():
        answer: str = typer.prompt(question, **prompt)
        return answer
    typer.echo(question, err=prompt.get("err", False))
    line = sys.stdin.readline()
    if not line:
        raise Misconfigured(f"pas de terminal pour répondre à « {question} » : {instead}")
    return line
