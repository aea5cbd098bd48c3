"""The SIAO's own worker decides suspected duplicates at its desk; nobody else sees them."""

import json
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest_asyncio

from contracts.partner import Famille
from contracts.v1.pret_logement import DoublonConfirme, MenageReuni, MenageSepare
from ops.duplicates import sql
from ops.duplicates.deciding import note
from tests.integration import lasting
from tests.integration.test_desk import words
from tests.integration.test_duplicates import household
from tests.integration.test_families import joined, mailbox
from tests.integration.test_protected_households import compared
from tests.integration.visitors import Shown, Visitor, visitor, works_at
from tests.integration.world import World

pytestmark = lasting.MARK
console = lasting.console


@pytest_asyncio.fixture(loop_scope="module")
async def suspected(console: World) -> list[tuple[UUID, UUID]]:
    """Three pairs that were put to the SIAO, and one that was put to another."""
    pairs = [(uuid4(), uuid4()) for _ in range(4)]
    async with console.database.transaction() as connection:
        for number, (one, other) in enumerate(pairs):
            siao = "siao-01" if number < 3 else "siao-69"
            await sql.propose(connection, one, other, ["DATE_INVERSEE", "NOM_IDENTIQUE"], [siao])
    return pairs


async def left(console: World, siao: str) -> int:
    async with console.database.statement() as connection:
        return len(await sql.undecided(connection, [siao], 10))


async def test_a_worker_of_the_siao_decides_each_pair_by_what_agrees(
    console: World, suspected: list[tuple[UUID, UUID]]
) -> None:
    sub = await works_at(console.settings.console.issuer, "siao-01")
    async with visitor(console.settings.console, sub) as worker:
        shown = words(await worker.get("/bureau/doublons"))
        assert shown.count("Jour et mois inversés ; même nom") == 3
        for number, (one, other) in enumerate(suspected[:3]):
            said = {"decision": "un" if number else "deux", "motif": "vus ensemble au guichet"}
            done = words(await worker.post(f"/bureau/doublons/{one}", autre=str(other), **said))
            assert f"C'est noté : {'un seul ménage' if number else 'deux ménages'}." in done
        assert "Aucune ressemblance n'attend" in words(await worker.get("/bureau/doublons"))
        one, other = suspected[3]
        said = {"autre": str(other), "decision": "un", "motif": "vus ensemble"}
        theirs = await worker.post(f"/bureau/doublons/{one}", **said)
        assert theirs.status == 404
    assert (await left(console, "siao-01"), await left(console, "siao-69")) == (0, 1)
    acts = await console.audited("doublon.decider")
    assert len(acts) == 3
    assert all("vus ensemble" in act.detail for act in acts)


async def test_a_worker_takes_back_a_decision_and_joins_no_adults_who_have_separated(
    console: World, suspected: list[tuple[UUID, UUID]]
) -> None:
    (one, other), apart, *_ = suspected
    async with console.database.transaction() as connection:
        await note(connection, apart, MenageSepare, "siao-01", datetime.now(UTC))
        await note(connection, apart, DoublonConfirme, "siao-01", datetime.now(UTC))

    async def said(
        worker: Visitor, decision: str, of: tuple[UUID, UUID] = (one, other), **more: str
    ) -> Shown:
        fields = {"decision": decision, "motif": "vus ensemble au guichet", **more}
        return await worker.post(f"/bureau/doublons/{of[0]}", autre=str(of[1]), **fields)

    async with visitor(
        console.settings.console, await works_at(console.settings.console.issuer, "siao-01")
    ) as worker:
        for decision, back, etat in (("un", "deux", "ecarte"), ("deux", "un", "confirme")):
            await said(worker, decision)
            opposite = await said(worker, back)
            assert "Quelqu'un vient de décider le contraire" in words(opposite)
            shown = words(await worker.get("/bureau/doublons"))
            assert ("Revenir" in shown, "décidé par vous il y a" in shown) == (True, True)
            assert "J'en ai parlé" not in shown, "la sienne"
            assert (await said(worker, back, revenir="true")).status == 200
            async with console.database.statement() as connection:
                pair = await sql.pair(connection, one, other)
            assert pair is not None
            assert pair.etat == etat
        assert "Ils se sont séparés" in words(await worker.get("/bureau/doublons"))
        assert "dits séparés" in words(await said(worker, "un", apart, revenir="true", parle="true"))
        assert (await said(worker, "un", suspected[3], revenir="true")).status == 404, "d'un autre SIAO"
    async with visitor(console.settings.console, "referente") as colleague:
        assert "J'en ai parlé" in words(await colleague.get("/bureau/doublons")), "celle d'une autre"
        assert "parlez-en avec elle" in words(await said(colleague, "deux", revenir="true"))
        async with console.database.statement() as connection:
            pair = await sql.pair(connection, one, other)
        assert pair is not None
        assert pair.etat == "confirme", "le navigateur n'est pas seul à l'exiger"
        assert (await said(colleague, "deux", revenir="true", parle="true")).status == 200
    *_, last = await console.audited("doublon.decider")
    said_by = (last.actor, json.loads(last.detail)["partenaire"])
    assert said_by == ("console:referente", "siao-01"), "la personne, et son SIAO"
    async with console.database.transaction() as connection:
        pair = await sql.pair(connection, *apart)
        assert pair is not None
        assert pair.etat == "ecarte", "ni par le logiciel, ni au bureau"
        await note(connection, apart, MenageReuni, "siao-01", datetime.now(UTC))
        assert await sql.confirmed(connection, [apart[0]]) == sorted(apart), (
            "seule une réunion les lie de nouveau"
        )
    assert len(await console.audited("doublon.decider")) == 4


async def test_a_question_about_a_pair_names_the_household_among_what_is_received(
    console: World,
) -> None:
    await joined(console, mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_json"))
    for number in (1, 2):
        await console.accepted("ccas", household(number))
    await console.settled()
    await compared(console)
    await console.settled()
    (asked,) = console.siao.of_type("menage.doublon-suspecte")
    async with visitor(console.settings.console, "referente") as worker:
        shown = await worker.post("/bureau/recu", nom="églantine")
    assert "Ménage : peut-être connu deux fois Églantine Canarimiel" in words(shown)
    assert not [
        each for each in asked.values() if isinstance(each, str) and len(each) == 36 and each in shown.text
    ]


async def test_a_centre_has_no_such_page(console: World, suspected: list[tuple[UUID, UUID]]) -> None:
    one, other = suspected[0]
    async with visitor(console.settings.console, "partenaire") as centre:
        assert "Doublons" not in words(await centre.get("/bureau"))
        assert (await centre.get("/bureau/doublons")).status == 404
        said = {"autre": str(other), "decision": "un", "motif": "vus ensemble"}
        posted = await centre.post(f"/bureau/doublons/{one}", **said)
        assert posted.status == 404
