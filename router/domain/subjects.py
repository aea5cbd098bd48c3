"""Where a place, a demand, a referral or a candidacy stands: what the rules read and write. C0 and C1 only.

Each kind of subject is one type here; `router/store/subjects.py` derives its row.
"""

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from contracts.base import Nature
from contracts.frozen import frozen
from contracts.reference.codes import Dispositif
from router.domain.parts import Party
from router.domain.rulebooks import candidature, demande, orientation, place, pret_logement
from router.domain.rulebooks.book import Machine


@frozen(kw_only=True)
class Subject:
    """What every subject has. `version` grows by one at each change and fences reservations."""

    NATURE: ClassVar[Nature]
    MACHINE: ClassVar[Machine | None]
    """Its rule book; None where it is only told of."""

    id: UUID
    etat: StrEnum | None = None
    """None before its first move."""
    version: int = 0
    etat_depuis: datetime | None = None
    """When what brought it into its state was accepted."""
    delais_depuis: datetime | None = None
    """Of what is older than deadlines are: since when they are counted."""
    heard: Mapping[str, int] = field(default_factory=dict)
    """The version that each partner has given last: a lower one of the same partner is older."""

    def moved(self, etat: StrEnum) -> Self:
        """The next version, in this state."""
        return replace(self, etat=etat, version=self.version + 1)

    def told(self, partner: str, version: int) -> Self:
        """The same, with the version that a partner gives: what is fenced by its own version stands."""
        return replace(self, heard={**self.heard, partner: version})

    def player(self, party: Party) -> str | None:
        """The partner that plays a part towards it, where it knows one."""
        return None

    def played_by(self, partner: str, party: Party) -> bool:
        """Whether a partner plays this part towards it."""
        return self.player(party) == partner

    @property
    def players(self) -> tuple[str, ...]:
        """The partners that play a part towards it. Not those that were asked to accompany a household: they are not
        told where it is."""
        return tuple(partner for party in Party if (partner := self.player(party)) is not None)

    @property
    def linked(self) -> tuple[UUID, ...]:
        """Other subjects that move with it."""
        return ()

    @property
    def told_around(self) -> bool:
        """Whether those of its territory hear of it who have no part in it."""
        return True


@frozen(kw_only=True)
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
    dispositif: Dispositif | None = None
    """What kind of place it is, as last described."""
    structure: str | None = None
    """The FINESS or SIRET that it belongs to, as last described; None where its address is secret."""
    commune: str | None = None
    """Where it is, as last described; None where its address is secret."""

    @property
    def lived_in(self) -> bool:
        """Whether somebody is in it who is about to leave."""
        return self.libre_le is not None

    @property
    def told_around(self) -> bool:
        """An emergency place is tonight's; of any other the SIAO alone decides."""
        return self.dispositif is Dispositif.URGENCE

    def player(self, party: Party) -> str | None:
        return self.gestionnaire if party is Party.GESTIONNAIRE else None


@frozen(kw_only=True)
class GroupePlaces(Subject):
    """A group of places, of which only figures are told."""

    NATURE: ClassVar[Nature] = Nature.GROUPE_PLACES
    MACHINE: ClassVar[None] = None

    gestionnaire: str
    dispositif: Dispositif | None = None
    capacite: int | None = None
    occupees: int | None = None
    releve_le: date | None = None
    """The day of these figures."""

    def player(self, party: Party) -> str | None:
        return self.gestionnaire if party is Party.GESTIONNAIRE else None


@frozen(kw_only=True)
class Acte(Subject):
    """What is noted as it is told: it has no rule book yet."""

    MACHINE: ClassVar[None] = None

    emetteur: str

    def player(self, party: Party) -> str | None:
        return self.emetteur if party is Party.EMETTEUR else None


@frozen(kw_only=True)
class Convention(Acte):
    """An agreement with a partner."""

    NATURE: ClassVar[Nature] = Nature.CONVENTION


@frozen(kw_only=True)
class Derogation(Acte):
    """A manager's right to attribute places itself."""

    NATURE: ClassVar[Nature] = Nature.DEROGATION


@frozen(kw_only=True)
class Observation(Acte):
    """A record or a figure of the social observation."""

    NATURE: ClassVar[Nature] = Nature.OBSERVATION


