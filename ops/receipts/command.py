"""Commands of `siao-hub recu`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from ops.terminal.caller import settings
from ops.terminal.options import AsJson

app = typer.Typer(help="Les reçus signés de ce que le hub a accepté ou remis.", no_args_is_help=True)


@app.callback()
def recu() -> None:
    """Les reçus signés de ce que le hub a accepté ou remis."""


@app.command("verify")
def recu_verify(
    fichier: Annotated[
        Path,
        typer.Argument(
            help="Le reçu, tel que GET /v1/messages/{id}/recu, ou /v1/livraisons/{id}/recu, le donne."
        ),
    ],
    corps: Annotated[
        Path | None, typer.Option(help="Le message envoyé, ou la livraison reçue, octet pour octet.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Vérifier un reçu, sans base ni réseau, avec les clés publiques que donnent les réglages."""
    from ops.receipts import printed as receipts

    sys.exit(receipts.verify(settings(), fichier, corps, json))
