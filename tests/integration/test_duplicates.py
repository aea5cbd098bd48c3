"""Two households that are one are found, asked about, decided by a person, and remembered."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from contracts.base import Contrat, Nature
from contracts.partner import Famille
from contracts.v1.pret_logement import DoublonConfirme, MenageReuni, MenageSepare
from ops.duplicates import sql
from ops.duplicates.deciding import Contradicts, Decided, Decision, Separated, decide, decide_reserved, note
from ops.duplicates.watch import Duplicates
from ops.forgetting.sql import tied_ids
from router.applying.applier import Applier
from router.domain.partners import Registry
from router.domain.roles import Role
from router.store import keys, log
from tests.integration import lasting
from tests.integration.desk import siao_hub
from tests.integration.large_files import CHUNK, Ended, decoder, in_hundreds
from tests.integration.lasting import MOVING, Lasting
from tests.integration.messages import referral
from tests.integration.test_families import PREFET, aid_asked, demand, joined, mailbox
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
prepared, world = lasting.prepared, lasting.world

CCAS, MARAUDE, SECOND = "ccas", "maraude", "siao-69"
NOM = "Canarimiel"


@pytest_asyncio.fixture(loop_scope="module")
async def searching(lasting: Lasting) -> World:
    """A world in which duplicates are searched for, with two bringers and two SIAO."""
    world = await lasting.running(*MOVING, Role.DOUBLONS)
    await joined(
        world,
        mailbox(CCAS, Famille.PRESCRIPTEUR, "prescripteur_json"),
        mailbox(MARAUDE, Famille.PRESCRIPTEUR, "prescripteur_json"),
        mailbox("ccas-69", Famille.PRESCRIPTEUR, "prescripteur_json", territoire="69"),
        mailbox(SECOND, Famille.SIAO, "si_siao_json", territoire="69"),
    )
    return world


def household(
    number: int, prenom: str = "Églantine", jour: str = "1988-03-07", **more: Any
) -> dict[str, Any]:
    """A demand for a woman, under a number of its bringer's own."""
    said = demand(dispositif="INSERTION", demande=f"D-{number}", idEvenement=f"e-{number}")
    person = {"nom": NOM, "prenom": prenom, "sexe": "F", "dateNaissance": jour}
    menage = {**said["menage"], "id": f"M-{number}", "personnes": [person], "composition": "20", **more}
    return {**said, "menage": menage}


async def asked(world: World) -> dict[str, Any]:
    """The question that the SIAO gets."""
    await until(lambda: world.siao.of_type("menage.doublon-suspecte"), "le SIAO est interrogé")
    return dict(world.siao.of_type("menage.doublon-suspecte")[0])


async def pairs(world: World) -> list[tuple[UUID, UUID, str]]:
    async with world.database.statement() as connection:
        return [(row.menage, row.autre, row.indices) for row in await sql.undecided(connection, None, 10)]


async def test_a_household_that_two_desks_bring_is_put_to_the_siao_by_what_agrees_and_who_differs_to_nobody(
    searching: World,
) -> None:
    await searching.accepted(CCAS, household(1))
    await searching.accepted(MARAUDE, household(2, "Fantine", "1971-01-30"))
    await searching.settled()
    strangers = {each.menage for each in await searching.subjects("demande")}
    without_effect = household(1, "Fantine", "1971-01-30") | {"idEvenement": "e-again"}
    await searching.accepted(CCAS, without_effect)
    await searching.accepted(MARAUDE, household(3, "Eglantyne", "1988-07-03"))
    told = await asked(searching)
    assert NOM not in str(told), "jamais par une valeur"
    await searching.settled()
    ((one, other, indices),) = await pairs(searching)
    assert {one, other} != strangers, "ce qui est sans effet ne donne à personne le nom d'un autre"
    assert {"DATE_INVERSEE", "NOM_IDENTIQUE"} <= {*indices}


