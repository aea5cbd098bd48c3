"""Commands `siao-hub orphelins`, which list orphan answers and record decisions about them."""

import asyncio
import sys
from typing import Annotated
from uuid import UUID

import typer

from ops.terminal.caller import actor, settings
from ops.terminal.options import AsJson, HowMany, Sender, Why

app = typer.Typer(help="Les réponses qui ne correspondent à aucun envoi.", no_args_is_help=True)


Answer = Annotated[UUID, typer.Argument(metavar="REPONSE", help="L'événement, tel que « list » le nomme.")]


@app.command("list")
def orphans_list(partner: Sender = None, combien: HowMany = 100, json: AsJson = False) -> None:
    """Lister les réponses orphelines, chacune avec les envois dont elle parle sans doute, et pourquoi."""
    from ops.orphans import printed as orphans

    sys.exit(asyncio.run(orphans.show(settings(), partner, combien, json)))


@app.command("rattacher")
def orphans_attach(
    reponse: Answer,
    envoi: Annotated[UUID, typer.Argument(metavar="ENVOI", help="L'orientation ou la candidature.")],
    motif: Why,
    json: AsJson = False,
) -> None:
    """Rattacher une réponse orpheline à un envoi. Elle est alors traitée comme toute réponse, selon le livre de
    règles."""
    from ops.orphans import printed as orphans

    sys.exit(asyncio.run(orphans.attach(settings(), reponse, envoi, actor(), motif, json)))


@app.command("classer")
def orphans_close(reponse: Answer, motif: Why, json: AsJson = False) -> None:
    """Classer une réponse orpheline : elle n'aura aucun effet."""
    from ops.orphans import printed as orphans

    sys.exit(asyncio.run(orphans.close(settings(), reponse, actor(), motif, json)))
