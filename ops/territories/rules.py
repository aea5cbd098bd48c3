"""Rules that tell which partners cover each territory, and which subjects would go to another partner under a
new registry."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from contracts.base import Nature
from contracts.partner import Famille, Partner, Volet
from contracts.perimetre import DISPARU
from contracts.reference.territoires import communes, departements
from ops.territories.desks import overlapping
from router.domain import location
from router.domain.partners import Registry
from router.domain.rulebooks import aide_sociale, demande, place, pret_logement
from router.domain.rulebooks.aide_sociale import AideSociale
from router.domain.rulebooks.pret_logement import MenagePret
from router.domain.sandbox import message_territoire, sandbox_of
from router.domain.subjects import Candidature, Demande, Orientation, Place, Subject
from router.domain.territories import Lieu

READERS: Mapping[Famille, str] = {
    Famille.VEILLE_SOCIALE: "115 et veille sociale",
    Famille.CONTINGENT: "ménages à reloger",
    Famille.BDOS: "observation",
}
"""Types of partners that only receive messages about their perimeter, each with its French name."""
OPEN: Mapping[type[Subject], Iterable[str]] = {
    Place: set(place.Etat) - {place.Etat.FERMEE},
    Demande: demande.OUVERTES,
    Orientation: Orientation.MACHINE.awaited,
    Candidature: Candidature.MACHINE.awaited,
    MenagePret: pret_logement.SUR_LA_LISTE,
    AideSociale: aide_sociale.SANS_REPONSE,
}
"""States in which a subject of each type is open: a new registry may still change who receives what is said
about it."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Partners that work in one territory, and what is missing there."""

    territoire: str
    nom: str | None
    """The name of the territory if it is a département; None for any other territory."""
    siaos: Mapping[Volet, Sequence[Partner]]
    """SIAO and their antennas, by volet (a SIAO's part: urgence or insertion)."""
    readers: Mapping[Famille, Sequence[Partner]]
    overlaps: Sequence[tuple[str, str]]
    """Pairs of partners that have the same type, one of `READERS`, and work in the same commune."""
    gaps: Sequence[str]
    """French sentences about what is missing: a volet without SIAO, or communes without SIAO. A sentence may
    also say that a partner's perimeter names an area that no longer exists."""


def coverage(registry: Registry) -> list[Coverage]:
    """Return, for each territory, which partners work there and what is missing, such as a SIAO. The
    territories are sorted by name. Partners in a sandbox, and SIAO that have merged into another, are left
    out."""
    there = (partner for name, partner in registry.partners.items() if name not in registry.successors)
    real = [partner for partner in there if sandbox_of(partner.id) is None]
    names = sorted({territoire for partner in real for territoire in partner.territoires})
    return [_covered(name, [p for p in real if name in p.territoires], registry) for name in names]


def _covered(territoire: str, there: Sequence[Partner], registry: Registry) -> Coverage:
    siaos = [partner for partner in there if partner.famille is Famille.SIAO]
    by_volet = {v: [s for s in siaos if registry.volet_of(s) in (None, v)] for v in Volet}
    readers = {famille: [p for p in there if p.famille is famille] for famille in READERS}
    known = departements().get(territoire)
    return Coverage(
        territoire,
        known.nom if known else None,
        by_volet,
        readers,
        [(a.id, b.id) for group in readers.values() for a, b in overlapping(group)],
        [*_gaps(territoire, by_volet), *_lost(there)],
    )


def _gaps(territoire: str, by_volet: Mapping[Volet, Sequence[Partner]]) -> Iterator[str]:
    for volet, siaos in by_volet.items():
        desks = [siao for siao in siaos if not siao.antenne_de]
        if not desks:
            yield f"aucun SIAO pour le volet {volet}"
        elif missing := _left_out(territoire, desks):
            shown = ", ".join(missing[:SHOWN]) + ("…" if len(missing) > SHOWN else "")
            yield f"{len(missing)} communes sans SIAO pour le volet {volet} : {shown}"


SHOWN = 5
"""Maximum number of communes named in one sentence about communes without SIAO."""


def _left_out(territoire: str, desks: Sequence[Partner]) -> Sequence[str]:
    perimetres = [desk.perimetre for desk in desks if desk.perimetre]
    if len(perimetres) < len(desks):
        return ()  # a SIAO without perimeter works in all communes
    held = frozenset[str]().union(*(perimetre.toutes() for perimetre in perimetres))
    return sorted(code for code, there in communes().items() if there == territoire and code not in held)


def _lost(there: Sequence[Partner]) -> Iterator[str]:
    for partner in there:
        drawn = partner.perimetre
        if drawn and DISPARU in (*drawn.arrondissements, *drawn.epci):
            yield f"{partner.id} : un arrondissement ou un EPCI de son périmètre n'est plus sur la carte"


class Move(NamedTuple):
    """Change of recipient that a new registry would cause: for subjects of the type `nature`, the partner
    `vers` would take the place of the partner `de`. If `de` is None, the subjects had no recipient before, or
    `vers` would receive them in addition to others."""

    nature: Nature
    de: str | None
    vers: str | None
    """Partner that would receive the subjects. None if nobody would take the place of `de`."""


def moves(subjects: Iterable[Subject], old: Registry, new: Registry) -> Counter[Move]:
    """Count the subjects that would go to another partner if the registry `new` replaced the registry `old`.
    Return their number for each type of subject, partner before and partner after (`Move`). `subjects` has
    only open subjects (`OPEN`)."""
    return Counter(move for subject in subjects for move in _moves(subject, old, new))


def _moves(subject: Subject, old: Registry, new: Registry) -> Iterator[Move]:
    if any(sandbox_of(player) for player in subject.players):
        return
    before, after = _receivers(subject, old), _receivers(subject, new)
    if isinstance(subject, MenagePret):
        yield from (Move(subject.NATURE, name, None) for name in before if name not in after)
        yield from (Move(subject.NATURE, None, name) for name in after if name not in before)
    elif before != after:
        yield Move(subject.NATURE, next(iter(before), None), next(iter(after), None))


def _receivers(subject: Subject, registry: Registry) -> Sequence[str]:
    match subject:
        case Place():
            siao = location.siao_of(subject, registry)
        case Demande():
            siao = _desk_of(subject, registry)
        case MenagePret():
            return _readers_of(subject, registry)
        case Orientation() | Candidature() | AideSociale():
            recipient = registry.get(subject.destinataire)
            return (recipient.id,) if recipient and recipient.sortie else ()
        case _:
            return ()
    return (siao.id,) if siao else ()


def _desk_of(demand: Demande, registry: Registry) -> Partner | None:
    bringer = registry.get(demand.emetteur)
    if bringer is None:
        return registry.get(demand.destinataire)
    where = (demand.commune,) if demand.commune else ()
    return registry.siao_of(
        Lieu(message_territoire(bringer, demand.commune), communes=where), demand.dispositif
    )


def _readers_of(household: MenagePret, registry: Registry) -> Sequence[str]:
    siao = registry.get(household.emetteur)
    if siao is None:
        return household.lecteurs
    lieu = location.lieu_of(None, message_territoire(siao), household, registry)
    return [reader.id for reader in registry.listeners(Famille.CONTINGENT, lieu)]
