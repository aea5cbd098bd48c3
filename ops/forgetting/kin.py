"""Which ids name the people whom a demand ties together: who brings a household and the SIAO each have their own.

A referral names the demand that it answers. So the household of the demand and that of the referral are one, unless the
demand was cited by mistake: a person decides. Pure.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from uuid import UUID


class Tied(NamedTuple):
    """An id that is tied to another, and what the hub knows of it."""

    id: UUID
    nature: str | None
    """None of what is no subject: a household, or a demand that never came."""
    menage: UUID | None
    """The household of a subject."""
    demande: UUID | None
    """The demand that a referral cites."""
    emetteur: str | None
    keyed: bool
    """Whether it has a data key: else it is forgotten."""


class Tie(NamedTuple):
    """By what two households are tied."""

    demande: UUID
    brought_by: str | None
    brought_as: UUID
    orientation: UUID
    menage: UUID
    """The household of that referral."""


class Kin(NamedTuple):
    """All that is tied to one id, directly or by others."""

    own: UUID | None
    """The household that the id names, or whose subject it names; None of what is nobody's."""
    ids: frozenset[UUID]
    """Households and subjects."""
    households: tuple[UUID, ...]
    others: tuple[UUID, ...]
    """Households beside its own that are not forgotten."""
    ties: tuple[Tie, ...]

    def tie_of(self, household: UUID) -> Tie | None:
        """One by which a household is here."""
        tied = (tie for tie in self.ties if household in (tie.brought_as, tie.menage))
        return next(tied, None)


def kin_of(ident: UUID, tied: Sequence[Tied]) -> Kin:
    """What is tied to an id; it stands among these itself."""
    by_id = {each.id: each for each in tied}
    seed = by_id[ident]
    own = ident if seed.nature is None else seed.menage
    households = {each.menage for each in tied if each.menage is not None} | ({own} if own else set())
    standing = {each.menage or each.id for each in tied if each.keyed} & households
    return Kin(
        own,
        frozenset(by_id),
        tuple(sorted(households)),
        tuple(sorted(standing - {own})),
        tuple(_ties(by_id)),
    )


def _ties(by_id: dict[UUID, Tied]) -> Iterator[Tie]:
    for each in by_id.values():
        demand = by_id.get(each.demande) if each.demande else None
        if demand is None or demand.menage is None or each.menage is None:
            continue
        if demand.menage != each.menage:
            yield Tie(demand.id, demand.emetteur, demand.menage, each.id, each.menage)
