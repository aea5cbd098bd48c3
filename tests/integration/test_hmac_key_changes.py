"""The HMAC key is replaced while the hub works: what was known stays known, and is accepted once."""

import asyncio
import json
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import pytest

from connectors.mail import MailServer
from contracts.base import Nature
from contracts.errors import Misconfigured, Permanent
from contracts.partner import Famille
from contracts.ports import Native
from ops.accounts.accounts import Accounts
from ops.rotation import fingerprints, sql
from ops.running.hub import Hub
from router.domain.roles import Role
from router.intake.bulk import Bulk
from router.intake.numbers import PURPOSE
from router.intake.receive import Intake
from router.privacy.crosswalk import Crosswalk
from router.privacy.key_files import create_key, read_keys, replace_keys
from router.privacy.keyring import Keyring
from router.settings import Settings
from router.store import numbers
from router.store.hmac_keys import KeyTurned
from tests.integration import accidents, clock, dying
from tests.integration.large_files import CHUNK, decided, decoder, in_hundreds
from tests.integration.lasting import MOVING
from tests.integration.memory import pid_of
from tests.integration.messages import referral, vacancy
from tests.integration.quarantined import NOUVEAU_FINESS, mended, replayed
from tests.integration.test_duplicates import household, pairs
from tests.integration.test_families import household as fiche
from tests.integration.test_families import joined, mailbox
from tests.integration.test_forgetting import forgotten
from tests.integration.test_households_by_recipient import cited, referred_to_both
from tests.integration.test_numbers import NUR, presented
from tests.integration.waiting import until
from tests.integration.world import World

BRINGERS = ("ccas", "maraude", "mission")
MONTH = timedelta(days=31)
PLACE = "8d3f2c7e-0a52-4c39-9d57-6b1f6f0c2a11"


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    create_key(tmp_path / "empreintes.key")
    return settings.model_copy(update={"hmac_key": None, "hmac_key_file": tmp_path / "empreintes.key"})


def in_the_file(world: World) -> list[bytes]:
    return read_keys(None, world.settings.hmac_key_file, "clé", "", marked=True)


async def prepared_key(world: World) -> bytes:
    return await fingerprints.prepare(world.settings, world.database, "test")


async def turned(world: World) -> fingerprints.HashedAnew:
    return await fingerprints.turn(world.settings, world.database, "test")


async def retired(world: World) -> list[bytes]:
    return await fingerprints.retire(world.settings, world.database, "test")


async def left(world: World) -> dict[str, tuple[int, int]]:
    """How many partners' ids and idempotency keys each key still recognises."""
    states = await fingerprints.state(world.settings, world.database)
    return {state.mark.hex(): (state.names, state.claims) for state in states}


async def known(world: World, partner: str, value: str) -> list[UUID]:
    async with world.database.transaction() as connection:
        crosswalk = Crosswalk(Keyring.of(world.settings))
        return await crosswalk.known(connection, [partner], value, [Nature.MENAGE])


SENT: tuple[tuple[str, Any, str | None], ...] = (
    ("centre", vacancy("A-1"), "cle-1"),
    ("centre", vacancy("A-2"), None),
    ("siao-01", referral(PLACE, 7), None),
    ("siao-01", [referral(PLACE, 8), referral(PLACE, 9)], None),
)
"""Under a key, by its bytes, by the id of its event, and a list of events."""


async def test_what_was_sent_before_is_a_repetition_after_and_another_body_a_conflict(door: World) -> None:
    first = [await door.send(*each) for each in SENT]
    assert {status for status, _ in first} == {202}, first
    events = await door.count("event")
    await prepared_key(door)
    await asyncio.gather(turned(door), turned(door))
    assert len(await door.sql("SELECT FROM audit WHERE action = 'cle.tourner'")) == 1, (
        "deux personnes à la fois"
    )
    assert [await door.send(*each) for each in SENT] == first
    assert (await door.send("centre", vacancy("A-3"), "cle-1"))[0] == 409
    assert await door.count("event") == events
    await door.accepted("siao-01", [referral(PLACE, 8), referral(PLACE, 10)])
    assert await door.count("event") == (events := events + 1), "le premier de la liste est connu"
    anew = await door.send("centre", vacancy("A-4"), "cle-4")
    assert await door.send("centre", vacancy("A-4"), "cle-4") == anew
    assert await door.count("event") == events + 1


