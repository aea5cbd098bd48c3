"""Subjects and their states: places, demands, referrals, candidacies… Fields are of privacy classes C0 and C1
only.

Each kind of subject is one type here; `router/store/subjects.py` derives its row.
"""

from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from contracts.base import Nature
from contracts.frozen import frozen, replace
from contracts.reference.codes import Dispositif, Reservataire
from router.domain.parts import Party
from router.domain.rulebooks import candidature, demande, orientation, place
from router.domain.rulebooks.machine import Machine
from router.domain.territories import Lieu

TRANSFERT_PROPOSE = "TRANSFERT_PROPOSE"
"""State of a demand as shown to a SIAO that was asked to take it over and has not answered."""


@frozen(kw_only=True)
class Subject:
    """Fields that every subject has. `version` grows by one at each change of state."""

    NATURE: ClassVar[Nature]
    MACHINE: ClassVar[Machine | None]
    """State machine of the subject; None for a kind of subject without states."""
    SEARCHED: ClassVar[tuple[str, ...]] = ()
    """Names of properties of the subject that its row also stores, for an index. They are never read from the
    row."""

    id: UUID
    etat: StrEnum | None = None
    """State of the subject; None before the first message that sets a state."""
    version: int = 0
    etat_depuis: datetime | None = None
    """Moment of acceptance of the event that led to the present state."""
    versions_seen: Mapping[str, int] = field(default_factory=dict)
    """Last version seen from each partner. A message with a lower version is too old."""
    a_verifier: tuple[str, ...] = ()
    """Doubts about the subject's household, from its last description."""

    def moved(self, etat: StrEnum) -> Self:
        """Return the next version of the subject, in the state `etat`."""
        return replace(self, etat=etat, version=self.version + 1)

    def with_version_seen(self, partner: str, version: int) -> Self:
        """Return the subject with the last version seen from a partner. Its own version stays."""
        return replace(self, versions_seen={**self.versions_seen, partner: version})

    def player(self, party: Party) -> str | None:
        """Return the partner that is this party to the subject; None if no partner is."""
        return None

    def played_by(self, partner: str, party: Party) -> bool:
        """Tell whether a partner is this party to the subject."""
        return self.player(party) == partner

    @property
    def players(self) -> tuple[str, ...]:
        """Return the partners that are party to the subject.

        Operators asked to accompany a household are left out: they may not learn where it is.
        """
        return tuple(partner for party in Party if (partner := self.player(party)) is not None)

    def etat_for(self, recipient: str) -> str | None:
        """Return the state by which the rights of the partner `recipient` to read about the subject are
        decided."""
        return self.etat

    @property
    def linked(self) -> tuple[UUID, ...]:
        """Return the ids of other subjects that change together with this one."""
        return ()

    @classmethod
    def noted(cls, ident: UUID, sender: str) -> Self | None:
        """Return a new subject for the first message about an id. Return None for a kind of subject that only
        certain messages open."""
        return None

    def lieu(self, territoire: str) -> Lieu | None:
        """Return the subject's location in a territory; None if unknown."""
        return None

    @property
    def notified_around(self) -> bool:
        """Tell whether families of the territory are notified although they are no party to the subject."""
        return True


@frozen(kw_only=True)
class Place(Subject):
    """Place to live, with the household that lives there or will come."""

    NATURE: ClassVar[Nature] = Nature.PLACE
    MACHINE: ClassVar[Machine] = place.MACHINE

    etat: place.Etat | None = None
    gestionnaire: str
    orientation: UUID | None = None
    """Referral of the household that lives in the place or will come."""
    occupant: UUID | None = None
    """Referral of the household that still lives in a reserved place."""
    libre_le: date | None = None
    """Day on which the occupant leaves; None if none is announced."""
    expire_le: datetime | None = None
    """Moment at which the reservation ends; None once the place is promised."""
    dispositif: Dispositif | None = None
    """Kind of offer that the place is part of, as last described."""
    structure: str | None = None
    """FINESS or SIRET of the structure of the place, as last described; None if the address is secret."""
    commune: str | None = None
    """Commune of the place, as last described; None if the address is secret."""
    chrs: bool | None = None
    """Whether the place has CHRS status, as last described; None if unknown."""
    reservataire: Reservataire | None = None
    """Body for which the place is reserved, as last described; None once a household has come."""
    acte: UUID | None = None
    """Derogation under which the household in the place was admitted."""
    admission: Mapping[str, str] = field(default_factory=dict)
    """Facts about a household that was admitted without a justification. They are kept until the State is
    notified."""
    a_expliquer_depuis: datetime | None = None
    """Moment from which the manager is asked who lives in the place, because no referral or admission is
    known."""
    a_justifier_depuis: datetime | None = None
    """Moment from which the manager's time to justify an admission runs."""

    @property
    def linked(self) -> tuple[UUID, ...]:
        return () if self.acte is None else (self.acte,)

    @property
    def lived_in(self) -> bool:
        """Tell whether a household that is about to leave still lives in the place."""
        return self.libre_le is not None

    @property
    def notified_around(self) -> bool:
        """Tell whether the place is for emergencies: then those who look for a place for tonight are notified
        too."""
        return self.dispositif is Dispositif.URGENCE

    @property
    def players(self) -> tuple[str, ...]:
        return (self.gestionnaire,)

    def player(self, party: Party) -> str | None:
        return self.gestionnaire if party is Party.GESTIONNAIRE else None


