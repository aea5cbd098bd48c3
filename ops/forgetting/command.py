"""Commands `siao-hub menage`, which forget a household."""

import asyncio
import sys
from typing import Annotated

import typer

from ops.terminal.caller import actor, settings
from ops.terminal.options import AsJson

app = typer.Typer(help="Les données d'un ménage.", no_args_is_help=True)


@app.command("oublier")
def menage_oublier(
    ident: Annotated[
        str,
        typer.Argument(
            metavar="ID", help="Celui du champ « menage » d'un envoi, quel qu'en soit le destinataire."
        ),
    ],
    de: Annotated[
        str | None,
        typer.Option(metavar="PARTENAIRE", help="L'ID est celui que ce partenaire donne au ménage."),
    ] = None,
    forcer: Annotated[bool, typer.Option(help="Même si une orientation attend encore sa réponse.")] = False,
    ensemble: Annotated[
        bool,
        typer.Option(help="Avec ses autres identifiants, que ses demandes disent : c'est un seul ménage."),
    ] = False,
    seul: Annotated[
        bool, typer.Option(help="Sous ce seul identifiant : une demande a été citée par erreur.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Détruire les clés d'un ménage : tout ce qui le concerne devient illisible. Dit où des copies restent. Si
    des demandes, ou la décision que deux ménages n'en font qu'un, lient l'ID à d'autres identifiants, il faut
    choisir : --ensemble les oublie tous (c'est un seul ménage), --seul n'oublie que l'ID (le lien est une
    erreur). Sans ce choix, rien n'est détruit."""
    from ops.forgetting import printed as forgetting

    if ensemble and seul:
        raise typer.BadParameter("--ensemble ou --seul : l'un des deux")
    extent = "ensemble" if ensemble else "seul" if seul else None
    doing = forgetting.forget_menage(settings(), ident, de, actor(), json, force=forcer, extent=extent)
    sys.exit(asyncio.run(doing))
