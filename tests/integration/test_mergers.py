"""Two SIAO become one while messages flow: from one moment on all is the third's, once, and nothing more is theirs."""

import asyncio
import json
import signal
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from contracts.errors import Misconfigured
from contracts.partner import Famille, Partner
from contracts.v1.pret_logement import PretLogementDiffuse
from ops.acts.acts import Names, known
from ops.duplicates import sql as duplicates
from ops.running.hub import LISTS, SUCCESSIONS
from ops.territories import printed_merger
from ops.territories.merging import merge
from router.domain.roles import Role
from router.leased.lists import Lists
from router.store import registry as registry_store
from tests.integration import dying, lasting
from tests.integration.large_files import BAD, CHUNK, Ended, decided, decoder, file_of, in_hundreds, sent
from tests.integration.lasting import Lasting
from tests.integration.messages import NOM, referral, vacancy
from tests.integration.registry import FINESS
from tests.integration.test_duplicates import between, read_again
from tests.integration.test_duplicates import followed as listed
from tests.integration.test_families import demand, household, joined, mailbox
from tests.integration.test_lists import Copy, read
from tests.integration.test_numbers import NEW, NUR, declared, labelled
from tests.integration.test_transfers import about, proposed
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
world = lasting.world

OTHER, THIRD, PREFET, SIRET = "siao-69", "siao-01-69", "35600000000083", "35600000000048"
MERGING = ["siao-01", OTHER]
ASKED = printed_merger.Asked(MERGING, THIRD, "fusion des départements", "cli:test")


def siaos_that_merge() -> tuple[Partner, Partner]:
    """The second SIAO, and the one that it and the first will become."""
    third = {"autres_territoires": ("69",), "succede_a": tuple(MERGING), "structures": (SIRET,)}
    return (
        mailbox(OTHER, Famille.SIAO, "si_siao_json", territoire="69"),
        mailbox(THIRD, Famille.SIAO, "si_siao_json", **third),
    )


@pytest_asyncio.fixture(loop_scope="module")
async def three(world: World) -> World:
    """A world with two SIAO, and the one that they will become."""
    await joined(
        world,
        mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_json"),
        mailbox("etat", Famille.ETAT, "etat_json", structures=(PREFET,)),
        mailbox("ddets", Famille.CONTINGENT, "contingent_json"),
        *siaos_that_merge(),
    )
    return world


async def recognised(world: World) -> None:
    """A convention that the State and the third SIAO have signed."""
    said = {
        "numero": "CONV-2026-1",
        "objet": "SIAO",
        "partenaire": SIRET,
        "signataires": [SIRET, PREFET],
        "du": "2026-01-01",
    }
    await world.accepted("etat", {"idEvenement": "c-1", "type": "convention.signee", **said})
    await world.accepted(THIRD, {"idMessage": "c-1", "type": "convention.signee", "acte": said})
    await world.settled()


async def followed(world: World) -> tuple[str, str]:
    """The hub's ids of a demand that the first SIAO follows, and of its referral, which the centre has not answered."""
    await world.accepted("ccas", demand())
    (told,) = await until(lambda: world.siao.of_type("demande.recue"), "la demande arrive au SIAO")
    demande = str(told["demande"]["identifiantExterne"])
    asked = referral(await world.known_place("U-1"))
    asked["orientation"]["demande"] = demande
    await world.accepted("siao-01", asked)
    (sent,) = await until(lambda: world.shelter.messages, "l'orientation arrive au centre")
    await world.settled()
    return demande, str(sent["orientation"])


async def deadlines(world: World) -> list[Any]:
    return await world.sql("SELECT subject, kind, started_at, due_at FROM deadline ORDER BY subject, kind")


async def owed(world: World) -> bool:
    return any(each.etat == "en_attente" for each in await world.deliveries("siao-01"))


def types(messages: list[dict[str, Any]]) -> list[str]:
    return sorted(message["type"] for message in messages)


