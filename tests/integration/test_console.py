"""The console lets in whom it knows, shows each what is theirs to see, and writes down what they do."""

import html
import re
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock
from uuid import uuid4

import pytest

from console import live, rights, visit
from console.rendering import render
from console.rights import LIMITED, MAY, PROFIL, Droit, Profil
from contracts.base import Nature
from contracts.mots import etat_of
from contracts.partner import Delais, Famille
from contracts.v1.echeance import Echeance
from deploy.local.ports import reserved_ports
from router.domain.roles import AT_WORK, Role
from tests.integration.clock import console_asks_again, grow_older
from tests.integration.desk import ROOT
from tests.integration.lasting import MARK, Lasting
from tests.integration.lasting import console as lasting_console
from tests.integration.lasting import prepared as lasting_prepared
from tests.integration.messages import NOM, vacancy
from tests.integration.orphaned import an_exit_that_cites_its_place
from tests.integration.owed import an_uncertain_referral, shelter_may_be_asked
from tests.integration.registry import FINESS, entry
from tests.integration.statements import Heard, heard
from tests.integration.test_mailbox import OWNER as WITH_A_MAILBOX
from tests.integration.test_mailbox import referred_to_the_mailbox
from tests.integration.visited import LIVE, OWNER, WHY, Route, Things, routes, things
from tests.integration.visitors import (
    ELSEWHERE,
    WITH_PROFILE,
    Visitor,
    console_settings,
    is_open,
    provider_revokes,
    provider_says,
    visitor,
)
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = MARK
prepared, console = lasting_prepared, lasting_console
A_PROCESS_ALONE = ("INTO heartbeat", "SELECT id, entry FROM partner")
"""What a process asks for whether a page is open or not."""
TO_ANOTHER = ("à livrer à siao-01", "livré à siao-01", "reçu de siao-01")
"""What the way of the shelter's own message says of others."""


NAMING = (f"/quarantaine?partenaire={OWNER}", f"/quarantaine/groupe?cause=x&partenaire={OWNER}")
"""Lists whose title names the partner in their address."""
SEARCHED = {
    "/recherche": "q",
    "/messages": "mots",
    "/bureau/envois": "reference",
    "/bureau/places": "numero",
    "/bureau/demandes": "numero",
}
"""Pages that take typed words, by the field that holds them."""
ABOUT_NOTHING = (
    *SEARCHED,
    "/deconnexion",
    "/bureau/deposer",
    "/bureau/deposer/envoyer",
    "/bureau/deposer/a-corriger",
    "/bureau/recu",
    "/bureau/bac-a-sable",
    "/bureau/places/declarer",
    "/bureau/demandes/nouvelle",
)
"""Forms that name no thing of anybody's, or only the visitor's own."""


async def status_of(visiting: Visitor, route: Route, token: str) -> int:
    """What a route answers about things that nobody has."""
    path = route.path.format(
        ident=uuid4(), verbe="pause", livraison=uuid4(), dialecte="x", nom="x", page="x", secret="x"
    )
    fields: dict[str, Any] = {"motif": WHY, "partenaire": "personne", "dialecte": "x", "entree": uuid4()}
    fields |= {"cle": uuid4()}
    url = visiting.url(path)
    sent = None if route.method == "GET" else {"jeton": token, **{k: str(v) for k, v in fields.items()}}
    async with visiting.http.request(route.method, url, allow_redirects=False, data=sent) as response:
        return response.status


async def test_every_route_is_open_to_who_has_its_right_and_closed_to_all_others(
    console: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visit, "BURST", 1000.0)  # who walks every route asks more at once than hands do
    known = [route for route in routes() if route.path != "/deconnexion"]
    assert len(known) > 25
    assert set(WITH_PROFILE) == set(Profil)
    for profil, sub in WITH_PROFILE.items():
        async with visitor(console.settings.console, sub) as visiting:
            token = await visiting.token()
            for route in known:
                status = await status_of(visiting, route, token)
                assert (status == 403) == (route.droit not in MAY[profil]), (profil, route, status)
                assert status < 500, (profil, route)
    async with visitor(console.settings.console) as stranger:
        for route in known:
            status = await status_of(stranger, route, "0")
            assert status == (303 if route.method == "GET" else 401), route


