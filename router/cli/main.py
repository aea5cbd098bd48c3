"""The command line, one function a command. Each imports what it needs: nobody waits for another's imports, and the
help for none."""

import asyncio
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from contracts.errors import HubError
from router.cli.added import Commands
from router.cli.caller import actor, settings
from router.cli.repairs import deliveries_app, orphans_app, quarantine_app
from router.roles import Role

MOMENTS = ["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"]
app = typer.Typer(
    cls=Commands,
    help="Le hub SIAO : chaque place vacante connue, chaque orientation répondue.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
partners_app = typer.Typer(help="Le registre des partenaires.", no_args_is_help=True)
audit_app = typer.Typer(help="Qui a fait quoi, et la preuve que rien n'y manque.", no_args_is_help=True)
cle_app = typer.Typer(help="Les clés secrètes du hub.", no_args_is_help=True)
menage_app = typer.Typer(help="Les données d'un ménage.", no_args_is_help=True)
profile_app = typer.Typer(help="Les profils de colonnes des tableaux.", no_args_is_help=True)
app.add_typer(partners_app, name="partners")
app.add_typer(profile_app, name="profile")
app.add_typer(quarantine_app, name="quarantine")
app.add_typer(deliveries_app, name="deliveries")
app.add_typer(orphans_app, name="orphelins")
app.add_typer(menage_app, name="menage")
app.add_typer(audit_app, name="audit")
app.add_typer(cle_app, name="cle")


AsJson = Annotated[bool, typer.Option("--json", help="Pour une machine.")]


@app.command()
def run(
    role: Annotated[list[Role] | None, typer.Option(help="Répétable. Sans : tout.")] = None,
) -> None:
    """Démarrer le hub : tous les rôles, ou ceux que l'on nomme."""
    from router.cli import supervisor

    sys.exit(supervisor.run(settings(), role or []))


@app.command()
def status(
    tout: Annotated[
        bool, typer.Option(help="Tous les partenaires, aussi ceux dont rien n'est à dire.")
    ] = False,
    watch: Annotated[bool, typer.Option(help="Regarder sans cesse, jusqu'à Ctrl-C.")] = False,
    json: AsJson = False,
) -> None:
    """Dire si tout marche : qui est en panne, combien attend, depuis quand. 0 : bien ; 1 : à voir ; 2 : en panne."""
    from router.cli import status

    if watch and not json:
        sys.exit(asyncio.run(status.watch(settings(), everybody=tout)))
    sys.exit(asyncio.run(status.show(settings(), everybody=tout, as_json=json)))


@app.command()
def migrate(json: AsJson = False) -> None:
    """Préparer la base de données (créer ou mettre à jour les tables)."""
    from router.cli.terminal import told
    from router.store.migrations import upgrade

    upgrade(settings().database.of_the_owner, actor=actor())
    told(json, {"a_jour": True}, "[green]✓[/] base de données à jour")


@app.command()
def dialects(json: AsJson = False) -> None:
    """Lister les dialectes : pour qui, ce que chacun lit et écrit, réel ou supposé."""
    from router.cli import decoding

    sys.exit(decoding.list_dialects(json))


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


@profile_app.command("check")
def profile_check(
    file: Annotated[Path, typer.Argument(help="Le fichier d'un partenaire.", exists=True, dir_okay=False)],
    profile: Annotated[
        str, typer.Option(help="Un profil livré, du dossier des réglages, ou un fichier .toml.")
    ],
) -> None:
    """Dire ce qu'un profil reconnaît d'un fichier, ce qu'il ignore, et montrer ses premières lignes lues."""
    from router.cli import profiles

    sys.exit(profiles.check(file, profile, settings().profiles_folder))


@profile_app.command("draft")
def profile_draft(
    file: Annotated[Path, typer.Argument(help="Un tableau inconnu.", exists=True, dir_okay=False)],
) -> None:
    """Proposer un profil pour un tableau inconnu, d'après ses en-têtes et ses valeurs."""
    from router.cli import profiles

    sys.exit(profiles.propose(file))


Of = Annotated[str | None, typer.Option("--partner", help="D'un seul partenaire.")]
Moment = typer.Option(formats=MOMENTS, metavar="MOMENT", help="À l'heure locale : 2026-11-24T03:00.")


@app.command()
def trace(
    known_as: Annotated[
        str,
        typer.Argument(
            metavar="ID", help="Tout identifiant du hub, ou celui d'un partenaire (place, ménage, envoi)."
        ),
    ],
    partner: Of = None,
    json: AsJson = False,
) -> None:
    """Suivre un message, une place, une orientation : chaque étape à son heure, et pourquoi ça attend."""
    from router.cli import tracing

    sys.exit(asyncio.run(tracing.trace(settings(), known_as, partner, json)))


@app.command()
def find(
    partner: Of = None,
    type: Annotated[str | None, typer.Option(help="Une part du nom : place, orientation.proposee…")] = None,
    etat: Annotated[str | None, typer.Option(help="refuse, en_attente, incertaine, ouverte…")] = None,
    erreur: Annotated[str | None, typer.Option(help="Des mots de l'erreur.")] = None,
    depuis: Annotated[datetime | None, Moment] = None,
    jusqu_a: Annotated[datetime | None, Moment] = None,
    json: AsJson = False,
) -> None:
    """Chercher messages, livraisons et quarantaine ; sans moment, depuis hier à la même heure."""
    from router.cli import tracing

    moments = [moment and moment.astimezone() for moment in (depuis, jusqu_a)]
    asked = tracing.Asked(partner, type, etat, erreur, *moments)
    sys.exit(asyncio.run(tracing.find(settings(), asked, json)))


Month = Annotated[str | None, typer.Option(metavar="AAAA-MM", help="Sans : ce mois-ci.")]


@app.command()
def loops(
    known_as: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="Un envoi, une place, un ménage, par le hub ou un partenaire."),
    ] = None,
    partner: Of = None,
    depuis: Month = None,
    jusqu_a: Month = None,
    par: Annotated[
        list[str] | None, typer.Option(help="partenaire, structure, siao ou mois ; répétable.")
    ] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Pour un tableur.")] = False,
    json: AsJson = False,
) -> None:
    """Dire qui répond dans les délais, ce qui attend et depuis quand : ce mois-ci, et tout ce qui est ouvert."""
    from router.cli import loops
    from router.ops.loops import KEYS

    month = f"{datetime.now().astimezone():%Y-%m}"
    by = tuple(par or ("partenaire",))
    if not set(by) <= KEYS.keys():
        raise typer.BadParameter(", ".join(KEYS), param_hint="--par")
    asked = loops.Asked(known_as, partner, depuis or jusqu_a or month, jusqu_a or month, by)
    sys.exit(asyncio.run(loops.show(settings(), asked, json, csv)))