async def test_a_pair_that_a_person_dismissed_is_not_asked_again(searching: World) -> None:
    await searching.accepted(CCAS, household(1))
    await searching.accepted(MARAUDE, household(2))
    await asked(searching)
    ((one, other, _),) = await pairs(searching)
    why = ("--motif", "deux sœurs")
    assert (await siao_hub(searching.settings, "doublons", "ecarter", str(one), str(other), *why)).status == 0
    late = Decision((other, one), False, "une collègue", "de même")
    assert not await decide(searching.database, late, asked=True)
    with pytest.raises(Decided):
        await decide(searching.database, late._replace(same=True), asked=True)
    with pytest.raises(Decided):
        await decide_reserved(searching.database, late._replace(same=True), ())
    async with searching.database.statement() as connection:
        assert (await sql.subjects_of(connection, [one, other], "siao-01")).keys() == {one, other}
        assert await sql.subjects_of(connection, [one, other], SECOND) == {}
    changed = {**household(2), "type": "demande.completee", "idEvenement": "e-3"}
    await searching.accepted(MARAUDE, changed)
    await searching.accepted(CCAS, household(4, "Alizée", "1990-01-01"))
    await searching.accepted(MARAUDE, household(5, "Alizée", "1990-01-01"))
    await until(lambda: len(searching.siao.of_type("menage.doublon-suspecte")) > 1, "la suivante est posée")
    assert (one, other) not in {each[:2] for each in await pairs(searching)}


async def test_a_protected_household_is_put_to_nobody_also_when_that_is_told_later(searching: World) -> None:
    await searching.accepted(CCAS, household(1))
    await searching.accepted("ccas-69", household(2))
    await asked(searching)
    told = {**household(1, victimeDeViolences=True), "type": "demande.completee", "idEvenement": "e-3"}
    await searching.accepted(CCAS, told)
    await searching.accepted(MARAUDE, household(3, victimeDeViolences=True))
    await until(lambda: _nothing(searching), "la question est retirée")


async def test_adults_whose_separation_a_version_before_has_read_are_never_tied_again_by_a_decision(
    prepared: World,
) -> None:
    one, other = sorted((uuid4(), uuid4()))
    at = datetime.now(UTC)
    async with prepared.database.transaction() as connection:
        await note(connection, (one, other), MenageSepare, "siao-01", at)
        await connection.execute("UPDATE duplicate SET separes = false")
        await note(connection, (one, other), MenageSepare, "siao-01", at)
        pair = await sql.pair(connection, one, other)
    assert pair is not None
    assert (pair.etat, pair.separes) == ("ecarte", True)
    with pytest.raises(Separated):
        await decide(prepared.database, Decision((one, other), True, "une collègue", "vus ensemble"))


async def _nothing(world: World) -> bool:
    return await pairs(world) == []


async def test_confirmed_ids_are_forgotten_together_and_not_once_that_is_taken_back_though_the_clock_was_set_back(
    searching: World,
) -> None:
    await searching.accepted(CCAS, household(1))
    await searching.accepted(MARAUDE, household(2))
    await asked(searching)
    ((one, other, _),) = await pairs(searching)
    why = ("--motif", "vue avec elle")
    said = await siao_hub(searching.settings, "doublons", "confirmer", str(one), str(other), *why)
    assert said.status == 0
    refused = await siao_hub(searching.settings, "menage", "oublier", str(one), "--forcer")
    assert str(other) in refused
    await searching.sql("UPDATE duplicate SET decided_at = decided_at + interval '1 hour'")
    for same in (False, True):
        assert await decide(searching.database, Decision((one, other), same, "une collègue", "revue"))
    taken_back = await siao_hub(searching.settings, "doublons", "ecarter", str(one), str(other), *why)
    assert taken_back.status == 0
    forgotten = await siao_hub(searching.settings, "menage", "oublier", str(one), "--forcer")
    assert forgotten.status == 0
    assert await searching.count("household_block") > 0
    assert await searching.count("duplicate") == 0


