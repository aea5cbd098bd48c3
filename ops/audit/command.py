"""Commands `siao-hub audit`, which verify and search the audit."""

import asyncio
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from ops.terminal.caller import settings
from ops.terminal.options import AsJson, HowMany, Moment

app = typer.Typer(help="Qui a fait quoi, et la preuve que rien n'y manque.", no_args_is_help=True)


@app.command("verify")
def audit_verify(
    tetes: Annotated[
        Path | None, typer.Option(help="Le fichier des têtes ; sinon celui des réglages.")
    ] = None,
    cle: Annotated[
        str | None, typer.Option(help="La clé publique épinglée ; sinon celle du fichier des réglages.")
    ] = None,
    reprises: Annotated[
        int, typer.Option(min=0, help="Combien de reprises (« recover ») vous connaissez.")
    ] = 0,
    json: AsJson = False,
) -> None:
    """Vérifier tout l'audit contre ses têtes signées : une ligne changée, ôtée, déplacée ou ajoutée se voit. Si
    l'audit montre plus de reprises que vous n'en connaissez (--reprises), il n'est pas dit entier."""
    from ops.audit import printed as audit

    sys.exit(asyncio.run(audit.verify(settings(), tetes, cle, reprises, json)))


@app.command("list")
def audit_list(
    acteur: Annotated[str | None, typer.Option(help="De cette personne, ou de ce partenaire.")] = None,
    action: Annotated[
        str | None, typer.Option(help="Actions qui commencent ainsi : quarantaine, menage.…")
    ] = None,
    objet: Annotated[str | None, typer.Option(help="Sur cet objet.")] = None,
    depuis: Annotated[datetime | None, Moment] = None,
    personnes: Annotated[
        bool, typer.Option(help="Sans les lignes des messages des partenaires, ou avec elles.")
    ] = True,
    reglages: Annotated[
        bool,
        typer.Option(
            "--reglages",
            help="Seulement ce qui change le registre, les clés, les comptes ou les tables du hub.",
        ),
    ] = False,
    combien: HowMany = 50,
    json: AsJson = False,
) -> None:
    """Chercher dans l'audit. Les lignes les plus récentes viennent d'abord. Celles des messages des partenaires
    ne viennent qu'avec --no-personnes. --reglages ne montre que ce qui change le hub lui-même : son registre,
    ses clés, ses comptes, les tables de sa base."""
    from ops.audit import search
    from router.store.audit import Wanted

    wanted = Wanted(acteur, action, objet, depuis, personnes, reglages)
    sys.exit(asyncio.run(search.search(settings(), wanted, combien, json)))


@app.command("cle")
def audit_key(json: AsJson = False) -> None:
    """Afficher la clé publique qui suffit à vérifier l'audit."""
    from ops.audit import printed as audit

    sys.exit(audit.public_key(settings(), json))
