"""Search among a SIAO's households: in demands and designations that it received, or in its referrals and
candidacies. Recent arrivals are searched too."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from contracts.base import Nature
from contracts.partner import Partner
from ops.desk import sql
from ops.desk.households import Connu, Criteres, brought
from ops.desk.lines import Lines
from ops.desk.reading import Reader
from ops.desk.tasks import Ligne
from ops.lists import sql as listing
from ops.protection.protected import protected
from ops.protection.referents import Entrusted, entrusted
from router.domain.books import AWAITED
from router.domain.partners import Registry
from router.domain.rulebooks import daho, demande
from router.domain.subjects import Candidature, Envoi, Orientation
from router.privacy.keyring import Keyring
from router.store import standing, subjects
from router.store.database import Database

SHOWN = 1000
"""Maximum number of open demands and designations that are compared. Open referrals and candidacies have the
same maximum."""
ARRIVED = 300
"""Maximum number of arrived households that are compared, last arrived first: one limit for demands and
designations, one for referrals, one for candidacies."""
BROUGHT = (Nature.DEMANDE, Nature.DAHO)
OPEN = (*demande.OUVERTES, *daho.EN_COURS)
HOUSED = (demande.Etat.POURVUE, daho.Etat.ACCUEILLI)
FOUND = 50
"""Maximum number of households returned."""


class Trouve(NamedTuple):
    """One household that a search found, with the subject whose page shows it."""

    ligne: Ligne
    decrite: Connu
    apporte_par: Partner | None


class Trouves(NamedTuple):
    """All households that a search found. `coupes` means that some may be missing: there were too many open
    subjects to compare, or too many households to return."""

    menages: Sequence[Trouve]
    coupes: bool
    arrives: int | None
    """How many arrived households of each kind were compared, those that arrived last, if there were as many
    (`ARRIVED`): earlier arrivals may be missing. None if all were compared."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Search by which a person at the desk of a SIAO finds households that the SIAO knows."""

    database: Database
    keyring: Keyring
    reader: Reader
    lines: Lines

    async def find(
        self, partner: Partner, criteres: Criteres, registry: Registry, now: datetime, actor: str
    ) -> Trouves:
        """Return the households of the SIAO `partner` that meet the criteria, at most 50 (`FOUND`). A household
        without a demand is returned with each of its referrals and candidacies. A protected household (reported
        violence) is returned on two conditions: the criteria give a name and a date of birth, and `actor` is a
        referent for this household or for the SIAO. The audit records `actor` as reader. Raises BusUnavailable
        if the database does not answer."""
        async with self.database.transaction() as connection:
            rows = await listing.sent(connection, BROUGHT, OPEN, [partner.id], None, SHOWN)
            housed = await listing.sent(
                connection, BROUGHT, HOUSED, [partner.id], None, ARRIVED, listing.Order.NEWEST
            )
            known = dict(await subjects.read(connection, [row.id for row in (*rows, *housed)]))
            awaited = await standing.sent(connection, partner.id, AWAITED, SHOWN)
            ended, cut = await sql.without_place(connection, partner.id, now, SHOWN)
            arrived = await sql.arrived(connection, partner.id, ARRIVED)
        referred = (*awaited, *(each for each, _ in ended), *arrived)
        ours = {each.id: each for each in referred if isinstance(each, Orientation | Candidature)}
        known |= ours
        wanted = [ident for ident, each in known.items() if criteres.may_suit(each)]
        said = {
            ident: brought(ident, each)
            for ident, each in (await self.reader.households(partner, wanted)).items()
        }
        listed = {*said, *(each.menage.id for each in said.values())}
        for ident, sent in (await self.reader.sent(partner, [i for i in wanted if i in ours])).items():
            if listed.isdisjoint((sent.menage.id, getattr(ours[ident], "demande", None))):
                said[ident] = Connu(sent.menage, getattr(ours[ident], "dispositif", None))
        opened = {ident: said[ident] for ident in wanted if ident in said}
        suiting = await asyncio.to_thread(criteres.among, opened)
        menages = {ident: each.menage for ident in suiting if isinstance(each := known[ident], Envoi)}
        async with self.database.transaction() as connection:
            sheltered = await protected(connection, self.keyring, {*menages.values()})
            theirs = await entrusted(connection, actor, registry) if criteres.are_precise else Entrusted()
        hidden = {each for each in sheltered if not theirs.covers(each, partner.id)}
        suiting = [ident for ident in suiting if menages[ident] not in hidden]
        found = suiting[:FOUND]
        await self.reader.seen(partner, found, actor)
        lines = await self.lines.of(partner, [known[ident] for ident in found], registry, now)
        shown = [
            Trouve(line, said[line.subject.id], registry.get(getattr(line.subject, "emetteur", "")))
            for line in lines
        ]
        of_a_kind = (len(housed), *Counter(type(each) for each in arrived).values())
        return Trouves(
            shown,
            cut or SHOWN in (len(rows), len(awaited)) or len(suiting) > FOUND,
            ARRIVED if ARRIVED in of_a_kind else None,
        )
