"""Describe the partner registry: an immutable snapshot of all partners, found by id, API key, structure and
territory."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from contracts.partner import Famille, Partner, Volet
from contracts.reference.codes import Dispositif
from router.domain.calendar import only_zone
from router.domain.sandbox import played_behind, sandbox_at, sandbox_of, territories_of
from router.domain.territories import Lieu, is_inside, volet_of, works_at

REMEMBERED = 10_000
"""Largest number of locations for which a registry remembers the partners that it has found."""


def hash_of(key: str) -> str:
    """Return the hash under which a registry entry stores an API key. Keys have 256 random bits, so they need
    no salt."""
    return f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


@dataclass(frozen=True)
class Registry:
    """Registry of all partners, as it was at one moment."""

    partners: Mapping[str, Partner] = field(default_factory=dict)
    successors: Mapping[str, str] = field(default_factory=dict)
    """Ids of the successors of merged SIAO, by the id of the merged SIAO."""
    merged: Mapping[str, Partner] = field(default_factory=dict)
    """Entries of the merged SIAO, by id, with their way out (how the hub delivers to them). In `partners`,
    these entries have no way out."""

    @classmethod
    def of(cls, partners: Iterable[Partner], successors: Mapping[str, str] | None = None) -> "Registry":
        """Make a registry from these entries. `successors` gives the id of the successor of each merged SIAO,
        by the id of the merged SIAO. A merged SIAO may still send messages, but receives no deliveries."""
        entries, gone = {p.id: p for p in partners}, successors or {}
        merged = {ident: entry for ident, entry in entries.items() if ident in gone}
        return cls(entries | {i: _without_way_out(p) for i, p in merged.items()}, gone, merged)

    def before(self, siaos: Collection[str]) -> "Registry":
        """Return the registry as it was before the SIAO with the ids `siaos` merged. All other mergers are
        kept."""
        others = {siao: successor for siao, successor in self.successors.items() if siao not in siaos}
        return Registry.of({**self.partners, **self.merged}.values(), others)

    def get(self, partner_id: str) -> Partner | None:
        """Return the partner with this id. For the id of a merged SIAO, return its successor. Return None for
        an unknown id."""
        return self.everybody.get(self.present(partner_id))

    def name_of(self, partner_id: str) -> str:
        """Return the name by which people know a partner. Return the id itself if the registry lacks the
        partner."""
        entry = self.get(partner_id)
        return entry.nom if entry else partner_id

    def present(self, partner_id: str) -> str:
        """Return the id of the successor if this is the id of a merged SIAO. Return any other id unchanged."""
        while (successor := self.successors.get(partner_id)) is not None:
            partner_id = successor
        return partner_id

    def around(self, territoire: str) -> "Registry":
        """Return a registry of the partners that may exchange messages in a territory. If the territory is that
        of a sandbox, these are the partners of this sandbox; otherwise, all real partners."""
        sandbox = sandbox_at(territoire)
        return self._real if sandbox is None else self._sandboxes.get(sandbox, NOBODY)

    def by_key_hash(self, key_hash: str) -> Partner | None:
        """Return the partner whose API key has this hash. Return None if no partner has such a key."""
        return self._by_key_hash.get(key_hash)

    @property
    def keys(self) -> Collection[str]:
        """Return the hashes of all API keys."""
        return self._by_key_hash.keys()

    def manager_of(self, structure: str) -> Partner | None:
        """Return the partner that manages the structure with this FINESS or SIRET. Return None if there is
        none. For a structure of a merged SIAO, return the successor. If a real partner and one in a sandbox
        manage the structure, return the real one: to search only a sandbox, use the registry that `around`
        returns."""
        entry = self._by_structure.get(structure)
        return entry and self.get(entry.id)

    def structures_of(self, partner: Partner) -> list[str]:
        """Return the FINESS and SIRET of all structures of a partner: those of its entry, then those of the
        SIAO that have merged into it."""
        merged = (self.partners.get(each) for each in self.successors if self.present(each) == partner.id)
        return [each for entry in (partner, *filter(None, merged)) for each in entry.structures]

    def open_structure(self, structure: str | None) -> str | None:
        """Return this FINESS or SIRET if it may be shown. Return None if the structure's address is secret, or
        if no partner manages the structure."""
        entry = self._by_structure.get(structure) if structure else None
        return None if entry is None or entry.protects(structure) else structure

    def siao_of(self, lieu: Lieu, dispositif: Dispositif | None = None) -> Partner | None:
        """Return the SIAO responsible for a location and a kind of offer. Return None if there is none. An
        antenna comes before its SIAO if its perimeter contains a known commune of the location. If the kind
        of offer is unknown, the SIAO for emergencies comes first."""
        return self._siao_found(lieu, dispositif)

    @cached_property
    def _siao_found(self) -> Callable[[Lieu, Dispositif | None], Partner | None]:
        return lru_cache(REMEMBERED)(self._find_siao)

    def _find_siao(self, lieu: Lieu, dispositif: Dispositif | None) -> Partner | None:
        there = [siao for siao in self.siaos_in(lieu.territoire) if _receives(siao, lieu)]
        fitting = _in_office([siao for siao in there if self.volet_of(siao) in (None, volet_of(dispositif))])
        if not fitting and dispositif is None:
            fitting = _in_office(there)
        return next(iter(fitting), None)

    def siaos_in(self, territoire: str) -> Sequence[Partner]:
        """Return all SIAO of a territory, antennas first. Merged SIAO are left out."""
        return self._by_territory.get((Famille.SIAO, territoire), ())

    def siaos_around(self, partner: Partner) -> Sequence[Partner]:
        """Return all SIAO that work in a partner's territories and receive deliveries. Antennas and the
        partner itself are left out."""
        found = {siao.id: siao for name in territories_of(partner) for siao in self.siaos_in(name)}
        return [s for s in found.values() if s.sortie is not None and not s.antenne_de and s.id != partner.id]

    def volet_of(self, siao: Partner) -> Volet | None:
        """Return the volet of a SIAO. Return None if the SIAO handles both volets. An antenna has the volet
        of its SIAO, unless the antenna's own entry names a volet."""
        parent = self.get(siao.antenne_de) if siao.antenne_de else None
        return siao.volet or (parent.volet if parent else None)

    def listeners(self, famille: Famille, lieu: Lieu) -> Sequence[Partner]:
        """Return the partners of a type that work at a location and receive deliveries."""
        return self._listeners_found(famille, lieu)

    @cached_property
    def _listeners_found(self) -> Callable[[Famille, Lieu], Sequence[Partner]]:
        return lru_cache(REMEMBERED)(self._find_listeners)

    def _find_listeners(self, famille: Famille, lieu: Lieu) -> Sequence[Partner]:
        names = (lieu.territoire, *((lieu.departement,) if lieu.departement else ()))
        found = {p.id: p for name in names for p in self._by_territory.get((famille, name), ())}
        reachable = (p for p in found.values() if p.sortie is not None)
        return [p for p in reachable if works_at(p, territories_of(p), lieu)]

    @cached_property
    def zone(self) -> ZoneInfo | None:
        """Return the time zone of all partners' territories. Return None if there are several time zones, or
        if there is no partner."""
        return only_zone(name for partner in self.partners.values() for name in partner.territoires)

    @cached_property
    def everybody(self) -> Mapping[str, Partner]:
        """Return all partners by id, including the partners that the hub simulates in sandboxes."""
        sandboxed = (partner for partner in self.partners.values() if sandbox_of(partner.id))
        return {**self.partners, **{each.id: each for p in sandboxed for each in played_behind(p)}}

    @cached_property
    def _real(self) -> "Registry":
        real = {ident: partner for ident, partner in self.partners.items() if not sandbox_of(ident)}
        return replace(self, partners=real)

    @cached_property
    def _sandboxes(self) -> Mapping[str, "Registry"]:
        return {ident: Registry.of([p]) for ident, p in self.partners.items() if sandbox_of(ident)}

    @cached_property
    def _by_key_hash(self) -> Mapping[str, Partner]:
        return {key: partner for partner in self.partners.values() for key in partner.cles_api}

    @cached_property
    def _by_structure(self) -> Mapping[str, Partner]:
        real_last = sorted(self.partners.values(), key=lambda partner: not sandbox_of(partner.id))
        return {structure: partner for partner in real_last for structure in partner.structures}

    @cached_property
    def _by_territory(self) -> Mapping[tuple[Famille, str], Sequence[Partner]]:
        found: dict[tuple[Famille, str], list[Partner]] = {}
        antennas_first = sorted(self.everybody.values(), key=lambda partner: partner.antenne_de is None)
        for partner in (each for each in antennas_first if each.id not in self.successors):
            for territoire in territories_of(partner):
                found.setdefault((partner.famille, territoire), []).append(partner)
        return found


