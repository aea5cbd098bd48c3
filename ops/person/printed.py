"""`siao-hub personne exporter`: the file, and where it is."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from ops.person.exporting import export, write
from ops.terminal.printing import opened, report
from router.privacy.keyring import Keyring
from router.settings import Settings


async def export_to(
    settings: Settings, ident: UUID, member: int | None, path: Path, actor: str, why: str, as_json: bool
) -> int:
    """Write what is held on a person to a file, and say where."""
    async with opened(settings) as database:
        content = await export(database, Keyring.of(settings), ident, member, actor, why, datetime.now(UTC))
    write(path, content)
    return report(
        as_json, {"fichier": str(path)}, f"[green]✓[/] {path} : remettez-le à la personne, puis détruisez-le"
    )
