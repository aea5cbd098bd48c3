"""Types of subjects (place, demand, referral, candidacy…), as dataclasses. They contain only fields of the
privacy classes C0 and C1: offers, and needs without identity. `router/store/subjects.py` derives the columns
of a subject's row from its dataclass."""

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
"""State of a demand as shown to the SIAO that is asked to take it over."""


@frozen(kw_only=True)
class Subject:
    """Base class of all subjects (demands, referrals, places…). `version` grows by one at each change."""

    NATURE: ClassVar[Nature]
    MACHINE: ClassVar[Machine | None]
    """State machine of the subject (a referral, a place…). None for a type without states."""
    SEARCHED: ClassVar[tuple[str, ...]] = ()
    """Names of properties whose values are also stored in the row, for an index. These values are ignored when the
    row is read."""

    id: UUID
    etat: StrEnum | None = None
    """Present state. None if no message has set one."""
    version: int = 0
    etat_depuis: datetime | None = None
    """Moment at which the hub accepted the event that led to the present state."""
    versions_seen: Mapping[str, int] = field(default_factory=dict)
    """Highest version number received from each partner. A message with a lower number is outdated."""
    a_verifier: tuple[str, ...] = ()
    """Contradictions in the latest description of the household."""

    def moved(self, etat: StrEnum) -> Self:
        """Return the referral, place… in the state `etat`, with its version increased by one."""
        return replace(self, etat=etat, version=self.version + 1)

    def with_version_seen(self, partner: str, version: int) -> Self:
        """Return the referral, place… with the last version number received from a partner. Its own `version`
        is unchanged."""
        return replace(self, versions_seen={**self.versions_seen, partner: version})

    def player(self, party: Party) -> str | None:
        """Return the id of the partner that has the role `party` (SIAO, manager, recipient…). Return None if
        there is none."""
        return None

    def played_by(self, partner: str, party: Party) -> bool:
        """Tell whether a partner has the role `party` (SIAO, manager, recipient…)."""
        return self.player(party) == partner

    @property
    def players(self) -> tuple[str, ...]:
        """Return the ids of the partners that have a role, such as the sender and recipient of a referral.

        Operators asked to accompany a household are left out: they may not learn where the household is.
        """
        return tuple(partner for party in Party if (partner := self.player(party)) is not None)

    def etat_for(self, recipient: str) -> str | None:
        """Return the state of the referral, the demand… by which the hub decides which fields the partner
        `recipient` may read. Some types of subjects have another state here for some partners."""
        return self.etat

    @property
    def linked(self) -> tuple[UUID, ...]:
        """Return the ids of other referrals, places, demands… that may change together with this one."""
        return ()

    @classmethod
    def noted(cls, ident: UUID, sender: str) -> Self | None:
        """Return a new subject with the id `ident`, for the first message about it. This is for types of
        subject, such as a group of places, that any message may create. For other types, return None: only
        certain types of message create them."""
        return None

    def lieu(self, territoire: str) -> Lieu | None:
        """Return the location stored with this object, in the given territory. Return None if its type (such as
        referral or place) stores no location."""
        return None

    @property
    def notified_around(self) -> bool:
        """Tell whether messages about this subject are also sent to partners without a role in it. These are
        partners of certain types (such as landlords) that work in the territory."""
        return True


