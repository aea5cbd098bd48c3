"""A protected household is found by nobody who looks for it, in no other SIAO, and by one criterion in none: but by the
referent who is named for it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from console.rights import PERIMETRE, PROFIL
from contracts.partner import Famille
from ops.duplicates import sql as duplicates
from ops.duplicates.comparing import undecided
from ops.duplicates.deciding import Decision, decide
from ops.duplicates.watch import Duplicates
from ops.protection import protected as protecting
from ops.protection.sql import describing
from tests.integration import lasting
from tests.integration.desk import siao_hub
from tests.integration.memory import Subject
from tests.integration.messages import referral
from tests.integration.retained import later
from tests.integration.test_desk import words
from tests.integration.test_families import PREFET, aid_asked, demand, directed, joined, mailbox
from tests.integration.visited import LIVE, routes
from tests.integration.visitors import Shown, Visitor, provider_says, visitor, works_at
from tests.integration.world import World

pytestmark = lasting.MARK
console = lasting.console
HERE, THERE = "siao-01", "siao-69"
NOM, PRENOM, TELEPHONE, NUMERO = "Canaritiague", "Sidonie", "0639981234", "1110318016982G1104"
JOUR = "1988-03-07"
CRITERIA: Sequence[Mapping[str, str]] = (
    {"nom": NOM},
    {"nom": PRENOM},
    {"ne_le": JOUR},
    {"composition": "20"},
    {"apporte_par": "ccas"},
    {},
)
"""Each alone, also none."""
BOTH = {"nom": f"{PRENOM} {NOM}", "ne_le": JOUR}


class Hers(NamedTuple):
    """What there is of the protected household."""

    menage: UUID
    demande: UUID
    others: tuple[UUID, ...]
    """A message, an event and a delivery of it."""

    def found_in(self, shown: Shown, typed: str = "") -> set[str]:
        """What a page tells of it, but for the words that somebody has typed."""
        told = {NOM, PRENOM, TELEPHONE, NUMERO, "07/03/1988", str(self.menage)[:8], str(self.demande)[:8]}
        return {each for each in told if each in shown.text and each not in typed}


def her_demand(number: int, **more: Any) -> dict[str, Any]:
    said = demand(demande=f"D-{number}", idEvenement=f"e-{number}", dispositif="INSERTION")
    person = {"nom": NOM, "prenom": PRENOM, "sexe": "F", "dateNaissance": JOUR}
    menage = {**said["menage"], "id": f"M-{number}", "composition": "20", "personnes": [person], **more}
    return {**said, "menage": menage}


@pytest_asyncio.fixture(loop_scope="module")
async def hers(console: World) -> Hers:
    """A woman whose motive alone tells of violence, and whose next message says nothing of it; and her elder file at
    another SIAO, which knows of no violence."""
    await joined(
        console,
        mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_json"),
        mailbox("ccas-69", Famille.PRESCRIPTEUR, "prescripteur_json", territoire="69"),
        mailbox(THERE, Famille.SIAO, "si_siao_json", territoire="69"),
        mailbox("etat", Famille.ETAT, "etat_json", structures=(PREFET,)),
    )
    elder = her_demand(9)
    elder["menage"]["personnes"][0] |= {
        "nom": "Canarithiague",
        "prenom": "Sydonie",
        "dateNaissance": "1988-07-03",
    }
    await console.accepted("ccas-69", elder)
    more = {"telephone": TELEPHONE, "numeroUnique": NUMERO}
    await console.accepted("ccas", her_demand(1, motif="220", **more))
    later = {**her_demand(1, motif="218", **more), "type": "demande.actualisee", "idEvenement": "e-2"}
    await console.accepted("ccas", later)
    await console.settled()
    await compared(console)
    demande = await brought_by(console, "ccas")
    told, *_ = await console.deliveries(HERE)
    sent, *_ = await console.messages("ccas")
    said, *_ = await console.events("ccas")
    assert demande.menage is not None
    return Hers(demande.menage, demande.id, (told.id, sent.id, said.id))


async def brought_by(world: World, partner: str) -> Subject:
    """The demand that a partner has brought."""
    (found,) = [each for each in await world.subjects("demande") if f'"{partner}"' in each.donnees]
    return found


async def compared(world: World) -> None:
    """The watch reads what is new."""
    hub = world.hub
    assert hub is not None
    lease: Any = None  # it is not run, but looks once
    await Duplicates(world.database, hub.keyring, lease, lambda: hub.registry).look()


async def at(console: World, siao: str) -> str:
    """A worker of a SIAO, as a partner's person."""
    return await works_at(console.settings.console.issuer, siao)


