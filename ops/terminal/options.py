"""Options and arguments shared by several commands."""

from typing import Annotated
from uuid import UUID

import typer

MOMENTS = ["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d", "%Y-%m"]

AsJson = Annotated[bool, typer.Option("--json", help="Pour une machine.")]
Of = Annotated[str | None, typer.Option("--partner", help="D'un seul partenaire.")]
Moment = typer.Option(
    formats=MOMENTS, metavar="MOMENT", help="À l'heure locale : 2026-11-24T03:00, 2026-11-24, 2026-11."
)
Reason = Annotated[
    str | None, typer.Option("--motif", help="Pourquoi les voir en clair : gardé dans l'audit.")
]
Why = Annotated[str, typer.Option("--motif", help="Pourquoi : gardé dans l'audit.")]
Entry = Annotated[UUID | None, typer.Argument(metavar="[ID]", help="Une seule entrée.")]
Cause = Annotated[str | None, typer.Option(help="Toutes celles de cette cause.")]
Fingerprint = Annotated[str | None, typer.Option(help="Toutes celles de cette empreinte.")]
Sender = Annotated[str | None, typer.Option(help="Toutes celles de ce partenaire.")]