@frozen(kw_only=True)
class Place(Subject):
    """Place in a structure, with the household that lives there or will come."""

    NATURE: ClassVar[Nature] = Nature.PLACE
    MACHINE: ClassVar[Machine] = place.MACHINE

    etat: place.Etat | None = None
    gestionnaire: str
    orientation: UUID | None = None
    """Referral of the household that lives in the place, or for which the place is reserved."""
    occupant: UUID | None = None
    """Referral of the household that still lives in the place although the place is reserved for another
    household."""
    libre_le: date | None = None
    """Day on which the occupant leaves. None if no departure is announced."""
    expire_le: datetime | None = None
    """Moment at which the reservation ends by itself. None if there is no reservation, or if the referral was
    accepted: the reservation then no longer ends by itself."""
    dispositif: Dispositif | None = None
    """Kind of offer of the place, from its manager's latest description."""
    structure: str | None = None
    """Official number (FINESS or SIRET) of the place's structure, from its manager's latest description. None
    if the address is secret."""
    commune: str | None = None
    """Commune of the place, from its manager's latest description. None if the address is secret."""
    chrs: bool | None = None
    """Whether the place has CHRS status (a legal status of shelters), from its manager's latest description.
    None if unknown."""
    reservataire: Reservataire | None = None
    """Body for which the place is reserved, from its manager's latest description. None if the place is
    reserved for nobody, and once a household has moved in."""
    acte: UUID | None = None
    """Derogation under which the present household was admitted. None if there is none."""
    admission: Mapping[str, str] = field(default_factory=dict)
    """Facts for the notice to the State about an admission that is not justified. They are kept until the State
    is notified. Empty if there is no such admission."""
    a_expliquer_depuis: datetime | None = None
    """Moment since which the hub asks the manager to say who lives in the place. No referral or admission says
    it. None if the hub does not ask."""
    a_justifier_depuis: datetime | None = None
    """Moment since which the manager has to give the reason why it admitted a household without the SIAO.
    None if no reason is awaited."""

    @property
    def linked(self) -> tuple[UUID, ...]:
        return () if self.acte is None else (self.acte,)

    @property
    def lived_in(self) -> bool:
        """Tell whether the household in the place has announced its departure and has not left yet."""
        return self.libre_le is not None

    @property
    def notified_around(self) -> bool:
        """Tell whether the place is for emergencies. Partners that look for a place for tonight are then
        notified of it."""
        return self.dispositif is Dispositif.URGENCE

    @property
    def players(self) -> tuple[str, ...]:
        return (self.gestionnaire,)

    def player(self, party: Party) -> str | None:
        return self.gestionnaire if party is Party.GESTIONNAIRE else None


@frozen(kw_only=True)
class GroupePlaces(Subject):
    """Group of places that the hub does not know one by one, but only by their occupancy figures."""

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
    """Record or figure of the social observation (anonymous statistics) that a partner sends."""

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
    """Request from one partner to another about a household, such as a demand, a referral or a candidacy. The
    recipient has to answer."""

    MACHINE: ClassVar[Machine]

    emetteur: str
    destinataire: str
    menage: UUID
    remise_le: datetime | None = None
    """Moment at which the recipient provably received the request. The deadlines of the recipient start at
    this moment."""
    repondue_le: datetime | None = None
    """Moment at which the hub accepted the recipient's first answer."""
    attendue_le: datetime | None = None
    """Moment at which the recipient's first answer was due. None if no deadline was running."""
    dit: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Dates and codes from the recipient's answers. The first key is the transition that an answer made (such
    as SIGNER), the second is the field."""

    @property
    def was_sent(self) -> bool:
        """Tell whether one partner really sent the household to another. False for a stay without a referral,
        which a centre created itself."""
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
    """Demand: household that a partner has brought to a SIAO."""

    NATURE: ClassVar[Nature] = Nature.DEMANDE
    MACHINE: ClassVar[Machine] = demande.MACHINE

    etat: demande.Etat
    dispositif: Dispositif | None = None
    """Kind of offer that the demand asks for."""
    commune: str | None = None
    orientation: UUID | None = None
    """Latest referral of the household. An earlier referral changes the demand only if it leads to the
    household's arrival."""
    repreneur: str | None = None
    """SIAO to which the transfer of the demand was last proposed."""
    transfert_le: datetime | None = None
    """Moment at which the open transfer was proposed. None if no transfer is open."""
    transfert_remis_le: datetime | None = None
    """Moment at which the SIAO that may take the demand over received the proposal."""
    cedants: tuple[str, ...] = ()
    """Ids of the SIAO that had the demand earlier and handed it over."""
    evaluateur: str | None = None
    """Id of the partner that was last asked to evaluate the household."""
    evaluation_depuis: datetime | None = None
    """Moment at which the awaited evaluation was asked for. None if no evaluation is awaited."""
    evaluation_avant_le: date | None = None
    """Last day for the evaluation that was last asked for."""

    def played_by(self, partner: str, party: Party) -> bool:
        match party:
            case Party.REPRENEUR:
                return partner == self.repreneur
            case Party.EVALUATEUR:
                return partner == self.evaluateur
        return Envoi.played_by(self, partner, party)

    def asked_at(self, partner: str, moment: datetime) -> Self:
        """Return the demand with the moment at which the SIAO `partner` received its proposed transfer. Return
        the demand unchanged if no transfer to this SIAO is proposed, or if a moment is already recorded."""
        awaited = self.transfert_le is not None and self.transfert_remis_le is None
        return replace(self, transfert_remis_le=moment) if awaited and partner == self.repreneur else self

    def etat_for(self, recipient: str) -> str | None:
        asked = recipient == self.repreneur and recipient != self.destinataire
        return TRANSFERT_PROPOSE if asked else self.etat


