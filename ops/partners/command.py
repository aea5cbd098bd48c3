"""The commands of `siao-hub partners`."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from ops.terminal.caller import actor, settings
from ops.terminal.options import AsJson, Why

app = typer.Typer(help="Le registre des partenaires.", no_args_is_help=True)


@app.command("apply")
def partners_apply(
    file: Annotated[Path, typer.Argument(help="Registre relu, au format TOML.", exists=True)],
    oui: Annotated[bool, typer.Option("--oui", help="Appliquer sans demander.")] = False,
    json: AsJson = False,
) -> None:
    """Montrer ce que le registre changerait, puis l'appliquer après confirmation ; les processus en cours le
    suivent sans redémarrer."""
    from ops.partners import printed as partners

    sys.exit(asyncio.run(partners.apply(settings(), file, actor(), yes=oui, as_json=json)))


@app.command("sceller")
def partners_seal(ident: Annotated[str, typer.Argument(metavar="PARTENAIRE")], json: AsJson = False) -> None:
    """Sceller les structures protégées d'un partenaire, lues sur l'entrée standard, et afficher la ligne à
    écrire dans le registre."""
    from ops.partners import printed as partners

    structures = sys.stdin.read().replace(",", " ").split()
    sys.exit(asyncio.run(partners.seal_structures(settings(), ident, structures, json)))


@app.command("list")
def partners_list(json: AsJson = False) -> None:
    """Lister les partenaires appliqués, avec la dernière utilisation de leurs clés."""
    from ops.partners import printed as partners

    sys.exit(asyncio.run(partners.show_all(settings(), as_json=json)))


@app.command("show")
def partners_show(ident: Annotated[str, typer.Argument(metavar="ID")], json: AsJson = False) -> None:
    """Montrer les réglages d'un partenaire, limites comprises, et la dernière utilisation de ses clés."""
    from ops.partners import printed as partners

    sys.exit(asyncio.run(partners.show(settings(), ident, as_json=json)))


@app.command("reprendre")
def partners_go_on(
    ident: Annotated[str, typer.Argument(metavar="ID")],
    offset: Annotated[int, typer.Option(min=0, help="D'où lire : « status » dit le premier offset lisible.")],
    motif: Why,
    json: AsJson = False,
) -> None:
    """Reprendre à un offset la lecture en pause du topic d'un partenaire. Ce qui est avant n'est jamais lu."""
    from ops.partners import printed as partners

    sys.exit(asyncio.run(partners.go_on(settings(), ident, offset, actor(), motif, json)))


@app.command("referentiels")
def partners_lists(ident: Annotated[str, typer.Argument(metavar="ID")], json: AsJson = False) -> None:
    """Comparer, code par code, les listes de codes d'un partenaire à celles du hub. Il faut que le hub lise
    l'API du partenaire (entrée « rest » de sa fiche)."""  # noqa: D401  an infinitive, in French
    from ops.partners import lists

    sys.exit(asyncio.run(lists.compare(settings(), ident, as_json=json)))


@app.command("key")
def partners_key(json: AsJson = False) -> None:
    """Dire à qui est une clé d'API, ou qui l'avait, pour expliquer un 401. La clé se saisit sans s'afficher."""
    from ops.partners import api_keys

    sys.exit(asyncio.run(api_keys.whose(settings(), as_json=json)))
