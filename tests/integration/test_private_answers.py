"""Whatever the hub answers is kept by nobody on its way, and is taken for what it says that it is."""

import pytest

from tests.integration import lasting
from tests.integration.messages import vacancy
from tests.integration.registry import key_of
from tests.integration.world import World

pytestmark = lasting.MARK
door = lasting.door

PATHS = ("/docs", "/openapi.json", "/healthz", "/readyz", "/v1/boite", "/v1/messages", "/ailleurs")


@pytest.mark.parametrize("known", [True, False], ids=["known", "stranger"])
async def test_no_answer_is_kept_or_guessed_at(door: World, known: bool) -> None:
    headers = {"Authorization": f"Bearer {key_of('centre-boite')}"} if known else {}
    for path in PATHS:
        async with door.http.get(door.base + path, headers=headers) as response:
            assert response.headers.getall("X-Content-Type-Options") == ["nosniff"], path
            assert response.headers.getall("Cache-Control") == ["no-store"], path
    sent = await door.post(vacancy(), Authorization=f"Bearer {key_of('centre')}" if known else "")
    assert sent.status == (202 if known else 401)
    assert sent.headers["Cache-Control"] == "no-store"