def _receives(siao: Partner, lieu: Lieu) -> bool:
    reached = siao.antenne_de is None or (bool(lieu.communes) and siao.sortie is not None)
    return reached and is_inside(siao, lieu)


def _in_office(siaos: Sequence[Partner]) -> Sequence[Partner]:
    """Return these SIAO without those that are still to succeed another of them (`succede_a`): until the
    merger, the predecessor stays responsible."""
    names = {siao.id for siao in siaos}
    return [siao for siao in siaos if names.isdisjoint(siao.succede_a)]


def _without_way_out(partner: Partner) -> Partner:
    return partner.model_copy(update={"sortie": None})


NOBODY = Registry()


@dataclass(frozen=True, slots=True)
class Difference:
    """Ids of the partners that were added, changed or removed from one registry to the next. Each group is in
    alphabetical order."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def difference(old: Registry, new: Registry) -> Difference:
    """Return which partners are new, changed or missing in the registry `new`, compared with `old`."""
    before, after = old.partners, new.partners
    return Difference(
        added=tuple(sorted(after.keys() - before.keys())),
        changed=tuple(sorted(i for i in after.keys() & before.keys() if after[i] != before[i])),
        removed=tuple(sorted(before.keys() - after.keys())),
    )


SHORT_DIGITS = 8


def field_changes(before: Partner, after: Partner) -> dict[str, tuple[object, object]]:
    """Return the fields that differ between two registry entries. The keys are the dotted paths of the
    fields; the values are pairs of the old and the new value. Secret values are masked by `showable`."""
    old, new = flattened(before.model_dump(mode="json")), flattened(after.model_dump(mode="json"))
    return {
        name: (showable(name, old.get(name)), showable(name, new.get(name)))
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    }


def flattened(entry: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    """Return all values in `entry`, and in the mappings inside it, by dotted path. In a registry entry, such
    a path is `sortie.url`. The text `path` is put before each path."""
    flat: dict[str, Any] = {}
    for name, value in entry.items():
        flat |= flattened(value, f"{path}{name}.") if isinstance(value, dict) else {path + name: value}
    return flat


def short_key(key: str) -> str:
    """Return the first characters of `key`, the hash of an API key. Operators recognise an API key by these
    characters."""
    return key[: len("sha256:") + SHORT_DIGITS]


def showable(name: str, value: Any) -> object:
    """Return the value of the registry field `name` as it may be shown to people. For structures, this is
    only how many there are, or «scellé» if they are encrypted. For an API key or a column profile
    (`profil_externe`), it is only the first characters of a hash. Any other value is returned unchanged."""
    if name.startswith("structures"):
        return "scellé" if isinstance(value, str) else len(value or ())
    if name == "profil_externe" and value is not None:
        return f"sha256:{hashlib.sha256(str(value).encode()).hexdigest()[:SHORT_DIGITS]}"
    if name == "cles_api":
        return [short_key(key) for key in value or ()]
    return value
