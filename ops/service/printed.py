"""Print the level of service of loops as a table, JSON or CSV, for the command `siao-hub loops`. A loop is a
referral or candidacy, from its receipt to its answer."""

import csv
import sys
from calendar import monthrange
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from contracts.base import Nature
from contracts.errors import Misconfigured
from contracts.mots import NOMS, etat_of
from contracts.plurals import counted, many
from ops.service import loops
from ops.service.level import Service, objective
from ops.service.loops import Group
from ops.service.sql import MOST
from ops.status import sql as status
from ops.status.quantities import ago, brief
from ops.status.vitals import NOT_OWED
from ops.terminal.printing import console, in_json, opened
from ops.tracing.lookup import named
from router.domain.books import AWAITED_OF
from router.domain.vitals import COUNTED, Unanswered
from router.privacy.crosswalk import Crosswalk
from router.privacy.keyring import Keyring
from router.settings import Settings
from router.store import registry as registry_store
from router.store.database import Connection

CUT = f"{counted(MOST)} envois lus, et il y en a d'autres : demandez un seul partenaire, ou moins de mois"
AGES = ("moins d'un jour", "moins d'une semaine", "davantage")


class Asked(NamedTuple):
    """The options of `siao-hub loops`."""

    known_as: str | None
    partner: str | None
    first: str
    last: str
    by: Sequence[str]


async def show(settings: Settings, asked: Asked, as_json: bool, as_csv: bool) -> int:
    """Print the level of service of the loops that the options `asked` choose. Return exit code 1 if there
    are no such loops, else 0."""
    now = datetime.now(UTC)
    async with opened(settings) as database, database.transaction() as connection:
        services, is_all = await _services(connection, settings, asked, now)
        said = [] if as_json or as_csv else await _beside(connection, asked.partner)
    if not is_all:
        Console(stderr=True).print(CUT)
    rows = [_as_data(asked.by, group, each, now) for group, each in services.items()]
    if as_json:
        in_json(rows)
    elif as_csv:
        _write(rows)
    elif services:
        if asked.partner is not None:
            console.print(f"[dim]envois que {asked.partner} a faits ou reçus[/]")
        months = asked.first if asked.first == asked.last else f"{asked.first} à {asked.last}"
        console.print(f"[dim]envois remis en {months}, et tous ceux qui attendent leur réponse[/]")
        console.print(_table(services, now))
    else:
        console.print("aucun envoi qui demande une réponse ne correspond à cela")
    for line in said:
        console.print(line)
    return 0 if services else 1


async def _beside(connection: Connection, partner: str | None) -> list[str]:
    owed = await status.unanswered(connection, AWAITED_OF, NOT_OWED, COUNTED)
    return beside([row for row in owed if partner in (None, row.recipient)])


def beside(owed: Sequence[Unanswered]) -> list[str]:
    """Return French lines that count what is awaited, but belongs to no loop. First come referrals and
    candidacies that are not yet delivered: their loops have not begun. Then comes everything else, such as
    the arrival that is awaited after a referral was accepted."""
    said = []
    if leaving := sum(row.unproven for row in owed if _is_loop(row)):
        sent = many(leaving, "envoi n'est pas encore remis", "envois ne sont pas encore remis")
        said.append(f"{sent} : « siao-hub status » les compte, aucun délai n'y court encore")
    others: Counter[str] = Counter()
    for row in owed:
        if not _is_loop(row):
            nature = Nature(row.nature)
            others[f"{NOMS[nature]}, {etat_of(nature, row.etat)}"] += row.number
    if others:
        waits = many(
            others.total(), "autre attente n'est pas comptée", "autres attentes ne sont pas comptées"
        )
        kinds = " ; ".join(f"{kind} : {number}" for kind, number in others.most_common())
        said.append(f"{waits} ici ({kinds}). « siao-hub status --tout » dit de qui chacune attend")
    return said