async def test_nobody_learns_of_another_territory_or_partner_and_links_lead_each_to_their_own(
    console: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visit, "BURST", 1000.0)  # who walks every route asks more at once than hands do
    there = await things(console)
    await links_lead_each_to_their_own_alone(console, there)
    lists = [route.path for route in routes() if route.method == "GET" and "{" not in route.path]
    lists = [path for path in lists if path not in (*LIVE, "/quarantaine/groupe")]
    words = [*map(str, there), "A-101", "N-0"]
    assert set(ELSEWHERE) == LIMITED
    for sub in ELSEWHERE.values():
        async with visitor(console.settings.console, sub) as outsider:
            for path in (*there.paths(), *NAMING):
                assert (await outsider.get(path)).status == 404, (sub, path)
            for path in (*lists, "/messages?partenaire=centre", "/orientations?chez=centre"):
                shown = await outsider.get(path)
                assert not {trace for trace in there.traces() if trace in shown.text}, (sub, path)
            token = await outsider.token()
            for word in words:
                for path, field in SEARCHED.items():
                    shown = await outsider.post(path, token=token, **{field: word})
                    traces = there.traces() - {word[:8]}  # a search repeats what was asked
                    assert not {trace for trace in traces if trace in shown.text}, (sub, path, word)
    async with visitor(console.settings.console, "partenaire") as partner:
        for path in there.paths():
            shown = await partner.get(path)
            assert shown.status == 200, path
            assert not {said for said in TO_ANOTHER if said in shown.text}, path
    async with visitor(console.settings.console, "astreinte") as operator:
        for path in (*there.paths(), *NAMING, *(path for path in lists if not path.startswith("/bureau"))):
            assert (await operator.get(path)).status == 200, path
        token = await operator.token()
        for word in words:
            assert (await operator.post("/recherche", token=token, q=word)).status == 200, word
    # Were a limited profile given every right, it would still reach nothing that is not its own.
    monkeypatch.setattr(rights, "MAY", dict.fromkeys(Profil, frozenset(Droit)))
    before = await console.audited()
    for sub in ELSEWHERE.values():
        async with visitor(console.settings.console, sub) as outsider:
            token = await outsider.token()
            for route in routes():
                if route.method == "POST" and route.path not in ABOUT_NOTHING:
                    for form in there.forms():
                        shown = await outsider.post(there.asked_of(route), token=token, **form)
                        misses_a_field = shown.status == 422 and "partenaire" not in form
                        assert shown.status == 404 or misses_a_field, (sub, route, shown.text)
    acts = (await console.audited())[len(before) :]
    assert {act.action for act in acts} == {"console.entrer"}


async def links_lead_each_to_their_own_alone(console: World, there: Things) -> None:
    told_anew = [route for route in routes() if route.path in LIVE]
    for profil, sub in ELSEWHERE.items():
        async with visitor(console.settings.console, sub) as outsider:
            pages = {**await outsider.walks()}
            for route in told_anew:
                if route.droit in MAY[profil]:
                    async with outsider.http.get(outsider.url(route.path)) as stream:
                        pages[route.path] = (await stream.content.readuntil(b"\n\n")).decode()
            for path, shown in pages.items():
                assert not {trace for trace in there.traces() if trace in shown}, (sub, path)
    for sub, own in (("referente", there.paths()), ("partenaire", there.at_the_desk())):
        async with visitor(console.settings.console, sub) as visiting:
            menus = "".join((await visiting.walks(menus=True)).values())
            assert not {path for path in own if f'href="{path}"' not in menus}, sub


