"""The commands of `siao-hub cle`."""

import asyncio

import typer

from ops.terminal.caller import actor, settings
from ops.terminal.options import AsJson

app = typer.Typer(help="Les clés secrètes du hub.", no_args_is_help=True)


@app.command("creer")
def cle_creer(json: AsJson = False) -> None:
    """Écrire les clés qui manquent (maîtresse, empreintes, audit, reçus) là où les réglages les attendent."""
    from ops.rotation import printed as keys

    keys.create(settings(), json)


@app.command("etat")
def cle_etat(json: AsJson = False) -> None:
    """Dire quelles clés maîtresses il y a, laquelle sert, et ce que chacune scelle encore."""
    from ops.rotation import printed as keys

    asyncio.run(keys.state(settings(), json))


@app.command("preparer")
def cle_preparer(json: AsJson = False) -> None:
    """Ajouter une clé maîtresse nouvelle au fichier, sans qu'elle serve encore."""
    from ops.rotation import printed as keys

    asyncio.run(keys.prepare(settings(), actor(), json))


@app.command("tourner")
def cle_tourner(json: AsJson = False) -> None:
    """Sceller toutes les clés de données sous la clé maîtresse préparée, hub en marche ; interrompu, le relancer."""
    from ops.rotation import printed as keys

    asyncio.run(keys.rotate(settings(), actor(), json))


@app.command("retirer")
def cle_retirer(json: AsJson = False) -> None:
    """Ôter du fichier les clés maîtresses qui ne scellent plus rien."""
    from ops.rotation import printed as keys

    asyncio.run(keys.retire(settings(), actor(), json))
