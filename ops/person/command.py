"""The commands of `siao-hub personne`."""

import asyncio
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from ops.person.rights import Droit, Issue
from ops.terminal.caller import actor, settings
from ops.terminal.options import AsJson, Why, moment

app = typer.Typer(help="Les droits d'une personne sur ce que le hub sait d'elle.", no_args_is_help=True)
Household = Annotated[
    UUID, typer.Argument(metavar="MENAGE", help="Le ménage, par son identifiant dans le hub.")
]
Received = Annotated[
    datetime | None,
    typer.Option(
        "--recue-le", parser=moment, metavar="MOMENT", help="Moment de la demande ; sinon maintenant."
    ),
]


@app.command("exporter")
def person_export(
    menage: Household,
    vers: Annotated[Path, typer.Option(metavar="FICHIER", help="Où l'écrire ; rien n'est écrasé.")],
    motif: Why,
    membre: Annotated[int | None, typer.Option(min=1, help="Laquelle des personnes du ménage.")] = None,
    referent: Annotated[
        str | None,
        typer.Option(metavar="PERSONNE", help="Le référent nommé d'un ménage protégé, qui le fait établir."),
    ] = None,
    json: AsJson = False,
) -> None:
    """Écrire ce que le hub sait d'une personne : qui l'a dit, à qui c'est parti, jusqu'à quand c'est gardé. Les
    données des autres n'y sont pas."""
    from ops.person import printed as person
    from ops.person.exporting import Wanted

    wanted = Wanted(menage, membre, actor(), motif, referent)
    sys.exit(asyncio.run(person.export_to(settings(), wanted, vers, json)))


@app.command("noter")
def person_request(
    menage: Household,
    droit: Annotated[Droit, typer.Option(help="Le droit qu'elle exerce.")],
    motif: Why,
    recue_le: Received = None,
    json: AsJson = False,
) -> None:
    """Noter la demande d'une personne sur ses données, à laquelle il faut répondre en un mois. Afficher qui a
    fourni ces données, qui les a reçues, et ce qui reste à faire. Une limitation ou une opposition vaut dès
    maintenant : le hub n'envoie plus que le besoin du ménage, sans nom, jusqu'à ce que « repondre » la refuse
    ou la lève."""
    from ops.person import printed as person

    sys.exit(asyncio.run(person.ask_for(settings(), menage, droit, recue_le, actor(), motif, json)))


@app.command("demandes")
def person_requests(json: AsJson = False) -> None:
    """Lister les demandes de personnes sur leurs données : celles qui attendent une réponse, et celles qui
    limitent encore le traitement."""
    from ops.person import printed as person

    sys.exit(asyncio.run(person.requests(settings(), json)))


@app.command("repondre")
def person_answer(
    demande: Annotated[
        UUID, typer.Argument(metavar="DEMANDE", help="La demande, telle que « demandes » la nomme.")
    ],
    issue: Annotated[Issue, typer.Option(help="« levee » met fin à une limitation.")],
    motif: Why,
    json: AsJson = False,
) -> None:
    """Répondre à la demande d'une personne sur ses données. Si la réponse met fin à une limitation de l'usage
    de ces données, les livraisons parties sans le nom du ménage repartent complètes."""
    from ops.person import printed as person

    sys.exit(asyncio.run(person.answer_to(settings(), demande, issue, actor(), motif, json)))
