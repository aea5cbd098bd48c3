"""Output of the commands `siao-hub deliveries`. They list the deliveries that wait for a person's decision,
and carry out what the person decides."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from rich.table import Table
from rich.text import Text

from contracts.base import name_of
from contracts.plurals import many
from ops.status.quantities import ago
from ops.status.wording import state_of, why_not_delivered
from ops.tasks import deciding as tasks
from ops.terminal.printing import (
    aged,
    console,
    hours_of,
    in_json_list,
    opened,
    print_cut,
    report,
    style_of,
)
from router.privacy.keyring import Keyring
from router.settings import Settings
from router.store.database import Row


async def show(settings: Settings, partner: str | None, most: int, *, everything: bool, as_json: bool) -> int:
    """Print the deliveries on which a person has to decide: the `most` oldest, oldest first. With
    `everything`, also print the deliveries that are not late yet. If `partner` is given, print only
    deliveries to this partner. Return exit code 0."""
    async with opened(settings) as database:
        rows = await tasks.waiting(
            database, None if partner is None else [partner], most + 1, everything=everything
        )
    if as_json:
        in_json_list([dict(row) for row in rows], most)
    elif rows:
        console.print(_table(rows[:most], datetime.now(UTC)))
        console.print(hours_of())
        print_cut(rows, most, "plus anciennes")
    else:
        what = "n'attend" if everything else "n'attend de décision, aucune n'est en retard"
        console.print(f"[green]✓[/] aucune livraison {what}")
    return 0


def _table(rows: Sequence[Row], now: datetime) -> Table:
    table = aged()
    for row in rows:
        said = Text(state_of(row.etat), style=style_of(row.etat))
        said.append(f" {name_of(row.type)} → {row.partner}\n").append(str(row.id), style="dim")
        table.add_row(ago(row.created_at, now), said.append(f"\n{why_not_delivered(row, now, to_team=True)}"))
    return table


async def try_now(settings: Settings, partner: str, actor: str, as_json: bool) -> int:
    """Make all waiting deliveries to a partner due now, and print how many lanes became due. Return exit code
    0."""
    async with opened(settings) as database:
        number = await tasks.try_now(database, partner, actor)
    waiting = many(number, "voie attendait son tour", "voies attendaient leur tour")
    line = f"[green]✓[/] {partner} est essayé maintenant ({waiting}) ; "
    return report(
        as_json, {"partenaire": partner, "voies": number}, f"{line}« siao-hub status » dit la suite"
    )


async def resend(settings: Settings, delivery: UUID, actor: str, why: str, as_json: bool) -> int:
    """Send a delivery again, and print whether this was possible. Return exit code 0 if it was, else 1."""
    async with opened(settings) as database:
        done = await tasks.send_again(database, delivery, actor, why)
    return _decided(done, delivery, "repart sous la même clé", as_json)


async def resend_refused(settings: Settings, partner: str, actor: str, why: str, as_json: bool) -> int:
    """Send again all deliveries that a partner refused, and print how many. Return exit code 0."""
    async with opened(settings) as database:
        number = await tasks.send_refused_again(database, partner, actor, why)
    said = f"livraison refusée par {partner} : repart", f"livraisons refusées par {partner} : repartent"
    line = f"[green]✓[/] {many(number, *said)} sous leurs clés"
    return report(as_json, {"partenaire": partner, "livraisons": number}, line)


async def ask(settings: Settings, delivery: UUID, actor: str, why: str, as_json: bool) -> int:
    """Let the hub ask a partner whether it has received a delivery, and print whether the hub will ask.
    Return exit code 1 if it will not, else 0."""
    async with opened(settings) as database:
        done = await tasks.ask(database, delivery, actor, why)
    return _decided(done, delivery, "la question part ; « siao-hub trace » dit la réponse", as_json)


async def arrived(settings: Settings, delivery: UUID, actor: str, why: str, as_json: bool) -> int:
    """Record that a delivery has arrived, and print whether this was possible. Return exit code 0 if it was,
    else 1."""
    prover = Keyring.of(settings).prover
    async with opened(settings) as database:
        done = await tasks.arrived(database, prover, delivery, actor, why)
    return _decided(done, delivery, "arrivée ; les délais du partenaire courent", as_json)


async def close(settings: Settings, delivery: UUID, actor: str, why: str, as_json: bool) -> int:
    """Close a delivery, so that the hub never sends it again. Print whether this was possible. Return exit
    code 0 if it was, else 1."""
    async with opened(settings) as database:
        done = await tasks.close(database, delivery, actor, why)
    return _decided(done, delivery, "classée ; rien ne sera renvoyé", as_json)


def _decided(done: bool, delivery: UUID, what: str, as_json: bool) -> int:
    nothing = (
        f"[red]✗[/] la livraison {delivery} n'existe pas, n'attend aucune décision, ou part en ce moment"
    )
    line = f"[green]✓[/] livraison {delivery} : {what}" if done else nothing
    return report(as_json, {"livraison": delivery}, line, done=done)
