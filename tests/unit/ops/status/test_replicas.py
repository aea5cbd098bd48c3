"""What is said of PostgreSQL's replicas: which is meant, and what a 202 is worth with it."""

from collections.abc import Sequence
from typing import NamedTuple

from ops.status.server_safeguards import of_replicas
from tests.rows import each_row


class Replica(NamedTuple):
    name: str
    state: str
    logical: bool = False


KEYS = Replica("siao_cles", "sync", logical=True)


@each_row(
    ("wanted", "replicas", "told"),
    [
        ("", (), {"réplique des clés": None, "secours de PostgreSQL": None}),
        ("siao_cles", (KEYS,), {"réplique des clés": True, "secours de PostgreSQL": None}),
        (
            "siao_cles",
            (),
            {"réplique des clés": False, "secours de PostgreSQL": None, "écritures de PostgreSQL": False},
        ),
        (
            "siao_cles",
            (Replica("secours", "async"),),
            {"réplique des clés": False, "secours de PostgreSQL": True, "écritures de PostgreSQL": False},
        ),
        (
            "secours",
            (Replica("secours", "sync"),),
            {"réplique des clés": None, "secours de PostgreSQL": True},
        ),
    ],
)
def test_a_net_holds_where_the_replica_that_it_means_is_there_and_one_that_nobody_set_up_is_not_said_to(
    wanted: str, replicas: Sequence[Replica], told: dict[str, bool | None]
) -> None:
    assert {safeguard.name: safeguard.holds for safeguard in of_replicas(wanted, replicas)} == told


@each_row(("state", "lossy"), [("async", True), ("potential", True), ("sync", False), ("quorum", False)])
def test_a_standby_that_is_not_waited_for_says_that_a_202_may_be_lost(state: str, lossy: bool) -> None:
    safeguards = {
        safeguard.name: safeguard.state for safeguard in of_replicas("", (Replica("secours", state),))
    }
    assert ("un 202 peut se perdre" in safeguards["secours de PostgreSQL"]) == lossy


@each_row(("state", "words"), [("sync", "synchrone"), ("async", "asynchrone : un 202 peut se perdre")])
def test_the_replica_of_the_keys_is_named_and_its_state_told_in_words(state: str, words: str) -> None:
    (keys, *_) = of_replicas("", (KEYS._replace(state=state),))
    assert keys.state == f"« {KEYS.name} » {words}"


def test_what_keeps_every_write_waiting_is_told_with_its_remedy() -> None:
    safeguards = {safeguard.name: safeguard.state for safeguard in of_replicas("siao_cles", ())}
    assert "« siao_cles »" in safeguards["écritures de PostgreSQL"]
    assert "ALTER SYSTEM SET synchronous_standby_names = ''" in safeguards["écritures de PostgreSQL"]
