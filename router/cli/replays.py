"""Replay jobs at the command line: ask for one, watch it, pause, resume or cancel it; correct one message; close what
nobody will replay."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from rich.live import Live
from rich.table import Table

from router.cli.terminal import console, ident_column, opened
from router.hub import Hub
from router.ops import replay
from router.settings import Settings
from router.store import jobs
from router.store.database import Row

POLL_SECONDS = 0.5
NAMES = {
    jobs.WAITING: "en attente d'un ordonnanceur",
    jobs.RUNNING: "en cours",
    jobs.PAUSED: "en pause",
    jobs.CANCELLED: "annulé",
    jobs.DONE: "terminé",
}


async def ask(settings: Settings, request: jobs.Request, wait: bool) -> int:
    """Put a job in the queue and, unless told otherwise, follow it. Leaving does not stop it."""
    async with opened(settings) as database:
        job = await replay.ask(database, request)
        console.print(
            f"travail [bold]{job}[/] demandé ; il tourne sur le serveur, Ctrl-C n'arrête que l'affichage"
        )
        if not wait:
            return 0
        with Live(console=console, auto_refresh=False) as live:
            while True:
                async with database.transaction() as connection:
                    (row,) = await jobs.show(connection, job)
                live.update(_table([row]), refresh=True)
                settled = row.etat in (jobs.DONE, jobs.CANCELLED) and not row.en_chemin
                if settled or row.etat == jobs.PAUSED:
                    break
                await asyncio.sleep(POLL_SECONDS)
    return 0 if row.faites and not row.revenues else 1


async def show(settings: Settings) -> int:
    """The latest jobs."""
    async with opened(settings) as database, database.transaction() as connection:
        rows = await jobs.show(connection)
    console.print(_table(rows) if rows else "aucun rejeu demandé")
    return 0


async def change(settings: Settings, job: UUID, to: str, actor: str) -> int:
    """Pause, resume or cancel."""
    async with opened(settings) as database:
        changed = await replay.change(database, job, to, actor)
    if changed:
        console.print(f"[green]✓[/] travail {job} : {NAMES[to]}")
    else:
        console.print(f"[red]✗[/] le travail {job} n'existe pas, ou n'est pas dans un état qui le permet")
    return 0 if changed else 1


async def correct(settings: Settings, row: UUID, body: bytes, actor: str, why: str) -> int:
    """Take in a corrected version of a refused message."""
    async with Hub(settings) as hub:
        new = await replay.correct(hub.database, hub.intake, hub.registry, row, body, actor, why)
    console.print(f"[green]✓[/] version corrigée acceptée : message {new} ; l'original reste tel quel")
    return 0


async def close(settings: Settings, wanted: jobs.Filter, actor: str, why: str) -> int:
    """Close open rows for good."""
    async with opened(settings) as database:
        closed = await replay.close(database, wanted, actor, why)
    if closed:
        console.print(
            f"[green]✓[/] {closed} entrée(s) classée(s) ; un événement l'est quand vient son tour, sans effet"
        )
    else:
        console.print("[red]✗[/] aucune entrée qui attende une décision ne correspond")
    return 0 if closed else 1


def _table(rows: Sequence[Row]) -> Table:
    table = Table(
        ident_column("Travail"),
        "État",
        "Faites",
        "Résultats",
        "Abouties",
        "En chemin",
        "Revenues",
        "Par",
        "Motif",
    )
    for row in rows:
        outcomes = ", ".join(f"{count} {outcome}" for outcome, count in sorted(row.resultats.items()))
        table.add_row(
            str(row.id),
            NAMES[row.etat] + (" (essai)" if row.essai else ""),
            str(row.faites),
            outcomes or "—",
            str(row.resolues),
            str(row.en_chemin),
            str(row.revenues),
            row.demande_par,
            row.motif,
        )
    return table