async def test_from_its_moment_on_all_is_the_thirds_late_words_of_the_two_included(three: World) -> None:
    demande, orientation = await followed(three)
    due = await deadlines(three)
    before = len(three.siao.messages)
    async with three.database.transaction() as connection:
        await duplicates.propose(connection, uuid4(), uuid4(), ["NOM_PROCHE"], MERGING)
    assert await merge(three.database, MERGING, THIRD, "cli:test", "fusion")
    taken = await three.collected(THIRD, 3)
    assert types(taken) == ["demande.recue", "orientation.proposee", "place.vacante"]
    assert await deadlines(three) == due
    await three.accepted("centre", {"type": "orientation.acceptee", "orientation": orientation})
    late = {"dateEvaluation": "2026-03-10", "preconisation": "INSERTION"}
    said = {"idMessage": 70, "type": "demande.evaluee", "demande": {"identifiantExterne": demande}}
    await three.accepted("siao-01", {**said, "evaluation": late})
    await three.accepted("centre", vacancy("U-2"))
    await three.accepted("ccas", demand(idEvenement="ccas-2", demande="D-2", commune="69123"))
    news = await three.collected(THIRD, 4)
    assert types(news) == ["demande.evaluee", "demande.recue", "orientation.acceptee", "place.vacante"]
    withdrawn = {
        "idMessage": 1,
        "type": "orientation.annulee",
        "orientation": {"identifiantExterne": orientation},
    }
    await three.accepted(THIRD, {**withdrawn, "suite": {"motif": "ERREUR"}})
    await until(
        lambda: three.shelter.of_type("orientation.annulee"), "le troisième annule ce que l'un a ouvert"
    )
    await three.settled()
    assert len(three.siao.messages) == before
    assert (await three.get(OTHER, "/v1/boite"))[1]["envois"] == []
    assert await is_all_the_thirds(three)
    async with three.database.statement() as connection:
        assert [pair.siaos for pair in await duplicates.undecided(connection, None, 9)] == [[THIRD]]


async def test_the_third_reads_what_the_state_and_the_street_had_said_to_one_of_the_two(three: World) -> None:
    day = datetime.now(UTC).date()
    who = {"composition": "20", "adultes": 1, "personnes": [{"nom": NOM, "prenom": "Lise"}]}
    designated = {"daho": "D-17", "decisionLe": f"{day}", "menage": {"id": "M-17", **who}}
    listed = {"examen": "E-4", "instance": "PDALHPD", "seanceLe": f"{day + timedelta(days=30)}"}
    seen = {
        "signalement": "S-9",
        "vuLe": datetime.now(UTC).isoformat(),
        "commune": "01053",
        "lieu": "quai nord",
    }
    await three.accepted("etat", {"idEvenement": "d-1", "type": "daho.designe", **designated})
    inscribed = {"idEvenement": "x-1", "type": "examen.inscrit", "menage": {"id": "M-41", **who}}
    await three.accepted("etat", {**inscribed, **listed})
    reported = {"idEvenement": "s-1", "type": "signalement.recu", "adultes": 2, "urgenceVitale": False}
    await three.accepted("ccas", {**reported, **seen})
    told = ["daho.designe", "examen.inscrit", "signalement.recu"]
    await until(lambda: types(three.siao.messages) == told, "tout arrive au premier")
    await three.settled()
    due = await deadlines(three)
    assert await merge(three.database, MERGING, THIRD, "cli:test", "fusion")
    taken = await three.collected(THIRD, 3)
    assert types(taken) == told
    assert (str(taken).count("Lise"), "quai nord" in str(taken)) == (2, True)
    await three.settled()
    assert await deadlines(three) == due


async def test_the_third_reads_the_transfer_that_was_proposed_to_one_of_the_two(three: World) -> None:
    await three.accepted("ccas", demand())
    (brought,) = await until(lambda: three.siao.of_type("demande.recue"), "la demande arrive au SIAO")
    demande = brought["demande"]["identifiantExterne"]
    proposal = await proposed(three, demande)
    assert await merge(three.database, [OTHER], THIRD, "cli:test", "fusion")
    (again,) = await three.collected(THIRD, 1)
    assert again == proposal
    await three.accepted(THIRD, about(demande, 1, "demande.transfert-accepte"))
    (described,) = await three.collected(THIRD, 1)
    assert (described["type"], NOM in str(described)) == ("demande.recue", True)


