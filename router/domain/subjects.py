"""Where a place, a referral or a candidacy stands: what the rules read and write. C0 and C1 only.

Each kind of subject is one type here and one codec in `router/store/subjects.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from contracts.base import Nature
from contracts.reference.codes import Dispositif
from router.domain.parts import Role
from router.domain.rulebooks import candidature, orientation, place
from router.domain.rulebooks.book import Machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What every subject has. `version` grows by one at each change and fences reservations."""

    NATURE: ClassVar[Nature]
    MACHINE: ClassVar[Machine | None]
    """Its rule book; None where it is only told of."""

    id: UUID
    etat: StrEnum | None = None
    """None before its first move."""
    version: int = 0
    heard: Mapping[str, int] = field(default_factory=dict)
    """The version that each partner has given last: a lower one of the same partner is older."""

    def moved(self, etat: StrEnum) -> Self:
        """The next version, in this state."""
        return replace(self, etat=etat, version=self.version + 1)

    def told(self, partner: str, version: int) -> Self:
        """The same, with the version that a partner gives: what is fenced by its own version stands."""
        return replace(self, heard={**self.heard, partner: version})

    def player(self, role: Role) -> str | None:
        """The partner that plays a part towards it, where it knows one."""
        return None

    def played_by(self, partner: str, role: Role) -> bool:
        """Whether a partner plays this part towards it."""
        return self.player(role) == partner

    @property
    def linked(self) -> tuple[UUID, ...]:
        """Other subjects that move with it."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place(Subject):
    """A place, and who it is held for or lived in by."""

    NATURE: ClassVar[Nature] = Nature.PLACE
    MACHINE: ClassVar[Machine] = place.MACHINE

    etat: place.Etat | None = None
    gestionnaire: str
    orientation: UUID | None = None
    """The referral of the household that it is held for, or that lives in it."""
    occupant: UUID | None = None
    """While it is reserved: the referral of who still lives in it, and leaves."""
    libre_le: date | None = None
    """The day on which who lives in it leaves."""
    expire_le: datetime | None = None
    """When its reservation runs out; None once it is promised."""

    @property
    def lived_in(self) -> bool:
        """Whether somebody is in it who is about to leave."""
        return self.libre_le is not None

    def player(self, role: Role) -> str | None:
        return self.gestionnaire if role is Role.GESTIONNAIRE else None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupePlaces(Subject):
    """A group of places, of which only figures are told."""

    NATURE: ClassVar[Nature] = Nature.GROUPE_PLACES
    MACHINE: ClassVar[None] = None

    gestionnaire: str

    def player(self, role: Role) -> str | None:
        return self.gestionnaire if role is Role.GESTIONNAIRE else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Envoi(Subject):
    """A household that one partner has sent to another, who owes an answer."""

    MACHINE: ClassVar[Machine]

    emetteur: str
    destinataire: str
    menage: UUID
    remise_le: datetime | None = None
    """When the recipient provably received it: its deadlines start here."""

    def player(self, role: Role) -> str | None:
        match role:
            case Role.EMETTEUR:
                return self.emetteur
            case Role.DESTINATAIRE:
                return self.destinataire
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Orientation(Envoi):
    """A referral to a place, or to a structure that will choose the place."""

    NATURE: ClassVar[Nature] = Nature.ORIENTATION
    MACHINE: ClassVar[Machine] = orientation.MACHINE

    etat: orientation.Etat
    place: UUID | None = None
    dispositif: Dispositif
    operateurs: tuple[str, ...] = ()
    """The partners that were asked to accompany its household."""

    def asking(self, partner: str) -> Self:
        """The same, with one more that is asked."""
        return replace(self, operateurs=tuple(dict.fromkeys((*self.operateurs, partner))))

    def played_by(self, partner: str, role: Role) -> bool:
        return partner in self.operateurs if role is Role.OPERATEUR else Envoi.played_by(self, partner, role)

    @property
    def linked(self) -> tuple[UUID, ...]:
        return () if self.place is None else (self.place,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidature(Envoi):
    """A candidacy for social housing."""

    NATURE: ClassVar[Nature] = Nature.CANDIDATURE
    MACHINE: ClassVar[Machine] = candidature.MACHINE

    etat: candidature.Etat


TYPES: tuple[type[Subject], ...] = (Place, GroupePlaces, Orientation, Candidature)
"""Every kind of subject."""

AWAITED = tuple(etat for kind in TYPES if kind.MACHINE for etat in kind.MACHINE.awaited)
"""States in which somebody is waited for: a household in one of them is not forgotten."""
