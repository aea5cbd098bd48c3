"""The commands for what waits for somebody's decision: the quarantine, and deliveries."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from router.cli.caller import actor, settings

quarantine_app = typer.Typer(help="Ce qui n'a pu être lu, accepté ou appliqué.", no_args_is_help=True)
deliveries_app = typer.Typer(help="Les livraisons qui attendent une décision.", no_args_is_help=True)
orphans_app = typer.Typer(help="Les réponses qui ne correspondent à aucun envoi.", no_args_is_help=True)


AsJson = Annotated[bool, typer.Option("--json", help="Pour une machine.")]
Reason = Annotated[
    str | None, typer.Option("--motif", help="Pourquoi les voir en clair : gardé dans l'audit.")
]


Why = Annotated[str, typer.Option("--motif", help="Pourquoi : gardé dans l'audit.")]
Entry = Annotated[UUID | None, typer.Argument(metavar="[ID]", help="Une seule entrée.")]
Cause = Annotated[str | None, typer.Option(help="Toutes celles de cette cause.")]
Fingerprint = Annotated[str | None, typer.Option(help="Toutes celles de cette empreinte.")]
Sender = Annotated[str | None, typer.Option(help="Toutes celles de ce partenaire.")]


@quarantine_app.command("list")
def quarantine_list(
    cause: Cause = None, empreinte: Fingerprint = None, partner: Sender = None, json: AsJson = False
) -> None:
    """Grouper ce qui attend une décision, par cause et empreinte ; avec l'une ou l'autre, lister chaque entrée."""
    from router.cli import quarantined
    from router.store.jobs import Filter

    if cause or empreinte:
        wanted = Filter(None, cause, empreinte, partner)
        sys.exit(asyncio.run(quarantined.members(settings(), wanted, json)))
    sys.exit(asyncio.run(quarantined.groups(settings(), partner, json)))


@quarantine_app.command("show")
def quarantine_show(ident: Annotated[UUID, typer.Argument(metavar="ID")], json: AsJson = False) -> None:
    """Montrer une entrée : cause, détail, message d'origine."""
    from router.cli import quarantined

    sys.exit(asyncio.run(quarantined.show(settings(), ident, json)))


@quarantine_app.command("bytes")
def quarantine_bytes(
    ident: Annotated[UUID, typer.Argument(metavar="ID", help="Une entrée, ou un message.")],
    motif: Reason = None,
    json: AsJson = False,
) -> None:
    """Montrer les octets d'un message : masqués, ou en clair avec un motif."""
    from router.cli import unsealing

    sys.exit(asyncio.run(unsealing.message(settings(), ident, actor(), motif, json)))


@quarantine_app.command("replay")
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
    """Rejouer, par un travail sur le serveur : messages de nouveau décodés, événements de nouveau appliqués."""
    from router.cli import replays
    from router.store.jobs import Filter, Request

    wanted = Filter(ident, cause, empreinte, partner)
    if not any(wanted):
        typer.echo("Dire quoi rejouer : un ID, --cause, --empreinte ou --partner.", err=True)
        sys.exit(2)
    request = Request(wanted, actor(), motif, essai, rythme)
    sys.exit(asyncio.run(replays.ask(settings(), request, suivre, json)))


@quarantine_app.command("jobs")
def quarantine_jobs(json: AsJson = False) -> None:
    """Lister les derniers rejeux : où ils en sont, ce qui a abouti, ce qui est revenu."""
    from router.cli import replays

    sys.exit(asyncio.run(replays.show(settings(), json)))


Job = Annotated[UUID, typer.Argument(metavar="TRAVAIL")]


@quarantine_app.command("pause")
def quarantine_pause(job: Job, json: AsJson = False) -> None:
    """Suspendre un rejeu."""
    from router.cli import replays
    from router.store.jobs import PAUSED

    sys.exit(asyncio.run(replays.change(settings(), job, PAUSED, actor(), json)))


@quarantine_app.command("resume")
def quarantine_resume(job: Job, json: AsJson = False) -> None:
    """Reprendre un rejeu suspendu, là où il en était."""
    from router.cli import replays
    from router.store.jobs import WAITING

    sys.exit(asyncio.run(replays.change(settings(), job, WAITING, actor(), json)))


@quarantine_app.command("cancel")
def quarantine_cancel(job: Job, json: AsJson = False) -> None:
    """Annuler un rejeu ; ce qui est déjà rejoué le reste."""
    from router.cli import replays
    from router.store.jobs import CANCELLED

    sys.exit(asyncio.run(replays.change(settings(), job, CANCELLED, actor(), json)))


@quarantine_app.command("correct")
def quarantine_correct(
    ident: Annotated[UUID, typer.Argument(metavar="ID", help="Un message refusé.")],
    file: Annotated[Path, typer.Argument(help="Sa version corrigée.", exists=True, dir_okay=False)],
    motif: Why,
    json: AsJson = False,
) -> None:
    """Prendre une version corrigée d'un message refusé, à côté de l'original."""
    from router.cli import replays

    sys.exit(asyncio.run(replays.correct(settings(), ident, file.read_bytes(), actor(), motif, json)))


