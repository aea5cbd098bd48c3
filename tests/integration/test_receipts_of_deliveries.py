"""A recipient proves which bytes it was given, the sender that they arrived. With a household goes the proof of what
was said of it."""

from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from joserfc.jws import extract_compact
from pydantic_core import from_json

from ops.forgetting.erasing import forget
from ops.forgetting.journal import Journal
from router.domain.receipts import InvalidReceipt
from tests.integration import lasting
from tests.integration.auditing import sealed
from tests.integration.by_the_lot import referred, takes_lots
from tests.integration.messages import referral, vacancy
from tests.integration.proved import judged, receipt, script
from tests.integration.registry import AUTRE_FINESS, key_of
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
world = lasting.world


async def forgotten(world: World, household: UUID) -> None:
    await forget(world.database, Journal.of(world.settings), household, "test", force=True)


async def households(world: World) -> list[UUID]:
    return [subject.menage for subject in await world.subjects("orientation") if subject.menage]


async def is_gone(world: World, delivery: object, asker: str) -> bool:
    return (await receipt(world, delivery, asker, of="livraisons"))[0] == 404


async def test_the_recipient_proves_its_bytes_and_the_sender_that_they_arrived_without_guessing_them(
    world: World, tmp_path: Path
) -> None:
    await world.referred()
    await world.settled()
    *_, given = world.shelter.attempts
    assert (await receipt(world, given.key, of="livraisons"))[1]["Retry-After"] == "60"
    await sealed(world)

    status, _, jws = await receipt(world, given.key, of="livraisons")
    assert status == 200
    said = judged(world, jws)
    assert (said.is_of_a_delivery, said.entry.actor, said.entry.object) == (True, "centre", given.key)
    assert (said.is_about(given.raw), said.is_about(given.raw + b" ")) == (True, False)
    proved = script(tmp_path, world, jws, given.raw)
    assert proved.stdout.startswith("remis à centre"), proved.stderr
    assert script(tmp_path, world, jws, given.raw + b" ").returncode != 0

    status, _, jws = await receipt(world, given.key, "siao-01", of="livraisons")
    assert status == 200
    senders = judged(world, jws)
    assert (senders.entry, senders.digest) == (said.entry, said.digest)
    assert said.nonce is not None
    assert said.nonce.hex() not in extract_compact(jws.encode()).payload.decode()
    with pytest.raises(InvalidReceipt):
        senders.is_about(given.raw)
    assert script(tmp_path, world, jws).returncode == 0


async def test_nobody_else_gets_the_receipt_of_a_delivery_nor_of_one_that_did_not_arrive(
    world: World,
) -> None:
    await world.referred()
    await world.settled()
    world.shelter.status = 422
    await world.accepted("siao-01", referral(await world.known_place("A-102"), 2))
    await until(lambda: len(world.shelter.attempts) == 2, "elle est refusée")
    await world.settled()
    await sealed(world)
    arrived, refused = world.shelter.attempts
    for asker, delivery in (("centre-boite", arrived.key), ("centre", refused.key), ("siao-01", refused.key)):
        status, told, problem = await receipt(world, delivery, asker, of="livraisons")
        assert (status, "Retry-After" in told) == (404, False)
        assert from_json(problem)["type"] == "urn:siao:probleme:recu-inconnu"


async def test_a_lot_has_one_receipt_that_is_forgotten_with_the_first_of_its_households(world: World) -> None:
    await takes_lots(world, 2)
    await referred(world, 1, 2)
    await until(lambda: world.shelter.messages, "le lot arrive")
    await world.settled()
    await sealed(world)
    (given,) = world.shelter.attempts
    lines = [delivery for delivery in await world.deliveries("centre") if delivery.etat == "livree"]
    for ident in (given.key, *(line.id for line in lines)):
        status, _, jws = await receipt(world, ident, of="livraisons")
        assert (status, judged(world, jws).is_about(given.raw)) == (200, True)
    await forgotten(world, (await households(world))[0])
    for ident in (given.key, *(line.id for line in lines)):
        await until(partial(is_gone, world, ident, "centre"), "il n'y a plus de reçu")


async def test_what_was_read_in_a_mailbox_and_acknowledged_is_proved_as_it_was_read(world: World) -> None:
    await world.accepted("centre-boite", vacancy("B-1", structure=AUTRE_FINESS))
    await until(lambda: world.siao.messages, "la vacance arrive au SIAO")
    await world.accepted("siao-01", referral(world.siao.messages[-1]["place"]["identifiantExterne"], 1))

    async def waits() -> bool:
        return bool((await world.get("centre-boite", "/v1/boite"))[1]["envois"])

    await until(waits, "l'orientation est dans la boîte")
    (envoi,) = (await world.get("centre-boite", "/v1/boite"))[1]["envois"]
    me = {"Authorization": f"Bearer {key_of('centre-boite')}"}
    for _ in range(2):  # the last reading counts
        async with world.http.get(f"{world.base}/v1/boite/{envoi['cle']}", headers=me) as response:
            read = await response.read()
    await sealed(world)
    assert (await receipt(world, envoi["cle"], "centre-boite", of="livraisons"))[0] == 404, (
        "lire ne prouve rien"
    )
    assert (await world.post(b"", path=f"/v1/boite/{envoi['cle']}/accuse", **me)).status == 200
    assert (await world.get("centre-boite", f"/v1/boite/{envoi['cle']}"))[0] == 200
    await sealed(world)
    status, _, jws = await receipt(world, envoi["cle"], "centre-boite", of="livraisons")
    assert (status, judged(world, jws).is_about(read)) == (200, True)
    await forgotten(world, (await households(world))[0])
    for asker in ("centre-boite", "siao-01"):
        await until(partial(is_gone, world, envoi["cle"], asker), "il n'y a plus de reçu")
