"""In the console a partner's own people read neither who manages a place nor where a household is: not of what they
were told, nor of what they have found words about, nor of what they have spoken of without a part in it."""

import html
import re
from uuid import UUID

from console.rights import PERIMETRE, PROFIL, Profil
from contracts.partner import Famille
from router.domain.partners import Registry
from router.domain.roles import Role
from tests.integration import lasting
from tests.integration.messages import referral, vacancy
from tests.integration.registry import AUTRE_FINESS, FINESS
from tests.integration.test_families import demand, joined, mailbox
from tests.integration.visitors import Shown, Visitor, is_open, provider_says, visitor, works_at
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
console = lasting.console

SHELTER = "centre"
ELSEWHERE = "99"
"""A territory."""


def names(shown: Shown, word: str) -> bool:
    """Whether a page says this word, by itself."""
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", html.unescape(shown.text)) is not None


async def nothing_leads_there(visiting: Visitor, pages: list[str], *idents: str) -> None:
    """These pages are open, and name neither the shelter nor any of these subjects, whose own pages are not."""
    shown = {page: await visiting.get(page) for page in pages}
    shown |= {ident: await visiting.post("/recherche", q=ident) for ident in idents}
    assert {each.status for each in shown.values()} == {200}
    assert [page for page, each in shown.items() if names(each, SHELTER)] == []
    for ident in idents:
        elsewhere = {
            page: each for page, each in shown.items() if page != ident
        }  # a search repeats its words
        assert [page for page, each in elsewhere.items() if ident[:8] in each.text] == []
        assert f"/sujets/{ident}" not in shown[ident].text
        assert (await visiting.get(f"/sujets/{ident}")).status == 404


async def the_one_delivery(console: World, partner: str, kind: str) -> str:
    """The page of what a partner was told of this kind."""
    events = {event.id: event for event in await console.events(kind=kind)}
    (ident,) = {each.id for each in await console.deliveries(partner) if each.event_id in events}
    return f"/livraisons/{ident}"


LISTS = ["/messages", "/livraisons?tout=true", "/orientations", "/places", "/quarantaine", "/orphelines"]


async def test_the_115_follows_its_delivery_of_a_protected_place_and_reads_neither_who_manages_it_nor_who_comes(
    console: World,
) -> None:
    secret = console.registry(centre={"structures_protegees": (FINESS,)}).partners.values()
    le_115 = mailbox("le-115", Famille.VEILLE_SOCIALE, "veille_sociale_json")
    await console.apply(Registry.of([*secret, le_115]))
    before = len(console.siao.messages)
    await console.accepted(SHELTER, vacancy("A-101", dispositif="URGENCE"))
    await until(lambda: len(console.siao.messages) > before, "la vacance arrive au SIAO")
    place = str(console.siao.messages[-1]["place"]["identifiantExterne"])
    await console.accepted("siao-01", referral(place))
    await until(lambda: console.shelter.messages, "l'orientation arrive au centre")
    ours = str(console.shelter.messages[-1]["orientation"])
    await console.settled()
    page = await the_one_delivery(console, "le-115", "place.vacante")
    async with visitor(
        console.settings.console, await works_at(console.settings.console.issuer, "le-115")
    ) as hers:
        await nothing_leads_there(hers, [page, *LISTS], place, ours)
        found = await hers.post("/recherche", q=place)
        assert "déposé dans la boîte de le-115" in found.text, "ce qui lui a été dit, elle le retrouve"
    async with visitor(console.settings.console, "partenaire") as its_own:
        assert (await its_own.get(f"/sujets/{place}")).status == 200
        assert f'href="/sujets/{ours}"' in (await its_own.get(f"/sujets/{place}")).text
    async with visitor(console.settings.console, "supervision") as supervision:
        assert names(await supervision.get(page), SHELTER)
        assert names(await supervision.get(f"/sujets/{place}"), SHELTER)


