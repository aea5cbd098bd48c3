"""The commands of `siao-hub quarantine`."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from ops.terminal.caller import actor, settings
from ops.terminal.options import AsJson, Cause, Entry, Fingerprint, HowMany, Reason, Sender, Why

app = typer.Typer(help="Ce qui n'a pu être lu, accepté ou appliqué.", no_args_is_help=True)


@app.command("list")
def quarantine_list(
    cause: Cause = None,
    empreinte: Fingerprint = None,
    partner: Sender = None,
    combien: HowMany = 200,
    json: AsJson = False,
) -> None:
    """Compter ce qui attend une décision, par cause et expéditeur. Avec une cause ou une empreinte, lister une
    à une les entrées de la quarantaine."""
    from ops.replay import quarantined
    from router.store.jobs import Filter

    if cause or empreinte:
        wanted = Filter(None, cause, empreinte, partner)
        sys.exit(asyncio.run(quarantined.members(settings(), wanted, combien, json)))
    sys.exit(asyncio.run(quarantined.groups(settings(), partner, json)))


@app.command("show")
def quarantine_show(ident: Annotated[UUID, typer.Argument(metavar="ID")], json: AsJson = False) -> None:
    """Montrer une entrée de la quarantaine : cause, détail, message d'origine."""
    from ops.replay import quarantined

    sys.exit(asyncio.run(quarantined.show(settings(), ident, json)))


@app.command("bytes")
def quarantine_bytes(
    ident: Annotated[UUID, typer.Argument(metavar="ID", help="Une entrée, un message ou un événement.")],
    motif: Reason = None,
    json: AsJson = False,
) -> None:
    """Montrer les octets d'un message, ou le contenu d'un événement : masqués, ou en clair avec un motif."""
    from ops.unsealing import printed as unsealing

    sys.exit(asyncio.run(unsealing.message(settings(), ident, actor(), motif, json)))


@app.command("replay")
def quarantine_replay(
    motif: Why,
    ident: Entry = None,
    cause: Cause = None,
    empreinte: Fingerprint = None,
    partner: Sender = None,
    essai: Annotated[bool, typer.Option(help="Dire ce qu'il en serait, sans rien changer.")] = False,
    rythme: Annotated[float, typer.Option(min=0.1, max=1000, help="Entrées par seconde au plus.")] = 50.0,
    suivre: Annotated[bool, typer.Option(help="Suivre le travail jusqu'à sa fin.")] = True,
    json: AsJson = False,
) -> None:
    """Rejouer les entrées de la quarantaine que l'ID ou une option désigne : un travail sur le serveur décode
    de nouveau leurs messages et applique de nouveau leurs événements."""
    from ops.replay import printed as replays
    from router.store.jobs import Filter, Request

    wanted = Filter(ident, cause, empreinte, partner)
    if not any(wanted):
        typer.echo("Dire quoi rejouer : un ID, --cause, --empreinte ou --partner.", err=True)
        sys.exit(2)
    request = Request(wanted, actor(), motif, essai, rythme)
    sys.exit(asyncio.run(replays.ask(settings(), request, suivre, json)))


@app.command("jobs")
def quarantine_jobs(combien: HowMany = 20, json: AsJson = False) -> None:
    """Lister les derniers rejeux : leur avancement, ce qui a abouti, ce qui est revenu en quarantaine."""
    from ops.replay import printed as replays

    sys.exit(asyncio.run(replays.show(settings(), combien, json)))


Job = Annotated[UUID, typer.Argument(metavar="TRAVAIL")]


@app.command("pause")
def quarantine_pause(job: Job, json: AsJson = False) -> None:
    """Suspendre un rejeu."""
    from ops.replay import printed as replays
    from router.store.jobs import PAUSED

    sys.exit(asyncio.run(replays.change(settings(), job, PAUSED, actor(), json)))


@app.command("resume")
def quarantine_resume(job: Job, json: AsJson = False) -> None:
    """Reprendre un rejeu suspendu, là où il en était."""
    from ops.replay import printed as replays
    from router.store.jobs import WAITING

    sys.exit(asyncio.run(replays.change(settings(), job, WAITING, actor(), json)))


@app.command("cancel")
def quarantine_cancel(job: Job, json: AsJson = False) -> None:
    """Annuler un rejeu. Ce qui est déjà rejoué le reste."""
    from ops.replay import printed as replays
    from router.store.jobs import CANCELLED

    sys.exit(asyncio.run(replays.change(settings(), job, CANCELLED, actor(), json)))


@app.command("correct")
def quarantine_correct(
    ident: Annotated[UUID, typer.Argument(metavar="ID", help="Un message refusé.")],
    file: Annotated[Path, typer.Argument(help="Sa version corrigée.", exists=True, dir_okay=False)],
    motif: Why,
    json: AsJson = False,
) -> None:
    """Remplacer un message refusé par sa version corrigée ; le hub garde aussi l'original."""
    from ops.replay import printed as replays

    sys.exit(asyncio.run(replays.correct(settings(), ident, file.read_bytes(), actor(), motif, json)))


@app.command("close")
def quarantine_close(
    motif: Why,
    ident: Entry = None,
    cause: Cause = None,
    empreinte: Fingerprint = None,
    partner: Sender = None,
    json: AsJson = False,
) -> None:
    """Classer ce que personne ne rejouera. Un événement classé n'a aucun effet, et les suivants de son sujet
    passent."""
    from ops.replay import printed as replays
    from router.store.jobs import Filter

    wanted = Filter(ident, cause, empreinte, partner)
    if not any(wanted):
        typer.echo("Dire quoi classer : un ID, --cause, --empreinte ou --partner.", err=True)
        sys.exit(2)
    sys.exit(asyncio.run(replays.close(settings(), wanted, actor(), motif, json)))
