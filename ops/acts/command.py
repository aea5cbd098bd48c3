"""Command `siao-hub actes`, which lists acts: agreements and derogations."""

import asyncio
import sys

import typer

from ops.terminal.caller import settings
from ops.terminal.options import AsJson

app = typer.Typer(help="Les conventions et les dérogations.", invoke_without_command=True)


@app.callback()
def acts(json: AsJson = False) -> None:
    """Lister les conventions et les dérogations : signatures reçues et attendues, date de fin, places qui
    restent. Code 1 : aucun acte."""
    from ops.acts import printed

    sys.exit(asyncio.run(printed.show(settings(), as_json=json)))
