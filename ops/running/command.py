"""The commands `run`, `migrate` and `recover`."""

import asyncio
import sys
from datetime import datetime
from typing import Annotated

import typer

from ops.terminal.caller import actor, settings
from ops.terminal.options import AsJson, moment
from router.domain.roles import Role

app = typer.Typer()


@app.command()
def run(
    role: Annotated[list[Role] | None, typer.Option(help="Répétable. Sans : tout.")] = None,
) -> None:
    """Démarrer le hub : tous les rôles, ou seulement ceux que l'on nomme."""
    from ops.running import supervisor

    sys.exit(supervisor.run(settings(), role or []))


@app.command()
def migrate(json: AsJson = False) -> None:
    """Préparer la base de données (créer ou mettre à jour les tables)."""
    from ops.terminal.printing import report
    from router.store.migrations import upgrade

    upgrade(settings().database.of_the_owner, actor=actor())
    report(json, {"a_jour": True}, "[green]✓[/] base de données à jour")


@app.command()
def recover(
    since: Annotated[
        datetime,
        typer.Option(
            "--depuis",
            "--since",
            parser=moment,
            metavar="MOMENT",
            help="Le moment auquel la base est revenue, à l'heure locale : 2026-11-24T03:00.",
        ),
    ],
    json: AsJson = False,
) -> None:
    """Réparer après une restauration de PostgreSQL, workers arrêtés : refaire les effacements, puis relire le
    bus. Avec --depuis, dites de quand datent les données restaurées : ce qui a été écrit après manque à la
    base."""
    from ops.recovery import printed as recovering

    sys.exit(asyncio.run(recovering.recover_since(settings(), since, actor(), json)))