def _is_loop(row: Unanswered) -> bool:
    return row.nature in (Nature.ORIENTATION, Nature.CANDIDATURE) and row.etat in loops.OPEN


async def _services(
    connection: Connection, settings: Settings, asked: Asked, now: datetime
) -> tuple[Mapping[Group, Service], bool]:
    registry = await registry_store.read(connection)
    found, is_all = await loops.begun_or_open(connection, registry, asked.first, asked.last, asked.partner)
    if asked.known_as is not None:
        ids = {*await named(connection, _crosswalk(settings), registry.partners, asked.known_as)}
        found = [each for each in found if each.around & ids]
    mine = [e.loop for e in found if asked.partner in (None, e.loop.partner, e.loop.siao)]
    return loops.services(mine, asked.by, now), is_all


def _crosswalk(settings: Settings) -> Crosswalk | None:
    try:
        return Crosswalk(Keyring.of(settings))
    except Misconfigured:
        return None


def _table(services: Mapping[Group, Service], now: datetime) -> Table:
    table = Table.grid(Column(overflow="fold"), Column(width=58, overflow="fold"), padding=(0, 2, 0, 0))
    wanted = objective(now.date())
    for group, each in services.items():
        low = each.share is not None and wanted is not None and each.share < wanted.part
        said = Text(_share(each), style="red" if low else "")
        said.append(f", {each.late} en retard, {each.open} en attente", style="yellow" if each.late else "")
        said.append(f"\n{_delays(each)}", style="dim")
        if each.oldest is not None:
            said.append(f"\nla plus ancienne : {each.oldest.envoi},", style="dim")
            said.append(f"\n{ago(each.oldest.received, now)}, chez {each.oldest.partner}", style="dim")
        table.add_row(Text(" ".join(group)), said)
    if wanted is not None:
        table.add_row(
            "", Text(f"objectif depuis le {wanted.depuis:%d/%m/%Y} : {wanted.part:.0%}", style="dim")
        )
    return table


def _share(each: Service) -> str:
    return (
        "rien à juger encore" if each.share is None else f"{each.share:.0%} dans les délais ({each.in_time})"
    )


def _delays(each: Service) -> str:
    if each.median_h is None or each.p90_h is None:
        return "aucune réponse encore"
    median, p90 = (brief(round(hours * 3600)) for hours in (each.median_h, each.p90_h))
    return f"réponse en {median} (médiane), {p90} pour neuf sur dix"


def _as_data(by: Sequence[str], group: Group, each: Service, now: datetime) -> dict[str, object]:
    named = dict(zip(by, group, strict=True))
    wanted, oldest = objective(objective_day(named.get("mois"), now)), each.oldest
    return {
        **named,
        "dans_les_delais": each.in_time,
        "en_retard": each.late,
        "part": each.share,
        "objectif": wanted.part if wanted else None,
        "objectif_depuis": wanted.depuis.isoformat() if wanted else None,
        "mediane_h": each.median_h,
        "p90_h": each.p90_h,
        "en_attente": each.open,
        **{f"en_attente, {name}": number for name, number in zip(AGES, each.ages, strict=True)},
        "plus_ancienne": str(oldest.envoi) if oldest else None,
        "plus_ancienne_depuis": oldest.received.isoformat() if oldest else None,
    }


def objective_day(month: str | None, now: datetime) -> date:
    """Return the day for which the objective (share of loops answered in time) is shown. If the month `month`
    (« 2026-11 ») is over, this is its last day. If it is not over, or is None, this is today."""
    if month is None or month >= f"{now:%Y-%m}":
        return now.date()
    year, number = map(int, month.split("-"))
    return date(year, number, monthrange(year, number)[1])


def _write(rows: Sequence[Mapping[str, object]]) -> None:
    if rows:
        written = csv.DictWriter(sys.stdout, list(rows[0]), delimiter=";")
        written.writeheader()
        written.writerows(rows)