async def test_separated_adults_are_not_joined_again_by_a_third_file_that_is_like_both(
    prepared: World,
) -> None:
    hers, his, third = sorted(uuid4() for _ in range(3))
    async with prepared.database.transaction() as connection:
        for one, other in ((hers, his), (hers, third), (his, third)):
            await sql.propose(connection, one, other, ["NUMERO_UNIQUE"], ["siao-01"])

    async def said(one: UUID, other: UUID, *, same: bool) -> bool:
        return await decide(prepared.database, Decision((one, other), same, "test", "séparés"))

    assert await said(hers, his, same=False)
    assert await said(hers, third, same=True)
    with pytest.raises(Contradicts, match="disent le contraire"):
        await said(his, third, same=True)
    async with prepared.database.transaction() as connection:
        await note(connection, (his, third), DoublonConfirme, "siao-01", datetime.now(UTC))
    assert {each[:2] for each in await pairs(prepared)} == {(his, third)}, "la question reste posée"
    assert await said(hers, third, same=False), "une décision se défait"
    assert await said(his, third, same=True)
    with pytest.raises(Contradicts):
        await said(hers, third, same=True)


async def test_a_pair_goes_with_the_demand_to_the_siao_that_takes_it_over(world: World) -> None:
    taking = "siao-38"
    await joined(
        world,
        mailbox(CCAS, Famille.PRESCRIPTEUR, "prescripteur_json"),
        mailbox("ccas-69", Famille.PRESCRIPTEUR, "prescripteur_json", territoire="69"),
        mailbox(SECOND, Famille.SIAO, "si_siao_json", territoire="69"),
        mailbox(taking, Famille.SIAO, "si_siao_json", territoire="38"),
    )
    await world.accepted(CCAS, household(1))
    await world.accepted("ccas-69", household(2))
    await world.settled()
    await read_again(world)
    assert await may_decide(world) == {"siao-01", SECOND}
    told = await until(lambda: world.siao.of_type("demande.recue"), "la demande arrive au SIAO")
    about = {"demande": {"identifiantExterne": told[0]["demande"]["identifiantExterne"]}}
    proposal = {"idMessage": 60, "type": "demande.transferee", "suite": {"territoire": "38"}, **about}
    await world.accepted("siao-01", proposal)
    await world.settled()
    await read_again(world)
    assert await may_decide(world) == {"siao-01", SECOND}, "proposée, la demande est encore au premier"
    assert {each["type"] for each in await world.collected(taking, 1)} == {"demande.transferee"}
    await world.accepted(taking, {"idMessage": 1, "type": "demande.transfert-accepte", **about})
    await world.settled()
    for _ in range(2):
        await read_again(world)
        await world.settled()
    assert await may_decide(world) == {taking, SECOND}
    *_, question = await world.collected(taking, 2)
    assert question["type"] == "menage.doublon-suspecte", "posée une fois, aussi si la veille relit"
    assert NOM not in str(question)
    assert len(world.siao.of_type("menage.doublon-suspecte")) == 1, "le premier n'apprend rien de plus"
    pair = {name: question[name] for name in ("ficheGroupe", "autreFicheGroupe")}
    first = world.siao.of_type("menage.doublon-suspecte")[0]
    its_own = {name: first[name] for name in ("ficheGroupe", "autreFicheGroupe")}
    await world.accepted("siao-01", {"idMessage": 61, "type": "menage.doublon-ecarte", **its_own})
    await world.settled()
    await read_again(world)
    assert await pairs(world), "ce que le premier décide ne compte plus"
    await world.accepted(taking, {"idMessage": 2, "type": "menage.doublon-confirme", **pair})
    await world.settled()
    await read_again(world)
    assert await pairs(world) == []


async def may_decide(world: World) -> set[str]:
    """The SIAO to which the one open pair belongs."""
    async with world.database.statement() as connection:
        (row,) = await sql.undecided(connection, None, 10)
    return set(row.siaos)


def between(kind: str, number: int, *fiches: int) -> dict[str, Any]:
    """What a SIAO says of two of its households."""
    one, other = ({"id": fiche} for fiche in fiches)
    return {"idMessage": number, "type": kind, "ficheGroupe": one, "autreFicheGroupe": other}


