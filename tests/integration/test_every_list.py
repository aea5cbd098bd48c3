"""Every list of the console is followed page by page, sorted as a whole, filtered, and taken as a file."""

import csv
import html
import io
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import islice
from types import ModuleType
from typing import NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

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
from contracts.base import Nature
from contracts.mots import ETATS
from contracts.partner import Famille
from ops.alarms import sql as alarm_store
from ops.alarms.rules import Alarm
from ops.replay import orders as replay_orders
from ops.status.findings import Code
from ops.status.wording import REJEUX
from router.domain.roles import Role
from router.store.audit import SETTINGS
from router.store.jobs import Filter, Request
from tests.integration import accidents, lasting
from tests.integration.lasting import MOVING, Lasting
from tests.integration.messages import to_structure, vacancy
from tests.integration.registry import AUTRE_FINESS
from tests.integration.test_acts import NUMERO, granted
from tests.integration.test_console_places import LISTS
from tests.integration.test_families import joined, mailbox
from tests.integration.visited import WHY
from tests.integration.visitors import Visitor, is_open, visitor
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
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


Row = dict[str, str]
PARIS = ZoneInfo("Europe/Paris")
"""Time zone of the registry's territories, in which exports tell moments."""


class Critere(NamedTuple):
    """Filter of a list."""

    keeps: Callable[[Row, str], bool]
    """Whether the filter keeps a row for a value."""
    values: Callable[[list[Row]], Iterable[str]] | None = None
    """The values to try, where they are typed: the others are on the page."""
    judged: Callable[[Row], bool] = bool
    """Whether a row shows what the filter looks at."""


def has(column: str) -> Callable[[Row, str], bool]:
    """Whether a row has exactly the value that is asked for."""
    return lambda row, value: row[column] == value


def contains(column: str) -> Callable[[Row, str], bool]:
    return lambda row, value: value in row[column]


def is_no_message(row: Row) -> bool:
    """Whether a row is no message: of a message all events and all faults are searched, and the list shows one."""
    return row["quoi"] != "message"


def is_a_delivery(row: Row) -> bool:
    """Whether a row has the type that is searched: a quarantined entry is searched by what it is about."""
    return row["quoi"] == "livraison"


def all_of(column: str) -> Callable[[list[Row]], Iterable[str]]:
    return lambda rows: {row[column] for row in rows}


def is_of(row: Row, column: str, age: timedelta) -> bool:
    """Whether a row is no older than this."""
    moment = datetime.strptime(row[column], "%d/%m/%Y %H:%M:%S").replace(tzinfo=PARIS)
    return datetime.now(UTC) - moment <= age


def needs_a_person(row: Row) -> bool:
    return row["etat"] == "refusee"


def is_sent_and_open(row: Row) -> bool:
    return row["nature"] in referrals.SENT and row["etat"] in referrals.open_of(referrals.SENT)


def of_last_week(keeps: Callable[[Row, str], bool]) -> Callable[[Row, str], bool]:
    return lambda row, value: is_of(row, "le", timedelta(days=7)) and keeps(row, value)


def of_last_day(keeps: Callable[[Row, str], bool]) -> Callable[[Row, str], bool]:
    return lambda row, value: is_of(row, "le", timedelta(days=1)) and keeps(row, value)