async def pages(visiting: Visitor, hers: Hers) -> Mapping[str, set[str]]:
    """What each page, and each list as a file, tells of her to somebody who asks for it by every id of hers."""
    told: dict[str, set[str]] = {}
    for route in routes():
        if route.method != "GET" or route.path in LIVE:
            continue
        idents = (hers.menage, hers.demande, *hers.others) if "{" in route.path else (hers.demande,)
        for ident in idents:
            path = route.path.format(ident=ident, livraison=ident, dialecte="si_siao_json", nom="x", page="x")
            lists = () if "{" in route.path else (f"{path}?csv=true",)
            for asked in (path + (f"?q={ident}" if path == "/recherche" else ""), *lists):
                shown = await visiting.get(asked)
                assert shown.status < 500, asked
                told[asked] = hers.found_in(shown, typed=asked)
    return {asked: found for asked, found in told.items() if found}


async def searches(visiting: Visitor, hers: Hers) -> Mapping[str, set[str]]:
    """What each search by one criterion tells of her."""
    told: dict[str, set[str]] = {}
    for criteria in CRITERIA:
        shown = await visiting.post("/bureau/menages", **criteria)
        assert shown.status == 200
        told[f"menages {criteria}"] = hers.found_in(shown, typed=str(criteria))
    for word in (NOM, PRENOM, JOUR, TELEPHONE, NUMERO, "M-1", "D-1"):
        told[f"recherche {word}"] = hers.found_in(await visiting.post("/recherche", q=word), typed=word)
    return {asked: found for asked, found in told.items() if found}


async def test_another_siao_meets_her_on_no_page_and_by_no_search_and_who_works_for_the_hub_reads_no_value_of_hers(
    console: World, hers: Hers
) -> None:
    section = console.settings.console
    for profil, perimetre in (("partenaire", THERE), ("referent", ["69"])):
        await provider_says(str(section.issuer), "la-bas", {PROFIL: profil, PERIMETRE: perimetre})
        async with visitor(section, "la-bas") as theirs:
            assert await pages(theirs, hers) == {}, profil
            assert await searches(theirs, hers) == {}, profil
            assert not hers.found_in(await theirs.post("/bureau/menages", **BOTH), typed=str(BOTH))
    values = {NOM, PRENOM, TELEPHONE, NUMERO, "07/03/1988"}
    async with visitor(section, "astreinte") as somebody:
        told = {page: found & values for page, found in (await pages(somebody, hers)).items()}
    assert [page for page, found in told.items() if found] == []
    for command in (
        ("doublons", "list"),
        ("doublons", "list", "--siao", HERE, "--json"),
        ("find",),
        ("trace", str(hers.demande)),
        ("protection", "list"),
        ("personne", "demandes"),
    ):
        printed = await siao_hub(console.settings, *command)
        assert not {each for each in values if each in printed.text + printed.errors}, command


async def test_her_own_siao_opens_her_demand_and_finds_her_by_no_search(console: World, hers: Hers) -> None:
    sub = await at(console, HERE)
    async with visitor(console.settings.console, sub) as ours:
        assert PRENOM in words(await ours.get(f"/bureau/recu/{hers.demande}"))
        found = {each: told for each, told in (await searches(ours, hers)).items() if "D-1" not in each}
        assert found == {}
        both = await ours.post("/bureau/menages", **BOTH)
        assert "Aucun ménage ne répond à cela" in words(both)
        assert (await ours.get(f"/bureau/doublons/{hers.menage}")).status == 404
    await who_names_a_person_that_the_audit_does_not_know_is_told(console, sub)


async def described_again(console: World) -> None:
    """Describe her demand again, without a motive that protects her, under another number of her household."""
    again = {**her_demand(1, motif="218"), "type": "demande.actualisee", "idEvenement": "e-8"}
    again["menage"]["id"] = "M-77"
    await console.accepted("ccas", again)
    await console.settled()