async def test_the_second_successor_in_a_row_gets_the_open_places_of_the_first_siao(world: World) -> None:
    await joined(
        world,
        mailbox(OTHER, Famille.SIAO, "si_siao_json", succede_a=("siao-01",)),
        mailbox(THIRD, Famille.SIAO, "si_siao_json", succede_a=tuple(MERGING)),
    )
    await world.known_place("U-1")
    assert await merge(world.database, ["siao-01"], OTHER, "cli:test", "fusion")
    assert types(await world.collected(OTHER, 1)) == ["place.vacante"]
    await world.settled()
    await world.sql("UPDATE succession SET repris_at = now()")
    assert await merge(world.database, [OTHER], THIRD, "cli:test", "fusion")
    assert types(await world.collected(THIRD, 1)) == ["place.vacante"]


async def test_the_third_gets_no_row_of_a_file_that_is_decoded_during_the_merger_and_then_refused(
    lasting: Lasting, monkeypatch: pytest.MonkeyPatch
) -> None:
    roles = (Role.GATEWAY, Role.RELAY, Role.WORKER, Role.DISPATCHER)
    world = in_hundreds(await lasting.running(*roles), monkeypatch)
    await world.apply(world.registry_with(*siaos_that_merge(), centre={"tout_ou_rien": True}))
    await world.known_place("U-1")
    message = await sent(world, [vacancy("U-1", capacite=2), *file_of(CHUNK), vacancy("U-2", **BAD)])
    assert await decoder(world, Ended)._next()
    assert await merge(world.database, MERGING, THIRD, "cli:test", "fusion")
    assert [each["place"]["capacite"] for each in await world.collected(THIRD, 1)] == [1]
    assert await decoder(world)._next()
    assert (await decided(world, message))["etat"] == "refuse"
    await world.settled()
    assert (await world.get(THIRD, "/v1/boite"))[1]["envois"] == []


async def test_a_merger_that_is_killed_between_any_two_steps_is_whole_in_the_end(three: World) -> None:
    await followed(three)
    await three.accepted("ccas", demand(idEvenement="ccas-2", demande="D-2", commune="69123"))
    await three.settled()
    three.siao.status = 503
    await three.accepted("centre", vacancy("U-9"))
    await until(lambda: owed(three), "la place est encore due au premier")
    due = await deadlines(three)
    await three.stop()
    three.siao.status = 200
    before = len(three.siao.messages)  # an attempt that it refused included
    killed = await asyncio.to_thread(dying.merging, three.settings, MERGING, THIRD)
    assert killed == -signal.SIGKILL
    assert await three.sql("SELECT FROM succession") == []
    assert await merge(three.database, MERGING, THIRD, "cli:test", "fusion")
    step = 1
    while (status := await asyncio.to_thread(dying.taking_over, three.settings, step)) == -signal.SIGKILL:
        step += 1
    assert (status, step > 4) == (0, True)
    assert await deadlines(three) == due
    await three.start()
    taken = await three.collected(THIRD, 5)
    await three.settled()
    assert types(taken) == ["demande.recue"] * 2 + ["orientation.proposee"] + ["place.vacante"] * 2
    assert (len(three.siao.messages), (await three.get(THIRD, "/v1/boite"))[1]["envois"]) == (before, [])


async def is_all_the_thirds(world: World) -> bool:
    """Whether no subject bears a name of the merged SIAO."""
    return await world.sql("SELECT FROM subject WHERE donnees::text LIKE '%\"siao-01\"%'") == []


async def test_what_a_merged_siao_had_signed_and_what_its_old_software_says_later_is_the_thirds(
    three: World,
) -> None:
    said = {"numero": "DER-1", "structure": FINESS, "quota": 2, "du": "2026-01-01", "au": "2099-12-31"}
    await three.accepted("siao-01", {"idMessage": "d-1", "type": "derogation.accordee", "acte": said})
    for number, prenom in ((90210, "Alizée"), (90370, "Fantine")):
        await listed(three, number, prenom)
    await three.accepted("siao-01", declared(household(9), 1))
    await three.settled()
    await read_again(three)
    assert await merge(three.database, MERGING, THIRD, "cli:test", "fusion")
    await until(lambda: is_all_the_thirds(three), "tout est au troisième")

    async with three.database.statement() as connection:
        registry = await registry_store.read(connection)
    (shown,) = await known(three.database, Names(registry))
    given = {each.partner: each.signed is not None for each in shown.signatures if each.partner}
    assert given == {THIRD: True}, "on voit encore quand l'un a signé"

    await three.accepted("siao-01", between("menage.separe", 3, 90210, 90370))
    await three.settled()
    await read_again(three)
    async with three.database.statement() as connection:
        (pair,) = await duplicates.decided(connection, [THIRD], 9)
    assert (pair.separes, pair.decided_by) == (True, THIRD)

    await three.accepted("siao-01", declared(household(9) | {"numeroUnique": NEW}, 2))
    await three.settled()
    assert (await labelled(three, NUR), await labelled(three, NEW)) == (422, 202)


