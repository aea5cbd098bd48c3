"""Command `siao-hub importer`, which imports the data of an old application."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from ops.terminal.caller import actor, settings
from ops.terminal.options import AsJson, Why

app = typer.Typer()


@app.command("importer")
def importer(
    fichier: Annotated[
        Path, typer.Argument(metavar="FICHIER", help="L'export : CSV, XLSX ou ODS.", exists=True)
    ],
    partenaire: Annotated[str, typer.Option(help="L'ancienne application, telle que le registre la nomme.")],
    contact: Annotated[
        str,
        typer.Option(
            metavar="COLONNE", help="Colonne du dernier contact : plus vieux que deux ans n'entre pas."
        ),
    ],
    motif: Why,
    rejets: Annotated[
        Path | None,
        typer.Option(metavar="CLASSEUR", help="Où écrire les lignes refusées, à corriger et redonner."),
    ] = None,
    correspondance: Annotated[
        Path | None,
        typer.Option(
            metavar="FICHIER", help="Où écrire, en CSV, les identifiants d'hier, du hub et du SIAO."
        ),
    ] = None,
    essai: Annotated[bool, typer.Option("--essai", help="Tout juger, ne rien garder.")] = False,
    json: AsJson = False,
) -> None:
    """Reprendre les données d'une ancienne application. Si la reprise est interrompue, relancez-la : rien n'est
    fait deux fois."""
    from ops.importing import printed

    asked = printed.Asked(fichier, partenaire, contact, rejets, actor(), motif, correspondance)
    sys.exit(asyncio.run(printed.run(settings(), asked, trial=essai, as_json=json)))