@app.command()
def occupation(
    partner: Of = None,
    mois: Month = None,
    json: AsJson = False,
) -> None:
    """Comparer ce que les centres disent occuper à ce que le hub en sait ; compter les admissions sans le SIAO."""
    from router.cli import occupation

    sys.exit(asyncio.run(occupation.show(settings(), partner, mois, json)))


@partners_app.command("apply")
def partners_apply(
    file: Annotated[Path, typer.Argument(help="Registre relu, au format TOML.", exists=True)],
    oui: Annotated[bool, typer.Option("--oui", help="Appliquer sans demander.")] = False,
    json: AsJson = False,
) -> None:
    """Montrer les différences, puis appliquer ; les processus en cours suivent sans redémarrer."""
    from router.cli import partners

    sys.exit(asyncio.run(partners.apply(settings(), file, actor(), yes=oui, as_json=json)))


@partners_app.command("sceller")
def partners_seal(ident: Annotated[str, typer.Argument(metavar="PARTENAIRE")], json: AsJson = False) -> None:
    """Sceller la liste de ses structures protégées, lue sur l'entrée standard ; dire la ligne à mettre au registre."""
    from router.cli import partners

    structures = sys.stdin.read().replace(",", " ").split()
    sys.exit(asyncio.run(partners.seal_structures(settings(), ident, structures, json)))


@partners_app.command("list")
def partners_list(json: AsJson = False) -> None:
    """Lister les partenaires appliqués, et quand leurs clés ont servi."""
    from router.cli import partners

    sys.exit(asyncio.run(partners.show_all(settings(), as_json=json)))


@partners_app.command("show")
def partners_show(ident: Annotated[str, typer.Argument(metavar="ID")], json: AsJson = False) -> None:
    """Montrer les réglages d'un partenaire tels qu'ils valent, limites comprises, et quand ses clés ont servi."""
    from router.cli import partners

    sys.exit(asyncio.run(partners.show(settings(), ident, as_json=json)))


