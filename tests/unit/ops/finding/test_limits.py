"""A search that may not have read all says among how many it looked."""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

from ops.finding.sql import Wanted, looked_at
from router.store.sql import Row
from tests.rows import each_row

MOMENT = datetime(2026, 12, 1, tzinfo=UTC)


@each_row(
    ("partners", "criteria", "found", "among"),
    [
        (785, {}, {("message", "p-1"): 50}, 50),
        (785, {}, {("livraison", "p-1"): 51}, 50),
        (785, {}, {("message", "p-1"): 49, ("livraison", "p-1"): 49, ("message", "p-2"): 49}, None),
        (785, {}, {("quarantaine", "p-1"): 50}, None),
        (785, {"etats": ("refuse",)}, {}, 50),
        (1, {"words": "commune"}, {}, 20_000),
        (1, {"type": "place"}, {}, 4_000),
        (1, {}, {}, None),
    ],
)
def test_a_search_says_its_limit_if_it_has_criteria_or_found_as_many_of_a_partner_as_it_may_read(
    partners: int, criteria: Mapping[str, Any], found: Mapping[tuple[str, str], int], among: int | None
) -> None:
    wanted = Wanted(tuple(f"p-{number}" for number in range(partners)), MOMENT, MOMENT, **criteria)
    rows = [
        cast(Row, SimpleNamespace(kind=kind, partner=partner))
        for (kind, partner), number in found.items()
        for _ in range(number)
    ]
    assert looked_at(wanted, rows) == among
