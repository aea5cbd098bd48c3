"""Find household ids that may mean the same household. Two ids are linked if a referral cites a demand, and
names its household by another id than the demand does. A demand may be cited by mistake, so a person decides
whether both ids mean one household. Pure."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from uuid import UUID


class Tied(NamedTuple):
    """Facts that the database has about one id. The id belongs to a household, or to a subject of a household
    (place, referral…). Demands link it to the other ids that are examined with it."""

    id: UUID
    nature: str | None
    """Kind of the subject with this id, such as a referral. None for the id of a household. None too for the
    id of a demand that the hub never received."""
    menage: UUID | None
    """Household of the subject (place, referral…) with this id; None if the subject has no household."""
    demande: UUID | None
    """Demand that the referral with this id cites; None if the subject cites no demand."""
    emetteur: str | None
    keyed: bool
    """Whether this id still has a data key. Without a data key, the household or subject with this id is
    forgotten."""


class Tie(NamedTuple):
    """Link between two household ids: a referral of the one household cites a demand of the other."""

    demande: UUID
    brought_by: str | None
    brought_as: UUID
    orientation: UUID
    menage: UUID
    """Id by which the referral names the household. `brought_as` is the id by which the cited demand names
    it."""


class TiedIds(NamedTuple):
    """All ids that are linked to a given id by demands, directly or through other ids."""

    own: UUID | None
    """Household that the given id means. If the given id is that of a household, this is the id itself. If it
    is the id of a subject (place, referral…), this is the subject's household, or None if the subject has
    none."""
    ids: frozenset[UUID]
    """The given id, and all ids linked to it by demands. They are ids of households and of their subjects."""
    households: tuple[UUID, ...]
    others: tuple[UUID, ...]
    """Ids of further households that are linked to the household `own` by demands. Ids without a data key are
    left out, because such a household is forgotten already."""
    ties: tuple[Tie, ...]

    def tie_of(self, household: UUID) -> Tie | None:
        """Return a link between this household's id and another household's id, or None if there is none. The
        link is a demand, and a referral that cites the demand and names its household by another id."""
        return next((tie for tie in self.ties if household in (tie.brought_as, tie.menage)), None)


def ids_tied_to(ident: UUID, tied: Sequence[Tied]) -> TiedIds:
    """Collect all ids that demands link to `ident`: a referral may cite a demand and name its household by
    another id. A person decides later which of the ids mean one household. `tied` has the facts about all
    linked ids."""
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
