"""Output of the commands that show stored bytes."""

from contextlib import AsyncExitStack
from uuid import UUID

from rich.text import Text

from ops.terminal.printing import console, in_json, opened
from ops.unsealing import showing as unsealing
from router.intake.decoders import Decoders
from router.privacy.keyring import Keyring
from router.settings import Settings


async def message(settings: Settings, ident: UUID, actor: str, why: str | None, as_json: bool) -> int:
    """Print the bytes of a message, or the content of an event. They are in clear if `why` gives a reason,
    else masked. `ident` is the id of the message, of the event or of a quarantine row. Return exit code 0."""
    async with AsyncExitStack() as stack:
        stack.push_async_callback((decoders := Decoders()).close)
        database = await stack.enter_async_context(opened(settings))
        seen = await unsealing.message(database, Keyring.of(settings), decoders, ident, actor, why)
    _print(seen, masked=why is None, as_json=as_json)
    return 0


async def reply(settings: Settings, delivery: UUID, actor: str, why: str | None, as_json: bool) -> int:
    """Print what a partner replied to a delivery. The reply is in clear if `why` gives a reason, else masked.
    Return exit code 0."""
    async with opened(settings) as database:
        seen = await unsealing.reply(database, Keyring.of(settings), delivery, actor, why)
    _print(seen, masked=why is None, as_json=as_json)
    return 0


def _print(seen: unsealing.Seen, *, masked: bool, as_json: bool) -> None:
    if as_json:
        in_json({**seen._asdict(), "masque": masked})
        return
    console.print(f"[dim]{seen.media_type}, {seen.size} octets{', masqués' if masked else ''}[/]")
    console.print(Text(seen.text))
    if masked:
        console.print("[dim]--motif « … » les montre en clair ; l'audit dit qui, et pourquoi[/]")