async def test_who_is_not_known_or_does_not_come_by_the_way_in_stays_outside(console: World) -> None:
    section = console.settings.console
    for sub in ("personne", "sans-limite"):
        async with visitor(section) as visiting:
            refused_login = await visiting.enters(sub)
            assert refused_login.status == 403
            assert "pas de profil" in refused_login.text
            assert (await visiting.get("/", follow=False)).status == 303
    async with visitor(section) as visiting:
        assert (await visiting.get("/connexion/retour?code=vole&state=invente")).status == 403
    async with visitor(section, "astreinte") as visiting:
        first = visiting.secret()
        shown = await visiting.enters("astreinte", "/connexion?vers=//ailleurs.exemple")
        assert shown.path == "/"
        assert visiting.secret() != first
        assert console_keeps_no_secret(await console.sessions(), visiting.secret())
        assert (await visiting.post("/rejeux", token="0" * 64, motif=WHY, entree=str(uuid4()))).status == 403
        token = await visiting.token()
        secret = visiting.secret()
        assert (await visiting.post("/deconnexion", token=token)).path == "/adieu"
        visiting.shows(secret)
        assert (await visiting.get("/", follow=False)).status == 303
    assert not await console.audited("rejeu.demander")
    await a_profile_that_is_taken_away_ends(console, str(section.issuer))


async def a_profile_that_is_taken_away_ends(console: World, issuer: str) -> None:
    await provider_says(issuer, "partante", {PROFIL: "operateur"})
    async with visitor(console.settings.console, "partante") as partante:
        assert (await partante.get("/rejeux")).status == 200
        await provider_says(issuer, "partante", {PROFIL: "supervision"})
        await console_asks_again(console)
        assert (await partante.get("/rejeux")).status == 403
        assert (await partante.get("/messages")).status == 200
        await provider_says(issuer, "partante", {})
        await console_asks_again(console)
        assert (await partante.get("/", follow=False)).status == 303
        told = await partante.get("/direct", Accept="text/event-stream")
        assert told.text.startswith("event: fin")
    await provider_says(issuer, "partante", {PROFIL: "operateur"})
    async with visitor(console.settings.console, "partante") as partante:
        await provider_revokes(issuer, "partante")
        await console_asks_again(console)
        assert (await partante.get("/", follow=False)).status == 303
    assert len(await console.audited("console.profil")) == 1
    assert len(await console.audited("console.fermer")) == 2


async def test_words_that_somebody_types_stand_in_no_address_no_title_and_no_table(console: World) -> None:
    section, asked = console.settings.console, f"/messages?mots={NOM}"
    async with visitor(section) as visiting:
        to_the_login = await visiting.get(asked, follow=False)
        assert to_the_login.headers["Location"] == "/connexion?vers=/messages"
        async with visiting.http.get(visiting.url(f"/connexion?vers={asked}")) as form:
            assert form.status == 200
            assert NOM.encode() not in await console.everything()
    async with visitor(section) as visiting:
        assert (await visiting.enters("astreinte", f"/connexion?vers={asked}")).path == "/messages"
        ours = await console.known_place()
        found = await visiting.post("/recherche", q=NOM)
        assert (found.status, found.path) == (200, "/recherche")
        assert f"<h1>Ce qui répond à « {NOM} »</h1>" in found.text
        (title,) = re.findall("<title>(.*)</title>", found.text)
        assert NOM not in title
        assert (await visiting.post("/recherche", token="0" * 64, q=NOM)).status == 403
        # A link to a search goes on leading somewhere: by an id to what it names, by words to where people look on.
        assert "place.vacante accepté, de centre" in (await visiting.get(f"/recherche?q={ours}")).text
        assert (await visiting.get(f"/recherche?q={NOM}", follow=False)).headers["Location"] == "/messages"
        assert (await visiting.get("/quarantaine/groupe")).path == "/quarantaine"
        # What a list shows of an id is enough: one thing is shown, several are listed.
        listed = (await visiting.get("/messages")).text
        (short,) = re.findall(r'>message <span class="entier">(\w{8}…\w{6})<', listed)
        one = (await visiting.post("/recherche", q=short)).text
        assert ("place.vacante accepté, de centre" in one, "en désigne plusieurs" in one) == (True, False)
        several = (await visiting.post("/recherche", q=short[:8])).text
        assert "en désigne plusieurs" in several
        assert f'>message <span class="entier">{short}<' in several
        handbook = (await visiting.post("/recherche", q="redémarrer un rôle")).text
        assert 'href="/alertes/role.md"' in handbook
        nothing = (await visiting.post("/recherche", q="ffffff")).text
        assert "orientations dont l&#39;identifiant finit par « ffffff », en cours" in nothing


