"""Named points in the hub's code at which a process may kill itself. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from types import MappingProxyType

POINT_VARIABLE, PASSAGE_VARIABLE = "SIAO_CHAOS_POINT", "SIAO_CHAOS_PASSAGE"


class Point(StrEnum):
    """Point in the hub's code. An ordered process kills itself at its n-th passage."""

    BEFORE_COMMIT = "avant-commit"
    AFTER_COMMIT = "apres-commit"
    BEFORE_RECORD = "avant-enregistrement"  # before each record of a batch for Kafka
    AFTER_BATCH = "apres-publication"  # Kafka has the batch, the relay has not recorded that
    BEFORE_SEND = "avant-envoi"
    AFTER_SEND = "apres-envoi"  # the partner has the delivery, the database has not recorded that
    BEFORE_ACK = "avant-accuse"  # events are applied, their offsets not committed
    AFTER_ACK = "apres-accuse"
    BEFORE_RENAME = "avant-renommage"
    AFTER_RENAME = "apres-renommage"
    WITHIN_SET = "entre-fichiers"  # a file of a set is at the partner, the end marker is not


_COMMITS = (Point.BEFORE_COMMIT, Point.AFTER_COMMIT)
_RENAMES = (Point.BEFORE_RENAME, Point.AFTER_RENAME)
BY_ROLE: Mapping[str, tuple[Point, ...]] = MappingProxyType(
    {
        "gateway": _COMMITS,
        "sources": (*_COMMITS, *_RENAMES),
        "relay": (*_COMMITS, Point.BEFORE_RECORD, Point.AFTER_BATCH),
        "worker": (*_COMMITS, Point.BEFORE_ACK, Point.AFTER_ACK),
        "dispatcher": (*_COMMITS, Point.BEFORE_SEND, Point.AFTER_SEND, *_RENAMES, Point.WITHIN_SET),
        "scheduler": _COMMITS,
    }
)
"""Points that each role can pass."""
PASSAGES = dict.fromkeys((Point.BEFORE_ACK, Point.AFTER_ACK, *_RENAMES, Point.WITHIN_SET), 8)
"""Highest n for points that are passed seldom."""
PASSAGES_AT_MOST = 40


@dataclass(frozen=True, slots=True)
class Sabotage:
    """Order for a process to kill itself at a point's n-th `passage`."""

    point: Point
    passage: int

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables that give a process this order."""
        return {POINT_VARIABLE: self.point.value, PASSAGE_VARIABLE: str(self.passage)}


def draw(role: str, chance: Random) -> Sabotage:
    """Return an order for a process of this role, at a random point and passage."""
    point = chance.choice(BY_ROLE[role])
    return Sabotage(point, chance.randint(1, PASSAGES.get(point, PASSAGES_AT_MOST)))


def sabotage_of(environment: Mapping[str, str]) -> Sabotage | None:
    """Return the order in a process's environment; None without one."""
    if POINT_VARIABLE not in environment:
        return None
    return Sabotage(Point(environment[POINT_VARIABLE]), int(environment[PASSAGE_VARIABLE]))
