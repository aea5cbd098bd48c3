"""Each API key shows when it was last used, and a partner under which limits it works."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.partner import Limites
from ops.partners import printed as partners
from router.domain.correspondents import Correspondent, OldKey
from router.domain.partners import Registry
from router.intake import key_uses
from tests.integration import lasting
from tests.integration.messages import vacancy
from tests.integration.registry import FINESS, hash_of
from tests.integration.seen import vitals
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
door = lasting.door

KEYS = {"cles_api": (hash_of("ancienne"), hash_of("nouvelle"))}


@pytest.fixture(autouse=True, scope="module")
def at_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(key_uses, "WRITE_SECONDS", 0.01)
        yield


async def shown(world: World, capsys: pytest.CaptureFixture[str], ident: str = "centre") -> dict[str, Any]:
    """What the command says of a partner."""
    capsys.readouterr()
    assert await partners.show(world.settings, ident, as_json=True) == 0
    content: dict[str, Any] = json.loads(capsys.readouterr().out)
    return content


async def test_a_key_shows_when_it_was_last_used_and_another_of_its_partner_that_it_never_was(
    door: World, capsys: pytest.CaptureFixture[str]
) -> None:
    await door.apply(door.registry(centre=KEYS))
    before = datetime.now(UTC)
    await door.post(vacancy(), Authorization="Bearer nouvelle")

    async def told() -> Any:
        return (await shown(door, capsys))["cles_api"][hash_of("nouvelle")[:15]]

    at = datetime.fromisoformat(await until(told, "l'usage est écrit"))
    assert before <= at <= datetime.now(UTC)
    assert (await shown(door, capsys))["cles_api"][hash_of("ancienne")[:15]] is None
    await partners.show_all(door.settings, as_json=False)
    assert "jamais" in capsys.readouterr().out


async def test_a_partner_that_goes_on_sending_a_key_that_was_taken_from_it_is_known_with_when_and_since_when(
    door: World,
) -> None:
    before = datetime.now(UTC)
    await door.apply(door.registry(centre=KEYS))
    reply = await door.post(vacancy(), Authorization="Bearer cle-de-centre")
    assert reply.status == 401

    async def centre() -> Correspondent:
        return {each.id: each for each in (await vitals(door)).partners}["centre"]

    async def told() -> OldKey | None:
        return (await centre()).old_key

    first = await until(told, "la clé retirée est reconnue")
    assert before <= first.retired_at <= first.since == first.last
    assert (await centre()).is_shut_out
    await door.post(vacancy(), Authorization="Bearer inconnue")
    await door.post(vacancy(), Authorization="Bearer cle-de-centre")

    async def guesses() -> int:
        assert door.hub is not None
        door.hub.heart.wake.set()
        return sum(beat.unknown_keys for beat in (await vitals(door)).beats)

    assert await until(guesses, "la clé inconnue est comptée") == 1, "une clé retirée n'est pas inconnue"
    assert {beat.unknown_address for beat in (await vitals(door)).beats} == {"127.0.0.1"}

    async def again() -> bool:
        last = await told()
        return last is not None and last.since == first.since < last.last

    await until(again, "le dernier refus est daté, et le premier reste")
    assert await door.count("retired_key") == 1, "une clé qui n'a été à personne n'est pas gardée"
    await door.post(vacancy(), Authorization="Bearer nouvelle")

    async def opens() -> bool:
        return not (await centre()).is_shut_out

    await until(opens, "une autre de ses clés ouvre")
    await door.apply(door.registry())
    assert await told() is None, "rendue, elle ouvre"


async def test_who_sends_a_key_of_a_partner_that_was_removed_is_named_and_its_command_says_when(
    door: World, capsys: pytest.CaptureFixture[str]
) -> None:
    registry = door.registry(centre=KEYS)
    await door.apply(registry)
    await door.sql(
        "INSERT INTO contact (partner, etat) VALUES ('centre', 'injoignable')"
        " ON CONFLICT (partner) DO UPDATE SET etat = excluded.etat"
    )
    await door.apply(Registry.of([each for each in registry.partners.values() if each.id != "centre"]))
    assert (await door.post(vacancy(), Authorization="Bearer nouvelle")).status == 401

    async def told() -> Correspondent | None:
        return next((each for each in (await vitals(door)).partners if each.id == "centre"), None)

    removed = await until(told, "la clé est reconnue")
    assert removed.old_key is not None
    assert removed.old_key.is_of_a_removed
    assert removed.contact is None, "plus personne ne veut l'atteindre"
    (refused,) = (await shown(door, capsys))["cles_retirees"]
    assert refused["cle"] == hash_of("nouvelle")[:15]


async def test_a_request_with_an_unknown_key_is_no_use_of_any_and_the_use_of_one_taken_away_is_forgotten(
    door: World,
) -> None:
    await door.post(vacancy(), Authorization="Bearer inconnue")
    await door.post(vacancy(), Authorization="Bearer cle-de-centre")
    await until(lambda: door.count("key_use"), "l'usage est écrit")
    assert await door.count("key_use") == 1
    await door.apply(door.registry(centre=KEYS))
    assert await door.count("key_use") == 0


async def test_a_partner_is_shown_with_its_limits_defaults_included_and_without_what_is_secret(
    door: World, capsys: pytest.CaptureFixture[str]
) -> None:
    limites = {"limites": Limites(requetes_par_seconde=7)}
    await door.apply(door.registry(centre=limites))
    told = await shown(door, capsys)
    assert told["limites.requetes_par_seconde"] == 7
    assert told["limites.evenements_en_attente"] == Limites().evenements_en_attente
    assert await partners.show(door.settings, "centre", as_json=False) == 0
    table = capsys.readouterr().out
    assert "limites.rafale_requetes" in table
    for secret in (FINESS, hash_of("cle-de-centre")):
        assert secret not in table + json.dumps(told)
    assert await partners.show(door.settings, "inconnu", as_json=True) == 1
