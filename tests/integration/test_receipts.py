"""A receipt proves to anybody what the hub took in, and lets nobody guess it once its household is forgotten."""

import asyncio
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic_core import from_json, to_json

from ops.forgetting.erasing import forget
from ops.forgetting.journal import Journal
from ops.retention import sweeping as retention
from router.domain.receipts import InvalidReceipt, SignedReceipt, verified
from router.privacy.audit_keys import receipt_key
from tests.integration import lasting
from tests.integration.auditing import sealed
from tests.integration.messages import referral, vacancy
from tests.integration.proved import judged, receipt, script
from tests.integration.registry import key_of
from tests.integration.retained import later
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
door, world = lasting.door, lasting.world
LONGEST_PROOF = 8 * 1024


async def accepted(world: World, body: Any, partner: str = "centre", key: str | None = None) -> str:
    status, answer = await world.send(partner, body, key=key)
    assert status == 202, answer
    return str(answer["id"])


async def test_an_outsider_verifies_a_receipt_by_the_lines_of_the_guide_and_finds_a_changed_byte(
    door: World, tmp_path: Path
) -> None:
    body = to_json(vacancy("A-1"))
    headers = {"Authorization": f"Bearer {key_of('centre')}", "Content-Type": "application/json"}
    async with door.http.post(f"{door.base}/v1/messages", data=body, headers=headers) as response:
        message = (await response.json())["id"]
    status, told, _ = await receipt(door, message)
    assert (status, told["Retry-After"]) == (404, "60"), "aucune tête ne le couvre encore"
    await sealed(door)
    status, told, jws = await receipt(door, message)
    assert (status, told["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert len(jws) < LONGEST_PROOF
    said = judged(door, jws)
    assert (said.entry.actor, said.entry.object, said.is_about(body)) == ("centre", message, True)
    assert not said.is_about(body + b" ")
    proved = script(tmp_path, door, jws, body)
    assert (proved.returncode, message in proved.stdout) == (0, True), proved.stderr
    assert script(tmp_path, door, jws, body + b" ").returncode != 0
    middle = len(jws) // 2
    changed = jws[:middle] + ("A" if jws[middle] != "A" else "B") + jws[middle + 1 :]
    assert script(tmp_path, door, changed, body).returncode != 0
    with pytest.raises(InvalidReceipt):
        judged(door, changed)


async def test_a_receipt_is_for_who_has_part_in_the_message_and_a_refused_one_has_none(door: World) -> None:
    mine = await accepted(door, vacancy("A-1"))
    _, refused = await door.send("centre", {"type": "place.vacante"})
    await sealed(door)
    assert (await receipt(door, mine))[0] == 200
    for message, partner in ((mine, "siao-01"), (refused["id"], "centre")):
        status, told, problem = await receipt(door, message, partner)
        assert (status, "Retry-After" in told) == (404, False)
        assert from_json(problem)["type"] == "urn:siao:probleme:recu-inconnu"


async def test_a_head_that_another_key_signed_proves_nothing_even_under_the_key_of_receipts(
    door: World,
) -> None:
    message = await accepted(door, vacancy("A-1"))
    await sealed(door)
    _, _, jws = await receipt(door, message)
    stranger = Ed25519PrivateKey.from_private_bytes(b"\5" * 32).public_key()
    with pytest.raises(InvalidReceipt, match="tête"):
        verified(jws, [receipt_key(door.settings).public_key()], [stranger])


async def test_once_a_household_is_forgotten_nobody_can_guess_what_was_said_of_it(world: World) -> None:
    place = await world.known_place()
    message = await accepted(world, referral(place, 1), "siao-01")
    await world.settled()
    await sealed(world)
    status, _, jws = await receipt(world, message, "siao-01")
    assert status == 200
    kept = judged(world, jws)
    assert kept.nonce is not None
    assert kept.nonce not in await world.everything()
    (household,) = [subject.menage for subject in await world.subjects("orientation") if subject.menage]
    await forget(world.database, Journal.of(world.settings), household, "test", force=True)

    async def is_gone() -> bool:
        return (await receipt(world, message, "siao-01"))[0] == 404

    await until(is_gone, "plus personne n'a ce reçu")  # the hub's processes are told to forget the key
    assert judged(world, jws) == kept, "qui a son reçu le garde"


async def test_a_hundred_at_once_have_each_a_receipt_of_their_own_below_eight_kilobytes(door: World) -> None:
    bodies = [vacancy(f"A-{number % 5}") for number in range(100)]
    turns = asyncio.Semaphore(30)

    ids: dict[int, str] = {}

    async def taken(number: int) -> bool:
        status, answer = await door.send("centre", bodies[number], key=f"k-{number}")
        assert status in (202, 429, 503), answer
        ids[number] = str(answer.get("id"))
        return status == 202  # else it is asked to wait

    async def sent(number: int) -> str:
        async with turns:
            await until(partial(taken, number), "le message est pris")
        return ids[number]

    messages = await asyncio.gather(*map(sent, range(100)))
    await sealed(door)

    answers: dict[str, tuple[int, dict[str, str], str]] = {}

    async def answered(message: str) -> bool:
        answers[message] = await receipt(door, message)
        return answers[message][0] not in (429, 503)  # so many questions: it is asked to wait

    async def proof(message: str) -> SignedReceipt:
        async with turns:
            await until(partial(answered, message), "le reçu vient")
        status, _, jws = answers[message]
        assert (status, len(jws) < LONGEST_PROOF) == (200, True)
        return judged(door, jws)

    proofs = await asyncio.gather(*map(proof, messages))
    assert [said.entry.object for said in proofs] == messages
    assert len({said.digest for said in proofs}) == len({said.nonce for said in proofs}) == 100


async def test_the_key_of_a_message_goes_with_its_links_so_that_no_nonce_outlives_an_erasure(
    world: World,
) -> None:
    place = await world.known_place()
    message = UUID(await accepted(world, referral(place, 1), "siao-01"))
    await world.settled()
    assert message in await world.keys()
    await later(world, timedelta(days=31))
    await retention.sweep(world.database, world.settings)
    assert message not in await world.keys()
