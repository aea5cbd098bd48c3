"""To forget a household: from one moment to the next, nothing about it can be read anywhere."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from resource import RLIMIT_FSIZE, getrlimit, setrlimit
from typing import Any
from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs

from contracts.errors import BusUnavailable, Misconfigured, Permanent
from contracts.partner import ClasseLivraison
from contracts.sealed import from_bytes
from contracts.sftp import EntreeSftp
from ops.forgetting.erasing import apply_again, forget
from ops.forgetting.journal import Journal
from ops.forgetting.printed import forget_menage
from router.delivery.sending import Sender
from router.privacy.crosswalk import Crosswalk, Mentions
from router.privacy.keyring import Keyring
from router.store import lanes
from router.store.lanes import LaneClaim
from tests.integration import accidents, clock, lasting
from tests.integration.messages import cancellation, referral, to_structure, vacancy
from tests.integration.registry import AUTRE_FINESS, FINESS
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
door, world = lasting.door, lasting.world


async def menage_of(world: World) -> UUID:
    """The household of the only referral."""
    (referral,) = await world.subjects("orientation")
    assert referral.menage is not None
    return referral.menage


async def forgotten(world: World, menage: UUID, **how: Any) -> int:
    return await forget(world.database, Journal.of(world.settings), menage, "test", **how)


async def test_a_household_is_forgotten_without_force_only_once_nobody_waits_for_an_answer(
    world: World,
) -> None:
    ours = await world.referred()
    menage, before = await menage_of(world), await world.keys()
    with pytest.raises(Permanent, match="encore une réponse"):
        await forgotten(world, menage)
    assert await world.keys() == before
    assert not world.settings.erasures_file.exists()
    refusal = {"orientation": ours, "auteur": "PERSONNE", "motif": "LOCALISATION"}
    await world.accepted("centre", {"type": "orientation.refusee", **refusal})
    await until(lambda: world.siao.of_type("orientation.refusee"), "le refus arrive au SIAO")
    await world.settled()
    assert await forgotten(world, menage) > 0


async def test_a_household_whose_referral_is_not_yet_applied_is_forgotten_by_force_alone_and_gets_no_name_again(
    door: World,
) -> None:
    await door.accepted("siao-01", to_structure(FINESS, 1))
    (menage,) = await door.called("menage")
    with pytest.raises(Permanent, match="encore une réponse"):
        await forgotten(door, menage)
    pair, keyring = ("centre", menage), Keyring.of(door.settings)
    mentions = Mentions({pair}, {pair}, frozenset())
    async with door.database.transaction() as connection:
        await keyring.get(connection, [menage])  # read before it is forgotten
    assert await forgotten(door, menage, force=True) > 0
    async with door.database.transaction() as connection:
        await Crosswalk(keyring).names(connection, mentions)
    assert await door.called("menage") == [], (
        "bien qu'un partenaire en soit alors informé pour la première fois"
    )


async def test_after_an_erasure_neither_tables_nor_bus_can_be_read_and_it_is_on_record(world: World) -> None:
    await world.referred(1, "A-1")
    menage = await menage_of(world)
    await world.referred(2, "A-2")
    await world.settled()
    first, _ = await world.events("siao-01")
    others = await world.keys()

    destroyed = await forgotten(world, menage, force=True)
    gone = others - await world.keys()
    assert destroyed == len(gone) == 3, "ménage, orientation, et message qui les nomme"
    assert {menage, first.subject, first.correlation} == gone
    sealed_for = [
        {part.titulaire for part in from_bytes(record.value)[1]} for record in await world.bus.records()
    ]
    assert any(holders & gone for holders in sealed_for), "sur le bus, illisible dès maintenant"
    assert not any(holders & gone and holders - gone for holders in sealed_for)
    assert gone.isdisjoint(await world.called())
    (line,) = world.settings.erasures_file.read_text().splitlines()
    assert json.loads(line)["menage"] == str(menage)
    (audited,) = await world.audited("menage.oublier")
    assert (audited.actor, audited.object) == ("test", str(menage))


async def test_a_delivery_that_waits_for_its_partner_is_forgotten_too_and_never_sent(world: World) -> None:
    place = await world.known_place()
    world.shelter.status = 503
    _, answer = await world.send("siao-01", referral(place))
    await until(lambda: world.shelter.attempts, "le centre est essayé")
    await forgotten(world, await menage_of(world), force=True)

    async def is_forgotten() -> bool:
        return "oubliee" in await world.etats("centre")

    await until(is_forgotten, "la livraison est oubliée")
    world.shelter.status = 204
    tried = len(world.shelter.attempts)
    await world.known_place("A-102")
    await world.settled()
    assert len(world.shelter.attempts) == tried
    _, fate = await world.get("siao-01", f"/v1/messages/{answer['id']}")
    assert [d["etat"] for d in fate["evenements"][0]["livraisons"]] == ["oubliee"]


async def test_a_household_forgotten_between_the_claim_of_its_lane_and_the_sending_is_not_sent(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert world.hub is not None
    place, emptied = await world.known_place(), asyncio.Event()
    world.shelter.status = 503
    await world.accepted("siao-01", referral(place))
    await until(lambda: world.shelter.attempts, "le centre est essayé")
    keyring = world.hub.keyring
    menage, claim, empty = await menage_of(world), lanes.claim, keyring.forget_cached

    def emptying() -> None:
        empty()
        emptied.set()

    async def claims_just_before(connection: Any, process: UUID, room: Any, *limits: int) -> Any:
        claimed = await claim(connection, process, room, *limits)
        if not emptied.is_set() and any(rows and rows[0].holder == menage for rows in claimed.values()):
            world.shelter.forget()
            await forgotten(world, menage, force=True)
            await emptied.wait()
        return claimed

    keyring.forget_cached()
    monkeypatch.setattr(keyring, "forget_cached", emptying)
    monkeypatch.setattr(lanes, "claim", claims_just_before)
    await until(emptied.is_set, "le ménage est oublié après la réservation de la voie")
    await world.settled()
    assert world.shelter.attempts == []
    assert await world.etats("centre") == ["oubliee"]


async def test_what_follows_in_a_lane_under_way_is_read_anew_once_a_household_is_forgotten(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert world.hub is not None
    await world.apply(world.registry(centre={"livraison": ClasseLivraison.DEDUPLIQUE}))
    place, keyring, emptied = await world.known_place(), world.hub.keyring, asyncio.Event()
    world.shelter.status = 503
    await world.accepted("siao-01", referral(place, 1))
    await world.accepted("siao-01", cancellation(1))

    async def both_wait() -> bool:
        return len(await world.etats("centre")) == 2

    await until(both_wait, "l'orientation et son annulation attendent")
    menage, empty = await menage_of(world), keyring.forget_cached

    def emptying() -> None:
        empty()
        emptied.set()

    claims, attempt = list[int](), Sender._attempt

    async def noted(self: Sender, outlet: Any, due: Any, claim: LaneClaim, claimed_at: float) -> Any:
        sent = await attempt(self, outlet, due, claim, claimed_at)
        if claim.partner == "centre":
            claims.append(claim.fencing_token)
        return sent

    async def meanwhile() -> None:
        if not emptied.is_set():
            await forgotten(world, menage, force=True)
            await emptied.wait()

    monkeypatch.setattr(keyring, "forget_cached", emptying)
    world.shelter.forget()
    monkeypatch.setattr(Sender, "_attempt", noted)
    world.shelter.when_tried = meanwhile
    await world.settled()
    assert [each["type"] for each in world.shelter.messages] == [
        "orientation.proposee",
        "orientation.annulee",
    ]
    assert len(claims) == len({*claims}) == 2, "une réservation de la voie pour chacun"


async def test_what_waits_in_a_mailbox_is_forgotten_there(world: World) -> None:
    await world.accepted("centre-boite", vacancy("B-1", structure=AUTRE_FINESS))
    await until(lambda: world.siao.messages, "la vacance arrive au SIAO")
    await world.accepted("siao-01", referral(world.siao.messages[0]["place"]["identifiantExterne"]))

    async def envois() -> Any:
        _, body = await world.get("centre-boite", "/v1/boite")
        return body["envois"]

    (envoi,) = await until(envois, "l'orientation est dans la boîte")
    await forgotten(world, await menage_of(world), force=True)

    async def emptied() -> bool:
        return not await envois()

    await until(emptied, "la boîte est vide")
    assert (await world.get("centre-boite", f"/v1/boite/{envoi['cle']}"))[0] == 404


async def test_a_household_is_forgotten_neither_now_nor_by_a_later_recovery_while_it_cannot_be_journalled(
    world: World, tmp_path: Path
) -> None:
    await world.referred()
    menage, before, kafka = await menage_of(world), await world.keys(), world.settings.kafka
    away = kafka.model_copy(update={"bootstrap": "127.0.0.1:1"})
    for file, bus, error, said in (
        ("/dev/full", kafka, Misconfigured, "journal des effacements /dev/full"),
        (
            "/nowhere/effacements.jsonl",
            kafka,
            Misconfigured,
            "journal des effacements /nowhere/effacements.jsonl",
        ),
        (world.settings.erasures_file, away, BusUnavailable, "sans lui, rien n'est oublié"),
    ):
        with pytest.raises(error, match=said):
            await forget(world.database, Journal(Path(file), bus), menage, "test", force=True)
        assert await apply_again(world.database, Journal.of(world.settings), "test") == 0, said
        assert await world.keys() == before, said
    with pytest.raises(Misconfigured, match=f"journal des effacements {tmp_path} ne peut être lu"):
        await apply_again(world.database, Journal(tmp_path, kafka), "test")


async def test_a_journal_with_room_for_one_of_two_erasures_keeps_neither_and_what_was_there_before(
    world: World,
) -> None:
    earlier, later = uuid4(), uuid4()
    file, journal = world.settings.erasures_file, Journal.of(world.settings)
    await journal.forgets([earlier])
    known = await journal.households(was_begun=False)
    filled = b" " * 2**20 + b"\n"  # large, because the limit counts for all files of this process
    file.write_bytes(filled)
    soft, hard = getrlimit(RLIMIT_FSIZE)
    setrlimit(RLIMIT_FSIZE, (2**20 + 150, hard))
    try:
        with pytest.raises(Misconfigured):
            await journal.forgets([earlier, later])
    finally:
        setrlimit(RLIMIT_FSIZE, (soft, hard))
    assert file.read_bytes() == filled
    assert await journal.households(was_begun=False) == known


async def test_a_household_that_somebody_spoke_of_after_its_line_in_the_journal_is_not_forgotten_by_a_recovery(
    world: World,
) -> None:
    await world.referred()
    menage = await menage_of(world)
    line = {"menage": str(menage), "le": (datetime.now(UTC) - timedelta(hours=1)).isoformat()}
    world.settings.erasures_file.write_text(json.dumps(line) + "\n")
    before = await world.keys()
    assert await apply_again(world.database, Journal.of(world.settings), "test") == 0
    assert await world.keys() == before
    for table in ("heard", "inbox"):
        await clock.grow_older(world, table, timedelta(hours=2))
    again = referral(await world.known_place("A-102"), 4712)
    again["ficheGroupe"]["id"] = referral("")["ficheGroupe"]["id"]
    await world.accepted("siao-01", again)
    before = await world.keys()
    assert await apply_again(world.database, Journal.of(world.settings), "test") == 0, "dit avant et après"
    assert await world.keys() == before


async def test_one_whose_referral_alone_was_named_since_is_forgotten_again_by_a_recovery(
    world: World,
) -> None:
    await world.referred()
    menage, backup = await menage_of(world), await accidents.saved_keys(world)
    await forgotten(world, menage, force=True)
    await accidents.keys_are_put_back(world, backup)
    (referral,) = await world.subjects("orientation")
    await world.sql("DELETE FROM heard WHERE holder <> $1", referral.id)
    await world.sql(
        "INSERT INTO heard (holder, at) VALUES ($1, now() + interval '1 hour')"
        " ON CONFLICT (holder) DO UPDATE SET at = excluded.at",
        referral.id,
    )
    assert await apply_again(world.database, Journal.of(world.settings), "test") > 0
    assert menage not in await world.keys()


async def test_an_erasure_after_a_torn_line_of_the_journal_is_applied_once_again_to_a_backup_and_the_line_reported(
    world: World,
) -> None:
    await world.referred()
    menage, journal = await menage_of(world), world.settings.erasures_file
    earlier = json.dumps({"menage": str(uuid4())})
    journal.write_bytes(f"{earlier}\n".encode() + b'{"menage": "4f1c\0\xff')
    backup, before = await accidents.saved_keys(world), await world.keys()
    destroyed = await forgotten(world, menage, force=True)
    after = await world.keys()
    await accidents.keys_are_put_back(world, backup)
    assert await world.keys() == before

    with capture_logs() as logged:
        assert await apply_again(world.database, Journal.of(world.settings), "test") == destroyed > 0
    assert await world.keys() == after
    assert menage not in after
    (line,) = (line for line in logged if line["event"] == "erasures.unreadable")
    assert (line["journal"], line["lines"], line["first"]) == (str(journal), 1, 2)
    assert await apply_again(world.database, Journal.of(world.settings), "test") == 0


async def told(
    world: World, capsys: pytest.CaptureFixture[str], said: str, partner: str | None = None
) -> str:
    """What `siao-hub menage oublier` says."""
    assert await forget_menage(world.settings, said, partner, "test", as_json=False, force=True) == 0
    return capsys.readouterr().out


async def test_whoever_forgets_says_the_id_in_what_a_partner_got_or_a_partners_own_and_is_told_where_copies_remain(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    server = {
        "hote": "127.0.0.1",
        "utilisateur": "hub",
        "cle_privee": "file:/cle",
        "cle_hote": "ssh-ed25519 A",
    }
    entree = EntreeSftp(**server, dossier="depot", dialecte="hebergement_json", intervalle_s=3600)
    await world.apply(world.registry(centre={"entree": entree}))
    await world.referred(4711, "A-101")
    menage = await menage_of(world)
    await world.referred(4712, "A-102")
    await world.settled()
    said = await told(world, capsys, world.shelter.messages[-1]["menage"]["id"])
    assert "centre : 1 livraison remise" in said
    assert "fichiers de depot/archives, SFTP de centre : le hub les retire après 7 jours" in said
    assert "siao-01 : " in said
    assert all(
        f"• {place}" in said for place in ("bus, jusqu'au", "journal de la base, jusqu'au", "sauvegardes")
    )
    assert "centre-boite" not in said
    assert await forget_menage(world.settings, str(menage), "siao-01", "test", as_json=False, force=True) == 1
    assert "rien à oublier" in capsys.readouterr().out, "with --de, the hub's own id means nothing"
    assert menage in await world.keys()
    assert "détruite" in await told(world, capsys, "47110", "siao-01")
    assert menage not in await world.keys()
