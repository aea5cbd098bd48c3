"""When somebody has proved who they are, by what the identity provider says."""

from datetime import UTC, datetime, timedelta
from typing import Any

from console.oidc import proved_at
from console.sessions import PROOF_LASTS, has_just_proved
from tests.rows import each_row

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
SECONDS = NOW.timestamp()


@each_row(
    ("claims", "acr", "anew", "at"),
    [
        ({"auth_time": SECONDS - 60}, None, False, NOW - timedelta(minutes=1)),
        ({"auth_time": int(SECONDS) - 28_800}, None, True, NOW - timedelta(hours=8)),
        ({"auth_time": SECONDS + 60}, None, False, NOW),
        ({"auth_time": SECONDS + 3600}, None, False, None),
        ({"auth_time": True}, None, False, None),
        ({"auth_time": "hier"}, None, True, None),
        ({"auth_time": -1}, None, True, None),
        ({}, None, False, None),
        ({}, None, True, NOW),
        ({"auth_time": SECONDS, "acr": "eidas2"}, "eidas2", False, NOW),
        ({"auth_time": SECONDS, "acr": "eidas1"}, "eidas2", True, None),
        ({"auth_time": SECONDS}, "eidas2", True, None),
    ],
)
def test_a_proof_counts_from_when_the_provider_says_and_as_strong_as_it_says(
    claims: dict[str, Any], acr: str | None, anew: bool, at: datetime | None
) -> None:
    assert proved_at(claims, acr, NOW, anew=anew) == at


def test_a_proof_is_worth_ten_minutes() -> None:
    assert has_just_proved(NOW - PROOF_LASTS, NOW)
    assert not has_just_proved(NOW - PROOF_LASTS - timedelta(seconds=1), NOW)
    assert not has_just_proved(None, NOW)