@partners_app.command("referentiels")
def partners_lists(ident: Annotated[str, typer.Argument(metavar="ID")], json: AsJson = False) -> None:
    """Comparer les listes de codes de son système (entrée « rest ») à celles du hub, code par code."""
    from router.cli import lists

    sys.exit(asyncio.run(lists.compare(settings(), ident, as_json=json)))


@partners_app.command("key")
def partners_key(json: AsJson = False) -> None:
    """Dire à qui est une clé d'API, ou qui l'avait jusqu'à quand : pourquoi ce 401. Elle se donne sans s'afficher."""
    from router.cli import api_keys

    sys.exit(asyncio.run(api_keys.whose(settings(), as_json=json)))


@app.command()
def recover(
    since: Annotated[
        datetime,
        typer.Option(
            formats=MOMENTS,
            metavar="MOMENT",
            help="Le moment auquel la base est revenue, à l'heure locale : 2026-11-24T03:00.",
        ),
    ],
    json: AsJson = False,
) -> None:
    """Après une restauration de PostgreSQL, workers arrêtés : effacer de nouveau, relire le bus depuis ce moment."""
    from router.cli import recovering

    sys.exit(asyncio.run(recovering.recover_since(settings(), since.astimezone(), actor(), json)))


@menage_app.command("oublier")
def menage_oublier(
    ident: Annotated[
        str,
        typer.Argument(
            metavar="ID", help="Celui du champ « menage » d'un envoi, quel qu'en soit le destinataire."
        ),
    ],
    de: Annotated[
        str | None,
        typer.Option(metavar="PARTENAIRE", help="L'ID est celui que ce partenaire donne au ménage."),
    ] = None,
    forcer: Annotated[bool, typer.Option(help="Même si une orientation attend encore sa réponse.")] = False,
    json: AsJson = False,
) -> None:
    """Détruire les clés d'un ménage : tout ce qui le concerne devient illisible ; dire où des copies restent."""
    from router.cli import forgetting

    sys.exit(asyncio.run(forgetting.forget_menage(settings(), ident, de, actor(), json, force=forcer)))


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

    sys.exit(asyncio.run(audit.verify(settings(), tetes, cle, json)))


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
    from router.cli import acts
    from router.store.audit import Wanted

    wanted = Wanted(acteur, action, objet, depuis.astimezone() if depuis else None, personnes)
    sys.exit(asyncio.run(acts.search(settings(), wanted, combien, json)))


@cle_app.command("creer")
def cle_creer(json: AsJson = False) -> None:
    """Écrire les clés qui manquent (maîtresse, des empreintes, de l'audit) là où les réglages les attendent."""
    from router.cli import keys

    keys.create(settings(), json)


@cle_app.command("etat")
def cle_etat(json: AsJson = False) -> None:
    """Dire quelles clés maîtresses il y a, laquelle sert, et ce que chacune scelle encore."""
    from router.cli import keys

    asyncio.run(keys.state(settings(), json))


@cle_app.command("preparer")
def cle_preparer(json: AsJson = False) -> None:
    """Ajouter une clé maîtresse nouvelle au fichier, sans qu'elle serve encore."""
    from router.cli import keys

    asyncio.run(keys.prepare(settings(), actor(), json))


@cle_app.command("tourner")
def cle_tourner(json: AsJson = False) -> None:
    """Sceller toutes les clés de données sous la clé maîtresse préparée, hub en marche ; interrompu, le relancer."""
    from router.cli import keys

    asyncio.run(keys.rotate(settings(), actor(), json))


@cle_app.command("retirer")
def cle_retirer(json: AsJson = False) -> None:
    """Ôter du fichier les clés maîtresses qui ne scellent plus rien."""
    from router.cli import keys

    asyncio.run(keys.retire(settings(), actor(), json))


@audit_app.command("cle")
def audit_key(json: AsJson = False) -> None:
    """Dire la clé publique qui suffit à vérifier."""
    from router.cli import audit

    sys.exit(audit.public_key(settings(), json))


def main() -> None:
    """Entry point; a decided error is one French sentence, not a stack."""
    try:
        app()
    except HubError as exc:
        typer.echo(f"{typer.style('✗', fg='red')} {exc}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
