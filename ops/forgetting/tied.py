"""Household ids that one demand ties together, because the bringer and the SIAO each gave its household an
id. Pure. A person decides, because a demand may be cited by mistake."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from uuid import UUID


class Tied(NamedTuple):
    """Id that a demand ties to another, with its stored facts."""

    id: UUID
    nature: str | None
    """Kind of subject of this id; None for a household, or for a demand that never arrived."""
    menage: UUID | None
    """Household of this subject, if any."""
    demande: UUID | None
    """Demand that this referral cites, if any."""
    emetteur: str | None
    keyed: bool
    """Whether the id still has a data key. If not, it is forgotten."""


class Tie(NamedTuple):
    """Link between two household ids: a referral of one cites a demand of the other."""

    demande: UUID
    brought_by: str | None
    brought_as: UUID
    orientation: UUID
    menage: UUID
    """Household of the referral."""


class TiedIds(NamedTuple):
    """All ids that demands tie to a given id, even through others."""

    own: UUID | None
    """Household with the given id, or household of the subject with that id. None for an unknown id."""
    ids: frozenset[UUID]
    """Ids of all tied households and of their subjects."""
    households: tuple[UUID, ...]
    others: tuple[UUID, ...]
    """Other tied households that are not forgotten."""
    ties: tuple[Tie, ...]

    def tie_of(self, household: UUID) -> Tie | None:
        """Return a link that ties this household to another one; None if no link does."""
        return next((tie for tie in self.ties if household in (tie.brought_as, tie.menage)), None)


def ids_tied_to(ident: UUID, tied: Sequence[Tied]) -> TiedIds:
    """Return all ids that demands tie to `ident`, and `ident`."""
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
