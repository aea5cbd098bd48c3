"""Under hostile requests the hub makes no error and loses no process, and nobody else loses anything by them."""

import asyncio
from pathlib import Path

import pytest

from deploy.local import Parts
from tests.hostile import attacks, siege
from tests.hostile.attacks import Plan
from tests.hostile.hurling import SEEN
from tests.hostile.verdict import faults

SHORT = Plan(pairs=1, quiet_seconds=1, noisy_seconds=2, attackers=1, seed=1)


def test_hostile_requests_cost_nobody_else_a_message_and_the_hub_no_process(
    parts: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(siege, "WARM_UP", siege.RATE)  # no latency is judged here
    monkeypatch.setattr(siege, "SETTLE_SECONDS", 0)
    monkeypatch.setattr(attacks, "NICENESS", 0)  # beside other tests, they would wait for their turn
    observed = asyncio.run(siege.siege(parts, tmp_path, SHORT))
    assert list(faults(observed)) == []
    assert observed.answers.keys() >= SEEN, "certaines sont lues, certaines prises"
