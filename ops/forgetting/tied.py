"""Household ids that may mean the same household: a referral cites a demand that names its household
otherwise. The demand may be cited by mistake, so a person decides. Pure."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from uuid import UUID


class Tied(NamedTuple):
    """What the database knows of one id, of a household or of its subject."""

    id: UUID
    nature: str | None
    """Kind of subject; None for a household, or a demand that the hub never received."""
    menage: UUID | None
    demande: UUID | None
    """Demand that this referral cites."""
    emetteur: str | None
    keyed: bool
    """Whether the id still has a data key; without it, it is forgotten."""


class Tie(NamedTuple):
    """A referral of one household that cites a demand of another."""

    demande: UUID
    brought_by: str | None
    brought_as: UUID
    orientation: UUID
    menage: UUID
    """Id by which the referral names the household; `brought_as` is the demand's."""


class TiedIds(NamedTuple):
    """All ids that demands link to a given id, directly or not."""

    own: UUID | None
    """Household that the given id means: itself, or its subject's, if it has one."""
    ids: frozenset[UUID]
    """The given id and all linked ones, of households and subjects."""
    households: tuple[UUID, ...]
    others: tuple[UUID, ...]
    """Linked households that are not forgotten yet, without `own`."""
    ties: tuple[Tie, ...]

    def tie_of(self, household: UUID) -> Tie | None:
        """Return one link of this household to another; None if there is none."""
        return next((tie for tie in self.ties if household in (tie.brought_as, tie.menage)), None)


def ids_tied_to(ident: UUID, tied: Sequence[Tied]) -> TiedIds:
    """Collect the ids that demands link to `ident`. `tied` has the facts about all of them."""
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