async def test_a_separation_wins_over_what_ties_the_two_through_a_third_file_which_is_asked_again(
    prepared: World,
) -> None:
    hers, his, third, apart = sorted(uuid4() for _ in range(4))

    async def said(kind: type[Contrat], one: UUID, other: UUID) -> None:
        async with prepared.database.transaction() as connection:
            await note(connection, (one, other), kind, "siao-01", datetime.now(UTC))

    await said(MenageReuni, hers, third)
    await said(MenageReuni, his, third)
    await said(MenageSepare, hers, his)
    assert {each[:2] for each in await pairs(prepared)} == {(hers, third), (his, third)}
    await said(DoublonConfirme, hers, third)
    await said(DoublonConfirme, his, third)
    assert {each[:2] for each in await pairs(prepared)} == {(his, third)}, "les deux restent séparés"
    await said(MenageReuni, his, apart)
    await said(MenageReuni, hers, apart)
    assert await prepared.count("duplicate") == 4, "ce qui contredit ne laisse rien"


async def test_a_siao_says_that_a_household_has_split_or_joined_again_and_forgetting_follows(
    searching: World,
) -> None:
    await searching.accepted("siao-01", between("menage.separe", 1, 111, 112))
    await followed(searching, 90210, "Alizée")
    await followed(searching, 90370, "Fantine")
    await until(lambda: have_cards(searching), "les ménages sont lus")
    one, other = await fiches(searching)
    async with searching.database.transaction() as connection:
        card = (await sql.cards(connection, [one]))[one]
        await sql.keep(connection, card._replace(seen=card.seen + 1000), ())
        assert await sql.propose(connection, one, other, ["NUMERO_UNIQUE"], ())
    await searching.accepted("siao-01", between("menage.reuni", 2, 90210, 90370))
    await until(lambda: is_decided(searching, "confirme"), "la réunion est notée")
    async with searching.database.transaction() as connection:
        assert other in (await tied_ids(connection, one)).ids
    await searching.accepted("siao-01", between("menage.separe", 3, 90210, 90370))
    await until(lambda: is_decided(searching, "ecarte"), "la séparation est notée")
    async with searching.database.transaction() as connection:
        assert not await sql.propose(connection, one, other, ["NUMERO_UNIQUE"], ["siao-01"])
        assert other not in (await tied_ids(connection, one)).ids
    assert searching.siao.of_type("menage.doublon-suspecte") == []
    assert await searching.count("duplicate") == 1, "de ménages que personne ne connaît, rien n'est noté"
    assert (await siao_hub(searching.settings, "menage", "oublier", str(one), "--forcer")).status == 0
    await read_again(searching)
    assert await searching.count("duplicate") == 0, "un ménage oublié ne revient pas"


async def test_a_household_stays_its_siao_s_when_the_centre_or_the_state_describes_it(
    searching: World,
) -> None:
    etat = mailbox("etat", Famille.ETAT, "etat_json", structures=(PREFET,))
    assert searching.hub is not None
    await searching.apply(Registry.of([*searching.hub.registry.partners.values(), etat]))
    await searching.accepted("siao-01", referral(await searching.known_place()))
    (stay,) = await until(lambda: searching.shelter.messages, "l'orientation arrive au centre")
    await aid_asked(searching, stay["orientation"])
    who = household(7)["menage"]
    decided = {"daho": "D-17", "decisionLe": f"{datetime.now(UTC).date()}"}
    await searching.accepted("etat", {"idEvenement": "d-1", "type": "daho.designe", **decided, "menage": who})
    await searching.settled()
    assert len(await searching.subjects("aide_sociale")) == 1
    assert {each.siao for each in await cards_of(searching, "aide_sociale", "daho")} == {"siao-01"}


async def cards_of(world: World, *natures: str) -> list[sql.Card]:
    """The cards of the households of these subjects, once all are read."""
    menages = {each.menage for nature in natures for each in await world.subjects(nature) if each.menage}

    async def all_are_read() -> Any:
        async with world.database.statement() as connection:
            found = await sql.cards(connection, menages)
        return [*found.values()] if len(found) == len(menages) else None

    return cast("list[sql.Card]", await until(all_are_read, "les ménages sont lus"))


