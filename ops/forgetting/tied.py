"""Ids of the same people, tied by a demand: its bringer and the SIAO each have their own id for a household.

A referral cites the demand that it answers. So the household of the demand and that of the referral are one, unless
the demand was cited by mistake: a person decides. Pure.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from uuid import UUID


class Tied(NamedTuple):
    """Id that a demand ties to another one, with the facts that the hub stores about it."""

    id: UUID
    nature: str | None
    """Nature of a subject; None for a household, or for a demand that never came."""
    menage: UUID | None
    """Household of the subject with this id."""
    demande: UUID | None
    """Demand that a referral cites."""
    emetteur: str | None
    keyed: bool
    """True if the id has a data key; without one it is forgotten."""


class Tie(NamedTuple):
    """Referral of one household id that cites a demand of another one."""

    demande: UUID
    brought_by: str | None
    brought_as: UUID
    orientation: UUID
    menage: UUID
    """Household of the referral."""


class TiedIds(NamedTuple):
    """All ids that demands tie to one id, directly or through others."""

    own: UUID | None
    """Household with this id, or household of the subject with this id; None for an unknown id."""
    ids: frozenset[UUID]
    """Ids of the households, and of their subjects, that are tied together."""
    households: tuple[UUID, ...]
    others: tuple[UUID, ...]
    """Ids of the other households that are tied and not forgotten."""
    ties: tuple[Tie, ...]

    def tie_of(self, household: UUID) -> Tie | None:
        """Return a tie that includes a household; None if there is none."""
        return next((tie for tie in self.ties if household in (tie.brought_as, tie.menage)), None)


def ids_tied_to(ident: UUID, tied: Sequence[Tied]) -> TiedIds:
    """Return all ids that demands tie to an id, the id itself included."""
    by_id = {each.id: each for each in tied}
    seed = by_id[ident]
    own = ident if seed.nature is None else seed.menage
    households = {each.menage for each in tied if each.menage is not None} | ({own} if own else set())
    remembered = {each.menage or each.id for each in tied if each.keyed} & households
    return TiedIds(
        own,
        frozenset(by_id),
        tuple(sorted(households)),
        tuple(sorted(remembered - {own})),
        tuple(_ties(by_id)),
    )


def _ties(by_id: dict[UUID, Tied]) -> Iterator[Tie]:
    for each in by_id.values():
        demand = by_id.get(each.demande) if each.demande else None
        if demand is None or demand.menage is None or each.menage is None:
            continue
        if demand.menage != each.menage:
            yield Tie(demand.id, demand.emetteur, demand.menage, each.id, each.menage)