async def described_by_her_centre(console: World, **menage: Any) -> None:
    """Let the centre that her SIAO refers her to describe her to the State, under its own number of her household."""
    brought = console.siao.of_type("demande.recue")[-1]
    hers = {"personnes": her_demand(1)["menage"]["personnes"], **menage}
    stay = await directed(console, brought, await console.known_place(), victimeViolences="NR")
    await aid_asked(console, stay, **hers)
    await console.settled()


@pytest.mark.parametrize("described", [described_again, described_by_her_centre])
async def test_described_under_another_household_number_she_is_named_in_no_list_and_compared_with_nobody(
    console: World, hers: Hers, described: Callable[[World], Awaitable[None]]
) -> None:
    await described(console)
    async with visitor(console.settings.console, await at(console, HERE)) as ours:
        for path in ("/bureau", "/bureau/recu", "/bureau/recu?csv=true"):
            shown = (await ours.get(path)).text
            assert (NOM in shown, PRENOM in shown) == (False, False), path
        listed = (await ours.get("/bureau/recu?csv=true")).text
        assert str(hers.demande)[-6:] not in listed, "seule une orientation s'ouvre par sa référence"
        found = await searches(ours, hers)
        assert {each for each, told in found.items() if {NOM, PRENOM} & told} <= {"recherche D-1"}
    await compared(console)
    assert await proposed(console) == []
    async with visitor(console.settings.console, await at(console, THERE)) as theirs:
        assert "Aucune ressemblance n'attend" in words(await theirs.get("/bureau/doublons"))


async def test_she_is_protected_under_each_number_that_her_demand_and_her_stay_tie_whichever_of_them_tells_it(
    console: World, hers: Hers
) -> None:
    assert console.hub is not None
    await console.accepted("ccas", her_demand(3))
    await console.settled()
    await described_by_her_centre(console, victimeDeViolences=True)
    stay = [each for nature in ("aide_sociale", "orientation") for each in await console.subjects(nature)]
    asked = [each for each in await console.subjects("demande") if "ccas-69" not in each.donnees]
    theirs = {each.menage for each in [*stay, *asked] if each.menage} - {hers.menage}
    assert len(theirs) == 3
    async with console.database.transaction() as connection:
        assert await protecting.protected(connection, console.hub.keyring, theirs) == theirs


async def test_she_stays_protected_although_the_journal_has_lost_the_message_that_told_of_it(
    console: World, hers: Hers, tmp_path: Path
) -> None:
    (brought,) = console.siao.of_type("demande.recue")
    stay = await directed(console, brought, await console.known_place(), victimeViolences="NR")
    entered = {"type": "entree.constatee", "orientation": stay, "entreeLe": "2026-12-01"}
    await console.accepted("centre", entered)
    await told_again(console)
    await later(console, timedelta(days=91))
    (before,) = await console.subjects("orientation")
    people = {**referral("")["ficheGroupe"], "victimeViolences": "NR"}
    ready = {"departement": "01", "dateEvaluation": "2026-03-01"}
    said = {"idMessage": 1, "type": "menage.pret-logement.declare", "ficheGroupe": people, "logement": ready}
    await console.accepted("siao-01", said)
    await console.settled()
    assert before.menage is not None
    theirs = {hers.menage, before.menage}
    assert console.hub is not None
    async with console.database.transaction() as connection:
        told = await describing(connection, dict.fromkeys(theirs), protecting.DESCRIBING, 8)
        assert {row.menage for row in told} == {before.menage}, "le journal n'a plus que la déclaration"
        assert await protecting.protected(connection, console.hub.keyring, theirs) == theirs
    why = ("--motif", "sa demande", "--vers", str(tmp_path / "elle.md"))
    refused = await siao_hub(console.settings, "personne", "exporter", str(before.menage), *why)
    assert "ce ménage est protégé" in " ".join(refused.errors.split())


async def test_a_pair_is_not_shown_any_more_although_the_watch_has_not_read_of_the_violence(
    console: World, hers: Hers
) -> None:
    await console.accepted("ccas", her_demand(3))
    await console.settled()
    await compared(console)
    async with visitor(console.settings.console, await at(console, THERE)) as theirs:
        pair = words(await theirs.get("/bureau/doublons"))
        assert "Sydonie Canarithiague né(e) le 03/07/1988" in pair, "le sien, que ce SIAO connaît"
        assert (NOM in pair, PRENOM in pair, "07/03/1988" in pair) == (False, False, False), "non l'autre"
        told = {**her_demand(3, victimeDeViolences=True), "type": "demande.actualisee", "idEvenement": "e-5"}
        await console.accepted("ccas", told)
        await console.settled()
        assert "Aucune ressemblance n'attend" in words(await theirs.get("/bureau/doublons"))
    assert "Aucune ressemblance" in await siao_hub(console.settings, "doublons", "list")


