"""Search for free places to which a SIAO or the 115 can send a household."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from contracts.partner import Famille, Partner
from ops.desk import sql
from ops.desk.offers import Filtre, Offre, beds_of
from ops.desk.place_names import opened
from ops.doubts.declared import is_stale_vacancy, stale_since
from ops.lists import sql as listing
from router.domain.calendar import day_in
from router.domain.location import siao_of
from router.domain.partners import Registry
from router.domain.rulebooks.place import Etat as EtatPlace
from router.domain.sandbox import territories_of
from router.domain.subjects import Place
from router.domain.tonight import holds_until
from router.store import subjects
from router.store.database import Database

SHOWN = 1000
"""Maximum number of free places that a search compares."""
FREE = (EtatPlace.DISPONIBLE, EtatPlace.A_LIBERER)
MANAGERS = (Famille.HEBERGEMENT, Famille.LOGEMENT_ACCOMPAGNE, Famille.ARS)


class Libres(NamedTuple):
    """Free places that a search found. `coupees` means that some may be missing: there were too many to
    compare."""

    offres: Sequence[Offre]
    coupees: bool


@dataclass(frozen=True, slots=True)
class FreePlaces:
    """Search for free places, for a SIAO or the 115. Its methods raise BusUnavailable if the database does not
    answer."""

    database: Database

    async def near(self, partner: Partner, registry: Registry, filtre: Filtre, now: datetime) -> Libres:
        """Return the free places in a partner's territories that match `filtre`:

        * for a SIAO, places that are free now or soon. The news of a place that is free now is too old once
          its manager should have declared it anew;
        * for the 115, emergency places that are free now, and about which it has received a message. Their
          news is too old after 24 hours (`tonight`).

        A place whose last news is too old comes with the day of this news (`perimee`).
        """
        refers = partner.famille is Famille.SIAO
        etats, notified = (FREE, None) if refers else (FREE[:1], partner.id)
        async with self.database.transaction() as connection:
            kinds = await sql.free_kinds(connection, _managers_near(partner, registry), etats)
            wanted = [
                p
                for p in kinds
                if isinstance(p, Place)
                and filtre.names(p)
                and (_is_of(p, partner, registry) if refers else p.notified_around)
            ]
            found = await sql.free(connection, wanted, etats, notified, SHOWN)
            said = await listing.described(connection, [p.id for p, _ in found])
        managers = {p.gestionnaire: registry.everybody[p.gestionnaire] for p, _ in found}
        old = stale_since(managers.values(), now)

        def is_outdated(place: Place, changed_at: datetime) -> bool:
            until = holds_until(partner.famille, changed_at, partner.territoire)
            if until is not None:
                return until < now
            return is_stale_vacancy(place.etat, changed_at, old.get(place.gestionnaire))

        offers = [
            Offre(
                opened(p, registry),
                managers[p.gestionnaire],
                said.get(p.id, {}),
                day_in(partner.territoire, changed_at) if is_outdated(p, changed_at) else None,
            )
            for p, changed_at in found
        ]
        return Libres([each for each in offers if filtre.suits(each)], len(found) == SHOWN)

    async def beds(self, idents: Collection[UUID]) -> int:
        """Return how many people can live in these places together."""
        async with self.database.transaction() as connection:
            said = await listing.described(connection, [*idents])
        return sum(beds_of(said.get(ident, {})) for ident in idents)

    async def places_of(self, idents: Sequence[UUID]) -> list[Place]:
        """Return these places, in the order of the ids. Unknown ids are left out."""
        async with self.database.transaction() as connection:
            known = await subjects.read(connection, idents)
        found = (known.get(ident) for ident in idents)
        return [place for place in found if isinstance(place, Place)]


def _managers_near(partner: Partner, registry: Registry) -> list[str]:
    own = [p for p in registry.everybody.values() if _is_or_has(partner, p, registry)]
    there = {name for each in own for name in territories_of(each)}
    near = (p for p in registry.everybody.values() if p.famille in MANAGERS)
    return [p.id for p in near if not there.isdisjoint(territories_of(p))]


def _is_of(place: Place, siao: Partner, registry: Registry) -> bool:
    own = siao_of(place, registry)
    return own is not None and _is_or_has(siao, own, registry)


def _is_or_has(siao: Partner, other: Partner, registry: Registry) -> bool:
    return siao.id in (other.id, registry.present(other.antenne_de or ""))
