"""A wait that ends in vain says what the hub knew."""

import pytest

from tests.integration import waiting
from tests.integration.messages import vacancy
from tests.integration.waiting import until
from tests.integration.world import World


async def test_a_wait_that_ends_in_vain_says_what_was_answered_and_how_far_each_message_came(
    door: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "DEADLINE_SECONDS", 0)
    monkeypatch.setattr(waiting, "STILL_SECONDS", 0)
    await door.accepted("centre", vacancy())
    (event,) = await door.events()
    with pytest.raises(AssertionError) as told:
        await until(door.at_rest, "tout est appliqué")
    said = str(told.value)
    assert "POST /v1/messages : 202" in said
    assert f"— message {event.correlation}" in said
    assert "place.vacante attend d'être appliqué" in said