def console_keeps_no_secret(kept: list[bytes], secret: str) -> bool:
    return bool(kept) and all(secret.encode() not in each for each in kept)


async def test_an_operator_reads_corrects_replays_and_each_act_is_in_the_audit_under_their_name(
    lasting: Lasting, issuer: str
) -> None:
    console = await lasting.running(*AT_WORK, Role.CONSOLE, issuer=issuer)
    there = await things(console)
    async with visitor(console.settings.console, "astreinte") as astreinte:
        masked = await astreinte.get(f"/quarantaine/{there.entry}")
        assert "N-0" not in masked.text
        assert (await astreinte.post(f"/quarantaine/{there.entry}/clair", motif="non")).status == 422
        clear = await astreinte.post(f"/quarantaine/{there.entry}/clair", motif=WHY)
        assert "N-0" in clear.text
        (read,) = await console.audited("octets.lire")
        assert (read.actor, read.object) == ("console:astreinte", str(there.entry))
        assert WHY in read.detail
        still_wrong = await astreinte.post(f"/quarantaine/{there.entry}/corriger", motif=WHY, corps="{}")
        assert still_wrong.status == 409
        assert "refusée aussi" in still_wrong.text
        asked = await astreinte.post("/rejeux", motif=WHY, entree=str(there.entry))
        assert asked.path == "/rejeux"

        async def arrived() -> bool:
            return any(row.etat == "resolue" for row in await console.quarantined())

        await until(arrived, "le message rejoué est arrivé")
        assert "1 aboutie," in (await astreinte.get("/rejeux")).text

        async def proved() -> bool:
            return "Audit entier" in (await astreinte.post("/audit/preuve")).text

        await until(proved, "la première tête est signée, et l'audit prouvé entier")
    assert [act.actor for act in await console.audited("rejeu.demander")] == ["test", "console:astreinte"]
    assert {act.actor for act in await console.audited("console.entrer")} == {"console:astreinte"}


async def test_a_refused_delivery_is_seen_explained_sent_again_and_arrives(console: World) -> None:
    await console.refused_by_the_siao(vacancy())
    (delivery,) = await console.deliveries("siao-01")
    async with AsyncExitStack() as visits:
        astreinte = await visits.enter_async_context(visitor(console.settings.console, "astreinte"))
        supervision = await visits.enter_async_context(visitor(console.settings.console, "supervision"))
        assert str(delivery.id)[:8] in (await astreinte.get("/livraisons")).text
        told = await astreinte.get(f"/livraisons/{delivery.id}")
        assert "422" in told.text
        watched = await supervision.get(f"/livraisons/{delivery.id}")
        assert "renvoyer" not in watched.text
        console.siao.status = 200
        await astreinte.post(f"/livraisons/{delivery.id}/renvoyer", motif=WHY)
        await until(lambda: console.siao.messages, "la livraison arrive")
        await console.settled()
        assert "livrée" in (await astreinte.get(f"/livraisons/{delivery.id}")).text
        again = await astreinte.post(f"/livraisons/{delivery.id}/renvoyer", motif=WHY)
        assert again.status == 409