CONCERNED = {
    **{f"C-{number}": {"siao-01"} for number in range(1, A_FEW + 2)},
    NUMERO: {"centre", "siao-01"},  # signed by its manager, and its SIAO has to sign
}
CRITERIA: dict[str, dict[str, Critere]] = {
    "messages": {
        "partenaire": Critere(of_last_day(has("partenaire"))),
        "etat": Critere(of_last_day(lambda row, value: row["etat"] in value.split())),
        "type": Critere(of_last_day(contains("type")), lambda _: ["place.vacante"], is_a_delivery),
        "mots": Critere(
            of_last_day(contains("erreur")), lambda rows: {"%", *all_of("erreur")(rows)} - {""}, is_no_message
        ),
        "heures": Critere(lambda row, value: is_of(row, "le", timedelta(hours=int(value)))),
    },
    "orientations": {
        "nature": Critere(
            lambda row, value: (
                row["nature"] == value and row["etat"] in referrals.open_of((Nature(row["nature"]),))
            )
        ),
        "etat": Critere(
            lambda row, value: row["etat"] == value and row["nature"] in referrals.wanted("", value)
        ),
        "chez": Critere(lambda row, value: row["chez"] == value and is_sent_and_open(row)),
    },
    "places": {"etat": Critere(has("etat")), "chez": Critere(has("gestionnaire"))},
    "livraisons": {
        "partenaire": Critere(lambda row, value: row["a"] == value and needs_a_person(row)),
        "tout": Critere(
            lambda row, value: value == "true" or needs_a_person(row), lambda _: ["true", "false"]
        ),
    },
    "quarantaine": {"partenaire": Critere(has("de"))},
    "a-traiter": {"partenaire": Critere(has("partenaire"))},
    "partenaires": {"territoire": Critere(has("territoire"))},
    "audit": {
        "acteur": Critere(of_last_week(has("qui")), all_of("qui")),
        "action": Critere(
            of_last_week(lambda row, value: row["quoi"].startswith(value)),
            lambda rows: {row["quoi"].partition(".")[0] for row in rows},
        ),
        "objet": Critere(of_last_week(has("sur")), all_of("sur")),
        "reglages": Critere(
            of_last_week(lambda row, value: value == "false" or row["quoi"] in SETTINGS),
            lambda _: ["true", "false"],
        ),
        "jours": Critere(
            lambda row, value: is_of(row, "le", timedelta(days=int(value))), lambda _: ["1", "7", "30"]
        ),
    },
    "structures": {"chez": Critere(has("partenaire")), "structure": Critere(has("structure"))},
    "orphelines": {"partenaire": Critere(has("de"))},
    "rejeux": {"etat": Critere(lambda row, value: row["etat"] == REJEUX[value])},
    "actes": {"partenaire": Critere(lambda row, value: value in CONCERNED[row["numero"]])},
    "alertes": {
        "etat": Critere(has("etat")),
        "partenaire": Critere(lambda row, value: row["objet"].partition(" ")[0] == value),
    },
}
"""The filters of each list, by the name of their field."""
EVERYTHING: dict[str, list[dict[str, str]]] = {
    "orientations": [
        {"nature": nature, "etat": etat} for nature in referrals.CHOICES for etat in ETATS[nature]
    ],
    "livraisons": [{"tout": "true"}],
    "audit": [{"jours": "366"}],
    "messages": [{"heures": "720"}],
}
"""How all rows of a list are asked for, where it shows some alone by default."""
ANOTHER_LIST = {"mois"}
"""Fields of a form that ask for other rows, and filter none: the statements of another month."""
TYPED = ("audit", "messages")
"""Lists with words to type, which stand in no address."""


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


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def console(lasting: Lasting, issuer: str) -> World:
    """A console whose lists have some rows each."""
    world = await lasting.running(*MOVING, Role.CONSOLE, issuer=issuer)
    await some_of_each(world)
    return world


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


async def test_each_filter_of_each_list_keeps_exactly_the_rows_that_match(console: World) -> None:
    assert {*CRITERIA} == {*LISTS}
    async with visitor(console.settings.console, "astreinte") as operator:
        for name, criteria in CRITERIA.items():
            page = (await operator.get(f"/{name}")).text
            assert fields_of(page) - ANOTHER_LIST == {*criteria}, (name, "chaque filtre est essayé")
            every = [
                row for asked in EVERYTHING.get(name, [{}]) for row in await file_of(operator, name, **asked)
            ]
            for field, critere in criteria.items():
                whole = [row for row in every if critere.judged(row)]
                numbers: list[int] = []
                for value in critere.values(whole) if critere.values else options_of(page, field):
                    some = [
                        row for row in await file_of(operator, name, **{field: value}) if critere.judged(row)
                    ]
                    matching = [row for row in whole if critere.keeps(row, value)]
                    assert known(some) == known(matching), (name, field, value)
                    numbers.append(len(some))
                assert max(numbers) > 0, (name, field, "une valeur garde des lignes")
                assert min(numbers) < len(whole), (name, field, "une valeur en laisse")


def fields_of(page: str) -> set[str]:
    """The names of the fields of a page's filters."""
    (form,) = re.findall(r'<form class="filtres".*?</form>', page, re.DOTALL)
    return {*re.findall(r'<(?:input|select)[^>]* name="(\w+)"', form)} - {"jeton"}


def options_of(page: str, field: str) -> list[str]:
    """The values that a filter offers, without the one for all."""
    (choice,) = re.findall(rf'<select [^>]*name="{field}">.*?</select>', page, re.DOTALL)
    return [html.unescape(each) for each in re.findall(r'<option value="([^"]+)"', choice)]


async def file_of(operator: Visitor, name: str, **asked: str) -> list[Row]:
    """The rows of a list that are asked for, as a file has them."""
    if name in TYPED:
        text = (await operator.post(f"/{name}", csv="true", **asked)).text
    else:
        text = (await operator.get(f"/{name}?{urlencode({'csv': 'true', **asked})}")).text
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))


def known(listed: Iterable[Row]) -> list[tuple[str, ...]]:
    """The rows by what does not change while the test reads them."""
    return sorted(tuple(islice(row.values(), 4)) for row in listed)
