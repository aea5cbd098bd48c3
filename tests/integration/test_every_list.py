"""Every list of the console is followed page by page, sorted as a whole, and taken as a file."""

import html
import re
from datetime import UTC, datetime, timedelta
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
from contracts.partner import Famille
from ops.alarms import sql as alarm_store
from ops.alarms.rules import Alarm
from ops.replay import orders as replay_orders
from ops.status.findings import Code
from router.domain.roles import Role
from router.store.jobs import Filter, Request
from tests.integration import accidents
from tests.integration.messages import to_structure, vacancy
from tests.integration.registry import AUTRE_FINESS
from tests.integration.test_acts import granted
from tests.integration.test_console_places import LISTS
from tests.integration.test_families import joined, mailbox
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
A_FEW = 2
_TABLE = re.compile(r'<table class="[^"]*\bliste\b.*?</table>', re.DOTALL)
_FORM = re.compile(r'<form class="actes" method="post" action="(/[a-z]+)".*?</form>', re.DOTALL)
_FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


async def some_of_each(world: World) -> None:
    """More rows of every list than a page has, some that a filter tells apart, and nobody at work but the console."""
    await joined(world, mailbox("loin", Famille.PRESCRIPTEUR, "prescripteur_json", territoire="69"))
    referred = [await world.referred(4711 + number, f"CH-10{number}") for number in range(A_FEW + 1)]
    for ours in referred:
        await world.accepted("centre", {"type": "orientation.accusee", "orientation": ours})
        await replay_orders.ask(world.database, Request(Filter(cause="rien"), "essai", WHY))
    await world.accepted("centre-boite", vacancy("B-1", structure=AUTRE_FINESS))
    await world.accepted("siao-01", to_structure(AUTRE_FINESS, 4720))
    await world.accepted("centre", granted())
    await world.settled()
    await world.stop()
    await accidents.all_deliveries_are(world, "refusee")
    await accidents.one_delivery_waits(world)
    await accidents.replays_are(world, "en_pause", "annule")
    await accidents.audited_before(world, 3, "console:dpo", "registre.lire")
    await accidents.audited_before(world, 20, "console:dpo", "registre.lire")
    await accidents.many_refused_since(world, 1, timedelta(hours=30))
    for partner in ("centre", "siao-01", "bailleur"):
        await accidents.undecided_since(world, 1, "ouverte", "champ_absent", partner)
    await accidents.acknowledgements_match_nothing(world)
    await accidents.agreed_upon(world, A_FEW + 1)
    now = datetime.now(UTC)
    told = [
        Alarm(Code.INJOIGNABLE, name, "absent", now, now, ended_at=ended)
        for name, ended in (("centre", now), ("centre-boite", None), ("bailleur", now))
    ]
    async with world.database.transaction() as connection:
        await alarm_store.save(connection, told)
    await world.start(Role.CONSOLE)
    await until(lambda: is_open(world.settings.console), "la console est ouverte")


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


async def test_every_list_is_sorted_as_a_whole_followed_page_by_page_and_taken_as_a_file(
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
            file = (await operator.get(f"{path}?csv=true")).text.splitlines()[1:]
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
