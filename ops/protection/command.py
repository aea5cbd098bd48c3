"""The commands of `siao-hub protection`."""

import asyncio
import sys
from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer

from ops.terminal.caller import actor, settings
from ops.terminal.options import AsJson, Why, moment

app = typer.Typer(
    help="Les référents des personnes protégées, que personne d'autre ne peut chercher.", no_args_is_help=True
)


@app.command("nommer")
def protection_name(
    personne: Annotated[
        str, typer.Argument(metavar="PERSONNE", help="Son identifiant, tel que l'audit le dit : console:…")
    ],
    jusqu_au: Annotated[
        datetime,
        typer.Option(parser=moment, metavar="JOUR", help="Dernier jour, d'ici un an : 2026-11-24."),
    ],
    motif: Why,
    menage: Annotated[UUID | None, typer.Option(metavar="ID", help="Pour ce ménage.")] = None,
    siao: Annotated[str | None, typer.Option(help="Pour tous les ménages protégés de ce SIAO.")] = None,
    json: AsJson = False,
) -> None:
    """Nommer un référent : il peut chercher des ménages protégés à son bureau, et les comparer aux ménages
    d'autres SIAO."""
    from ops.protection import printed as protection

    named = protection.name_referent(settings(), personne, menage, siao, jusqu_au, actor(), motif, json)
    sys.exit(asyncio.run(named))


@app.command("retirer")
def protection_end(
    designation: Annotated[
        UUID, typer.Argument(metavar="DESIGNATION", help="La désignation, telle que « list » la nomme.")
    ],
    motif: Why,
    json: AsJson = False,
) -> None:
    """Mettre fin, dès maintenant, à la désignation d'un référent de ménages protégés."""
    from ops.protection import printed as protection

    sys.exit(asyncio.run(protection.end_referent(settings(), designation, actor(), motif, json)))


@app.command("list")
def protection_list(json: AsJson = False) -> None:
    """Lister les référents nommés, et jusqu'à quand."""
    from ops.protection import printed as protection

    sys.exit(asyncio.run(protection.show(settings(), json)))