async def test_who_is_asked_to_accompany_a_household_that_it_knows_does_not_read_where_it_is(
    console: World,
) -> None:
    await console.apply(console.registry(centre_boite={"territoire": ELSEWHERE}))
    ours = await console.referred()
    asked = {"idMessage": "acc-1", "type": "accompagnement.demande"}
    cited = {"orientation": {"id": 4711}, "suite": {"operateur": AUTRE_FINESS}}
    assert (await console.send("siao-01", {**asked, **cited}))[0] == 202
    await console.settled()
    answer = {"type": "accompagnement.repondu", "orientation": ours, "accepte": True}
    status, said = await console.send("centre-boite", answer)
    assert status == 202
    await console.settled()
    page = await the_one_delivery(console, "centre-boite", "accompagnement.demande")
    issuer = str(console.settings.console.issuer)
    for profil, limits in ((Profil.PARTENAIRE, "centre-boite"), (Profil.REFERENT, ELSEWHERE)):
        await provider_says(issuer, "qui-accompagne", {PROFIL: profil, PERIMETRE: limits})
        async with visitor(console.settings.console, "qui-accompagne") as theirs:
            await nothing_leads_there(theirs, [page, f"/messages/{said['id']}", *LISTS], ours)
    # The référent of the shelter's territory reads it all, but who accompanies: that is of another one.
    async with visitor(console.settings.console, "referente") as referente:
        shown = await referente.get(f"/sujets/{ours}")
        assert names(shown, SHELTER)
        assert not names(shown, "centre-boite")


async def test_who_speaks_of_a_referral_without_a_part_in_it_opens_nothing_by_that(console: World) -> None:
    ccas = mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_json")
    await joined(console, ccas.model_copy(update={"dialectes": (*ccas.dialectes, "cloudevents_json")}))
    place = await console.known_place()
    assert (await console.send("ccas", demand()))[0] == 202
    (brought,) = await until(lambda: console.siao.of_type("demande.recue"), "la demande arrive au SIAO")
    asked = referral(place)
    asked["orientation"]["demande"] = brought["demande"]["identifiantExterne"]
    assert (await console.send("siao-01", asked))[0] == 202
    await until(lambda: console.shelter.messages, "l'orientation arrive au centre")
    ours = str(console.shelter.messages[-1]["orientation"])
    await console.settled()
    demanded = str((await console.subjects("demande"))[0].id)

    await console.stop()
    await console.start(Role.GATEWAY)
    # Something about it waits: nobody can judge what else is said of it, which is accepted for that.
    assert (await console.send(SHELTER, {"type": "orientation.accusee", "orientation": ours}))[0] == 202
    said = {"specversion": "1.0", "id": "e-1", "source": "urn:ccas", "data": {"orientation": ours}}
    kind = "fr.siao.orientation.orientation.accusee.v1"
    status, answer = await console.send("ccas", {**said, "type": kind}, SIAO_Dialecte="cloudevents_json")
    assert status == 202, answer
    (event,) = await console.events("ccas", "orientation.accusee")
    assert event.subject == UUID(ours)
    await console.stop()
    await console.start(*console.roles, Role.CONSOLE)
    await until(lambda: is_open(console.settings.console), "la console est ouverte")
    await console.settled()

    async with visitor(
        console.settings.console, await works_at(console.settings.console.issuer, "ccas")
    ) as hers:
        pages = [f"/sujets/{demanded}", f"/messages/{event.correlation}", *LISTS]
        await nothing_leads_there(hers, pages, ours, place)
        told = await hers.get(f"/messages/{event.correlation}")
        assert "orientation.accusee anomalie : sujet inconnu" in told.text, "pas même qu'elle existe"
        assert "inattendu" not in told.text
    async with visitor(console.settings.console, "supervision") as supervision:
        shown = await supervision.get(f"/sujets/{demanded}")
        assert f'href="/sujets/{ours}"' in shown.text
        assert names(shown, "siao-01")
