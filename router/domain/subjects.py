"""Subjects and their states: places, demands, referrals, candidacies… The rules read and write them. Their
fields are of classes C0 and C1 only.

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
"""State of a demand, for a SIAO that was asked to take the demand over and has not answered yet."""


@frozen(kw_only=True)
class Subject:
    """Fields that every subject has. `version` grows by one at each change of state: a reservation of a place
    that was made for an older version of the place no longer counts."""

    NATURE: ClassVar[Nature]
    MACHINE: ClassVar[Machine | None]
    """State machine of the subject; None for a kind of subject without states."""
    SEARCHED: ClassVar[tuple[str, ...]] = ()
    """Properties of the subject that its row also stores, so that an index finds the row by them. These
    properties are not read back."""

    id: UUID
    etat: StrEnum | None = None
    """State of the subject; None before the first message that sets a state."""
    version: int = 0
    etat_depuis: datetime | None = None
    """Moment at which the event that led to the present state was accepted."""
    versions_seen: Mapping[str, int] = field(default_factory=dict)
    """Last version seen from each partner. A message with a lower version from that partner is too old."""
    a_verifier: tuple[str, ...] = ()
    """Doubts about the subject's household, from its last description. Each doubt is notified once."""

    def moved(self, etat: StrEnum) -> Self:
        """Return the next version of the subject, in this state."""
        return replace(self, etat=etat, version=self.version + 1)

    def with_version_seen(self, partner: str, version: int) -> Self:
        """Return the subject with the last version seen from a partner. The subject's own version does not
        change."""
        return replace(self, versions_seen={**self.versions_seen, partner: version})

    def player(self, party: Party) -> str | None:
        """Return the partner that is this party to the subject; None if there is none."""
        return None

    def played_by(self, partner: str, party: Party) -> bool:
        """Tell whether a partner is this party to the subject."""
        return self.player(party) == partner

    @property
    def players(self) -> tuple[str, ...]:
        """Return the partners that are party to the subject.

        Operators that were asked to accompany a household are left out: they may not learn where it is.
        """
        return tuple(partner for party in Party if (partner := self.player(party)) is not None)

    def etat_for(self, recipient: str) -> str | None:
        """Return the state that decides what the partner `recipient` may read about the subject."""
        return self.etat

    @property
    def linked(self) -> tuple[UUID, ...]:
        """Return the ids of the other subjects that change together with this one."""
        return ()

    @classmethod
    def noted(cls, ident: UUID, sender: str) -> Self | None:
        """Return a new subject for the first message about this id; None for a kind of subject that only
        certain messages open."""
        return None

    def lieu(self, territoire: str) -> Lieu | None:
        """Return the subject's location in a territory; None if the subject does not tell it."""
        return None

    @property
    def notified_around(self) -> bool:
        """Tell whether partners of the subject's territory are notified although they are no party to the
        subject."""
        return True


@frozen(kw_only=True)
class Place(Subject):
    """Place to live, and the household that lives there or for which the place is held."""

    NATURE: ClassVar[Nature] = Nature.PLACE
    MACHINE: ClassVar[Machine] = place.MACHINE

    etat: place.Etat | None = None
    gestionnaire: str
    orientation: UUID | None = None
    """Referral of the household that lives in the place, or for which the place is held."""
    occupant: UUID | None = None
    """Referral of the household that still lives in a reserved place and is about to leave."""
    libre_le: date | None = None
    """Day on which the present occupant leaves the place; None if no departure is announced."""
    expire_le: datetime | None = None
    """Moment at which the reservation of the place runs out; None once the place is promised."""
    dispositif: Dispositif | None = None
    """Kind of offer that the place is part of, as last described."""
    structure: str | None = None
    """FINESS or SIRET of the structure of the place, as last described; None if the address is secret."""
    commune: str | None = None
    """Commune of the place, as last described; None if the address is secret."""
    chrs: bool | None = None
    """Whether the place has CHRS status, as last described; None if no message has told."""
    reservataire: Reservataire | None = None
    """Body for which the place is reserved, as last described; None once a household has come to live in the
    place."""
    acte: UUID | None = None
    """Derogation under which the household in the place was admitted."""
    admission: Mapping[str, str] = field(default_factory=dict)
    """Facts about the household that was admitted to the place without a justification, until the State is
    notified of these facts."""
    a_expliquer_depuis: datetime | None = None
    """Moment from which the manager is asked who lives in the place, because no household was referred or
    admitted to this place."""
    a_justifier_depuis: datetime | None = None
    """Moment from which the manager has some time to justify an admission to the place without the SIAO."""

    @property
    def linked(self) -> tuple[UUID, ...]:
        return () if self.acte is None else (self.acte,)

    @property
    def lived_in(self) -> bool:
        """Tell whether a household that is about to leave still lives in the place."""
        return self.libre_le is not None

    @property
    def notified_around(self) -> bool:
        """Tell whether the place is for emergencies: then other partners of the territory are notified of its
        messages, because they look for a place for tonight."""
        return self.dispositif is Dispositif.URGENCE

    @property
    def players(self) -> tuple[str, ...]:
        return (self.gestionnaire,)

    def player(self, party: Party) -> str | None:
        return self.gestionnaire if party is Party.GESTIONNAIRE else None


