"""The commands of `siao-hub personne`."""

import asyncio
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from click import Choice

from ops.terminal.caller import actor, settings
from ops.terminal.options import AsJson, Why, moment

app = typer.Typer(help="Les droits d'une personne sur ce que le hub sait d'elle.", no_args_is_help=True)


@app.command("exporter")
def person_export(
    menage: Annotated[
        UUID, typer.Argument(metavar="MENAGE", help="Le ménage, par son identifiant dans le hub.")
    ],
    vers: Annotated[Path, typer.Option(metavar="FICHIER", help="Où l'écrire ; rien n'est écrasé.")],
    motif: Why,
    membre: Annotated[int | None, typer.Option(min=1, help="Laquelle des personnes du ménage.")] = None,
    json: AsJson = False,
) -> None:
    """Écrire ce que le hub sait d'une personne : qui l'a dit, à qui, jusqu'à quand. Sans les données des autres."""
    from ops.person import printed as person

    sys.exit(asyncio.run(person.export_to(settings(), menage, membre, vers, actor(), motif, json)))


Household = Annotated[
    UUID, typer.Argument(metavar="MENAGE", help="Le ménage, par son identifiant dans le hub.")
]
Received = Annotated[
    datetime | None,
    typer.Option(
        "--recue-le", parser=moment, metavar="MOMENT", help="Moment de la demande ; sinon maintenant."
    ),
]


@app.command("rectifier")
def person_rectify(menage: Household, motif: Why, recue_le: Received = None, json: AsJson = False) -> None:
    """Noter une demande de rectification : qui doit corriger, qui recevra la correction. À répondre en un mois."""
    _ask(menage, "rectification", recue_le, motif, as_json=json)


@app.command("limiter")
def person_limit(menage: Household, motif: Why, recue_le: Received = None, json: AsJson = False) -> None:
    """Limiter dès maintenant l'usage des données d'un ménage au besoin, sans nom. À répondre en un mois."""
    _ask(menage, "limitation", recue_le, motif, as_json=json)


@app.command("opposer")
def person_object(menage: Household, motif: Why, recue_le: Received = None, json: AsJson = False) -> None:
    """Noter une opposition. L'usage est limité jusqu'à la réponse, due en un mois."""
    _ask(menage, "opposition", recue_le, motif, as_json=json)


@app.command("demandes")
def person_requests(json: AsJson = False) -> None:
    """Lister les demandes qui attendent une réponse, et les limitations en cours."""
    from ops.person import printed as person

    sys.exit(asyncio.run(person.requests(settings(), json)))


@app.command("repondre")
def person_answer(
    demande: Annotated[
        UUID, typer.Argument(metavar="DEMANDE", help="La demande, telle que « demandes » la nomme.")
    ],
    issue: Annotated[str, typer.Option(click_type=Choice(["accordee", "refusee", "levee"]))],
    motif: Why,
    json: AsJson = False,
) -> None:
    """Répondre à une demande. « levee » met fin à une limitation : ce qui était parti sans nom repart complet."""
    from ops.person import printed as person

    sys.exit(asyncio.run(person.answer_to(settings(), demande, issue, actor(), motif, json)))


def _ask(menage: UUID, droit: str, received: datetime | None, why: str, *, as_json: bool) -> None:
    from ops.person import printed as person

    sys.exit(asyncio.run(person.ask_for(settings(), menage, droit, received, actor(), why, as_json)))