@quarantine_app.command("close")
def quarantine_close(
    motif: Why,
    ident: Entry = None,
    cause: Cause = None,
    empreinte: Fingerprint = None,
    partner: Sender = None,
    json: AsJson = False,
) -> None:
    """Classer ce que personne ne rejouera : un événement n'aura aucun effet, ce qui le suit passe à son tour."""
    from router.cli import replays
    from router.store.jobs import Filter

    wanted = Filter(ident, cause, empreinte, partner)
    if not any(wanted):
        typer.echo("Dire quoi classer : un ID, --cause, --empreinte ou --partner.", err=True)
        sys.exit(2)
    sys.exit(asyncio.run(replays.close(settings(), wanted, actor(), motif, json)))


@deliveries_app.command("list")
def deliveries_list(
    partner: Annotated[str | None, typer.Option(help="Vers un seul partenaire.")] = None,
    tout: Annotated[bool, typer.Option(help="Tout ce qui attend, aussi ce qui n'est pas en retard.")] = False,
    json: AsJson = False,
) -> None:
    """Lister ce qui est refusé, incertain, en retard ou laissé en boîte, le plus ancien d'abord, avec sa cause."""
    from router.cli import deliveries

    sys.exit(asyncio.run(deliveries.show(settings(), partner, everything=tout, as_json=json)))


Delivery = Annotated[UUID, typer.Argument(metavar="LIVRAISON")]


@deliveries_app.command("reply")
def deliveries_reply(delivery: Delivery, motif: Reason = None, json: AsJson = False) -> None:
    """Montrer ce que le partenaire a répondu : masqué, ou en clair avec un motif."""
    from router.cli import unsealing

    sys.exit(asyncio.run(unsealing.reply(settings(), delivery, actor(), motif, json)))


@deliveries_app.command("try")
def deliveries_try(
    partner: Annotated[str, typer.Option(help="Le partenaire qui est revenu.")], json: AsJson = False
) -> None:
    """Essayer maintenant ce qui attend un partenaire, sans attendre le prochain essai."""
    from router.cli import deliveries

    sys.exit(asyncio.run(deliveries.try_now(settings(), partner, actor(), json)))


@deliveries_app.command("resend")
def deliveries_resend(
    motif: Why,
    delivery: Annotated[UUID | None, typer.Argument(metavar="[LIVRAISON]")] = None,
    partner: Annotated[str | None, typer.Option(help="Toutes celles que ce partenaire a refusées.")] = None,
    json: AsJson = False,
) -> None:
    """Renvoyer sous la même clé : avant ce qui attend encore, après ce qui est parti."""
    from router.cli import deliveries

    if (delivery is None) == (partner is None):
        typer.echo("Dire quoi renvoyer : une LIVRAISON, ou --partner.", err=True)
        sys.exit(2)
    if delivery is not None:
        sys.exit(asyncio.run(deliveries.resend(settings(), delivery, actor(), motif, json)))
    sys.exit(asyncio.run(deliveries.resend_refused(settings(), str(partner), actor(), motif, json)))


@deliveries_app.command("ask")
def deliveries_ask(delivery: Delivery, motif: Why, json: AsJson = False) -> None:
    """Demander au partenaire s'il a une livraison incertaine ; rien n'est renvoyé à qui ne dédoublonne pas."""
    from router.cli import deliveries

    sys.exit(asyncio.run(deliveries.ask(settings(), delivery, actor(), motif, json)))


@deliveries_app.command("arrived")
def deliveries_arrived(delivery: Delivery, motif: Why, json: AsJson = False) -> None:
    """Dire qu'une livraison incertaine est arrivée : les délais du partenaire courent à partir de maintenant."""
    from router.cli import deliveries

    sys.exit(asyncio.run(deliveries.arrived(settings(), delivery, actor(), motif, json)))


@deliveries_app.command("close")
def deliveries_close(delivery: Delivery, motif: Why, json: AsJson = False) -> None:
    """Classer sans renvoyer : l'affaire est réglée autrement."""
    from router.cli import deliveries

    sys.exit(asyncio.run(deliveries.close(settings(), delivery, actor(), motif, json)))


Answer = Annotated[UUID, typer.Argument(metavar="REPONSE", help="L'événement, tel que « list » le nomme.")]


@orphans_app.command("list")
def orphans_list(partner: Sender = None, json: AsJson = False) -> None:
    """Lister les réponses orphelines, chacune avec les envois dont elle parle sans doute, et pourquoi."""
    from router.cli import orphans

    sys.exit(asyncio.run(orphans.show(settings(), partner, json)))


@orphans_app.command("rattacher")
def orphans_attach(
    reponse: Answer,
    envoi: Annotated[UUID, typer.Argument(metavar="ENVOI", help="L'orientation ou la candidature.")],
    motif: Why,
    json: AsJson = False,
) -> None:
    """Rattacher une réponse à un envoi : elle prend son chemin normal, et le livre de règles la juge."""
    from router.cli import orphans

    sys.exit(asyncio.run(orphans.attach(settings(), reponse, envoi, actor(), motif, json)))


@orphans_app.command("classer")
def orphans_close(reponse: Answer, motif: Why, json: AsJson = False) -> None:
    """Classer une réponse : rien n'en suivra."""
    from router.cli import orphans

    sys.exit(asyncio.run(orphans.close(settings(), reponse, actor(), motif, json)))
