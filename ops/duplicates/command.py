"""Commands `siao-hub doublons`, which list likely duplicates and record decisions about them."""

import asyncio
import sys
from typing import Annotated
from uuid import UUID

import typer

from ops.terminal.caller import actor, settings
from ops.terminal.options import AsJson, HowMany, Why

app = typer.Typer(help="Les ménages qui n'en font peut-être qu'un.", no_args_is_help=True)
Household = Annotated[UUID, typer.Argument(metavar="MENAGE", help="Le ménage, tel que « list » le nomme.")]


@app.command("list")
def duplicates_list(
    siao: Annotated[str | None, typer.Option(help="Ceux que ce SIAO peut décider.")] = None,
    combien: HowMany = 100,
    json: AsJson = False,
) -> None:
    """Lister les paires de ménages qui attendent une décision. Pour chacune, la liste dit en quoi les deux
    ménages se ressemblent, jamais les valeurs."""
    from ops.duplicates import printed as duplicates

    sys.exit(asyncio.run(duplicates.show(settings(), siao, combien, json)))


@app.command("confirmer")
def duplicates_confirm(menage: Household, autre: Household, motif: Why, json: AsJson = False) -> None:
    """Dire que les deux ménages n'en font qu'un. Leurs identifiants sont liés, leurs données restent séparées.
    « ecarter » délie les identifiants."""
    from ops.duplicates import printed as duplicates

    sys.exit(asyncio.run(duplicates.settle(settings(), menage, autre, True, actor(), motif, json)))


@app.command("ecarter")
def duplicates_dismiss(menage: Household, autre: Household, motif: Why, json: AsJson = False) -> None:
    """Dire que ce sont deux ménages. Le hub ne demandera plus rien sur cette paire."""
    from ops.duplicates import printed as duplicates

    sys.exit(asyncio.run(duplicates.settle(settings(), menage, autre, False, actor(), motif, json)))