@frozen(kw_only=True)
class Orientation(Envoi):
    """Referral of a household to one or several places, or to a structure that chooses the place.

    A stay that a centre opened without the SIAO is also of this type. Its `emetteur` is the SIAO responsible
    for the place.
    """

    NATURE: ClassVar[Nature] = Nature.ORIENTATION
    MACHINE: ClassVar[Machine] = orientation.MACHINE

    etat: orientation.Etat
    place: UUID | None = None
    autres_places: tuple[UUID, ...] = ()
    """Places that are reserved together with `place`. All of them are reserved, or none."""
    demande: UUID | None = None
    dispositif: Dispositif | None = None
    """Kind of offer to which the household is referred; None if unknown."""
    structure: str | None = None
    """FINESS or SIRET of the structure that the referral names, or of the structure of its first place. None
    if the address is secret."""
    commune: str | None = None
    """Commune of the referral's first place. None if the commune is secret, or if the referral names no place."""
    presentation_le: date | None = None
    """Day on which the household arrived. Before the arrival, the day on which it is expected, by the latest
    message."""
    admise_le: datetime | None = None
    """Moment at which the hub accepted the message about the admission."""
    sans_siao_le: date | None = None
    """Day of an admission without the SIAO; None if the SIAO referred the household."""
    operateurs: tuple[str, ...] = ()
    """Ids of all operators that were asked to accompany the household during the stay."""
    operateurs_attendus: tuple[str, ...] = ()
    """Ids of the operators that were asked to accompany the household and have not yet answered."""
    accompagnement_depuis: datetime | None = None
    """Moment at which an operator was last asked to accompany the household. None if no operator still has to
    answer."""

    @property
    def was_sent(self) -> bool:
        return self.sans_siao_le is None

    def asking(self, partner: str, at: datetime) -> Self:
        """Return the referral with one more operator (`partner`) that is asked to accompany the household. If
        this operator already has to answer, it gets no more time."""
        if partner in self.operateurs_attendus:
            return self
        asked = tuple(dict.fromkeys((*self.operateurs, partner)))
        awaited = (*self.operateurs_attendus, partner)
        return replace(self, operateurs=asked, operateurs_attendus=awaited, accompagnement_depuis=at)

    def answered_by(self, partner: str) -> Self:
        """Return the referral after the operator `partner` has answered whether it accompanies the household.
        The referral no longer waits for this operator."""
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
    """Dwelling of the candidacy. The SIAO or the commission named it."""
    designee_par: str | None = None
    """Id of the partner that designated the household for the prefect's reserved housing. None if no partner
    has designated it."""
    designee_le: date | None = None
    """Day on which `designee_par` designated the household."""

    @property
    def linked(self) -> tuple[UUID, ...]:
        return (self.menage,)


WITHOUT_BOOK: tuple[type[Subject], ...] = (GroupePlaces, Observation)
"""Types of subjects without a rule book. They have no states."""