async def followed(world: World, number: int, prenom: str) -> None:
    """The SIAO puts a household on its list."""
    person = {"nom": f"{NOM} {prenom}", "prenom": prenom, "sexe": "F"}
    fiche = {"id": number, "composition": 10, "nbAdultes": 1, "personnes": [person]}
    said = {"idMessage": f"p-{number}", "type": "menage.pret-logement.declare", "ficheGroupe": fiche}
    ready = {"departement": "01", "dateEvaluation": "2026-03-01"}
    await world.accepted("siao-01", {**said, "logement": ready})


async def have_cards(world: World) -> bool:
    async with world.database.statement() as connection:
        return len(await sql.cards(connection, await fiches(world))) > 1


async def test_the_watch_and_a_household_that_is_forgotten_never_wait_for_each_other(world: World) -> None:
    await joined(world, mailbox(CCAS, Famille.PRESCRIPTEUR, "prescripteur_json"))
    for number in (1, 2):
        await world.accepted(CCAS, household(number))
    await world.settled()
    await read_again(world)
    by_id = sorted([(await brought(world, f"M-{number}"), number) for number in (1, 2)])
    (first, _), (last, _) = by_id
    for _, number in reversed(by_id):
        news = {**household(number), "type": "demande.completee", "idEvenement": f"e-{number}-bis"}
        await world.accepted(CCAS, news)
    await world.settled()
    async with world.database.transaction() as forgetting:
        await keys.lock(forgetting, [first])
        reading = asyncio.create_task(read_again(world))
        await until(world.blocked, "la veille attend la clé du premier")
        await keys.lock(forgetting, [last])
    await reading


async def test_a_watch_far_behind_reads_the_log_in_short_pieces_and_misses_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "SPAN", 2)
    await joined(world, mailbox(CCAS, Famille.PRESCRIPTEUR, "prescripteur_json"))
    await world.accepted(CCAS, household(1))
    for number in range(2, 7):
        await world.accepted(CCAS, household(number, "Fantine", f"1971-01-{10 + 3 * number}"))
    await world.accepted(CCAS, household(7))
    await world.settled()
    await read_again(world)
    first, last = await brought(world, "M-1"), await brought(world, "M-7")
    assert sql.ordered(first, last) in {pair[:2] for pair in await pairs(world)}


async def test_rows_of_a_file_are_compared_when_the_whole_file_is_accepted_and_not_before(
    lasting: Lasting, monkeypatch: pytest.MonkeyPatch
) -> None:
    roles = (Role.GATEWAY, Role.RELAY, Role.WORKER, Role.DISPATCHER)
    world = in_hundreds(await lasting.running(*roles), monkeypatch)
    await joined(
        world,
        mailbox(CCAS, Famille.PRESCRIPTEUR, "prescripteur_json", tout_ou_rien=True),
        mailbox(MARAUDE, Famille.PRESCRIPTEUR, "prescripteur_json"),
    )
    monkeypatch.setattr(sql, "OVERLAP", 0)
    await world.accepted(CCAS, household(1, "Fantine", "1971-01-30"))
    await world.settled()
    watch = new_watch(world)
    await watch.look()
    again = {**household(1), "type": "demande.completee", "idEvenement": "e-1-bis"}
    others = [household(n, personnes=[]) for n in range(3, 3 + CHUNK)]
    await world.accepted(CCAS, [again, *others])
    assert await decoder(world, Ended)._next()
    await world.accepted(MARAUDE, household(2))
    await until(lambda: len(world.siao.of_type("demande.recue")) == 2, "la seconde passe devant le fichier")
    await watch.look()
    assert await pairs(world) == [], "rien n'est encore dit à personne"
    assert await decoder(world)._next()
    await world.settled()
    await watch.look()
    first, second = await brought(world, "M-1"), await brought(world, "M-2", MARAUDE)
    assert sql.ordered(first, second) in {pair[:2] for pair in await pairs(world)}