async def test_an_orphan_answer_is_attached_to_what_it_was_about(console: World) -> None:
    ours, _ = await an_exit_that_cites_its_place(console, *AT_WORK, Role.CONSOLE)
    await console.referred(4712, "CH-102")
    await until(lambda: is_open(console.settings.console), "la console est ouverte")
    async with visitor(console.settings.console, "astreinte") as astreinte:
        shown = await astreinte.get("/orphelines")
        (likely,) = re.findall(r'<ul[^>]*"proches.*?</ul>', html.unescape(shown.text), re.DOTALL)
        assert likely.count("<li") == 2, "la plus probable d'abord, puis l'autre"
        assert "l'identifiant cité est celui de sa place" in likely.partition("</li>")[0]
        (action,) = {*re.findall(r"/orphelines/[0-9a-f-]+/rattacher", shown.text)}
        about = await astreinte.post(action, motif=WHY, envoi=ours)
        assert about.path == f"/sujets/{ours}"
        await until(lambda: console.siao.of_type("sortie.declaree"), "le SIAO apprend la sortie")
        await console.settled()
        title = re.findall("<h1>(.*?)</h1>", (await astreinte.get(about.path)).text, re.DOTALL)
        assert etat_of(Nature.ORIENTATION, "SORTIE") in html.unescape(title[0]).lower()
        assert (await astreinte.post(action, motif=WHY, envoi=ours)).status == 409
        assert "Aucune réponse" in html.unescape((await astreinte.get("/orphelines")).text)
    (act,) = await console.audited("orpheline.rattacher")
    assert act.actor == "console:astreinte"


async def test_what_nobody_knows_the_end_of_is_asked_for_or_decided_and_its_receipt_starts_the_deadlines(
    console: World,
) -> None:
    shelter = console.shelter
    await shelter_may_be_asked(console)
    delivery = await an_uncertain_referral(console, 4711, "A-101")
    shelter.knows = False
    async with visitor(console.settings.console, "astreinte") as astreinte:
        page = f"/livraisons/{delivery}"
        assert "Demander à son système" in (await astreinte.get(page)).text
        await astreinte.post(f"{page}/demander", motif=WHY)

        async def has_said_no() -> bool:
            return "ne l&#39;a pas" in (await astreinte.get(page)).text

        await until(has_said_no, "le centre dit qu'il ne l'a pas")
        assert (len(shelter.asked), len(shelter.attempts)) == (1, 1)
        shelter.knows = True
        await astreinte.post(f"{page}/demander", motif=WHY)
        await until(lambda: console.deadlines(Echeance.ACCUSE), "la réponse vaut reçu")
        other = await an_uncertain_referral(console, 4712, "A-102")
        assert (await astreinte.post(f"/livraisons/{other}/arrivee", motif=WHY)).status == 200

        async def both_run() -> bool:
            return len(await console.deadlines(Echeance.ACCUSE)) == 2

        await until(both_run, "ce que dit une personne vaut reçu aussi")
        assert (await astreinte.post(f"/livraisons/{other}/arrivee", motif=WHY)).status == 409
    assert await console.etats("centre") == ["livree", "livree"]
    assert len(shelter.attempts) == 2
    acts = [*await console.audited("livraison.demander"), *await console.audited("livraison.arrivee")]
    assert [act.object for act in acts] == [str(delivery), str(delivery), str(other)]
    assert {act.actor for act in acts} == {"console:astreinte"}


async def test_what_lies_in_a_mailbox_is_owed_by_whom_it_is_for_and_no_time_to_answer_runs_yet(
    console: World,
) -> None:
    await referred_to_the_mailbox(console)
    await console.settled()
    (ours,) = await console.subjects("orientation")
    async with visitor(console.settings.console, "supervision") as supervision:
        for page in ("/orientations", f"/sujets/{ours.id}"):
            shown = (await supervision.get(page)).text
            assert "relève de la boîte" in shown
            assert "remise par le hub" not in shown
            assert "ucun délai de réponse ne court encore" in shown
        (owed,) = re.findall(r'data-l="De qui">([^<]*)', shown)
        assert WITH_A_MAILBOX in owed


