"""A refused message that is replayed is read anew, once, and never beside what its sender has sent again."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from adapters.registry import ADAPTERS
from contracts.partner import Famille
from ops.replay.job import ACCEPTED, STILL_REFUSED, SUPERSEDED
from tests.integration import accidents, clock, lasting
from tests.integration.desk import siao_hub
from tests.integration.large_files import CHUNK, in_hundreds
from tests.integration.messages import to_structure, vacancy
from tests.integration.quarantined import BOITE, NOUVEAU_FINESS, became, entry, mended, observed, replayed
from tests.integration.registry import FINESS
from tests.integration.test_families import joined, mailbox
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
world = lasting.world


async def test_a_refused_message_that_is_replayed_is_read_anew_beside_its_original(world: World) -> None:
    status, refused = await world.send("centre", vacancy(structure=NOUVEAU_FINESS))
    assert status == 422, refused
    (before,) = await world.quarantined()
    replay = ("quarantine", "replay", str(before.id), "--motif", "essai du test")
    for trial in ((), ("--essai",)):
        said = await siao_hub(world.settings, *replay, *trial)
        assert f"1 faite ({STILL_REFUSED} : 1)" in said
        assert "1 entrée que le hub refuse encore ou ne peut rejouer" in said
        assert said.status == 1, "a script sees that nothing was replayed"
    (after,) = await world.quarantined()
    assert (after.id, after.etat) == (before.id, "ouverte")

    await world.apply(world.registry(centre={"structures": (FINESS, NOUVEAU_FINESS)}))
    assert await replayed(world, dry_run=True, row=before.id) == {ACCEPTED: 1}
    assert await world.events() == [], "un essai ne change rien"
    world.siao.status = 503
    assert await replayed(world, row=before.id) == {ACCEPTED: 1}
    await until(lambda: world.siao.attempts, "le SIAO est essayé")
    assert await observed(world, before.id) == "rejouee", "pas encore abouti"
    world.siao.status = 204
    await until(lambda: world.quarantined("resolue"), "l'entrée est résolue une fois la vacance livrée")
    assert len(world.siao.messages) == 1
    original, *_, anew = await world.messages()
    assert (original.id, original.etat) == (before.message_id, "refuse")
    assert anew.etat == "accepte"


async def test_of_two_contents_refused_under_one_key_the_first_is_taken_in_and_both_are_resolved(
    world: World,
) -> None:
    for number in (1, 2):
        message = vacancy(structure=NOUVEAU_FINESS, capacite=number)
        assert (await world.send("centre", message, "cle-1"))[0] == 422
    await mended(world)
    assert await replayed(world, partner="centre") == {ACCEPTED: 1, SUPERSEDED: 1}
    await until(lambda: both_resolved_by_a_job(world), "les deux entrées sont résolues")
    assert await world.count("event") == 1


async def both_resolved_by_a_job(world: World) -> bool:
    return sum(each.job_id is not None for each in await world.quarantined("resolue")) == 2


@pytest.mark.parametrize("key", ["cle-1", None])
async def test_a_replay_takes_nothing_in_that_the_sender_has_sent_again_and_was_accepted(
    world: World, key: str | None
) -> None:
    message = vacancy(structure=NOUVEAU_FINESS)
    assert (await world.send("centre", message, key))[0] == 422
    await mended(world)
    status, again = await world.send("centre", message, key)
    assert status == 202
    await accidents.all_open_again(world)
    row = await entry(world)
    assert await replayed(world, row=row) == {ACCEPTED: 1}
    assert await became(world, row) == again["id"]
    assert await world.count("event") == 1
    await until(lambda: world.quarantined("resolue"), "l'entrée est résolue : sa vacance est livrée")


async def test_a_message_that_the_hub_could_not_read_is_replayed_under_the_id_that_is_in_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = to_structure(FINESS, 1)
    with monkeypatch.context() as patched:
        patched.setitem(cast(Any, ADAPTERS), "si_siao_json", SimpleNamespace())
        assert (await world.send("siao-01", message))[0] == 500
    status, again = await world.send("siao-01", message)
    assert status == 202
    row = await entry(world)
    assert await replayed(world, row=row) == {ACCEPTED: 1}
    assert await became(world, row) == again["id"]
    assert len(await world.events("siao-01")) == 1


async def test_a_replay_of_a_large_file_takes_nothing_in_that_the_sender_has_sent_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_hundreds(world, monkeypatch)
    rows = [vacancy(f"A-{n}", structure=NOUVEAU_FINESS) for n in range(CHUNK + 1)]
    assert (await world.send("centre", rows, "fichier-1"))[0] == 202
    await until(world.quarantined, "le fichier est refusé")
    await world.apply(world.registry(centre={"structures": (FINESS, NOUVEAU_FINESS)}, siao_01=BOITE))
    status, again = await world.send("centre", rows, "fichier-1")
    assert status == 202
    await accidents.all_open_again(world)
    row = await entry(world)
    assert await replayed(world, row=row) == {ACCEPTED: 1}
    assert await became(world, row) == again["id"]
    await until(lambda: a_file_is_read(world, CHUNK + 1), "le fichier est lu")
    assert await world.count("event") == CHUNK + 1


async def a_file_is_read(world: World, rows: int) -> bool:
    return rows in [message.accepted for message in await world.messages()]


async def test_what_a_replay_takes_in_is_a_repetition_when_the_sender_sends_it_again(world: World) -> None:
    message = vacancy(structure=NOUVEAU_FINESS)
    assert (await world.send("centre", message, "cle-1"))[0] == 422
    await mended(world)
    row = await entry(world)
    assert await replayed(world, row=row) == {ACCEPTED: 1}
    status, again = await world.send("centre", message, "cle-1")
    assert (status, again["id"]) == (202, await became(world, row))
    assert await world.count("event") == 1


async def test_a_replayed_message_is_judged_on_the_day_on_which_it_came(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await joined(world, mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_json"))
    today = datetime.now(UTC).date()
    with monkeypatch.context() as patched:
        patched.setitem(cast(Any, ADAPTERS), "prescripteur_json", SimpleNamespace())
        for days in (15, 5):
            assert (await world.send("ccas", demand(today - timedelta(days))))[0] == 500
    await clock.grow_older(world, "inbox", timedelta(days=10))
    assert await replayed(world, partner="ccas") == {ACCEPTED: 1, STILL_REFUSED: 1}


def demand(born: date) -> dict[str, Any]:
    person = {"nom": "Exemple", "dateNaissance": born.isoformat()}
    menage = {"id": f"M-{born}", "composition": "10", "adultes": 1, "personnes": [person]}
    return {"type": "demande.recue", "demande": f"D-{born}", "dispositif": "URGENCE", "menage": menage}
