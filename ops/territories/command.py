"""The commands of `siao-hub territoires`."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from ops.terminal.caller import actor, settings
from ops.terminal.options import AsJson, Why

app = typer.Typer(help="Qui couvre quoi, et ce qu'un autre registre changerait.", invoke_without_command=True)


@app.callback()
def territories(context: typer.Context, json: AsJson = False) -> None:
    """Montrer qui couvre quoi, et ce qui manque. Code 0 : tout a son SIAO ; 1 : quelque chose n'en a pas."""
    if context.invoked_subcommand is None:
        from ops.territories import printed

        sys.exit(asyncio.run(printed.show(settings(), as_json=json)))


@app.command("fusionner")
def merge(
    siaos: Annotated[list[str], typer.Argument(metavar="SIAO…", help="Les SIAO qui fusionnent.")],
    vers: Annotated[str, typer.Option(help="Le SIAO qu'ils deviennent ; sa fiche dit « succede_a ».")],
    motif: Why,
    essai: Annotated[
        bool, typer.Option("--essai", help="Dire ce qui changerait de main, et rien de plus.")
    ] = False,
    oui: Annotated[bool, typer.Option("--oui", help="Sans confirmation.")] = False,
    json: AsJson = False,
) -> None:
    """Donner à un SIAO tout ce qui appartient à ceux qui fusionnent en lui. Si vous relancez la commande
    ensuite, elle compte seulement ce qui est encore au nom des anciens SIAO."""
    from ops.territories import printed_merger as printed

    asked = printed.Asked(siaos, vers, motif, actor())
    sys.exit(asyncio.run(printed.merge(settings(), asked, trial=essai, yes=oui, as_json=json)))


@app.command("essai")
def trial(
    file: Annotated[
        Path, typer.Argument(metavar="FICHIER", help="Nouveau registre, au format TOML.", exists=True)
    ],
    json: AsJson = False,
) -> None:
    """Dire ce qu'un nouveau registre enverrait ailleurs, avant « partners apply ». N'applique rien."""
    from ops.territories import printed

    sys.exit(asyncio.run(printed.trial(settings(), file, as_json=json)))
