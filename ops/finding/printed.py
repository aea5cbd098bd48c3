"""Output of `siao-hub find`, which searches messages, deliveries and quarantine entries."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from rich.table import Column, Table
from rich.text import Text

from contracts.base import Nature, name_of
from contracts.envelope import HUB
from contracts.plurals import counted
from ops.finding import sql as finding
from ops.finding.files import among, files_named
from ops.finding.shortened import Short, meant
from ops.status.quantities import day_and_hour, here, local
from ops.status.wording import in_words, spelled, state_of
from ops.terminal.printing import console, hours_of, in_json_list, opened, print_cut, style_of
from router.privacy.keyring import Keyring
from router.settings import Settings
from router.store import registry as registry_store
from router.store.database import Row

WINDOW = timedelta(days=1)
OPEN = "ouverte"
EVER = datetime.min.replace(tzinfo=UTC)
"""Earliest moment: open quarantine entries are found at any age."""


class Asked(NamedTuple):
    """Criteria of the command `find`. A criterion that is None matches everything."""

    partner: str | None
    type: str | None
    etats: Sequence[str] | None
    words: str | None
    since: datetime | None
    until: datetime | None


async def identified(
    settings: Settings, known_as: Short | str, partner: str | None, most: int, as_json: bool
) -> int:
    """Print what has the id or name `known_as`, newest first, at most `most`:

    * For an id, whole or in part, these are messages, events, deliveries, quarantine entries and subjects.
      The id of a household finds its subjects.
    * For any other text, these are the refused, partly accepted and unfinished files whose name contains it.

    `partner` restricts the search to one partner; but the first digits of an id find the subjects of all
    partners. Return exit code 1 if nothing is found, else 0.
    """
    async with opened(settings) as database, database.transaction() as connection:
        known = [partner] if partner else [*(await registry_store.read(connection)).partners, HUB]
        if isinstance(known_as, str):
            files = await files_named(connection, Keyring.of(settings), known, known_as)
            rows = await finding.messages(connection, [each.message for each in files[: most + 1]])
            sought = (
                f"les fichiers dont le nom contient « {known_as} », {among(known)} ; « siao-hub trace » cherche aussi "
                "une place"
            )
        else:
            found = await meant(connection, known, known_as, most + 1)
            rows, sought = found.rows, found.sought
    if as_json:
        in_json_list([dict(row) for row in rows], most)
    elif rows:
        console.print(listed(rows[:most]))
        print_cut(rows, most, "plus récents")
        if isinstance(known_as, str):
            console.print(f"[dim]cherché {among(known)}[/]")
        console.print(hours_of(), "[dim]« siao-hub trace ID » dit tout le chemin[/]", sep=" ; ")
    else:
        console.print(f"rien ; cherché : {sought}")
    return 0 if rows else 1


async def find(settings: Settings, asked: Asked, most: int, as_json: bool) -> int:
    """Print the messages, deliveries and open quarantine entries that match `asked`, newest first, at most
    `most` in all. Without a start date, only one day is searched, with one exception: if `asked` names
    the state of open quarantine entries, these are found at any age. Return exit code 1 if nothing matches,
    else 0."""
    async with opened(settings) as database, database.transaction() as connection:
        until = here(asked.until or datetime.now(UTC))
        known = tuple((await registry_store.read(connection)).partners)
        partners = (asked.partner,) if asked.partner else known
        wanted = finding.Wanted(
            partners,
            here(asked.since) if asked.since else until - WINDOW,
            until,
            asked.type,
            asked.etats,
            asked.words,
            open_since=EVER if asked.since is None and OPEN in (asked.etats or ()) else None,
        )
        rows = await finding.find(connection, wanted, most + 1)
    looked_at = finding.looked_at(wanted, rows)
    if as_json:
        in_json_list([dict(row) for row in rows], most, cherche_parmi=looked_at)
    elif rows:
        console.print(listed(rows[:most]))
        print_cut(rows, most, "plus récents")
        console.print(hours_of(), "[dim]« siao-hub trace ID » dit tout le chemin[/]", sep=" ; ")
    else:
        console.print(
            f"rien ne répond à cela depuis le {day_and_hour(wanted.since)} ; --depuis remonte plus loin"
        )
    if looked_at is not None and not as_json:
        console.print(
            f"[dim]cherché parmi les {counted(looked_at)} messages et livraisons les plus récents de chaque partenaire "
            f"et les {counted(finding.SCANNED)} entrées de quarantaine les plus récentes ; --partner et --jusqu-a vont "
            "plus loin[/]"
        )
    return 0 if rows else 1


def listed(rows: Sequence[Row]) -> Table:
    """Return a table of the messages, deliveries and quarantine entries found, each with its whole id."""
    table = Table.grid(Column(width=16, no_wrap=True), Column(overflow="fold"))
    for row in rows:
        etat, kind = _state(row)
        said = Text(f"{row.kind} ").append(etat, style=style_of(row.etat))
        said.append(", ".join(("", *filter(None, (row.partner, kind))))).append(f"\n{row.id}", style="dim")
        if row.get("error"):
            said.append(f"\n{in_words(row.error)}", style="red")
        table.add_row(Text(f"{local(row.at):%d/%m %H:%M:%S}", style="dim"), said)
    return table


def _state(row: Row) -> tuple[str, str]:
    if row.kind == "sujet":
        from contracts.mots import etat_of  # loads every contract

        return etat_of(Nature(row.type), row.etat), spelled(row.type)
    return state_of(row.etat), spelled(row.type) if row.kind == "quarantaine" else name_of(row.type)
