"""The commands of `siao-hub personne`."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from ops.terminal.caller import actor, settings
from ops.terminal.options import AsJson, Why

app = typer.Typer(help="Les droits d'une personne sur ce que le hub sait d'elle.", no_args_is_help=True)


@app.callback()
def _person() -> None:
    """Keep `exporter` a word of its own, with one command alone."""


@app.command("exporter")
def person_export(
    menage: Annotated[
        UUID, typer.Argument(metavar="MENAGE", help="Le ménage, par son identifiant dans le hub.")
    ],
    vers: Annotated[Path, typer.Option(metavar="FICHIER", help="Où l'écrire ; rien n'est écrasé.")],
    motif: Why,
    membre: Annotated[int | None, typer.Option(min=1, help="Laquelle des personnes du ménage.")] = None,
    json: AsJson = False,
) -> None:
    """Écrire ce que le hub sait d'une personne : qui l'a dit, à qui, jusqu'à quand. Sans les données des autres."""
    from ops.person import printed as person

    sys.exit(asyncio.run(person.export_to(settings(), menage, membre, vers, actor(), motif, json)))
