"""The partner registry: an immutable snapshot, looked up by id, API key, structure or territory."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from contracts.partner import Famille, Partner, SortieBoite, Volet
from contracts.reference.codes import Dispositif
from router.domain.sandbox import played_behind, sandbox_at, sandbox_of, territories_of
from router.domain.territories import Lieu, is_inside, volet_of, works_at


def hash_of(key: str) -> str:
    """An API key as entries hold it. Keys have 256 random bits: their hash needs no salt."""
    return f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


@dataclass(frozen=True)
class Registry:
    """All partners at one moment. A change makes a new registry."""

    partners: Mapping[str, Partner] = field(default_factory=dict)

    @classmethod
    def of(cls, partners: Iterable[Partner]) -> "Registry":
        """A registry of these partners."""
        return cls({partner.id: partner for partner in partners})

    def get(self, partner_id: str) -> Partner | None:
        """The partner of this id, or whom the hub plays under this id behind a sandbox."""
        return self.everybody.get(partner_id)

    def around(self, territoire: str) -> "Registry":
        """Those who may hear what is said in a territory, and be spoken of there: the partner of a sandbox and
        those behind it, or all that are real. A sandbox whose partner has left the registry has nobody in it."""
        sandbox = sandbox_at(territoire)
        return self._real if sandbox is None else self._sandboxes.get(sandbox, NOBODY)

    def by_key_hash(self, key_hash: str) -> Partner | None:
        """The partner that holds the API key of this hash."""
        return self._by_key_hash.get(key_hash)

    @property
    def keys(self) -> Collection[str]:
        """Hashes of all API keys."""
        return self._by_key_hash.keys()

    def manager_of(self, structure: str) -> Partner | None:
        """The partner that speaks for a FINESS or SIRET: a real one, where `around` has not said in which sandbox."""
        return self._by_structure.get(structure)

    def open_structure(self, structure: str | None) -> str | None:
        """A structure whose address is no secret now; None where it is, and where nobody speaks for it: nobody can
        judge it."""
        manager = self.manager_of(structure) if structure else None
        return None if manager is None or manager.protects(structure) else structure

    def siao_of(self, lieu: Lieu, dispositif: Dispositif | None = None) -> Partner | None:
        """The SIAO that receives what is in a place, for an offer of a kind: an antenna before its SIAO. Where the kind
        is unknown, the desk for emergencies before any other."""
        there = [siao for siao in self.siaos_in(lieu.territoire) if _receives(siao, lieu)]
        there.sort(key=lambda siao: siao.antenne_de is None)
        fitting = (siao for siao in there if self.volet_of(siao) in (None, volet_of(dispositif)))
        return next(fitting, there[0] if there and dispositif is None else None)

    def siaos_in(self, territoire: str) -> Sequence[Partner]:
        """The SIAO and antennas of a territory."""
        return self._by_territory.get((Famille.SIAO, territoire), ())

    def siaos_around(self, partner: Partner) -> Sequence[Partner]:
        """The SIAO of a partner's territories that have a way out, without itself and without antennas."""
        found = {siao.id: siao for name in territories_of(partner) for siao in self.siaos_in(name)}
        return [s for s in found.values() if s.sortie is not None and not s.antenne_de and s.id != partner.id]

    def volet_of(self, siao: Partner) -> Volet | None:
        """Whether a SIAO does urgence or insertion alone; an antenna does what its SIAO does, unless it says so."""
        parent = self.get(siao.antenne_de) if siao.antenne_de else None
        return siao.volet or (parent.volet if parent else None)

    def listeners(self, famille: Famille, lieu: Lieu) -> Sequence[Partner]:
        """The partners of a family that work where something is, and have a way out."""
        names = (lieu.territoire, *((lieu.departement,) if lieu.departement else ()))
        found = {p.id: p for name in names for p in self._by_territory.get((famille, name), ())}
        heard = (p for p in found.values() if p.sortie is not None)
        return [p for p in heard if works_at(p, territories_of(p), lieu)]

    @cached_property
    def everybody(self) -> Mapping[str, Partner]:
        """The partners by id, and those whom the hub plays behind each sandbox."""
        sandboxed = (partner for partner in self.partners.values() if sandbox_of(partner.id))
        return {**self.partners, **{each.id: each for p in sandboxed for each in played_behind(p)}}

    @cached_property
    def _real(self) -> "Registry":
        return Registry.of(partner for partner in self.partners.values() if not sandbox_of(partner.id))

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
        for partner in self.everybody.values():
            for territoire in territories_of(partner):
                found.setdefault((partner.famille, territoire), []).append(partner)
        return found


def _receives(siao: Partner, lieu: Lieu) -> bool:
    """Whether a SIAO of the territory receives what is there. An antenna has to be sure, and to be reached."""
    reached = siao.antenne_de is None or (bool(lieu.communes) and siao.sortie is not None)
    return reached and is_inside(siao, lieu)


NOBODY = Registry()


@dataclass(frozen=True, slots=True)
class Difference:
    """What applying a file would change."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def with_mailbox(registry: Registry) -> set[str]:
    """Partners who collect what is for them."""
    return {p.id for p in registry.partners.values() if isinstance(p.sortie, SortieBoite)}


def difference(old: Registry, new: Registry) -> Difference:
    """Ids added, changed and removed from one registry to the next."""
    before, after = old.partners, new.partners
    return Difference(
        added=tuple(sorted(after.keys() - before.keys())),
        changed=tuple(sorted(i for i in after.keys() & before.keys() if after[i] != before[i])),
        removed=tuple(sorted(before.keys() - after.keys())),
    )


SHORT_DIGITS = 8


def field_changes(before: Partner, after: Partner) -> dict[str, tuple[object, object]]:
    """What changes from one entry to the next, field by field, as the audit may say it."""
    old, new = flattened(before.model_dump(mode="json")), flattened(after.model_dump(mode="json"))
    return {
        name: (showable(name, old.get(name)), showable(name, new.get(name)))
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    }


def flattened(entry: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    """An entry as one table, fields of fields by a path."""
    flat: dict[str, Any] = {}
    for name, value in entry.items():
        flat |= flattened(value, f"{path}{name}.") if isinstance(value, dict) else {path + name: value}
    return flat


def showable(name: str, value: Any) -> object:
    """A value as it may be shown: of structures their number, for some are secret; of a key's hash its beginning."""
    if name.startswith("structures"):
        return "scellé" if isinstance(value, str) else len(value or ())
    if name == "profil_externe" and value is not None:
        return f"sha256:{hashlib.sha256(str(value).encode()).hexdigest()[:SHORT_DIGITS]}"
    if name == "cles_api":
        return [key[: len("sha256:") + SHORT_DIGITS] for key in value or ()]
    return value
