"""The places of the console: several decisions at once, lists as files, names in parts, files that browsers keep."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from console import live
from console.live import Looks, Seen
from console.pages import balance, places, quarantine, statements, work
from contracts.partner import Famille
from ops.finding import sql as finding
from ops.status import vitals
from ops.tracing.printed import FILES
from ops.tracing.sql import sent
from router.domain.partners import Registry
from router.domain.vitals import Answer, Asked, Vitals
from router.store import deliveries
from tests.conformance.droppers import SftpDropper
from tests.integration import accidents, lasting
from tests.integration.cost import rows_read
from tests.integration.desk import siao_hub
from tests.integration.dropped import entree
from tests.integration.messages import vacancy
from tests.integration.quarantined import refused
from tests.integration.registry import AUTRE_FINESS, FINESS
from tests.integration.test_desk import words
from tests.integration.test_families import joined, mailbox
from tests.integration.visited import WHY
from tests.integration.visitors import Visitor, visitor, works_at
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
console, dropper = lasting.console, lasting.dropper
NAME = "nuit-09.csv"
LISTS = (
    "messages", "orientations", "places", "livraisons", "quarantaine", "a-traiter", "partenaires", "audit",
    "structures", "orphelines", "rejeux", "actes", "alertes",
)  # fmt: skip


async def test_several_groups_are_taken_up_or_closed_at_once_and_the_audit_has_the_reason(
    console: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await refused(console, 2)
    (cause,) = {each.cause for each in await console.quarantined()}
    key = f"quarantaine:centre:{cause}"
    async with visitor(console.settings.console, "astreinte") as operator:
        monkeypatch.setattr(quarantine, "COUNTED_ON_A_PAGE", 1)
        assert "\n2;" in (await operator.get("/quarantaine?csv=true")).text, (
            "compté plus loin que sur la page"
        )
        monkeypatch.setattr(quarantine, "EXPORTED", 2)
        assert "\n2 ou plus;" in (await operator.get("/quarantaine?csv=true")).text
        await until_shown(operator, "/a-traiter", key)
        taken = await operator.post("/a-traiter/prendre", ligne=key)
        assert "Astreinte du hub, depuis" in taken.text
        await console.sql(
            "INSERT INTO audit (actor, action, object)"
            " SELECT 'ailleurs', action, 'x' FROM generate_series(1, 100),"
            " unnest(ARRAY['bureau.lire', 'boite.lire', 'liste.lire']) AS action"
        )
        facts = await vitals.vitals(console.database, console.settings)
        assert facts.takers[key].nom == "Astreinte du hub", "quoi que d'autres aient lu depuis"
        assert facts.changes[0].what == "partenaire.changer", (
            "ni une lecture ni une tâche prise ne change le hub"
        )
        assert (await operator.post("/a-traiter/prendre", ligne="quarantaine:centre:autre")).status == 404
        await until_shown(operator, "/", "Astreinte du hub, depuis")
        async with visitor(console.settings.console, "referente") as colleague:
            assert "Astreinte du hub, depuis" in (await colleague.get("/a-traiter")).text
        assert "Astreinte du hub, depuis" not in (await operator.post("/a-traiter/rendre", ligne=key)).text
        # The line of nobody's entries has no sender, and leaves those of the shelter alone.
        vu = when_read((await operator.get("/a-traiter")).text)
        await operator.post("/a-traiter", ligne=f"quarantaine::{cause}", vu=vu, verbe="classer", motif=WHY)
        await operator.post("/quarantaine/classer", cause=cause, partenaire="", vu=vu, motif=WHY)
        assert {each.etat for each in await console.quarantined()} == {"ouverte"}
        nobodys = await operator.get(f"/quarantaine/groupe?cause={cause}&partenaire=")
        assert "Plus aucune entrée ouverte" in nobodys.text
        group = (await operator.get(f"/quarantaine/groupe?cause={cause}&partenaire=centre")).text
        await console.send("centre", vacancy("N-9", structure=AUTRE_FINESS))
        answer = await operator.post("/a-traiter", ligne=key, vu=vu, verbe="classer", motif=WHY)
        assert answer.path == "/a-traiter"
        await operator.post(
            "/quarantaine/classer", cause=cause, partenaire="centre", vu=when_read(group), motif=WHY
        )
        assert (await operator.post("/a-traiter", ligne=key, verbe="classer", motif=WHY)).status == 422
        entries = await console.quarantined()
        assert {each.cause for each in entries} == {cause}
        assert sorted(each.etat for each in entries) == ["classee", "classee", "ouverte"], (
            "ce que la page ne montrait pas encore attend"
        )
        (last,) = (each.id for each in entries if each.etat == "ouverte")
        await accidents.came_back(console, last)
        vu = when_read((await operator.get(f"/quarantaine/{last}")).text)
        await operator.post("/quarantaine/classer", entree=last, vu=vu, motif=WHY)
    assert {each.etat for each in await console.quarantined()} == {"classee"}, "revenue, puis vue sur sa page"
    acts = await console.audited("quarantaine.classer")
    assert {act.actor for act in acts} == {"console:astreinte"}


async def test_a_console_whose_clock_is_fast_closes_nothing_that_comes_after_its_page(
    console: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Fast(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.now(tz) + timedelta(hours=1)

    async def newest(_: Looks) -> Seen:
        return Seen(Vitals(Answer.OK, Answer.OK), Fast.now(UTC))

    monkeypatch.setattr(work, "datetime", Fast)
    monkeypatch.setattr(Looks, "newest", newest)
    async with visitor(console.settings.console, "astreinte") as operator:
        vu = when_read((await operator.get("/a-traiter")).text)
    async with console.database.transaction() as connection:
        assert datetime.fromisoformat(vu) <= await deliveries.moment(connection)


def when_read(page: str) -> str:
    """Return when a page with a form that closes entries was read."""
    (moment,) = re.findall('name="vu" value="([^"]+)"', page)
    return str(moment)


async def until_shown(operator: Visitor, path: str, words: str) -> None:
    """Wait until a page, made from a look at the hub, shows these words."""

    async def shown() -> bool:
        return words in (await operator.get(path)).text

    await until(shown, f"« {words} » est montré")


async def nothing_known(_: Looks) -> Seen:
    """A snapshot whose questions were not answered."""
    return Seen(Vitals(Answer.OK, Answer.OK, unknown=tuple(Asked)), datetime.now(UTC))


async def test_every_list_is_a_file_for_whoever_asks_and_holds_what_they_may_see_alone(
    console: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await console.referred(4711, "CH-101")
    await console.settled()
    async with visitor(console.settings.console, "astreinte") as operator:
        for name in LISTS:
            answer = await operator.get(f"/{name}?csv=true")
            assert answer.headers["Content-Type"].startswith("text/csv"), name
            assert f'filename="{name}.csv"' in answer.headers["Content-Disposition"]
            assert ";" in answer.text.partition("\n")[0], (name, "un en-tête, même sans ligne")
            assert "Exporter (CSV)" in (await operator.get(f"/{name}")).text, name
        a_month = (await operator.post("/messages", heures="720")).text
        cut = "les plus récents de chaque partenaire"
        assert cut not in a_month, "sans critère, rien n'est coupé"
        assert cut in (await operator.post("/messages", heures="720", etat="refuse partiel")).text
        assert '<option value="720" selected>' in a_month, "la période demandée reste choisie"
        of_words = await operator.post("/recherche", q="aucune erreur de ce nom")
        assert cut in of_words.text
        told = await operator.post("/messages", csv="true", etat="refuse partiel")
        assert "derniers-de-chacun.csv" in told.headers["Content-Disposition"]
        with monkeypatch.context() as few:
            few.setattr(finding, "SCANNED", 1)
            assert cut in (await operator.post("/messages")).text, "aucun critère, mais tout n'est pas lu"
        listed = (await operator.get("/messages?csv=true")).text
        assert ";centre;" in listed
        assert ";siao-01;" in listed
        shown = (await operator.get("/places")).text
        assert "Viriat" in shown, "la ville, non le code"
        monkeypatch.setattr(Looks, "newest", nothing_known)
        for name in ("a-traiter", "partenaires"):
            unknown = await operator.get(f"/{name}?csv=true")
            assert (unknown.status, "la base n'a pas répondu" in words(unknown)) == (503, True), (
                "non un fichier vide"
            )
    async with visitor(console.settings.console, "partenaire") as partner:
        found = (await partner.post("/recherche", q="CH-101")).text
        assert ("/bureau/recu/" in found, "/sujets/" in found) == (True, False), "à son bureau"
        own = (await partner.get("/messages?csv=true")).text
        assert ";centre;" in own
        assert ";siao-01;" not in own


async def test_a_partner_whose_state_nobody_knows_is_grey_and_says_since_when(
    console: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unanswered(*_: object) -> Vitals:
        return Vitals(Answer.OK, Answer.OK, unknown=tuple(Asked))

    async with visitor(console.settings.console, "astreinte") as operator:
        await until_shown(operator, "/partenaires/centre", "livré il y a")
        monkeypatch.setattr(live, "vitals", unanswered)
        await until_shown(operator, "/partenaires/centre", "La dernière réponse date d'il y a")
        shown = (await operator.get("/partenaires/centre")).text
        assert ("pastille inconnu" in shown, "livré il y a" in shown) == (True, False)


async def test_a_partner_is_found_by_a_part_of_its_name_and_a_refused_file_by_a_part_of_its(
    console: World, dropper: SftpDropper
) -> None:
    await console.apply(console.registry(centre={"nom": "L'Escale de Bourg", "entree": entree(dropper)}))
    await dropper.drop(NAME, b"n'importe quoi")
    (entry,) = await until(console.quarantined, "le fichier est refusé")
    async with visitor(console.settings.console, "astreinte") as operator:
        found = await operator.post("/recherche", q="escale")
        assert 'href="/partenaires/centre"' in found.text
        of_the_town = await operator.post("/recherche", q="Bourg en Bresse")
        assert 'href="/partenaires/centre"' in of_the_town.text
        assert 'href="/partenaires/centre"' not in (await operator.post("/recherche", q="Grenoble")).text
        of_the_file = (await operator.post("/recherche", q="nuit-09")).text
        assert f'href="/messages/{entry.message_id}"' in of_the_file
        assert NAME not in of_the_file, "seules les personnes de son expéditeur lisent son nom"
        assert "parmi les 500 derniers fichiers" in of_the_file, "un plus ancien peut manquer"
        assert f"{entry.message_id}" not in (await operator.post("/recherche", q="nui")).text
    assert str(entry.message_id) in await siao_hub(console.settings, "trace", NAME)
    async with visitor(console.settings.console, "partenaire") as sender:
        assert f">{NAME}</a>" in (await sender.post("/recherche", q="nuit-09")).text
    async with visitor(console.settings.console, "voisin") as neighbour:
        for words in ("escale", "nuit-09"):
            shown = (await neighbour.post("/recherche", q=words)).text
            assert "/partenaires/centre" not in shown.replace("/partenaires/centre-boite", "")
            assert str(entry.message_id) not in shown


async def test_more_files_of_one_name_than_a_terminal_shows_are_counted_and_a_damaged_name_hides_no_other(
    console: World, dropper: SftpDropper
) -> None:
    await console.apply(console.registry(centre={"entree": entree(dropper)}))
    for number in range(FILES + 2):
        await dropper.drop(f"{number}-{NAME}", f"n'importe quoi {number}".encode())

    async def refused_files() -> Any:
        found = await console.messages("centre")
        return found if len(found) == FILES + 2 else None

    first, *_ = await until(refused_files, "les fichiers sont refusés")
    told = await siao_hub(console.settings, "trace", NAME)
    assert f"{FILES} fichiers montrés, les plus récents, sur {FILES + 2}" in told
    assert "parmi les 500 derniers fichiers" in told
    await console.sql("UPDATE inbox SET filename = '\\x00' WHERE id = $1", first.id)
    told = await siao_hub(console.settings, "trace", NAME)
    assert f"{FILES} fichiers montrés, les plus récents, sur {FILES + 1}" in told
    async with visitor(console.settings.console, "partenaire") as partner:
        shown = await partner.get("/bureau/envois")
        assert (shown.status, shown.text.count("/bureau/envois/")) == (200, FILES + 2)


async def test_what_tells_one_message_from_the_others_reads_one_of_its_events_however_many_it_has(
    console: World,
) -> None:
    await console.accepted("centre", [vacancy(f"A-{number}") for number in range(8)])
    (message,) = await console.messages("centre")
    async with console.database.transaction() as connection, rows_read(connection) as rows:
        (told,) = await sent(connection, "centre", [message.id])
    assert (told.accepted, rows["event"]) == (8, 1)
    async with visitor(console.settings.console, "partenaire") as partner:
        assert "et 7 autres" in words(await partner.get("/bureau/envois"))


async def test_files_of_the_pages_come_compressed_and_stay_with_the_browser_until_they_change(
    console: World,
) -> None:
    async with visitor(console.settings.console, "astreinte") as operator:
        page = (await operator.get("/messages")).text
        address = page.partition('href="/statique/tabler.min.css')[2].partition('"')[0]
        async with operator.http.get(
            operator.url(f"/statique/tabler.min.css{address}"), auto_decompress=False
        ) as answer:
            assert answer.headers["Content-Encoding"] == "gzip"
            assert "immutable" in answer.headers["Cache-Control"]
        assert (await operator.get("/statique/rien.css")).status == 404
        assert (await operator.get("/messages")).headers["Cache-Control"] == "no-store"


async def test_the_balance_is_a_page_of_who_may_audit_and_says_what_is_unknown_and_what_to_do_if_it_takes_too_long(
    console: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await console.accepted("centre", vacancy("CH-101"))
    await console.settled()
    async with visitor(console.settings.console, "supervision") as supervision:
        counted = words(await supervision.get("/compte?jours=1"))
        assert "accepté 1 = appliqué 1" in counted
        assert "Rien de perdu parmi ce que le hub a accepté." in counted
        assert "Ce qu'il a refusé ou n'a pas pu lire n'y est pas" in counted
        monkeypatch.setattr(balance, "PAGE_SECONDS", 0)
        for days, advice in ((7, "choisissez une période plus courte, ou tapez"), (1, "; tapez")):
            counted = words(await supervision.get(f"/compte?jours={days}"))
            assert "Inconnu du " in counted
            assert f"{advice} « siao-hub compte --depuis {days}j »" in counted
            assert "accepté" not in counted.replace("Ce qui a été accepté", "")
            assert "Rien de perdu" not in counted


async def test_hours_are_those_of_the_territory_that_a_visitor_sees(console: World) -> None:
    islanders = (p.model_copy(update={"territoire": "974"}) for p in console.registry().partners.values())
    await console.apply(Registry.of(islanders))
    await console.accepted("centre", vacancy("A-1"))
    async with visitor(console.settings.console, "partenaire") as partner:
        shown = await partner.get("/messages")
        assert "Fuseau : heure de La Réunion" in shown.text
        hours = {
            f"{datetime.now(ZoneInfo('Indian/Reunion')) - ago:%H:}"
            for ago in (timedelta(), timedelta(minutes=5))
        }
        assert any(hour in words(shown) for hour in hours)


async def test_a_list_and_its_file_stand_in_the_order_that_somebody_chose(
    console: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "LISTED", 1)  # others follow: the browser alone could not sort it
    for code in ("A-1", "A-2"):
        await console.accepted("centre", vacancy(code))
        await console.settled()
    async with visitor(console.settings.console, "astreinte") as operator:

        async def listed(query: str) -> list[str]:
            text = (await operator.get(f"/places?csv=true{query}")).text
            return [line.partition(";")[0] for line in text.splitlines()[1:]]

        oldest = await listed("")
        assert await listed("&ordre=recentes") == oldest[::-1] != oldest
        assert await listed("&ordre=etat") == await listed("&ordre=chez") == oldest
        shown = (await operator.get("/places?ordre=recentes")).text
        assert (oldest[1] in shown, oldest[0] in shown) == (True, False)
        assert "ordre=anciennes" in shown


async def test_a_manager_without_a_structure_makes_no_empty_page_of_structures_and_is_told_what_to_do(
    console: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statements, "LISTED", 1)
    await joined(console, mailbox("a-sans-structure", Famille.HEBERGEMENT, "hebergement_json"))
    await console.accepted("centre", vacancy("A-1"))
    await console.settled()
    sub = await works_at(console.settings.console.issuer, "a-sans-structure")
    async with visitor(console.settings.console, "astreinte") as operator:
        assert FINESS in words(await operator.get("/structures"))
    async with visitor(console.settings.console, sub) as manager:
        assert "ajouter votre FINESS ou votre SIRET" in words(await manager.get("/structures"))