async def applied_by_hand(lasting: Lasting, monkeypatch: pytest.MonkeyPatch) -> World:
    """Two bringers of households, and a hub that applies nothing by itself; a look reads no event twice."""
    monkeypatch.setattr(sql, "OVERLAP", 0)
    world = await lasting.running(Role.GATEWAY)
    await joined(
        world,
        mailbox(CCAS, Famille.PRESCRIPTEUR, "prescripteur_json"),
        mailbox(MARAUDE, Famille.PRESCRIPTEUR, "prescripteur_json"),
    )
    return world


async def test_who_is_applied_long_after_a_later_household_is_compared_with_it(
    lasting: Lasting, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = await applied_by_hand(lasting, monkeypatch)
    await world.accepted(CCAS, household(1))
    await world.accepted(CCAS, household(2, "Fantine", "1971-01-30"))
    await world.accepted(MARAUDE, household(3))
    early, other, late = await world.backlog()
    watch = new_watch(world)
    await applied(world, late)
    await watch.look()
    await applied(world, other)
    await watch.look()
    await applied(world, early)
    await watch.look()
    assert len(await pairs(world)) == 1


async def test_a_watch_that_starts_reads_what_was_applied_while_no_watch_ran(
    lasting: Lasting, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = await applied_by_hand(lasting, monkeypatch)
    await world.accepted(CCAS, household(1))
    await world.accepted(MARAUDE, household(2))
    early, late = await world.backlog()
    await applied(world, late)
    await read_again(world)
    await applied(world, early)
    await read_again(world)
    assert len(await pairs(world)) == 1


async def applied(world: World, event: UUID) -> None:
    """A worker applies this pending event before all others."""
    assert world.hub is not None
    hub = world.hub
    async with world.database.transaction() as connection:
        entry, _ = (await log.as_written(connection, [event]))[event]
    await Applier(world.database, hub.prover, timedelta(hours=1), hub.keyring.get).apply(
        [entry], hub.registry
    )


async def brought(world: World, number: str, bringer: str = CCAS) -> UUID:
    """Our id of a household that a bringer has brought under this number."""
    assert world.hub is not None
    async with world.database.transaction() as connection:
        (ident,) = await world.hub.crosswalk.known(connection, [bringer], number, [Nature.MENAGE])
    return ident


def new_watch(world: World) -> Duplicates:
    """A watch in a new process."""
    assert world.hub is not None
    hub, lease = world.hub, cast("Any", None)
    return Duplicates(world.database, hub.keyring, lease, lambda: hub.registry)


async def read_again(world: World) -> None:
    """A watch in a new process reads the last events again."""
    await new_watch(world).look()


async def fiches(world: World) -> tuple[UUID, UUID]:
    """Our ids of the two households of which the SIAO speaks."""
    assert world.hub is not None
    async with world.database.transaction() as connection:
        (one,) = await world.hub.crosswalk.known(connection, ["siao-01"], "90210", [Nature.MENAGE])
        (other,) = await world.hub.crosswalk.known(connection, ["siao-01"], "90370", [Nature.MENAGE])
    return one, other


async def is_decided(world: World, etat: str) -> bool:
    one, other = await fiches(world)
    async with world.database.statement() as connection:
        pair = await sql.pair(connection, one, other)
    return pair is not None and pair.etat == etat


async def test_of_too_many_households_those_that_share_most_blocks_are_compared(
    prepared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, much, more, little = (UUID(int=number) for number in (1, 9, 5, 2))
    held = {one: (b"a", b"b", b"c"), little: (b"a",), more: (b"a", b"b"), much: (b"a", b"b", b"c")}
    async with prepared.database.transaction() as connection:
        for menage, blocks in held.items():
            await sql._BLOCKS.run(connection, menage=menage, blocks=list(blocks))
        assert await sql.neighbours(connection, one, held[one]) == [much, more, little]
        monkeypatch.setattr(sql, "MOST_NEIGHBOURS", 2)
        assert await sql.neighbours(connection, one, held[one]) == [much, more]
