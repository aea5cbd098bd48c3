"""The commands of `siao-hub cle`."""

import asyncio
from typing import Annotated

import typer

from ops.terminal.caller import actor, settings
from ops.terminal.options import AsJson

Hmacs = Annotated[
    bool, typer.Option("--empreintes", help="La clé des empreintes, au lieu de la clé maîtresse.")
]

app = typer.Typer(help="Les clés secrètes du hub.", no_args_is_help=True)


@app.command("creer")
def cle_creer(json: AsJson = False) -> None:
    """Écrire les clés qui manquent (maîtresse, empreintes, audit, reçus) dans les fichiers que nomment les réglages."""
    from ops.rotation import printed as keys

    keys.create(settings(), json)


@app.command("etat")
def cle_etat(json: AsJson = False) -> None:
    """Montrer les clés maîtresses et des empreintes : laquelle sert, et ce que chacune ouvre ou reconnaît encore."""
    from ops.rotation import printed as keys

    asyncio.run(keys.state(settings(), json))


@app.command("preparer")
def cle_preparer(empreintes: Hmacs = False, json: AsJson = False) -> None:
    """Ajouter une nouvelle clé au fichier de la clé maîtresse (avec --empreintes : au fichier de la clé des
    empreintes). La nouvelle clé ne sert qu'à partir de « cle tourner »."""
    from ops.rotation import printed as keys

    work = keys.prepare_hmac if empreintes else keys.prepare
    asyncio.run(work(settings(), actor(), json))


@app.command("tourner")
def cle_tourner(empreintes: Hmacs = False, json: AsJson = False) -> None:
    """Remplacer la clé maîtresse (avec --empreintes : la clé des empreintes) par celle que « preparer » a
    ajoutée au fichier, pendant que le hub tourne. Si la commande est interrompue, relancez-la."""
    from ops.rotation import printed as keys

    work = keys.turn_hmac if empreintes else keys.rotate
    asyncio.run(work(settings(), actor(), json))


@app.command("retirer")
def cle_retirer(empreintes: Hmacs = False, json: AsJson = False) -> None:
    """Ôter du fichier de la clé maîtresse (avec --empreintes : du fichier de la clé des empreintes) toutes les
    clés, sauf celle qui sert. La commande refuse tant qu'une donnée a besoin d'une autre clé."""
    from ops.rotation import printed as keys

    work = keys.retire_hmac if empreintes else keys.retire
    asyncio.run(work(settings(), actor(), json))
