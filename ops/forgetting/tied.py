"""Find the ids that may mean one household. Two ids may do so if a demand describes its household
under both, or if a subject about one id cites a subject about the other. The citation may be a mistake: a
person decides."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from uuid import UUID


class Tied(NamedTuple):
    """The id of a household or subject, found in a search for all ids that may belong to one household. The
    other fields are what the database says of that household or subject."""

    id: UUID
    nature: str | None
    """Kind of subject; None for a household, or a demand that the hub never received."""
    menage: UUID | None
    cited: UUID | None
    """For a referral, the demand that it cites. For a request for aide sociale (social assistance that pays
    for the stay) or a designation under DAHO (enforceable right to shelter), the referral that it cites."""
    emetteur: str | None
    keyed: bool
    """Whether the id still has a data key. An id without key is forgotten."""
    autres: Sequence[UUID] = ()
    """Other ids under which this demand has described its household."""


class Tie(NamedTuple):
    """A sign that two ids may be those of one household. The subject `citing` gives its household one id, and
    cites the subject `cited`, which gives its household the other."""

    cited: Tied
    citing: Tied


class TiedIds(NamedTuple):
    """All ids linked to one given id, directly or through other ids. Links are:

    * from a subject to its household
    * from a demand to the other ids under which it describes its household
    * from a referral to the demand that it cites
    * from a request for aide sociale, or a designation under DAHO, to the referral that it cites
    * from a household to those that people declared to be the same
    """

    own: UUID | None
    """Household that the given id means: the id itself, or its subject's household; None for a subject
    without household."""
    ids: frozenset[UUID]
    """The given id and all linked ids, of households and subjects."""
    households: tuple[UUID, ...]
    others: tuple[UUID, ...]
    """Linked households that are not forgotten yet, without `own`."""
    ties: tuple[Tie, ...]

    def tie_of(self, household: UUID) -> Tie | None:
        """Return a sign (`Tie`) that the household with the id `household` may have another id too; None if
        there is no such sign."""
        return next((tie for tie in self.ties if household in (tie.cited.menage, tie.citing.menage)), None)


def ids_tied_to(ident: UUID, tied: Sequence[Tied]) -> TiedIds:
    """Return the ids of all households and subjects that may belong to the same household as `ident`. `tied`
    has the rows that a search in the database found: one for `ident`, and one for each id linked to it,
    directly or through others, as `TiedIds` says."""
    by_id = {each.id: each for each in tied}
    seed = by_id[ident]
    own = ident if seed.nature is None else seed.menage
    households = {each.menage for each in tied if each.menage is not None} | ({own} if own else set())
    households |= {other for each in tied for other in each.autres}
    remembered = {each.menage or each.id for each in tied if each.keyed} & households
    return TiedIds(
        own,
        frozenset(by_id),
        tuple(sorted(households)),
        tuple(sorted(remembered - {own})),
        tuple(_ties(by_id)),
    )


def _ties(by_id: dict[UUID, Tied]) -> Iterator[Tie]:
    for citing in by_id.values():
        cited = by_id.get(citing.cited) if citing.cited else None
        if cited and cited.menage and citing.menage and cited.menage != citing.menage:
            yield Tie(cited, citing)