@frozen(kw_only=True)
class Envoi(Subject):
    """A household that one partner has sent to another, who owes an answer."""

    MACHINE: ClassVar[Machine]

    emetteur: str
    destinataire: str
    menage: UUID
    remise_le: datetime | None = None
    """When the recipient provably received it: its deadlines start here."""
    repondue_le: datetime | None = None
    """When its recipient has given its answer, from its acceptance on."""
    attendue_le: datetime | None = None
    """By when that answer was due."""
    dit: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What its recipient has said with each move: the dates and codes that count, by field."""

    def player(self, party: Party) -> str | None:
        match party:
            case Party.EMETTEUR:
                return self.emetteur
            case Party.DESTINATAIRE:
                return self.destinataire
        return None


@frozen(kw_only=True)
class Demande(Envoi):
    """A household that a partner has brought to the SIAO."""

    NATURE: ClassVar[Nature] = Nature.DEMANDE
    MACHINE: ClassVar[Machine] = demande.MACHINE

    etat: demande.Etat
    dispositif: Dispositif | None = None
    """What it asked for when it was brought; with its commune, why it is at this SIAO."""
    commune: str | None = None
    orientation: UUID | None = None
    """Its last referral: what becomes of an earlier one says nothing of it any more, but an arrival."""


@frozen(kw_only=True)
class MenagePret(Subject):
    """A household on its way to a home of its own."""

    NATURE: ClassVar[Nature] = Nature.MENAGE
    MACHINE: ClassVar[Machine] = pret_logement.MACHINE

    etat: pret_logement.Etat | None = None
    emetteur: str
    menage: UUID
    """The household, which is itself."""
    departement: str | None = None
    """Where it is to be housed, as last told; None of what an earlier version noted."""
    communes: tuple[str, ...] = ()
    """Where it wants to live; none means anywhere there."""
    lecteurs: tuple[str, ...] = ()
    """Those who hold it on their list."""
    quittes: tuple[str, ...] = ()
    """Those who held it until it moved out of their perimeter, or were told so."""

    def player(self, party: Party) -> str | None:
        return self.emetteur if party is Party.EMETTEUR else None


@frozen(kw_only=True)
class Signalement(Subject):
    """Somebody who was seen out there."""

    NATURE: ClassVar[Nature] = Nature.SIGNALEMENT
    MACHINE: ClassVar[None] = None

    emetteur: str
    menage: UUID
    """Whose key seals what is said of them: nobody is known yet, so it is the report itself."""

    def player(self, party: Party) -> str | None:
        return self.emetteur if party is Party.EMETTEUR else None


@frozen(kw_only=True)
class Orientation(Envoi):
    """A referral to one or several places, or to a structure that will choose."""

    NATURE: ClassVar[Nature] = Nature.ORIENTATION
    MACHINE: ClassVar[Machine] = orientation.MACHINE

    etat: orientation.Etat
    place: UUID | None = None
    autres_places: tuple[UUID, ...] = ()
    """Held with `place`, all or none."""
    demande: UUID | None = None
    dispositif: Dispositif
    structure: str | None = None
    """The FINESS or SIRET that it is for, of several places that of the first; None where its address is secret."""
    commune: str | None = None
    """Where its place is; None where that is a secret, or where no place is named."""
    presentation_le: date | None = None
    """The day on which the household presents itself, as last agreed; on which it came, once it has."""
    admise_le: datetime | None = None
    """When it was first known to be admitted: the prefect's month starts here."""
    aide_sociale_le: datetime | None = None
    """When the prefect's month was over without an answer: the aide sociale is granted (R345-4 CASF)."""
    operateurs: tuple[str, ...] = ()
    """The partners that were asked to accompany its household."""
    operateurs_attendus: tuple[str, ...] = ()
    """Those of them that have not answered since they were asked."""
    accompagnement_depuis: datetime | None = None
    """When the last of those was asked; None while nobody is awaited."""

    def asking(self, partner: str, at: datetime) -> Self:
        """The same, with one more that is asked. To ask again who is awaited gives it no more time."""
        if partner in self.operateurs_attendus:
            return self
        asked = tuple(dict.fromkeys((*self.operateurs, partner)))
        awaited = (*self.operateurs_attendus, partner)
        return replace(self, operateurs=asked, operateurs_attendus=awaited, accompagnement_depuis=at)

    def answered_by(self, partner: str) -> Self:
        """The same; one that was asked is awaited no more."""
        awaited = tuple(each for each in self.operateurs_attendus if each != partner)
        since = self.accompagnement_depuis if awaited else None
        return replace(self, operateurs_attendus=awaited, accompagnement_depuis=since)

    def played_by(self, partner: str, party: Party) -> bool:
        return (
            partner in self.operateurs if party is Party.OPERATEUR else Envoi.played_by(self, partner, party)
        )

    @property
    def places(self) -> tuple[UUID, ...]:
        """All the places that it names."""
        return (*(() if self.place is None else (self.place,)), *self.autres_places)

    @property
    def linked(self) -> tuple[UUID, ...]:
        return (*self.places, *(() if self.demande is None else (self.demande,)))


@frozen(kw_only=True)
class Candidature(Envoi):
    """A candidacy for social housing."""

    NATURE: ClassVar[Nature] = Nature.CANDIDATURE
    MACHINE: ClassVar[Machine] = candidature.MACHINE

    etat: candidature.Etat

    @property
    def linked(self) -> tuple[UUID, ...]:
        return (self.menage,)


TYPES: tuple[type[Subject], ...] = (
    Place,
    GroupePlaces,
    Demande,
    Signalement,
    MenagePret,
    Orientation,
    Candidature,
    Convention,
    Derogation,
    Observation,
)
"""Every kind of subject."""

AWAITED = frozenset(etat for kind in TYPES if kind.MACHINE for etat in kind.MACHINE.awaited)
"""States in which somebody is waited for, whatever the subject. Each once, though several rule books may have it."""

AWAITED_OF = tuple(f"{kind.NATURE} {etat}" for kind in TYPES if kind.MACHINE for etat in kind.MACHINE.awaited)
"""The same with whose they are: a household of a subject in one of them is not forgotten. A demand that waits for a
place has the state of a referral that waits for an answer, and keeps nobody."""

SET_ASIDE = tuple(dict.fromkeys(etat for kind in TYPES if kind.MACHINE for etat in kind.MACHINE.set_aside))
"""States of a subject whose household its recipient may read of no more."""
