"""The sizes of the benchmark's stages."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """Sizes of a benchmark: numbers of messages, rates of the open loop in messages per second, and its duration."""

    rounds: int
    tutorial: int
    bulk_rows: int
    single: int
    whole: int
    rates: tuple[int, ...] = (30, 300, 1000)
    latency_s: int = 10
    rest_s: int = 60
    """Seconds without messages, for measuring the hub at rest."""
    warm_up: int = 300
    slow_partner_ms: int = 20


FULL = Plan(rounds=3, tutorial=8_000, bulk_rows=20_000, single=15_000, whole=15_000)
QUICK = Plan(rounds=1, tutorial=1_500, bulk_rows=4_000, single=3_000, whole=3_000, latency_s=3, rest_s=6)
