"""The command line, one function a command. Each imports what it needs: nobody waits for another's imports."""

import asyncio
import os
import pwd
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console

from contracts.errors import HubError
from router.roles import Role
from router.settings import Settings

app = typer.Typer(
    help="Le hub SIAO : chaque place vacante connue, chaque orientation répondue.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
partners_app = typer.Typer(help="Le registre des partenaires.", no_args_is_help=True)
quarantine_app = typer.Typer(help="Ce qui n'a pu être lu, accepté ou appliqué.", no_args_is_help=True)
deliveries_app = typer.Typer(help="Les livraisons qui attendent une décision.", no_args_is_help=True)
audit_app = typer.Typer(help="Qui a fait quoi, et la preuve que rien n'y manque.", no_args_is_help=True)
menage_app = typer.Typer(help="Les données d'un ménage.", no_args_is_help=True)
app.add_typer(partners_app, name="partners")
app.add_typer(quarantine_app, name="quarantine")
app.add_typer(deliveries_app, name="deliveries")
app.add_typer(menage_app, name="menage")
app.add_typer(audit_app, name="audit")

console = Console()
errors = Console(stderr=True)


@app.command()
def run(
    role: Annotated[list[Role] | None, typer.Option(help="Répétable. Sans : tout.")] = None,
) -> None:
    """Démarrer le hub : tous les rôles, ou ceux que l'on nomme."""
    from router.cli import supervisor

    sys.exit(supervisor.run(Settings(), role or []))


@app.command()
def migrate() -> None:
    """Préparer la base de données (créer ou mettre à jour les tables)."""
    from router.store.migrations import upgrade

    upgrade(Settings().database, actor=_actor())
    console.print("[green]✓[/] base de données à jour")


@app.command()
def demo(
    messages: Annotated[int, typer.Option(help="Nombre de places publiées.")] = 400,
    serve: Annotated[
        bool, typer.Option(help="Laisser tout tourner ensuite, pour essayer à la main.")
    ] = False,
    json: Annotated[Path | None, typer.Option(help="Écrire les mêmes chiffres dans ce fichier.")] = None,
    kill: Annotated[int, typer.Option(help="Tuer le hub (kill -9) N fois en pleine course.")] = 0,
    seed: Annotated[int, typer.Option(help="Graine : la même donne la même histoire.")] = 1,
) -> None:
    """Montrer la première boucle fermée, sur de vrais Kafka, PostgreSQL, HTTP et SFTP."""
    from simulation.demo import run_demo

    sys.exit(run_demo(messages, serve, json, kill, seed))


@app.command()
def chaos(
    minutes: Annotated[float, typer.Option(help="Durée des pannes.")] = 20.0,
    seed: Annotated[
        int, typer.Option(help="Graine : la même donne les mêmes pannes, dans le même ordre.")
    ] = 1,
    faults: Annotated[
        str, typer.Option(help="Pannes, séparées par des virgules (kill-role, freeze-kafka…), ou « all ».")
    ] = "all",
    nodes: Annotated[int, typer.Option(help="Nœuds Kafka : 1 ou 3.", min=1, max=3)] = 1,
    json: Annotated[Path | None, typer.Option(help="Écrire les mêmes chiffres dans ce fichier.")] = None,
    keep: Annotated[
        Path | None, typer.Option(help="Garder là journaux et traces, si quelque chose ne va pas.")
    ] = None,
) -> None:
    """Éprouver le hub : des pannes pendant qu'il travaille, jugées par les journaux des partenaires."""
    from simulation.chaos.run import Order, run_chaos

    sys.exit(run_chaos(Order(minutes, seed, faults, nodes, json, keep)))


@app.command()
def decode(
    file: Annotated[Path, typer.Argument(help="Le fichier d'un partenaire.", exists=True, dir_okay=False)],
    dialect: Annotated[str, typer.Option(help="Le dialecte du fichier.")],
    partner: Annotated[
        Path | None, typer.Option(help="Registre TOML : prendre l'entrée nommée par --id.")
    ] = None,
    id: Annotated[str | None, typer.Option(help="Partenaire du registre.")] = None,
    profile: Annotated[str | None, typer.Option(help="Profil de colonnes.")] = None,
) -> None:
    """Lire un fichier sans toucher à rien : contrats en lignes JSON, rejets par ligne, champ et cause."""
    from router.cli import decoding

    sys.exit(decoding.decode_file(file, dialect, partner, id, profile))


@app.command()
def trace(
    ident: Annotated[UUID, typer.Argument(metavar="ID", help="Message, événement, livraison ou sujet.")],
) -> None:
    """Suivre un message d'un bout à l'autre, avec les heures."""
    from router.cli import display

    sys.exit(asyncio.run(display.trace(Settings(), ident)))


@partners_app.command("apply")
def partners_apply(
    file: Annotated[Path, typer.Argument(help="Registre relu, au format TOML.", exists=True)],
    oui: Annotated[bool, typer.Option("--oui", help="Appliquer sans demander.")] = False,
) -> None:
    """Montrer les différences, puis appliquer ; les processus en cours suivent sans redémarrer."""
    from router.cli import display

    sys.exit(asyncio.run(display.apply_partners(Settings(), file, oui, _actor())))


@partners_app.command("list")
def partners_list() -> None:
    """Lister les partenaires appliqués."""
    from router.cli import display

    asyncio.run(display.list_partners(Settings()))


@partners_app.command("show")
def partners_show(ident: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Montrer l'entrée d'un partenaire."""
    from router.cli import display

    sys.exit(asyncio.run(display.show_partner(Settings(), ident)))


@quarantine_app.command("list")
def quarantine_list(
    partner: Annotated[str | None, typer.Option(help="D'un seul partenaire.")] = None,
) -> None:
    """Grouper ce qui attend une décision, par cause et empreinte."""
    from router.cli import display

    asyncio.run(display.list_quarantine(Settings(), partner))


@quarantine_app.command("show")
def quarantine_show(ident: Annotated[UUID, typer.Argument(metavar="ID")]) -> None:
    """Montrer une entrée : cause, détail, message d'origine."""
    from router.cli import display

    sys.exit(asyncio.run(display.show_quarantine(Settings(), ident)))


Why = Annotated[str, typer.Option("--motif", help="Pourquoi : gardé dans l'audit.")]
Entry = Annotated[UUID | None, typer.Argument(metavar="[ID]", help="Une seule entrée.")]
Cause = Annotated[str | None, typer.Option(help="Toutes celles de cette cause.")]
Fingerprint = Annotated[str | None, typer.Option(help="Toutes celles de cette empreinte.")]
Sender = Annotated[str | None, typer.Option(help="Toutes celles de ce partenaire.")]


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
) -> None:
    """Rejouer, par un travail sur le serveur : messages de nouveau décodés, événements de nouveau appliqués."""
    from router.cli import replays
    from router.store.jobs import Filter, Request

    wanted = Filter(ident, cause, empreinte, partner)
    if not any(wanted):
        errors.print("Dire quoi rejouer : un ID, --cause, --empreinte ou --partner.")
        sys.exit(2)
    request = Request(wanted, _actor(), motif, essai, rythme)
    sys.exit(asyncio.run(replays.ask(Settings(), request, suivre)))


@quarantine_app.command("jobs")
def quarantine_jobs() -> None:
    """Lister les derniers rejeux : où ils en sont, ce qui a abouti, ce qui est revenu."""
    from router.cli import replays

    sys.exit(asyncio.run(replays.show(Settings())))


Job = Annotated[UUID, typer.Argument(metavar="TRAVAIL")]


@quarantine_app.command("pause")
def quarantine_pause(job: Job) -> None:
    """Suspendre un rejeu."""
    from router.cli import replays
    from router.store.jobs import PAUSED

    sys.exit(asyncio.run(replays.change(Settings(), job, PAUSED, _actor())))


@quarantine_app.command("resume")
def quarantine_resume(job: Job) -> None:
    """Reprendre un rejeu suspendu, là où il en était."""
    from router.cli import replays
    from router.store.jobs import WAITING

    sys.exit(asyncio.run(replays.change(Settings(), job, WAITING, _actor())))


@quarantine_app.command("cancel")
def quarantine_cancel(job: Job) -> None:
    """Annuler un rejeu ; ce qui est déjà rejoué le reste."""
    from router.cli import replays
    from router.store.jobs import CANCELLED

    sys.exit(asyncio.run(replays.change(Settings(), job, CANCELLED, _actor())))


@quarantine_app.command("correct")
def quarantine_correct(
    ident: Annotated[UUID, typer.Argument(metavar="ID", help="Un message refusé.")],
    file: Annotated[Path, typer.Argument(help="Sa version corrigée.", exists=True, dir_okay=False)],
    motif: Why,
) -> None:
    """Prendre une version corrigée d'un message refusé, à côté de l'original."""
    from router.cli import replays

    sys.exit(asyncio.run(replays.correct(Settings(), ident, file.read_bytes(), _actor(), motif)))


@quarantine_app.command("close")
def quarantine_close(
    motif: Why,
    ident: Entry = None,
    cause: Cause = None,
    empreinte: Fingerprint = None,
    partner: Sender = None,
) -> None:
    """Classer ce que personne ne rejouera : un événement n'aura aucun effet, ce qui le suit passe à son tour."""
    from router.cli import replays
    from router.store.jobs import Filter

    wanted = Filter(ident, cause, empreinte, partner)
    if not any(wanted):
        errors.print("Dire quoi classer : un ID, --cause, --empreinte ou --partner.")
        sys.exit(2)
    sys.exit(asyncio.run(replays.close(Settings(), wanted, _actor(), motif)))


@deliveries_app.command("list")
def deliveries_list(
    partner: Annotated[str | None, typer.Option(help="Vers un seul partenaire.")] = None,
) -> None:
    """Lister les livraisons refusées, incertaines ou en retard, les plus anciennes d'abord."""
    from router.cli import deliveries

    sys.exit(asyncio.run(deliveries.show(Settings(), partner)))


Delivery = Annotated[UUID, typer.Argument(metavar="LIVRAISON")]


@deliveries_app.command("resend")
def deliveries_resend(
    motif: Why,
    delivery: Annotated[UUID | None, typer.Argument(metavar="[LIVRAISON]")] = None,
    partner: Annotated[str | None, typer.Option(help="Toutes celles que ce partenaire a refusées.")] = None,
) -> None:
    """Renvoyer sous la même clé : avant ce qui attend encore, après ce qui est parti."""
    from router.cli import deliveries

    if (delivery is None) == (partner is None):
        errors.print("Dire quoi renvoyer : une LIVRAISON, ou --partner.")
        sys.exit(2)
    if delivery is not None:
        sys.exit(asyncio.run(deliveries.resend(Settings(), delivery, _actor(), motif)))
    sys.exit(asyncio.run(deliveries.resend_refused(Settings(), str(partner), _actor(), motif)))


@deliveries_app.command("close")
def deliveries_close(delivery: Delivery, motif: Why) -> None:
    """Classer sans renvoyer : elle est arrivée, ou l'affaire est réglée autrement."""
    from router.cli import deliveries

    sys.exit(asyncio.run(deliveries.close(Settings(), delivery, _actor(), motif)))


@app.command()
def recover(
    since: Annotated[
        datetime,
        typer.Option(
            formats=["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"],
            metavar="MOMENT",
            help="Le moment auquel la base est revenue, à l'heure locale : 2026-11-24T03:00.",
        ),
    ],
) -> None:
    """Après une restauration de PostgreSQL, workers arrêtés : effacer de nouveau, relire le bus depuis ce moment."""
    from router.cli import display

    sys.exit(asyncio.run(display.recover_since(Settings(), since.astimezone(), _actor())))


@menage_app.command("oublier")
def menage_oublier(
    ident: Annotated[UUID, typer.Argument(metavar="ID")],
    forcer: Annotated[bool, typer.Option(help="Même si une orientation attend encore sa réponse.")] = False,
) -> None:
    """Détruire les clés d'un ménage : tout ce qui le concerne devient illisible, partout, à l'instant."""
    from router.cli import display

    sys.exit(asyncio.run(display.forget_menage(Settings(), ident, _actor(), forcer)))


AsJson = Annotated[bool, typer.Option("--json", help="Pour une machine.")]


@audit_app.command("verify")
def audit_verify(
    tetes: Annotated[
        Path | None, typer.Option(help="Le fichier des têtes ; sinon celui des réglages.")
    ] = None,
    cle: Annotated[
        str | None, typer.Option(help="La clé publique ; sinon celle de la clé des réglages.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Relire tout l'audit contre ses têtes signées : une ligne changée, ôtée, déplacée ou ajoutée se voit."""
    from router.cli import audit

    sys.exit(asyncio.run(audit.verify(Settings(), tetes, cle, json)))


@audit_app.command("list")
def audit_list(
    acteur: Annotated[str | None, typer.Option(help="De cette personne, ou de ce partenaire.")] = None,
    action: Annotated[
        str | None, typer.Option(help="Actions qui commencent ainsi : quarantaine, menage.…")
    ] = None,
    objet: Annotated[str | None, typer.Option(help="Sur cet objet.")] = None,
    depuis: Annotated[datetime | None, typer.Option(help="Depuis ce moment.")] = None,
    personnes: Annotated[bool, typer.Option(help="Sans les messages des partenaires.")] = True,
    combien: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    json: AsJson = False,
) -> None:
    """Chercher dans l'audit, le plus récent d'abord."""
    from router.cli import audit
    from router.store.audit import Wanted

    wanted = Wanted(acteur, action, objet, depuis.astimezone() if depuis else None, personnes)
    sys.exit(asyncio.run(audit.search(Settings(), wanted, combien, json)))


@audit_app.command("cle")
def audit_key() -> None:
    """Dire la clé publique qui suffit à vérifier."""
    from router.cli import audit

    sys.exit(audit.public_key(Settings()))


def _actor() -> str:
    """Who gives the command: an operator named in the settings, else the user that the system knows. What the
    environment calls itself (LOGNAME) counts for nothing."""
    return f"cli:{Settings().operator or pwd.getpwuid(os.getuid()).pw_name}"


def main() -> None:
    """Entry point; a decided error is one French sentence, not a stack."""
    try:
        app()
    except HubError as exc:
        errors.print(f"[red]✗[/] {exc}")
        sys.exit(1)
