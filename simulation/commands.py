"""Commands `demo`, `chaos` and `simulate` of `siao-hub`."""

import sys
from pathlib import Path
from typing import Annotated

import typer


def demo(
    messages: Annotated[int, typer.Option(help="Nombre de places publiées.")] = 300,
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


def simulate(
    scenario: Annotated[
        list[Path] | None,
        typer.Option(help="Un fichier de scénario, ou plusieurs ; à défaut, tous ceux du paquet."),
    ] = None,
    jours: Annotated[
        int | None,
        typer.Option(help="Plutôt tout un département, tant de jours durant (365 : une année).", min=1),
    ] = None,
    seed: Annotated[int, typer.Option(help="Graine du département : la même donne la même histoire.")] = 1,
    json: Annotated[Path | None, typer.Option(help="Écrire les mêmes chiffres dans ce fichier.")] = None,
) -> None:
    """Jouer des scénarios, ou une année, en temps simulé : rien ne doit finir sans réponse, silence dit ou tâche."""
    from simulation.accelerated.command import run_scenarios
    from simulation.departement.command import run_days

    if jours is None:
        sys.exit(run_scenarios(scenario, json))
    if scenario:
        raise typer.BadParameter("des scénarios, ou un département : pas les deux", param_hint="--jours")
    sys.exit(run_days(jours, seed, json))