async def test_a_file_confirmed_as_hers_is_found_and_compared_no_more_although_it_knows_of_no_violence(
    console: World, hers: Hers
) -> None:
    elder = await brought_by(console, "ccas-69")
    assert elder.menage is not None
    await console.accepted("ccas", her_demand(3))
    await told_again(console)
    assert len(await proposed(console)) == 1
    async with visitor(console.settings.console, await at(console, THERE)) as theirs:
        assert str(elder.id) in (await theirs.post("/bureau/menages", nom="Canarithiague")).text
        async with console.database.transaction() as connection:
            await duplicates.propose(connection, hers.menage, elder.menage, ["NOM_PROCHE"], [HERE, THERE])
        same = Decision((hers.menage, elder.menage), True, "test", "vue avec elle")
        assert await decide(console.database, same)
        assert str(elder.id) not in (await theirs.post("/bureau/menages", nom="Canarithiague")).text
        assert "Aucune ressemblance n'attend" in words(await theirs.get("/bureau/doublons"))
    violence = {**her_demand(1, motif="220"), "type": "demande.actualisee", "idEvenement": "e-6"}
    await console.accepted("ccas", violence)
    await told_again(console)
    assert await proposed(console) == [], "la question est retirée"
    again = her_demand(9, victimeDeViolences=False) | {"type": "demande.actualisee", "idEvenement": "e-7"}
    await console.accepted("ccas-69", again)
    await told_again(console)
    assert await proposed(console) == []
    assert console.hub is not None
    async with console.database.transaction() as connection:
        both = {hers.menage, elder.menage}
        assert await protecting.protected(connection, console.hub.keyring, both) == both, (
            "un non n'efface pas un oui"
        )


async def test_a_protected_household_is_known_by_few_messages_and_hides_no_pair_of_others(
    console: World, hers: Hers, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert console.hub is not None
    keyring = console.hub.keyring
    monkeypatch.setattr(protecting, "STEP", 1)
    tied, (one, other) = uuid4(), (uuid4(), uuid4())
    for pair in ((hers.menage, tied), (one, other)):
        async with console.database.transaction() as connection:
            await duplicates.propose(connection, *pair, ["NOM_PROCHE"], [THERE])
    async with console.database.transaction() as connection:
        assert await protecting.protected(connection, keyring, [hers.menage, tied]) == {hers.menage}
        (shown,) = await undecided(connection, keyring, [THERE], 1)
        assert {shown.menage, shown.autre} == {one, other}
        (newest,) = await describing(connection, {hers.menage: None}, protecting.DESCRIBING, 1)
        (first,) = await describing(connection, {hers.menage: newest.seq}, protecting.DESCRIBING, 1)
        assert first.seq < newest.seq


async def told_again(console: World) -> None:
    """All that is on its way is applied, and the watch reads it."""
    await console.settled()
    await compared(console)


async def proposed(console: World) -> list[UUID]:
    """The households of the pairs that are kept, shown or not."""
    async with console.database.statement() as connection:
        return [row.menage for row in await duplicates.undecided(connection, None, 10)]


async def named(console: World, personne: str, *scope: str) -> str:
    """The naming of a referent."""
    said = (
        "--jusqu-au",
        f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}",
        "--motif",
        "référente violences du SIAO",
        "--json",
    )
    done = await siao_hub(console.settings, "protection", "nommer", personne, *scope, *said)
    assert done.status == 0, done.errors
    return str(done.content["designation"])


async def who_names_a_person_that_the_audit_does_not_know_is_told(console: World, sub: str) -> None:
    last = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}"
    said = ("--siao", HERE, "--jusqu-au", last, "--motif", "référente violences")
    unknown = "l'audit ne connaît pas cette personne"
    assert unknown in await siao_hub(console.settings, "protection", "nommer", "une-faute", *said)
    assert unknown not in await siao_hub(console.settings, "protection", "nommer", sub, *said)


