"""Output of the commands that replay, correct or close what is in quarantine."""

import asyncio
from collections.abc import Sequence
from contextlib import nullcontext
from uuid import UUID

from rich.live import Live
from rich.table import Column, Table
from rich.text import Text

from contracts.plurals import many
from ops.replay import orders as replay_orders
from ops.status.wording import REJEUX
from ops.terminal.printing import console, in_json, in_json_list, opened, print_cut, report
from router.settings import Settings
from router.store import jobs
from router.store.database import Database, Row

POLL_SECONDS = 0.5
PATIENCE_SECONDS = 8.0
"""How many seconds the command waits, after the end of a job, for the deliveries that the job causes."""
ENDED = (jobs.DONE, jobs.CANCELLED)


async def ask(settings: Settings, request: jobs.Request, wait: bool, as_json: bool) -> int:
    """Queue a replay job. With `wait`, show its progress and its result; then return exit code 1 if no
    quarantine row matched, if one was not replayed (or would not be, in a dry run), or if a replayed row came
    back. Return 0 in any other case."""
    async with opened(settings) as database:
        job = await replay_orders.ask(database, request)
        if not as_json:
            console.print(
                f"travail [bold]{job}[/] demandé ; il tourne sur le serveur, Ctrl-C n'arrête que l'affichage"
            )
        row = await _followed(database, job, live=console.is_terminal and not as_json) if wait else None
    if as_json:
        in_json({"travail": job, **(dict(row) if row else {})})
    elif row is not None:
        _conclude(row)
    return 0 if row is None or (row.faites and not _not_replayed(row) and not row.revenues) else 1


def _not_replayed(row: Row) -> int:
    from ops.replay.job import REPLAYED  # imports the whole intake, which few commands need

    return sum(count for outcome, count in row.resultats.items() if outcome not in REPLAYED)


async def _followed(database: Database, job: UUID, *, live: bool) -> Row:
    patience = PATIENCE_SECONDS
    with Live(console=console, auto_refresh=False) if live else nullcontext() as screen:
        while True:
            async with database.transaction() as connection:
                (row,) = await jobs.show(connection, job)
            if screen is not None:
                screen.update(_table([row]), refresh=True)
            if row.etat in ENDED:
                patience -= POLL_SECONDS
            if row.etat == jobs.PAUSED or patience <= 0 or (row.etat in ENDED and not row.en_chemin):
                return row
            await asyncio.sleep(POLL_SECONDS)


def _conclude(row: Row) -> None:
    if not console.is_terminal:
        console.print(_table([row]))
    if row.en_chemin:
        number = many(row.en_chemin, "entrée")
        console.print(
            f"{number} encore en chemin vers un partenaire : à suivre par « siao-hub quarantine jobs »"
        )
    if not row.faites:
        console.print("[red]✗[/] aucune entrée qui attende une décision ne correspond")
    if left := _not_replayed(row):
        entries = many(left, "entrée")
        console.print(
            f"[red]✗[/] {entries} que le hub refuse encore ou ne peut rejouer : « quarantine list » dit pourquoi"
        )
    if row.revenues:
        console.print(
            f"[red]✗[/] {many(row.revenues, 'entrée revenue')} en quarantaine : « quarantine list » dit pourquoi"
        )


async def show(settings: Settings, most: int, as_json: bool) -> int:
    """Print the `most` latest replay jobs. Return exit code 0."""
    async with opened(settings) as database, database.transaction() as connection:
        rows = await jobs.show(connection, most=most + 1)
    if as_json:
        in_json_list([dict(row) for row in rows], most)
    else:
        console.print(_table(rows[:most]) if rows else "aucun rejeu demandé")
        print_cut(rows, most, "plus récents")
    return 0


async def change(settings: Settings, job: UUID, to: str, actor: str, as_json: bool) -> int:
    """Pause, resume or cancel a replay job, and print the result. `to` is the job's new state. Return exit
    code 1 if the job is unknown, or if its present state forbids this, else 0."""
    async with opened(settings) as database:
        changed = await replay_orders.change(database, job, to, actor)
    nothing = f"[red]✗[/] le travail {job} n'existe pas, ou n'est pas dans un état qui le permet"
    line = f"[green]✓[/] travail {job} : {REJEUX[to]}" if changed else nothing
    return report(as_json, {"travail": job, "etat": to}, line, done=changed)


async def correct(settings: Settings, row: UUID, body: bytes, actor: str, why: str, as_json: bool) -> int:
    """Receive `body` as the corrected version of a refused message, whose quarantine row is `row`. Print the
    new message's id. The refused message is kept unchanged. Return exit code 0."""
    from ops.replay import job as replay
    from ops.running.hub import Hub  # imports the whole hub, which few commands need

    async with Hub(settings) as hub:
        new = await replay.correct(hub.database, hub.intake, hub.registry, row, body, actor, why)
    line = f"[green]✓[/] version corrigée acceptée : message {new} ; l'original reste tel quel"
    return report(as_json, {"message": new}, line)


async def close(settings: Settings, wanted: jobs.Filter, actor: str, why: str, as_json: bool) -> int:
    """Close the open quarantine rows that match the filter `wanted`, and print how many. Their events and
    messages never have an effect. Return exit code 1 if no row matches, else 0."""
    async with opened(settings) as database:
        closed = await replay_orders.close(database, wanted, actor, why)
    line = (
        f"[green]✓[/] {many(closed, 'entrée classée')} ; un événement l'est quand vient son tour, sans effet"
    )
    if not closed:
        line = "[red]✗[/] aucune entrée qui attende une décision ne correspond"
    return report(as_json, {"classees": closed}, line, done=bool(closed))


def _table(rows: Sequence[Row]) -> Table:
    table = Table.grid(Column(overflow="fold"))
    for row in rows:
        said = Text(str(row.id), style="bold")
        said.append(
            f"  {REJEUX[row.etat]}{' (essai)' if row.essai else ''}, par {row.demande_par}", style="default"
        )
        outcomes = ", ".join(f"{outcome} : {count}" for outcome, count in sorted(row.resultats.items()))
        said.append(f"\n  {many(row.faites, 'faite')}{f' ({outcomes})' if outcomes else ''}", style="default")
        ends = f"{many(row.resolues, 'aboutie')}, {row.en_chemin} en chemin, {many(row.revenues, 'revenue')}"
        said.append(f"\n  {ends} ; motif : {row.motif}", style="dim")
        table.add_row(said)
    return table
