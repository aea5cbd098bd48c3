"""Define the options and arguments that several commands share."""

import re
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

import typer

MOMENTS = ("%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d", "%Y-%m")
UNITS = {"min": "minutes", "h": "hours", "j": "days"}
_AGO = re.compile(r"(\d{1,5}) ?(min|h|j)")
ACCEPTED = "24h, 90min ou 7j avant maintenant ; ou à l'heure locale : 2026-11-24T03:00, 2026-11-24, 2026-11"


def moment(text: str) -> datetime:
    """Return the moment that a typed text names. A date or an hour without a time zone gives a moment without
    a time zone. A length of time, such as `24h`, means that long before now. Raises BadParameter for any
    other text."""
    if ago := _AGO.fullmatch(text.strip()):
        return datetime.now().astimezone() - timedelta(**{UNITS[ago[2]]: int(ago[1])})
    for form in MOMENTS:
        with suppress(ValueError):
            return datetime.strptime(text, form)  # noqa: DTZ007 - `moment_of` adds the time zone later
    raise typer.BadParameter(f"« {text} » ne se lit pas : {ACCEPTED}")


AsJson = Annotated[bool, typer.Option("--json", help="Pour une machine.")]
Of = Annotated[str | None, typer.Option("--partner", help="D'un seul partenaire.")]
Moment = typer.Option(parser=moment, metavar="MOMENT", help=f"{ACCEPTED}.")
HowMany = Annotated[int, typer.Option("--combien", min=1, max=10_000, help="Combien de lignes au plus.")]
Reason = Annotated[
    str | None, typer.Option("--motif", help="Pourquoi les voir en clair : gardé dans l'audit.")
]
Why = Annotated[str, typer.Option("--motif", help="Pourquoi : gardé dans l'audit.")]
Entry = Annotated[UUID | None, typer.Argument(metavar="[ID]", help="Une seule entrée.")]
Cause = Annotated[str | None, typer.Option(help="Toutes celles de cette cause.")]
Fingerprint = Annotated[str | None, typer.Option(help="Toutes celles de cette empreinte.")]
Sender = Annotated[str | None, typer.Option(help="Toutes celles de ce partenaire.")]