@frozen(kw_only=True)
class GroupePlaces(Subject):
    """Group of places, known only by its figures."""

    NATURE: ClassVar[Nature] = Nature.GROUPE_PLACES
    MACHINE: ClassVar[None] = None

    gestionnaire: str
    dispositif: Dispositif | None = None
    capacite: int | None = None
    occupees: int | None = None
    releve_le: date | None = None
    """Day of the latest figures of the group."""

    @classmethod
    def noted(cls, ident: UUID, sender: str) -> Self:
        return cls(id=ident, version=1, gestionnaire=sender)

    def player(self, party: Party) -> str | None:
        return self.gestionnaire if party is Party.GESTIONNAIRE else None


@frozen(kw_only=True)
class Observation(Subject):
    """Record or figure of the social observation, as its sender describes it."""

    NATURE: ClassVar[Nature] = Nature.OBSERVATION
    MACHINE: ClassVar[None] = None

    emetteur: str

    @classmethod
    def noted(cls, ident: UUID, sender: str) -> Self:
        return cls(id=ident, version=1, emetteur=sender)

    def player(self, party: Party) -> str | None:
        return self.emetteur if party is Party.EMETTEUR else None


@frozen(kw_only=True)
class Envoi(Subject):
    """Household sent by one partner to another, which has to answer: a demand, a referral or a candidacy, for
    example."""

    MACHINE: ClassVar[Machine]

    emetteur: str
    destinataire: str
    menage: UUID
    remise_le: datetime | None = None
    """Moment at which the recipient provably received the household's file. Its deadlines start here."""
    repondue_le: datetime | None = None
    """Moment at which the recipient's first answer was accepted."""
    attendue_le: datetime | None = None
    """Moment by which the recipient's first answer was due; None if no deadline ran."""
    dit: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Dates and codes in the recipient's answers, by kind of answer (such as SIGNER), then by field."""

    @property
    def was_sent(self) -> bool:
        """Tell whether a partner has sent this household to a recipient."""
        return True

    def player(self, party: Party) -> str | None:
        match party:
            case Party.EMETTEUR:
                return self.emetteur
            case Party.DESTINATAIRE:
                return self.destinataire
        return None


@frozen(kw_only=True)
class Demande(Envoi):
    """Household that a partner has brought to the SIAO."""

    NATURE: ClassVar[Nature] = Nature.DEMANDE
    MACHINE: ClassVar[Machine] = demande.MACHINE

    etat: demande.Etat
    dispositif: Dispositif | None = None
    """Kind of offer first asked for."""
    commune: str | None = None
    orientation: UUID | None = None
    """Last referral of the household. An earlier one changes the demand only if the household arrives there."""
    repreneur: str | None = None
    """SIAO that was last asked to take the demand over."""
    transfert_le: datetime | None = None
    """Moment at which a transfer was proposed; None once it is over."""
    transfert_remis_le: datetime | None = None
    """Moment at which the SIAO that is asked to take the demand over received the proposal."""
    cedants: tuple[str, ...] = ()
    """Former SIAO of the demand."""
    evaluateur: str | None = None
    """Partner that was last asked to evaluate the household."""
    evaluation_depuis: datetime | None = None
    """Moment at which an evaluation was asked for; None once it is made."""
    evaluation_avant_le: date | None = None
    """Last day for the evaluation that was asked for."""

    def played_by(self, partner: str, party: Party) -> bool:
        match party:
            case Party.REPRENEUR:
                return partner == self.repreneur
            case Party.EVALUATEUR:
                return partner == self.evaluateur
        return Envoi.played_by(self, partner, party)

    def asked_at(self, partner: str, moment: datetime) -> Self:
        """Return the demand with the moment at which `partner` received the proposal to take it over. Return
        the demand unchanged if another SIAO is asked, or if a moment is already stored."""
        awaited = self.transfert_le is not None and self.transfert_remis_le is None
        return replace(self, transfert_remis_le=moment) if awaited and partner == self.repreneur else self

    def etat_for(self, recipient: str) -> str | None:
        asked = recipient == self.repreneur and recipient != self.destinataire
        return TRANSFERT_PROPOSE if asked else self.etat