async def test_the_list_of_a_merged_siao_is_closed_and_no_hour_says_its_households_again(
    three: World,
) -> None:
    await three.accepted("siao-01", declared(household(), 1))
    await three.settled()
    copy = await read(three, "siao-01", Copy())
    assert len(copy.fiches) == 1
    assert await merge(three.database, MERGING, THIRD, "cli:test", "fusion")
    await until(lambda: to_be_taken_whole(three, copy), "l'ancienne liste est close")
    assert not (await read(three, "siao-01", Copy())).fiches
    said = []
    for _ in range(3):
        await an_hour_of_lists(three)
        said.append(
            await three.sql("SELECT id FROM event WHERE type = $1 ORDER BY id", PretLogementDiffuse.TYPE)
        )
    assert said[0] == said[1] == said[2]
    assert (await read(three, THIRD, Copy())).nurs == {NUR}
    assert (await read(three, "siao-01", Copy())).fiches == {}


async def to_be_taken_whole(world: World, copy: Copy) -> bool:
    """Whether the first SIAO's copy of its list is to be emptied and taken again."""
    status, _ = await world.get("siao-01", f"/v1/liste?depuis={copy.point}")
    return status == 410


async def an_hour_of_lists(world: World) -> None:
    """The hourly look at all lists, and what follows from it."""
    hub = world.hub
    assert hub is not None
    lists = Lists(
        hub.database, hub.prover, hub.lease("listes de l'essai"), lambda: hub.registry, hub.wake[LISTS]
    )
    await lists._work()
    await world.settled()


async def test_of_two_mergers_at_once_that_contradict_each_other_one_is_made_and_the_other_refused(
    three: World,
) -> None:
    def merged(siao: str, into: str) -> Coroutine[Any, Any, bool]:
        return merge(three.database, [siao], into, "cli:test", "fusion")

    both = (merged("siao-01", OTHER), merged(OTHER, "siao-01"))
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    assert {type(each) for each in outcomes} == {Misconfigured, bool}
    ((siao, into),) = await three.sql("SELECT siao, successeur FROM succession")
    assert await merged(siao, into) is False, "c'était fait"
    with pytest.raises(Misconfigured, match=f"{siao} a déjà fusionné en {into}"):
        await merged(siao, THIRD)


async def test_nobody_merges_without_the_states_convention_a_dry_run_changes_nothing_and_a_merger_binds_every_process(
    three: World, capsys: pytest.CaptureFixture[str]
) -> None:
    await followed(three)
    with pytest.raises(Misconfigured, match="convention de l'État"):
        await printed_merger.merge(three.settings, ASKED, trial=False, yes=True, as_json=True)
    await recognised(three)
    capsys.readouterr()
    assert await printed_merger.merge(three.settings, ASKED, trial=True, yes=False, as_json=True) == 0
    shown = json.loads(capsys.readouterr().out)
    counted = {(each["nature"], each["etat"]): each["nombre"] for each in shown["reste"]["sujets"]}
    assert counted == {("demande", "ORIENTEE"): 1, ("orientation", "PROPOSEE"): 1}
    assert await three.sql("SELECT FROM succession") == []
    await printed_merger.merge(three.settings, ASKED, trial=False, yes=True, as_json=True)
    assert len(await three.sql("SELECT FROM succession")) == 2
    await until(lambda: is_all_the_thirds(three), "tout est au troisième")
    await what_a_process_that_knows_nothing_writes_an_hour_later_is_the_thirds_too(three)


async def what_a_process_that_knows_nothing_writes_an_hour_later_is_the_thirds_too(world: World) -> None:
    await world.sql("UPDATE succession SET at = at - interval '1 hour'")
    assert world.hub is not None
    for _ in range(2):  # at the end of a round, and of the next
        assert await world.sql(
            'UPDATE subject SET donnees = donnees || \'{"destinataire": "siao-01"}\''
            " WHERE nature = 'demande' RETURNING 1"
        )
        world.hub.wake[SUCCESSIONS].set()
        await until(lambda: is_all_the_thirds(world), "et le reste")
