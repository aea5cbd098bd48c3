"""Output of `siao-hub occupation`, which compares declared occupation with the hub's records."""

from collections.abc import Mapping
from datetime import UTC, datetime

from rich.table import Column, Table
from rich.text import Text

from contracts.partner import Partner
from ops.doubts import sql as doubts
from ops.doubts.declared import stale_figures
from ops.occupation import admissions as occupation
from ops.occupation.admissions import Figures
from ops.occupation.compared import Admissions, Occupation
from ops.statement.statement import month_of
from ops.terminal.printing import console, in_json, opened
from router.domain.doubts import Kind
from router.domain.partners import Registry
from router.settings import Settings
from router.store import registry as registry_store


async def show(settings: Settings, partner: str | None, month: str | None, as_json: bool) -> int:
    """Print the present occupation, and the admissions of `month` (« 2026-11 »; None: the present month).
    With `partner`, print those of this manager only. Return exit code 1 if there is nothing to print, else
    0."""
    now = datetime.now(UTC)
    asked = month or month_of(now)
    async with opened(settings) as database, database.transaction() as connection:
        registry = await registry_store.read(connection)
        found = await occupation.figures(connection, asked, partner)
        stale = [
            f"{registry.name_of(each.partner)} : {each.sentence}"
            for each in await doubts.read(connection)
            if each.kind is Kind.VACANCES and partner in (None, each.partner)
        ]
    if as_json:
        in_json([_as_data(name, asked, each) for name, each in found.items()])
    elif found or stale:
        console.print(table_of(found, asked, registry, now))
        for sentence in stale:
            console.print(sentence, style="yellow")
    else:
        console.print("aucun relevé d'occupation, aucune admission")
    return 0 if found or stale else 1


def table_of(found: Mapping[str, Figures], month: str, registry: Registry, now: datetime) -> Table:
    """Return a table of each manager's occupation and admissions. It marks the figures that are too old:
    those that the manager should have declared anew by now."""
    table = Table.grid(Column(overflow="fold"), Column(width=58, overflow="fold"), padding=(0, 2, 0, 0))
    for name, each in found.items():
        partner = registry.get(name)
        lines = [_occupied(one, partner, now) for one in each.occupations]
        if each.admissions is not None:
            lines.append(_admitted(each.admissions, month))
        table.add_row(Text(name), Text("\n").join(lines))
    return table


def _occupied(each: Occupation, partner: Partner | None, now: datetime) -> Text:
    said = Text(f"{each.dispositif}, relevé du {each.releve_le:%d/%m/%Y}")
    if partner is not None and stale_figures(partner, each.releve_le, now):
        said.append(", périmé", style="yellow")
    said.append(
        f"\n  occupées : {each.occupees} sur {each.capacite} d'après lui, {each.inhabited} d'après le hub"
    )
    if each.places < each.capacite:
        said.append(f"\n  le hub n'en connaît que {each.places}", style="dim")
    if each.gap:
        said.append(f"\n  écart que rien n'explique : {each.gap:+d}", style="red")
    return said


def _admitted(each: Admissions, month: str) -> Text:
    said = Text(f"admissions de {month} : {each.through} par le SIAO, {each.direct} sans lui")
    if each.untitled:
        said.append(f"\n  dont sans titre : {each.untitled}", style="yellow")
    return said


def _as_data(partner: str, month: str, each: Figures) -> dict[str, object]:
    admitted = each.admissions or Admissions(partner, 0, 0, 0)
    return {
        "partenaire": partner,
        "mois": month,
        "admissions_par_le_siao": admitted.through,
        "admissions_sans_le_siao": admitted.direct,
        "sans_titre": admitted.untitled,
        "part_par_le_siao": admitted.share,
        "occupations": [
            {
                "dispositif": one.dispositif,
                "releve_le": one.releve_le.isoformat(),
                "capacite": one.capacite,
                "occupees_dites": one.occupees,
                "occupees_connues": one.inhabited,
                "places_connues": one.places,
                "ecart": one.gap,
            }
            for one in each.occupations
        ],
    }