@frozen(kw_only=True)
class Orientation(Envoi):
    """Referral to one or several places, or to a structure that will choose a place.

    Also a stay that a centre opened without the SIAO; its `emetteur` is the SIAO all the same.
    """

    NATURE: ClassVar[Nature] = Nature.ORIENTATION
    MACHINE: ClassVar[Machine] = orientation.MACHINE

    etat: orientation.Etat
    place: UUID | None = None
    autres_places: tuple[UUID, ...] = ()
    """Further places that are reserved with `place`, all or none."""
    demande: UUID | None = None
    dispositif: Dispositif | None = None
    """Kind of offer to which the household is referred; None if unknown."""
    structure: str | None = None
    """FINESS or SIRET of the structure of the referral, or of its first place; None if the address is secret."""
    commune: str | None = None
    """Commune of the referral's place; None if secret or if no place is named."""
    presentation_le: date | None = None
    """Day on which the household is to come, as last agreed, or on which it came."""
    admise_le: datetime | None = None
    """Moment at which the hub learnt of the admission."""
    sans_siao_le: date | None = None
    """Day of an admission without the SIAO; None if the SIAO referred the household."""
    operateurs: tuple[str, ...] = ()
    """Operators that were asked to accompany the household during the stay."""
    operateurs_attendus: tuple[str, ...] = ()
    """Operators that were asked to accompany the household and have not answered."""
    accompagnement_depuis: datetime | None = None
    """Moment at which the awaited operator was last asked to accompany the household; None if none is
    awaited."""

    @property
    def was_sent(self) -> bool:
        return self.sans_siao_le is None

    def asking(self, partner: str, at: datetime) -> Self:
        """Return the referral with one more operator asked to accompany the household. An operator that has
        already been asked gets no additional time."""
        if partner in self.operateurs_attendus:
            return self
        asked = tuple(dict.fromkeys((*self.operateurs, partner)))
        awaited = (*self.operateurs_attendus, partner)
        return replace(self, operateurs=asked, operateurs_attendus=awaited, accompagnement_depuis=at)

    def answered_by(self, partner: str) -> Self:
        """Return the referral with this operator no longer awaited."""
        awaited = tuple(each for each in self.operateurs_attendus if each != partner)
        since = self.accompagnement_depuis if awaited else None
        return replace(self, operateurs_attendus=awaited, accompagnement_depuis=since)

    def played_by(self, partner: str, party: Party) -> bool:
        return (
            partner in self.operateurs if party is Party.OPERATEUR else Envoi.played_by(self, partner, party)
        )

    @property
    def places(self) -> tuple[UUID, ...]:
        """Return all places that the referral names."""
        return (*(() if self.place is None else (self.place,)), *self.autres_places)

    @property
    def linked(self) -> tuple[UUID, ...]:
        return (*self.places, *(() if self.demande is None else (self.demande,)))


@frozen(kw_only=True)
class Candidature(Envoi):
    """Candidacy for social housing."""

    NATURE: ClassVar[Nature] = Nature.CANDIDATURE
    MACHINE: ClassVar[Machine] = candidature.MACHINE

    etat: candidature.Etat
    reponse_le: date | None = None
    """Last day on which the household may answer the landlord's offer; None before there is an offer."""
    logement: str | None = None
    """Dwelling for which the household is presented, or that the commission attributed to it."""
    designee_par: str | None = None
    """Partner that designated the household for the prefect's reserved housing; None if none has."""
    designee_le: date | None = None
    """Day on which `designee_par` designated the household."""

    @property
    def linked(self) -> tuple[UUID, ...]:
        return (self.menage,)


WITHOUT_BOOK: tuple[type[Subject], ...] = (GroupePlaces, Observation)
"""Kinds of subject without a rule book, and so without states."""