async def test_an_open_page_is_told_anew_and_shows_nobody_s_name(console: World) -> None:
    await console.referred()
    figures = {"structure": FINESS, "dispositif": "INSERTION", "capacite": 3, "occupees": 3, "vacantes": 0}
    counted = {"type": "occupation.releve", "groupe": "G1", "releveLe": "2026-03-01", "indisponibles": 0}
    assert (await console.send("centre", {**counted, **figures}))[0] == 202
    await console.settled()
    async with visitor(console.settings.console, "supervision") as supervision:
        async with supervision.http.get(supervision.url("/direct")) as stream:
            told = await stream.content.readuntil(b"\n\n")
        assert told.startswith(b"event: etat\ndata: ")
        assert "Le hub accepte et livre" in told.decode()
        async with supervision.http.get(supervision.url("/flux/direct")) as stream:
            assert b"1 \xc3\x97 dispatcher" in await stream.content.readuntil(b"\n\n")
        assert "accusé de lecture dans 23 h" in (await supervision.get("/orientations")).text

        async def flows() -> bool:
            return "orientation.proposee" in (await supervision.get("/flux")).text

        await until(flows, "la page des flux, qui montre un regard gardé, en montre un nouveau")
        traffic = (await supervision.get("/partenaires/centre")).text
        assert "rien à juger encore" in traffic
        assert "De l'acceptation à la remise chez lui" in traffic
        assert "3 sur 3 ; 0 d'après le hub, qui n'en connaît que 1" in traffic
        assert "01 Ain" in (await supervision.get("/territoires")).text
        for path in (
            "/",
            "/orientations",
            "/messages",
            "/places",
            "/flux",
            "/territoires",
        ):
            shown = await supervision.get(path)
            assert NOM not in shown.text
            assert shown.headers["Cache-Control"] == "no-store"
            assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
        found = await supervision.post("/recherche", q="A-101")
        assert "place.vacante accepté, de centre" in found.text
        assert NOM not in found.text


async def test_a_vacancy_that_is_not_told_anew_as_agreed_is_shown_as_out_of_date_and_a_place_that_is_held_is_not(
    console: World,
) -> None:
    await console.referred(code="A-101")
    await console.known_place("A-102")
    await console.settled()
    await grow_older(console, "subject", timedelta(days=20))

    async with visitor(console.settings.console, "supervision") as supervision:

        async def told_of(etat: str) -> int:
            return (await supervision.get(f"/places?etat={etat}")).text.count("périmée")

        assert (await told_of("DISPONIBLE"), await told_of("RESERVEE")) == (1, 0)
        await console.apply(console.registry(centre={"delais": Delais(vacance="90 jours")}))

        async def is_in_time() -> bool:
            return await told_of("DISPONIBLE") == 0

        await until(is_in_time, "la console suit l'accord")


