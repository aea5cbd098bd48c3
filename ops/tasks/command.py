"""The commands of `siao-hub deliveries`."""

import asyncio
import sys
from typing import Annotated
from uuid import UUID

import typer

from ops.terminal.caller import actor, settings
from ops.terminal.options import AsJson, HowMany, Reason, Why

app = typer.Typer(help="Les livraisons qui attendent une décision.", no_args_is_help=True)


@app.command("list")
def deliveries_list(
    partner: Annotated[str | None, typer.Option(help="Vers un seul partenaire.")] = None,
    tout: Annotated[bool, typer.Option(help="Tout ce qui attend, aussi ce qui n'est pas en retard.")] = False,
    combien: HowMany = 200,
    json: AsJson = False,
) -> None:
    """Lister, avec leur cause, les livraisons refusées, incertaines, en retard, ou que le partenaire n'a pas
    relevées dans sa boîte."""
    from ops.tasks import printed as deliveries

    sys.exit(asyncio.run(deliveries.show(settings(), partner, combien, everything=tout, as_json=json)))


Delivery = Annotated[UUID, typer.Argument(metavar="LIVRAISON")]


@app.command("reply")
def deliveries_reply(delivery: Delivery, motif: Reason = None, json: AsJson = False) -> None:
    """Montrer la réponse du partenaire : masquée, ou en clair avec un motif."""
    from ops.unsealing import printed as unsealing

    sys.exit(asyncio.run(unsealing.reply(settings(), delivery, actor(), motif, json)))


@app.command("try")
def deliveries_try(
    partner: Annotated[str, typer.Option(help="Le partenaire qui est revenu.")], json: AsJson = False
) -> None:
    """Essayer maintenant les livraisons qui attendent un partenaire, sans attendre le prochain essai."""
    from ops.tasks import printed as deliveries

    sys.exit(asyncio.run(deliveries.try_now(settings(), partner, actor(), json)))


@app.command("resend")
def deliveries_resend(
    motif: Why,
    delivery: Annotated[UUID | None, typer.Argument(metavar="[LIVRAISON]")] = None,
    partner: Annotated[str | None, typer.Option(help="Toutes celles que ce partenaire a refusées.")] = None,
    json: AsJson = False,
) -> None:
    """Renvoyer une livraison, ou toutes celles qu'un partenaire a refusées, chacune sous sa première clé
    d'idempotence. Dans sa voie, une livraison renvoyée passe avant celles qui attendent encore."""
    from ops.tasks import printed as deliveries

    if (delivery is None) == (partner is None):
        typer.echo("Dire quoi renvoyer : une LIVRAISON, ou --partner.", err=True)
        sys.exit(2)
    if delivery is not None:
        sys.exit(asyncio.run(deliveries.resend(settings(), delivery, actor(), motif, json)))
    sys.exit(asyncio.run(deliveries.resend_refused(settings(), str(partner), actor(), motif, json)))


@app.command("ask")
def deliveries_ask(delivery: Delivery, motif: Why, json: AsJson = False) -> None:
    """Demander au partenaire s'il a reçu une livraison, sans la renvoyer. Deux cas s'y prêtent : une livraison
    incertaine (le hub n'attend plus de résultat) ; une livraison « peut-être arrivée » (partie, le hub attend
    encore le résultat), créée il y a plus de 15 min."""
    from ops.tasks import printed as deliveries

    sys.exit(asyncio.run(deliveries.ask(settings(), delivery, actor(), motif, json)))


@app.command("arrived")
def deliveries_arrived(delivery: Delivery, motif: Why, json: AsJson = False) -> None:
    """Dire qu'une livraison est arrivée : ses délais commencent. Deux cas s'y prêtent : une livraison
    incertaine (le hub n'attend plus de résultat) ; une livraison « peut-être arrivée » (partie, le hub attend
    encore le résultat), créée il y a plus de 15 min."""
    from ops.tasks import printed as deliveries

    sys.exit(asyncio.run(deliveries.arrived(settings(), delivery, actor(), motif, json)))


@app.command("close")
def deliveries_close(delivery: Delivery, motif: Why, json: AsJson = False) -> None:
    """Classer une livraison sans la renvoyer : l'affaire est réglée autrement."""
    from ops.tasks import printed as deliveries

    sys.exit(asyncio.run(deliveries.close(settings(), delivery, actor(), motif, json)))
