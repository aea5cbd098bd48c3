"""The whole way of a message at the command line."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from rich.tree import Tree

from router.cli.terminal import coloured, console, opened, time_of
from router.ops import tracking as fate
from router.settings import Settings
from router.store import inbox


async def trace(settings: Settings, ident: UUID) -> int:
    """The whole way of a message, or of every message of a subject, with times."""
    async with opened(settings) as database, database.transaction() as connection:
        messages = await fate.messages_of(connection, ident)
        for message in messages:
            header = await inbox.fate(connection, message)
            console.print(_tree(message, header, await fate.events_of(connection, message)))
    if not messages:
        console.print(f"[red]✗[/] rien n'est connu sous {ident}")
    return 0 if messages else 1


def _tree(message: UUID, header: Any, events: Sequence[dict[str, Any]]) -> Tree:
    title = f"[bold]message {message}[/]"
    if header is not None:
        when = time_of(header.received_at.isoformat())
        title += f"\nreçu de [bold]{header.partner}[/] ({header.dialect}) le {when}, "
        title += f"{header.etat} : {header.accepted} accepté(s), {header.rejected} rejeté(s)"
    tree = Tree(title)
    for event in events:
        label = f"{time_of(event['accepte_le'])}  {event['type'].split('.', 3)[3]}  {coloured(event['etat'])}"
        why = [event["raison"] or "", "repris du bus" if event["repris_du_bus"] else ""]
        label += (
            f"  [dim]{' '.join(filter(None, why))}[/]\n[dim]sujet {event['sujet']}, de {event['source']}[/]"
        )
        branch = tree.add(label)
        for delivery in event["livraisons"]:
            when = time_of(delivery["regle_le"]) if delivery["regle_le"] else "—"
            branch.add(
                f"{when}  → {delivery['partenaire']}  {coloured(delivery['etat'])}  {delivery['erreur'] or ''}"
            )
    return tree