@frozen(kw_only=True)
class GroupePlaces(Subject):
    """Group of places, of which only figures are known."""

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
    """Record or figure of the social observation, noted as its sender describes it."""

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
    """Household that one partner has sent to another one, which has to answer: a demand, a referral or a
    candidacy, for example."""

    MACHINE: ClassVar[Machine]

    emetteur: str
    destinataire: str
    menage: UUID
    remise_le: datetime | None = None
    """Moment at which the recipient provably received the household's file: the recipient's deadlines start
    here."""
    repondue_le: datetime | None = None
    """Moment at which the recipient's first answer was accepted."""
    attendue_le: datetime | None = None
    """Moment by which the recipient's first answer was due; None if no deadline ran."""
    dit: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Dates and codes that the recipient gave with its answers about the household: by kind of answer (such
    as SIGNER), then by field."""

    @property
    def was_sent(self) -> bool:
        """Tell whether a partner has sent this household to a recipient, which has to answer."""
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
    """Kind of offer first asked for. With the commune, it decided which SIAO received the demand."""
    commune: str | None = None
    orientation: UUID | None = None
    """Last referral of the household. An earlier referral changes the demand only if the household arrives
    there."""
    repreneur: str | None = None
    """SIAO that was last asked to take the demand over from the responsible SIAO."""
    transfert_le: datetime | None = None
    """Moment at which a transfer of the demand was proposed; None once the transfer is accepted, refused or
    withdrawn."""
    transfert_remis_le: datetime | None = None
    """Moment at which the SIAO that is asked to take the demand over provably received the proposal."""
    cedants: tuple[str, ...] = ()
    """SIAO that were responsible for the demand before, and have given it away."""
    evaluateur: str | None = None
    """Partner that was last asked to evaluate the household."""
    evaluation_depuis: datetime | None = None
    """Moment at which an evaluation of the household was asked for; None once the evaluation is made."""
    evaluation_avant_le: date | None = None
    """Day until which the partner that was asked to evaluate is expected to answer."""

    def played_by(self, partner: str, party: Party) -> bool:
        match party:
            case Party.REPRENEUR:
                return partner == self.repreneur
            case Party.EVALUATEUR:
                return partner == self.evaluateur
        return Envoi.played_by(self, partner, party)

    def asked_at(self, partner: str, moment: datetime) -> Self:
        """Note the moment at which the SIAO that is asked to take the demand over provably received the
        proposal. Return the demand unchanged if `partner` is another SIAO, or if a moment is already
        noted."""
        awaited = self.transfert_le is not None and self.transfert_remis_le is None
        return replace(self, transfert_remis_le=moment) if awaited and partner == self.repreneur else self

    def etat_for(self, recipient: str) -> str | None:
        asked = recipient == self.repreneur and recipient != self.destinataire
        return TRANSFERT_PROPOSE if asked else self.etat


@frozen(kw_only=True)
class Orientation(Envoi):
    """Referral to one or several places, or to a structure that will choose a place. Also a stay that a
    centre opened without the SIAO; its `emetteur` is the SIAO all the same, and is notified of its end."""

    NATURE: ClassVar[Nature] = Nature.ORIENTATION
    MACHINE: ClassVar[Machine] = orientation.MACHINE

    etat: orientation.Etat
    place: UUID | None = None
    autres_places: tuple[UUID, ...] = ()
    """Further places that are reserved together with `place`: all of these places or none."""
    demande: UUID | None = None
    dispositif: Dispositif | None = None
    """Kind of offer to which the household is referred; None for a stay in a place whose kind of offer nobody
    has said."""
    structure: str | None = None
    """FINESS or SIRET of the structure to which the household is referred (of the first place, if there are
    several); None if the address is secret."""
    commune: str | None = None
    """Commune of the referral's place; None if the commune is secret, or if no place is named."""
    presentation_le: date | None = None
    """Day on which the household is to come, as last agreed; after its arrival, the day of the arrival."""
    admise_le: datetime | None = None
    """Moment at which the hub first learnt that the household is admitted."""
    sans_siao_le: date | None = None
    """Day on which its centre admitted the household without the SIAO; None if the SIAO referred it."""
    operateurs: tuple[str, ...] = ()
    """Operators that were asked to accompany the household during the stay."""
    operateurs_attendus: tuple[str, ...] = ()
    """Operators that were asked to accompany the household and have not answered since."""
    accompagnement_depuis: datetime | None = None
    """Moment at which the operator that is still awaited was last asked to accompany the household; None
    while no operator is awaited."""

    @property
    def was_sent(self) -> bool:
        return self.sans_siao_le is None

    def asking(self, partner: str, at: datetime) -> Self:
        """Return the referral with one more operator that is asked to accompany the household. An operator
        that is already awaited gets no more time."""
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
    """Dwelling for which the household is presented, or the dwelling that the commission then attributed to
    the household."""
    designee_par: str | None = None
    """Partner that has designated the household for the prefect's reserved housing; None if nobody has."""
    designee_le: date | None = None
    """Day on which `designee_par` designated the household."""

    @property
    def linked(self) -> tuple[UUID, ...]:
        return (self.menage,)


WITHOUT_BOOK: tuple[type[Subject], ...] = (GroupePlaces, Observation)
"""Kinds of subject without a rule book, and so without states."""
