"""Commands that only read: `status`, `trace`, `find`, `compte`, `loops`, `releve` and `occupation`."""

import asyncio
import sys
from datetime import datetime
from typing import Annotated

import typer

from ops.terminal.caller import settings
from ops.terminal.options import AsJson, HowMany, Moment, Of

app = typer.Typer()
ETATS = (
    "D'un message : accepte, partiel (accepté en partie), refuse, en_cours ; d'une livraison : en_attente, en_vol, "
    "livree, deposee, refusee, incertaine, classee, oubliee ; de la quarantaine : ouverte. Répétable."
)


@app.command()
def status(
    tout: Annotated[
        bool, typer.Option(help="Tous les partenaires, tous les constats, toutes les attentes.")
    ] = False,
    watch: Annotated[bool, typer.Option(help="Regarder sans cesse, jusqu'à Ctrl-C.")] = False,
    json: AsJson = False,
) -> None:
    """Dire si tout marche : ce qui est en panne, ce qui attend. Code 0 : bien ; 1 : à regarder ; 2 : en panne."""
    from ops.status import printed as status

    if watch and not json:
        sys.exit(asyncio.run(status.watch(settings(), everybody=tout)))
    sys.exit(asyncio.run(status.show(settings(), everybody=tout, as_json=json)))


@app.command()
def trace(
    known_as: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="Tout identifiant du hub, entier ou abrégé comme dans une liste, celui d'un partenaire (place, "
            "ménage, envoi), la clé d'un de ses envois, ou une part du nom d'un fichier refusé, accepté en partie "
            "ou en cours.",
        ),
    ],
    partner: Of = None,
    json: AsJson = False,
) -> None:
    """Suivre un message, une place ou une orientation : chaque étape avec son heure, et la cause d'une
    attente."""
    from ops.tracing import printed as tracing

    sys.exit(asyncio.run(tracing.trace(settings(), known_as, partner, json)))


@app.command()
def find(
    known_as: Annotated[
        str | None,
        typer.Argument(
            metavar="[ID]",
            help="Un identifiant du hub, entier ou abrégé, ou une part du nom d'un fichier refusé, accepté en partie "
            "ou en cours ; seuls --partner et --combien le limitent.",
        ),
    ] = None,
    partner: Of = None,
    type: Annotated[str | None, typer.Option(help="Une part du nom : place, orientation.proposee…")] = None,
    etat: Annotated[list[str] | None, typer.Option(help=ETATS)] = None,
    erreur: Annotated[str | None, typer.Option(help="Des mots de l'erreur.")] = None,
    depuis: Annotated[datetime | None, Moment] = None,
    jusqu_a: Annotated[datetime | None, Moment] = None,
    combien: HowMany = 50,
    json: AsJson = False,
) -> None:
    """Chercher des messages, des livraisons et des entrées de la quarantaine. Sans date, la recherche part
    d'hier à la même heure. Sans date et avec « --etat ouverte » (les entrées de la quarantaine qui attendent
    une décision), la recherche remonte sans limite."""
    from ops.finding import printed as finding
    from ops.finding.files import SHORTEST
    from ops.finding.shortened import short_in
    from ops.finding.sql import STATES

    if known_as is not None:
        short = short_in(known_as)
        if short is None and len(known_as) < SHORTEST:
            raise typer.BadParameter(
                f"ni un identifiant, ni un nom de fichier : donnez-en {SHORTEST} lettres au moins",
                param_hint="[ID]",
            )
        if any((type, etat, erreur, depuis, jusqu_a)):
            raise typer.BadParameter(
                "avec un identifiant ou un nom, seuls --partner et --combien comptent", param_hint="[ID]"
            )
        sys.exit(asyncio.run(finding.identified(settings(), short or known_as, partner, combien, json)))
    known = [each for states in STATES.values() for each in states]
    if not {*(etat or ())} <= {*known}:
        raise typer.BadParameter(", ".join(known), param_hint="--etat")
    asked = finding.Asked(partner, type, etat, erreur, depuis, jusqu_a)
    sys.exit(asyncio.run(finding.find(settings(), asked, combien, json)))


@app.command()
def compte(
    depuis: Annotated[datetime | None, Moment] = None,
    jusqu_a: Annotated[datetime | None, Moment] = None,
    json: AsJson = False,
) -> None:
    """Dire si un événement accepté ou une livraison due est perdu. Sans date, la période va d'hier à
    maintenant. Code 1 : il y a des pertes ; 2 : une partie de la période n'a pu être comptée."""
    from ops.balance import printed as balance

    sys.exit(asyncio.run(balance.show(settings(), depuis, jusqu_a, json)))


Month = Annotated[str | None, typer.Option(metavar="AAAA-MM", help="Sans : ce mois-ci.")]


@app.command()
def loops(
    known_as: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="Un envoi, une place, un ménage, par le hub ou un partenaire."),
    ] = None,
    partner: Of = None,
    depuis: Annotated[datetime | None, Moment] = None,
    jusqu_a: Annotated[datetime | None, Moment] = None,
    par: Annotated[
        list[str] | None, typer.Option(help="partenaire, structure, siao ou mois ; répétable.")
    ] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Pour un tableur.")] = False,
    json: AsJson = False,
) -> None:
    """Dire qui répond dans les délais ce mois-ci, puis tout ce qui attend une réponse, et depuis quand."""
    from ops.service import printed as loops
    from ops.service.loops import KEYS

    now = datetime.now().astimezone()
    first, last = (f"{moment:%Y-%m}" for moment in (depuis or jusqu_a or now, jusqu_a or now))
    by = tuple(par or ("partenaire",))
    if not set(by) <= KEYS.keys():
        raise typer.BadParameter(", ".join(KEYS), param_hint="--par")
    asked = loops.Asked(known_as, partner, first, last, by)
    sys.exit(asyncio.run(loops.show(settings(), asked, json, csv)))


@app.command()
def releve(
    structure: Annotated[
        str | None,
        typer.Argument(metavar="[STRUCTURE]", help="FINESS ou SIRET : celle-là, avec ses événements."),
    ] = None,
    partner: Of = None,
    mois: Month = None,
    json: AsJson = False,
) -> None:
    """Établir le relevé daté de chaque structure : places, admissions par le SIAO et sans lui, réponses à temps."""
    from ops.statement import printed as statement

    sys.exit(asyncio.run(statement.show(settings(), structure, partner, mois, json)))


@app.command()
def occupation(
    partner: Of = None,
    mois: Month = None,
    json: AsJson = False,
) -> None:
    """Comparer l'occupation que les centres déclarent à celle que le hub connaît ; compter les admissions sans
    le SIAO."""  # noqa: D401  an infinitive, in French
    from ops.occupation import printed as occupation

    sys.exit(asyncio.run(occupation.show(settings(), partner, mois, json)))
