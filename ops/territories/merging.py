"""Mergers of SIAO: what prevents a merger, what the successor is to take over, and the merger itself."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from contracts.base import Nature
from contracts.errors import Misconfigured
from contracts.partner import Famille, Partner
from contracts.v1.convention import Objet
from ops.territories.desks import check_desks
from ops.territories.rules import coverage
from router.domain.calendar import day_in
from router.domain.partners import Registry
from router.domain.rulebooks.acte import Convention, Etat
from router.leased.handing_over import take_over
from router.store import audit, successions
from router.store import registry as registry_store
from router.store.database import REGISTRY, Connection, Database


class Left(NamedTuple):
    """What a successor is to take over from the SIAO that merge into it: subjects, and deliveries that are
    not finished."""

    subjects: Counter[tuple[Nature, str]]
    """Number of subjects that name one of the merging SIAO, by type and state."""
    deliveries: int
    """Number of unfinished deliveries to the merging SIAO."""

    def __bool__(self) -> bool:
        return bool(self.subjects or self.deliveries)


def obstacles(
    siaos: Sequence[str], vers: str, registry: Registry, conventions: Iterable[Convention], now: datetime
) -> Iterator[str]:
    """Yield the reasons why the SIAO `siaos` cannot merge into the SIAO `vers` now, each as a French
    sentence. One possible reason is that none of the agreements in `conventions` is in force and recognises
    `vers` as a SIAO."""
    if found := list(_of_entries(siaos, vers, registry)):
        yield from found
        return
    successor = registry.partners[vers]
    if missing := [name for name in siaos if name not in successor.succede_a]:
        yield f"la fiche de {vers} ne dit pas « succede_a » de {', '.join(missing)}"
    today = day_in(successor.territoire, now)
    if not any(_recognises(act, successor, today) for act in conventions):
        yield f"aucune convention de l'État en vigueur avec {vers} (objet {Objet.SIAO}, SIRET de sa fiche)"
    merged = {**registry.successors, **dict.fromkeys(siaos, vers)}
    yield from _worse(registry, Registry.of(registry.partners.values(), merged))


def _of_entries(siaos: Sequence[str], vers: str, registry: Registry) -> Iterator[str]:
    names = [*siaos, vers]
    if unknown := [name for name in names if not _is_siao(registry.partners.get(name))]:
        yield f"{', '.join(unknown)} : pas un SIAO du registre"
        return
    yield from _already(siaos, vers, registry.successors)
    if registry.partners[vers].sortie is None:
        yield f"{vers} n'a pas de sortie : il ne recevrait rien"


def _already(siaos: Sequence[str], vers: str, successors: Mapping[str, str]) -> Iterator[str]:
    if vers in siaos or vers in successors:
        yield f"{vers} ne peut être le SIAO qui succède : il fusionne lui-même"
    for name in siaos:
        if successors.get(name, vers) != vers:
            yield f"{name} a déjà fusionné en {successors[name]}"


def _is_siao(partner: Partner | None) -> bool:
    return partner is not None and partner.famille is Famille.SIAO and not partner.bac_a_sable


def _recognises(act: Convention, successor: Partner, today: date) -> bool:
    ours = act.objet == Objet.SIAO and act.partenaire in successor.structures
    return ours and act.etat is Etat.EN_VIGUEUR and act.holds_on(today)


def _worse(before: Registry, after: Registry) -> Iterator[str]:
    known = {(each.territoire, gap) for each in coverage(before) for gap in each.gaps}
    for each in coverage(after):
        yield from (f"{each.territoire} : {gap}" for gap in each.gaps if (each.territoire, gap) not in known)
    try:
        check_desks(after)
    except Misconfigured as exc:
        yield str(exc)


async def left(connection: Connection, siaos: Sequence[str]) -> Left:
    """Count the subjects that name one of these SIAO, whatever the subject's state, and the unfinished
    deliveries to these SIAO."""
    subjects: Counter[tuple[Nature, str]] = Counter()
    for row in await successions.counted(connection, siaos):
        subjects[Nature(row.nature), row.etat] += row.number
    return Left(subjects, await successions.count_owed(connection, siaos))


async def merge(database: Database, siaos: Sequence[str], vers: str, actor: str, why: str) -> bool:
    """Merge the SIAO `siaos` into the SIAO `vers`. What is still to be delivered to `siaos` is delivered to
    `vers`, before newer messages. Return False if all of `siaos` had merged into `vers` before. Raises
    Misconfigured if an earlier merger, or the present registry, makes this merger impossible."""
    async with database.transaction() as connection:
        await registry_store.one_change_at_a_time(connection)
        if found := list(_of_entries(siaos, vers, await registry_store.read(connection))):
            raise Misconfigured("fusion impossible : " + " ; ".join(found))
        begun = await successions.begin(connection, siaos, vers)
        if not begun:
            return False
        while await take_over(database, connection, begun, vers):
            pass
        detail = {"fusionnent": begun, "motif": why}
        await audit.record(connection, actor, "territoires.fusionner", vers, detail)
        await database.notify(connection, REGISTRY)
    return True