async def test_twenty_open_pages_ask_postgresql_for_one_look_as_one_does(
    prepared: World, issuer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "REFRESH_SECONDS", 600.0)  # the first look stays the newest one
    with reserved_ports(1) as (port,), heard() as said:
        section = console_settings(port, issuer, tmp_path)
        prepared.settings = prepared.settings.model_copy(update={"console": section})
        await prepared.start(Role.CONSOLE)
        await until(lambda: is_open(section), "la console est ouverte")
        async with visitor(section, "supervision") as supervision, AsyncExitStack() as pages:
            asked = []
            for number in (1, 20):
                before = len(said.transactions)
                for _ in range(number):
                    stream = await pages.enter_async_context(supervision.http.get(supervision.url("/direct")))
                    assert (await stream.content.readuntil(b"\n\n")).startswith(b"event: etat")
                asked.append(Heard(said.transactions[before:]).but(*A_PROCESS_ALONE))
            rendered = Mock(wraps=render)
            monkeypatch.setattr("console.pages.territories.render", rendered)
            for _ in range(3):
                stream = await pages.enter_async_context(
                    supervision.http.get(supervision.url("/territoires/direct"))
                )
                assert b"event: etat" in await stream.content.readuntil(b"\n\n")
    assert [len(statements) for statements in asked] == [1, 20]
    assert all("FROM console_session" in each for statements in asked for each in statements)
    assert rendered.call_count == 1, "les tuiles se dessinent une fois pour tous"


async def test_a_file_is_tried_in_the_page_row_by_row_or_against_a_draft_and_nothing_of_it_is_kept(
    console: World,
) -> None:
    await console.apply(console.registry(centre={"dialectes": ("hebergement_json", "hebergement_csv")}))
    table = (ROOT / "tests/golden/hebergement_csv/gestion_places.csv").read_text(encoding="cp1252")
    page = "/partenaires/centre"
    async with visitor(console.settings.console, "partenaire") as partenaire:
        shown = await partenaire.post(f"{page}/fichier", dialecte="hebergement_json", corps='{"type": "x"}')
        assert shown.status == 200
        assert "0 ligne serait acceptée" in shown.text
        assert "ligne " in shown.text
        sent = {"dialecte": "hebergement_csv", "corps": table.replace(FINESS, "750000000", 1)}
        drafted = (await partenaire.post(f"{page}/ebauche", **sent)).text
        (toml,) = re.findall(r'name="profil"[^>]*>(.*?)</textarea>', drafted, re.DOTALL)
        assert 'dialecte = "hebergement_csv"' in html.unescape(toml)
        (kept,) = re.findall(r'name="garde" value="([^"]+)"', drafted)
        again = {"dialecte": "hebergement_csv", "garde": kept, "garde_nom": "places.csv"}
        tried = (await partenaire.post(f"{page}/fichier", profil=html.unescape(toml), **again)).text
        assert "7 lignes seraient acceptées, 1 rejet" in tried
        assert re.search(r"ligne 2</span></td><td[^>]*>N° FINESS<", tried)
        assert "Les premières lignes" in tried
        assert "TOML illisible" in (await partenaire.post(f"{page}/fichier", profil="[", **again)).text
        for path in ("fichier", "ebauche"):
            assert (await partenaire.post(f"/partenaires/centre-boite/{path}", **sent)).status == 404
    assert await console.count("inbox") == 0


async def test_a_table_in_an_old_encoding_is_corrected_in_the_page_and_its_accents_stay_right(
    console: World,
) -> None:
    joined = entry("centre-csv", Famille.HEBERGEMENT, "hebergement_csv", structures=(FINESS,))
    await console.apply(console.registry_with(joined))
    table = "reference_place;etat;structure;commune;dispositif\nÉté-1;vacante;{};01053;URGENCE\n"
    sent = table.format("750000000").encode("cp1252")
    reply = await console.send("centre-csv", sent, Content_Type="text/csv")
    assert reply[0] == 422, reply
    (refused,) = await console.quarantined()
    async with visitor(console.settings.console, "astreinte") as astreinte:
        page = (await astreinte.post(f"/quarantaine/{refused.id}/clair", motif=WHY)).text
        (offered,) = re.findall(r'name="corps"[^>]*>(.*?)</textarea>', page, re.DOTALL)
        assert html.unescape(offered) == table.format("750000000")
        mended = html.unescape(offered).replace("750000000", FINESS)
        done = await astreinte.post(f"/quarantaine/{refused.id}/corriger", motif=WHY, corps=mended)
        assert done.status == 200, done.text
    assert len(await console.events("centre-csv")) == 1