async def test_her_file_is_made_for_the_referent_who_is_named_and_for_nobody_who_asks_in_her_name(
    console: World, hers: Hers, tmp_path: Path
) -> None:
    elder = await brought_by(console, "ccas-69")
    assert elder.menage is not None
    sub = await at(console, HERE)
    path = tmp_path / "elle.md"

    async def exported(menage: UUID, *more: str) -> Any:
        why = ("--motif", "sa demande", "--vers", str(path))
        return await siao_hub(console.settings, "personne", "exporter", str(menage), *why, *more)

    for more in ((), ("--referent", sub)):
        refused = await exported(hers.menage, *more)
        assert (refused.status, await asyncio.to_thread(path.exists)) == (1, False)
        assert "ce ménage est protégé" in " ".join(refused.errors.split())
        assert [each for each in (NOM, PRENOM, TELEPHONE, NUMERO) if each in refused.errors] == []
    await named(console, sub, "--siao", HERE)
    assert (await exported(hers.menage, "--referent", sub)).status == 0
    assert PRENOM in await asyncio.to_thread(path.read_text)
    await asyncio.to_thread(path.unlink)
    assert (await exported(elder.menage)).status == 0, "rien ne dit encore que c'est la même"
    await asyncio.to_thread(path.unlink)
    async with console.database.transaction() as connection:
        await duplicates.propose(connection, hers.menage, elder.menage, ["NOM_PROCHE"], [HERE, THERE])
    same = Decision((hers.menage, elder.menage), True, "test", "vue avec elle")
    assert await decide(console.database, same)
    assert (await exported(elder.menage)).status == 1, "l'autre fiche mènerait à elle"
    theirs = await at(console, THERE)
    await named(console, theirs, "--siao", THERE)
    for menage in (elder.menage, hers.menage):
        assert (await exported(menage, "--referent", theirs)).status == 1, "il n'est pas nommé pour elle"
    assert (await exported(hers.menage, "--referent", sub)).status == 1, "ni celui-ci pour l'autre fiche"
    await named(console, sub, "--menage", str(elder.menage))
    assert (await exported(elder.menage, "--referent", sub)).status == 0
    acts = await console.audited("personne.exporter")
    assert [sub in act.detail for act in acts] == [True, False, True]


@pytest.mark.parametrize("scope", ["menage", "siao"])
async def test_the_referent_who_is_named_finds_her_compares_her_and_decides_until_it_ends(
    console: World, hers: Hers, scope: str
) -> None:
    sub = await at(console, HERE)
    naming = await named(console, sub, f"--{scope}", str(hers.menage) if scope == "menage" else HERE)
    async with visitor(console.settings.console, sub) as referent:
        for criteria in CRITERIA:
            assert not hers.found_in(await referent.post("/bureau/menages", **criteria), typed=str(criteria))
        assert str(hers.demande) in (await referent.post("/bureau/menages", **BOTH)).text
        page = f"/bureau/doublons/{hers.menage}"
        assert page in (await referent.get(f"/bureau/recu/{hers.demande}")).text
        shown = await referent.get(page)
        assert "jour et mois inversés" in words(shown).lower()
        assert f"suivi par {THERE}" in words(shown)
        assert "Canarithiague" not in shown.text
        autre = (await brought_by(console, "ccas-69")).menage
        assert autre is not None
        said = {"autre": str(autre), "decision": "un", "motif": "vue avec elle"}
        assert "Aucun autre ménage" in words(await referent.post(page, **said))
        ended = ("protection", "retirer", naming, "--motif", "elle change de poste")
        assert (await siao_hub(console.settings, *ended)).status == 0
        assert (await referent.get(page)).status == 404
        assert "Aucun ménage ne répond à cela" in words(await referent.post("/bureau/menages", **BOTH))
    async with visitor(console.settings.console, await at(console, THERE)) as theirs:
        assert "Aucune ressemblance n'attend" in words(await theirs.get("/bureau/doublons"))
        assert (
            await theirs.post(f"/bureau/doublons/{autre}", **said | {"autre": str(hers.menage)})
        ).status == 404
    async with console.database.statement() as connection:
        pair = await duplicates.pair(connection, hers.menage, autre)
    assert pair is not None
    assert (pair.etat, pair.siaos) == ("confirme", [])
    for act in ("protection.nommer", "protection.retirer", "doublon.comparer", "doublon.decider"):
        assert await console.audited(act), act
    assert console.siao.of_type("menage.doublon-suspecte") == []
