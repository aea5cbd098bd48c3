"""Every list of the console is filtered, followed page by page, sorted as a whole, and taken as a file."""

import csv
import html
import io
import re
from datetime import UTC, datetime
from types import ModuleType

import pytest

from console import visit
from console.pages import (
    acts,
    alarms,
    audit,
    deliveries,
    messages,
    orphans,
    partners,
    places,
    quarantine,
    referrals,
    replays,
    statements,
    work,
)
from ops.alarms import sql as alarm_store
from ops.alarms.rules import Alarm
from ops.replay import orders as replay_orders
from ops.status.findings import Code
from router.domain.roles import Role
from router.store.jobs import Filter, Request
from tests.integration import accidents
from tests.integration.messages import vacancy
from tests.integration.registry import AUTRE_FINESS
from tests.integration.test_console_places import LISTS
from tests.integration.visited import WHY
from tests.integration.visitors import Visitor, is_open, visitor
from tests.integration.waiting import until
from tests.integration.world import World

LISTED: dict[str, ModuleType] = {
    "messages": messages,
    "orientations": referrals,
    "places": places,
    "livraisons": deliveries,
    "quarantaine": quarantine,
    "a-traiter": work,
    "partenaires": partners,
    "audit": audit,
    "structures": statements,
    "orphelines": orphans,
    "rejeux": replays,
    "actes": acts,
    "alertes": alarms,
}
"""Each list, and the module that says how many rows a page of it has."""
FILTERED = {
    "messages": ("partenaire", "partenaire"),
    "places": ("chez", "gestionnaire"),
    "livraisons": ("partenaire", "a"),
    "quarantaine": ("partenaire", "de"),
    "a-traiter": ("partenaire", "partenaire"),
    "partenaires": ("territoire", "territoire"),
    "structures": ("chez", "partenaire"),
    "orphelines": ("partenaire", "de"),
    "alertes": ("partenaire", "objet"),
}
"""The lists whose file has a column with the value that a filter asks for: that filter, and the column."""
A_FEW = 2
_TABLE = re.compile(r'<table class="[^"]*\bliste\b.*?</table>', re.DOTALL)
_FORM = re.compile(r'<form class="actes" method="post" action="(/[a-z]+)".*?</form>', re.DOTALL)
_FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


async def some_of_each(world: World) -> None:
    """More rows of every list than a page has, and nobody at work but the console."""
    referred = [await world.referred(4711 + number, f"CH-10{number}") for number in range(A_FEW + 1)]
    for ours in referred:
        await world.accepted("centre", {"type": "orientation.accusee", "orientation": ours})
        await replay_orders.ask(world.database, Request(Filter(cause="rien"), "essai", WHY))
    await world.accepted("centre-boite", vacancy("B-1", structure=AUTRE_FINESS))
    await world.settled()
    await world.stop()
    await accidents.all_deliveries_are(world, "refusee")
    for partner in ("centre", "siao-01", "bailleur"):
        await accidents.undecided_since(world, 1, "ouverte", "champ_absent", partner)
    await accidents.acknowledgements_match_nothing(world)
    await accidents.agreed_upon(world, A_FEW + 1)
    now = datetime.now(UTC)
    told = [Alarm(Code.INJOIGNABLE, name, "absent", now, now, now, now) for name in ("centre", "a", "b")]
    async with world.database.transaction() as connection:
        await alarm_store.save(connection, told)
    await world.start(Role.CONSOLE)
    await until(lambda: is_open(world.settings.console), "la console est ouverte")


def kept(file: str, column: str, value: str) -> list[str]:
    """The ids of the rows of a file that have this value in this column."""
    listed = csv.DictReader(io.StringIO(file.removeprefix("\ufeff")), delimiter=";")
    return sorted(next(iter(row.values())) for row in listed if row[column] == value)


def rows(text: str) -> int:
    """How many rows a list shows."""
    (table,) = _TABLE.findall(text)
    return len(re.findall(r"<tr>", table)) - len(re.findall(r"<thead>|<tr><td colspan", table))


async def following(operator: Visitor, path: str, text: str) -> str | None:
    """The page that «Suite» leads to; None on the last one."""
    if link := re.search(r'href="(\?[^"]*)">Suite<', text):
        return (await operator.get(path + html.unescape(link[1]))).text
    for form in _FORM.finditer(text):
        if ">Suite<" in form[0]:
            fields = {name: html.unescape(value) for name, value in _FIELD.findall(form[0])}
            token = fields.pop("jeton")
            return (await operator.post(form[1], token=token, **fields)).text
    return None


async def test_every_list_is_filtered_sorted_as_a_whole_followed_page_by_page_and_taken_as_a_file(
    console: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert {*LISTED} == {*LISTS}
    monkeypatch.setattr(visit, "BURST", 1000.0)
    await some_of_each(console)
    async with visitor(console.settings.console, "astreinte") as operator:
        for name, module in LISTED.items():
            path = f"/{name}"
            whole = (await operator.get(path)).text
            assert ('class="filtres"' in whole, "data-tri" in whole) == (True, True), name
            taken = (await operator.get(f"{path}?csv=true")).text
            file = taken.splitlines()[1:]
            if name in FILTERED:
                asked, column = FILTERED[name]
                for value in ("centre", "centre-boite", "01", "69"):
                    if f'<option value="{value}"' not in whole:
                        continue
                    some = (await operator.get(f"{path}?csv=true&{asked}={value}")).text
                    assert kept(some, column, value) == kept(taken, column, value), (name, value)
                    assert len(some.splitlines()) - 1 == len(kept(some, column, value)), (
                        name,
                        value,
                        "rien d'autre",
                    )
            assert rows(whole) == len(file) >= A_FEW, (name, "tout est sur la page")
            monkeypatch.setattr(module, "LISTED", 1)
            text: str | None = (await operator.get(path)).text
            seen = 0
            while text is not None:
                assert "data-tri" not in text, (name, "une page seule ne se trie pas")
                assert "Tout sur une page" in text
                assert rows(text) == 1, (name, "aucune page n'est vide")
                seen += 1
                text = await following(operator, path, text)
            assert seen == len(file), (name, "page après page, rien n'est sauté ni montré deux fois")
            at_once = (await operator.get(f"{path}?entiere=true")).text
            assert ("data-tri" in at_once, rows(at_once)) == (True, len(file)), name
