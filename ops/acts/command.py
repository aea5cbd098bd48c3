"""Command `siao-hub actes`."""

import asyncio
import sys

import typer

from ops.terminal.caller import settings
from ops.terminal.options import AsJson

app = typer.Typer(help="Les conventions et les dérogations.", invoke_without_command=True)


@app.callback()
def acts(json: AsJson = False) -> None:
    """Montrer chaque acte : les signatures, celles qui manquent, sa fin, ce qu'il en reste. Code 1 : aucun acte."""
    from ops.acts import printed

    sys.exit(asyncio.run(printed.show(settings(), as_json=json)))
