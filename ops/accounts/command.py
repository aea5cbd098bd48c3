"""Commands `siao-hub comptes`, with which an operator opens, lists, resets and withdraws accounts."""

import asyncio
import sys
from typing import Annotated
from uuid import UUID

import typer

from ops.terminal.caller import actor, settings
from ops.terminal.options import AsJson, Why

app = typer.Typer(help="Les comptes des personnes qui se connectent par courriel.", no_args_is_help=True)
Ident = Annotated[UUID, typer.Argument(metavar="COMPTE", help="Le compte, tel que « list » le nomme.")]


@app.command("inviter")
def accounts_invite(
    partenaire: Annotated[str, typer.Argument(metavar="PARTENAIRE", help="Au bureau de qui.")],
    adresse: Annotated[
        str,
        typer.Argument(metavar="ADRESSE", help="Son adresse de courriel, que personne d'autre ne relève."),
    ],
    nom: Annotated[str, typer.Option(help="Son nom, tel que la console le montre.")],
    json: AsJson = False,
) -> None:
    """Ouvrir un compte à une personne d'un partenaire, et lui envoyer l'invitation par courriel. L'adresse doit
    être la sienne : une boîte que d'autres ne lisent pas."""
    from ops.accounts import printed as accounts

    sys.exit(asyncio.run(accounts.invite(settings(), partenaire, adresse, nom, actor(), json)))


@app.command("list")
def accounts_list(json: AsJson = False) -> None:
    """Lister les comptes, avec leur dernière connexion."""
    from ops.accounts import printed as accounts

    sys.exit(asyncio.run(accounts.show(settings(), json)))


@app.command("retirer")
def accounts_withdraw(compte: Ident, motif: Why, json: AsJson = False) -> None:
    """Retirer un compte. Ses sessions finissent aussitôt, et ses liens de connexion ne servent plus."""
    from ops.accounts import printed as accounts

    sys.exit(asyncio.run(accounts.withdraw(settings(), compte, actor(), motif, json)))


@app.command("telephone")
def accounts_reset(compte: Ident, motif: Why, json: AsJson = False) -> None:
    """À la prochaine connexion, faire inscrire à la personne le téléphone qui donne ses codes, si l'ancien est
    perdu ou changé. Rouvre aussi un compte que dix codes faux ont fermé."""
    from ops.accounts import printed as accounts

    sys.exit(asyncio.run(accounts.forget_factor(settings(), compte, actor(), motif, json)))