@asynccontextmanager
async def another_process(world: World, settings: Settings | None = None) -> AsyncIterator[Intake]:
    """The intake of a process of its own, which nobody tells of the change."""
    async with Hub(settings or world.settings, [Role.GATEWAY]) as hub:
        yield hub.intake


async def offered(world: World, intake: Intake, key: str) -> str:
    """A vacancy of one place under a key; what became of it. Once the place is known, one statement keeps it."""
    assert world.hub is not None
    native = Native(json.dumps(vacancy()).encode(), "application/json")
    partner = world.hub.registry.partners["centre"]
    return (await intake.receive(native, partner, "hebergement_json", key)).etat


async def test_one_key_sent_to_two_processes_while_it_changes_is_accepted_once_and_nobody_waits(
    door: World,
) -> None:
    assert door.hub is not None
    await prepared_key(door)
    over = asyncio.Event()
    sent: list[str] = []

    async def sender(intakes: tuple[Intake, Intake]) -> None:
        while not over.is_set():
            place = f"P-{len(sent)}"
            sent.append(place)
            again = sent[len(sent) // 2]
            said = [
                *(offered(door, each, place) for each in intakes),
                *(offered(door, each, again) for each in intakes),
            ]
            assert {*await asyncio.gather(*said)} == {"accepte"}

    async with another_process(door) as late:
        sending = asyncio.create_task(sender((door.hub.intake, late)))
        await until(lambda: len(sent) > 10 or sending.done(), "on envoie")
        assert late.keyring.hmacs.writer.mark == b""
        await turned(door)
        before = len(sent)
        await until(lambda: len(sent) > before + 10 or sending.done(), "tout continue")
        over.set()
        await sending
        assert late.keyring.hmacs.writer.mark != b"", "il a suivi"
    assert await door.count("event") == len(sent)


async def test_a_process_that_has_only_the_old_key_takes_nothing_in_and_does_not_start(
    door: World, tmp_path: Path
) -> None:
    assert door.hub is not None
    elsewhere = shutil.copy(door.settings.hmac_key_file, tmp_path / "ailleurs.key")
    alone = door.settings.model_copy(update={"hmac_key_file": Path(elsewhere)})
    async with Hub(alone, [Role.GATEWAY]) as hub:
        late = hub.intake
        await offered(door, late, "cle-1")
        await prepared_key(door)
        await turned(door)
        for key in ("cle-1", "cle-2"):
            with pytest.raises(Misconfigured, match=r"clé des empreintes [0-9a-f]{8} inconnue"):
                await offered(door, late, key)
        with pytest.raises(Misconfigured, match="remettre ici le fichier de clés"):
            async with another_process(door, alone):
                pass
        await accidents.entry_says_more(door, "siao-01", '{"cles_api": []}')
        with pytest.raises(Misconfigured, match=r"clé des empreintes [0-9a-f]{8} inconnue"):
            await hub.refresh_registry()
        assert not hub.registry.partners["siao-01"].cles_api, "une clé ôtée n'ouvre plus ici non plus"
        await door.apply(door.registry())
        replace_keys(Path(elsewhere), in_the_file(door))
        assert (
            await offered(door, late, "cle-2") == await offered(door, door.hub.intake, "cle-2") == "accepte"
        )
    assert await door.count("event") == 2


async def test_a_refused_message_is_sent_again_or_replayed_after_the_change_and_taken_in_once(
    prepared: World,
) -> None:
    await prepared.start(Role.GATEWAY, Role.SOURCES)
    for number in (1, 2):
        refused = vacancy(f"N-{number}", structure=NOUVEAU_FINESS)
        assert (await prepared.send("centre", refused, f"cle-{number}"))[0] == 422
    await prepared_key(prepared)
    await turned(prepared)
    with pytest.raises(Permanent, match="2 messages en quarantaine"):
        await retired(prepared)
    await mended(prepared)
    await prepared.accepted("centre", vacancy("N-1", structure=NOUVEAU_FINESS), "cle-1")
    assert sum((await replayed(prepared, partner="centre")).values()) == 1, "le premier est réglé"
    assert (await prepared.send("centre", vacancy("N-2", structure=NOUVEAU_FINESS), "cle-2"))[0] == 202
    assert await prepared.count("event") == 2


async def test_names_pseudonyms_and_forgetting_outlive_the_key(world: World) -> None:
    shown = await referred_to_both(world)
    (one, *_) = {each.menage for each in await world.subjects("orientation")}
    assert one is not None
    assert await known(world, "siao-01", "70") == [one]
    ready = {"departement": "01", "dateEvaluation": "2026-03-01"}
    declared = {
        "idMessage": 1,
        "type": "menage.pret-logement.declare",
        "ficheGroupe": fiche() | {"numeroUnique": NUR},
        "logement": ready,
    }
    message = (await world.accepted("siao-01", declared))["id"]
    subject = await told_subject(world, message)
    mark = await prepared_key(world)
    assert (await turned(world)).unreadable == 0
    assert await known(world, "siao-01", "70") == [one]
    assert await referred_to_both(world, 3) == shown
    await world.settled()  # an event that grows older loses its proof
    await clock.pass_time(world, MONTH)
    assert await retired(world) == [b""]
    assert set(await left(world)) == {mark.hex()}
    assert len(in_the_file(world)) == 1
    await world.stop()
    await world.start()
    assert await referred_to_both(world, 5) == shown
    assert await told_subject(world, message) == subject
    assert {
        await cited(world, partner, name)
        for partner, name in zip(("centre", "centre-boite"), shown, strict=True)
    } == {one}
    assert await known(world, "siao-01", "70") == [one]
    assert [await with_number(world, NUR)] == [each.id for each in await world.subjects("menage")]
    acts = [line.action for line in await world.audited() if line.action.startswith("cle.")]
    assert acts == ["cle.preparer", "cle.tourner", "cle.retirer"]


async def test_a_large_file_waits_on_a_machine_without_the_new_key_and_no_number_in_it_is_called_unknown(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nobodys_turn(_: Bulk) -> bool:
        return False

    elsewhere = shutil.copy(world.settings.hmac_key_file, tmp_path / "ailleurs.key")
    alone = world.settings.model_copy(update={"hmac_key_file": Path(elsewhere)})
    await presented(world, 31)
    in_hundreds(world, monkeypatch)
    async with Hub(alone, [Role.SOURCES]) as hub:
        late = decoder(world, Late, hub)
        monkeypatch.setattr(Bulk, "_next", nobodys_turn)
        await prepared_key(world)
        await turned(world)
        row = f"<accuse><refCandidature>{NUR}</refCandidature></accuse>"
        rows = (
            f'<suites xmlns="urn:siao-hub:bailleur:1" versionInterface="01.00">{row * (CHUNK + 1)}</suites>'
        )
        status, sent = await world.send("bailleur", rows.encode(), Content_Type="application/xml")
        assert (status, sent["etat"]) == (202, "en_cours")
        with pytest.raises(Misconfigured, match=r"clé des empreintes [0-9a-f]{8} inconnue"):
            await late.turn()
        replace_keys(Path(elsewhere), in_the_file(world))
        with pytest.raises(KeyTurned):
            await late.turn()
        await late.turn()
    told = await decided(world, UUID(sent["id"]), "bailleur")
    assert "numero_inconnu" not in str(told)
    assert told["acceptes"]


class Late(Bulk):
    """A decoder that works only when told to."""

    turn = Bulk._next


async def with_number(world: World, number: str) -> UUID:
    """The only household of the list that has this numéro unique."""
    async with world.database.transaction() as connection:
        keyring = Keyring.of(world.settings)
        await keyring.check(connection)
        meant = await numbers.found(connection, keyring.hmacs.fingerprints(PURPOSE, number))
        ((household,),) = meant.values()
        return household.id


async def told_subject(world: World, message: str) -> str:
    """The hub's id of the subject of a message, as its sender is told it beside its own."""
    _, said = await world.get("siao-01", f"/v1/messages/{message}")
    return str(said["evenements"][0]["sujet"])


async def test_a_household_that_is_forgotten_on_the_way_is_found_under_no_key(
    door: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await door.accepted("siao-01", referral(PLACE, 7))
    (one,) = await known(door, "siao-01", "70")
    await prepared_key(door)
    hash_anew = sql.hash_anew

    async def forgotten_meanwhile(connection: Any, fresh: Any) -> Any:
        done = await hash_anew(connection, fresh)
        if one in done:
            pid = await pid_of(connection)
            gone.append(asyncio.create_task(forgotten(door, one, force=True)))
            await until(lambda: door.waits_for(pid), "l'oubli attend")
        return done

    gone: list[asyncio.Task[Any]] = []
    monkeypatch.setattr(sql, "hash_anew", forgotten_meanwhile)
    await turned(door)
    await asyncio.gather(*gone)
    assert gone
    assert await known(door, "siao-01", "70") == []


async def test_a_change_that_is_killed_between_any_two_steps_is_whole_in_the_end(door: World) -> None:
    sent = SENT[::2]
    first = [await door.send(*each) for each in sent]
    names = sum(number for number, _ in (await left(door)).values())
    (one,) = await known(door, "siao-01", "70")
    mark = (await prepared_key(door)).hex()
    killed = 0
    for what, finished in (("turn", {"": 0, mark: names}), ("retire", {mark: names})):
        step, status = 0, -signal.SIGKILL
        while status == -signal.SIGKILL:
            step += 1
            for before in (True, False):
                status = await asyncio.to_thread(dying.turning, door.settings, what, step, before)
                killed += status == -signal.SIGKILL
                if what == "turn":
                    assert [await door.send(*each) for each in sent] == first
                assert await known(door, "siao-01", "70") == [one]
        assert status == 0
        assert {key: number for key, (number, _) in (await left(door)).items()} == finished
        await clock.pass_time(door, MONTH)
    assert killed > 2 * names, "à chaque identifiant, avant et après"
    assert len(in_the_file(door)) == 1


async def test_the_old_key_stays_until_its_last_idempotency_key_has_ended(door: World) -> None:
    await door.accepted("centre", vacancy("A-1"), "cle-1")
    await prepared_key(door)
    with pytest.raises(Permanent, match="tourner --empreintes"):
        await prepared_key(door)
    await turned(door)
    with pytest.raises(Permanent, match="1 clé d'idempotence sous l'ancienne"):
        await retired(door)
    with pytest.raises(Permanent, match="retirer --empreintes"):
        await prepared_key(door)
    await clock.grow_older(door, "hmac_key", MONTH)
    with pytest.raises(Permanent, match="1 clé d'idempotence sous l'ancienne"):
        await retired(door)
    await clock.grow_older(door, "idempotency_key", MONTH)
    assert await retired(door) == [b""]
    assert await retired(door) == []
    second = await prepared_key(door)
    await turned(door)
    assert door.hub is not None
    assert await offered(door, door.hub.intake, "cle-2") == "accepte"
    with pytest.raises(Permanent, match="prouve encore"):
        await retired(door)
    await clock.grow_older(door, "hmac_key", MONTH)
    assert len(await retired(door)) == 1
    assert set(await left(door)) == {second.hex()}


async def test_accounts_and_households_to_compare_are_found_before_and_after_all_is_hashed_anew(
    prepared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await prepared.start(*MOVING, Role.DOUBLONS)
    await joined(prepared, *(mailbox(each, Famille.PRESCRIPTEUR, "prescripteur_json") for each in BRINGERS))
    accounts = Accounts(prepared.database, Keyring.of(prepared.settings), cast(MailServer, None), "")
    post = Post()
    elsewhere = Accounts(prepared.database, Keyring.of(prepared.settings), cast(MailServer, post), "")
    await accounts.invite("centre", "camille@exemple.fr", "Camille", "test")
    await prepared.accepted(BRINGERS[0], household(1))
    await until(lambda: cards(prepared, 1), "la première fiche est gardée")
    await prepared_key(prepared)
    hash_anew = fingerprints._hash_anew
    monkeypatch.setattr(fingerprints, "_hash_anew", nothing_yet)
    await turned(prepared)
    for number, bringer in enumerate(BRINGERS[1:], 2):
        with pytest.raises(Permanent, match="déjà un compte"):
            await accounts.invite("centre", "Camille@exemple.fr", "Camille", "test")
        await prepared.accepted(bringer, household(number))
        await until(lambda: cards(prepared, number), "la suivante aussi")  # noqa: B023  awaited at once
        assert len(await pairs(prepared)) == number * (number - 1) / 2
        done = await hash_anew(prepared.settings, prepared.database)
        assert (done.accounts, done.households) == ((1, 1) if number == 2 else (0, 0))
    await elsewhere.send_link("camille@exemple.fr", "/")
    assert post.letters, "un processus que personne n'a prévenu trouve le compte"


class Post:
    """A mail server that keeps what it is given."""

    def __init__(self) -> None:
        self.letters = list[Any]()

    async def send(self, letter: Any) -> None:
        self.letters.append(letter)


async def nothing_yet(*_: Any) -> fingerprints.HashedAnew:
    """The step after the switch, of a command that was killed before it."""
    return fingerprints.HashedAnew(0, 0, 0, 0)


async def cards(world: World, number: int) -> bool:
    return await world.count("household_card") >= number
