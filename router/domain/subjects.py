"""Define the types of subjects (places, demands, referrals…) as dataclasses. Subjects are what messages are
about. Their fields have only the privacy classes C0 and C1: they say what is offered or needed, but not who
needs it. `router/store/subjects.py` derives the columns of a row from these dataclasses."""

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
    """Base class of all subjects. `version` grows by one each time a message makes a transition. A few other
    changes leave it as it is."""

    NATURE: ClassVar[Nature]
    MACHINE: ClassVar[Machine | None]
    """State machine of this type of subject. None if the type has no states."""
    SEARCHED: ClassVar[tuple[str, ...]] = ()
    """Names of properties whose values are also stored in the subject's row, for an index. They are ignored
    when the row is read."""

    id: UUID
    etat: StrEnum | None = None
    """State of the subject. None if no message has set a state."""
    version: int = 0
    etat_depuis: datetime | None = None
    """Moment of the event that led to this state, or that made the time in this state start again."""
    echeance_reportee_le: datetime | None = None
    """Moment at which the end of a deadline of this state was last put off, after this end had already
    passed. The deadline then starts again from this moment."""
    versions_seen: Mapping[str, int] = field(default_factory=dict)
    """Highest version received from each partner. A message of the partner with a lower version is
    outdated."""
    a_verifier: tuple[str, ...] = ()
    """Reasons to check the latest description of the household. Empty if there are none."""

    def moved(self, etat: StrEnum) -> Self:
        """Return the subject in the state `etat`, with the next version."""
        return replace(self, etat=etat, version=self.version + 1)

    def with_version_seen(self, partner: str, version: int) -> Self:
        """Return the subject with `version` noted as the last version that a partner has sent about it. The
        subject's own version stays."""
        return replace(self, versions_seen={**self.versions_seen, partner: version})

    def player(self, party: Party) -> str | None:
        """Return the id of the partner that is the party `party` (manager, sender, recipient…) of this
        subject. Return None if no partner is this party. Return None too for parties that several partners
        may be (such as operators) or that are only asked (such as an evaluator): for these parties, use
        `played_by`."""
        return None

    def played_by(self, partner: str, party: Party) -> bool:
        """Tell whether a partner is the party `party` of this subject."""
        return self.player(party) == partner

    @property
    def players(self) -> tuple[str, ...]:
        """Return the ids of the partners that may be shown this subject's details, for example its sender and
        its recipient. These partners are left out:

        * operators, because they may not learn where the household is
        * the partner that is asked to evaluate a demand's household
        * the SIAO that is asked to take a demand over
        * the readers of the list of households ready for housing
        """
        return tuple(partner for party in Party if (partner := self.player(party)) is not None)

    def etat_for(self, recipient: str) -> str | None:
        """Return the state of the subject as it is shown to `recipient`. This state decides which fields
        `recipient` may read."""
        return self.etat

    @property
    def linked(self) -> tuple[UUID, ...]:
        """Return the ids of other subjects that a message about this subject may change."""
        return ()

    @classmethod
    def noted(cls, ident: UUID, sender: str) -> Self | None:
        """Return a new subject with the id `ident`, for a message by `sender` about a subject that the hub
        does not know. Return None if such a message creates no subject of this type."""
        return None

    def lieu(self, territoire: str) -> Lieu | None:
        """Return the location that the subject's own fields give, such as the communes where a household wants
        to live. `territoire` becomes the territory of the returned location. Return None if subjects of this
        type have no such fields."""
        return None

    @property
    def notified_around(self) -> bool:
        """Tell whether messages about this subject also go to partners of the territory that are no party of
        the subject. The types of these partners are in `Beside.around`, for each message type. For example,
        the 115 is notified of a free place for emergencies."""
        return True


@frozen(kw_only=True)
class Place(Subject):
    """A place in a structure: its state, the households that live there or are expected, and the manager's
    last description."""

    NATURE: ClassVar[Nature] = Nature.PLACE
    MACHINE: ClassVar[Machine] = place.MACHINE

    etat: place.Etat | None = None
    gestionnaire: str
    orientation: UUID | None = None
    """Referral of the household that lives in the place, or for which the place is reserved."""
    occupant: UUID | None = None
    """Referral of the household that still lives in the place while the place is reserved for another
    household."""
    libre_le: date | None = None
    """Announced day on which the household that lives in the place leaves. None if no departure is
    announced."""
    expire_le: datetime | None = None
    """Moment at which the reservation ends by itself. None if there is no reservation, or once the referral
    is accepted."""
    dispositif: Dispositif | None = None
    structure: str | None = None
    """FINESS or SIRET of the structure. None if the address is secret."""
    commune: str | None = None
    """Commune of the place. None if the address is secret."""
    chrs: bool | None = None
    """Whether the place has CHRS status. None if unknown."""
    reservataire: Reservataire | None = None
    """Body for which the place is reserved, such as the State. When a household moves in, this becomes None,
    until the manager names a body again."""
    acte: UUID | None = None
    """Derogation under which the present household was admitted, if any."""
    admission: Mapping[str, str] = field(default_factory=dict)
    """Facts about the present household's admission without the SIAO, for the notice to the State. Empty if
    there was no such admission."""
    a_expliquer_depuis: datetime | None = None
    """Since when the hub has asked the manager who lives in the place, because no referral or admission says
    so. None if the manager is not asked."""
    a_justifier_depuis: datetime | None = None
    """Since when the manager has to justify an admission without the SIAO. None if there is nothing to
    justify, or if the time to justify it is over."""

    @property
    def linked(self) -> tuple[UUID, ...]:
        return () if self.acte is None else (self.acte,)

    @property
    def departure_announced(self) -> bool:
        """Tell whether a departure is announced and has not taken place."""
        return self.libre_le is not None

    @property
    def notified_around(self) -> bool:
        """Tell whether the place is for emergencies. Partners that look for places for tonight are notified
        of such places only."""
        return self.dispositif is Dispositif.URGENCE

    @property
    def players(self) -> tuple[str, ...]:
        return (self.gestionnaire,)

    def player(self, party: Party) -> str | None:
        return self.gestionnaire if party is Party.GESTIONNAIRE else None


@frozen(kw_only=True)
class GroupePlaces(Subject):
    """A group of places that the hub knows only by their occupancy figures."""

    NATURE: ClassVar[Nature] = Nature.GROUPE_PLACES
    MACHINE: ClassVar[None] = None

    gestionnaire: str
    dispositif: Dispositif | None = None
    capacite: int | None = None
    occupees: int | None = None
    releve_le: date | None = None
    """Day to which the latest figures apply."""

    @classmethod
    def noted(cls, ident: UUID, sender: str) -> Self:
        return cls(id=ident, version=1, gestionnaire=sender)

    def player(self, party: Party) -> str | None:
        return self.gestionnaire if party is Party.GESTIONNAIRE else None


@frozen(kw_only=True)
class Observation(Subject):
    """A statistical record that the hub sends to the national base of social observation (BDOS), or a figure
    that this base publishes."""

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
    """A request about a household, which one partner has sent to another partner. The recipient has to answer
    it."""

    MACHINE: ClassVar[Machine]

    emetteur: str
    destinataire: str
    menage: UUID
    remise_le: datetime | None = None
    """Moment at which the recipient provably received the request. The deadlines of the request start at this
    moment."""
    repondue_le: datetime | None = None
    """When the recipient's first answer was accepted."""
    attendue_le: datetime | None = None
    """When the recipient's first answer was due. None if no deadline was running."""
    dit: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Facts in the recipient's answers, such as dates and codes, by transition (such as SIGNER) and by
    field."""

    @property
    def was_sent(self) -> bool:
        """Tell whether one partner sent this request to another. Return False only for a stay that a centre
        opened without a referral: it is stored as a referral that nobody sent."""
        return True

    def player(self, party: Party) -> str | None:
        match party:
            case Party.EMETTEUR:
                return self.emetteur
            case Party.DESTINATAIRE:
                return self.destinataire
        return None


OTHER_IDS = 100
"""Largest number of further ids of its household that a demand keeps. Without this limit, each update of the
demand could make it larger."""


@frozen(kw_only=True)
class Demande(Envoi):
    """A demand: a household that a partner has brought to a SIAO."""

    NATURE: ClassVar[Nature] = Nature.DEMANDE
    MACHINE: ClassVar[Machine] = demande.MACHINE

    etat: demande.Etat
    dispositif: Dispositif | None = None
    """Kind of offer that the demand asks for."""
    commune: str | None = None
    autres_menages: tuple[UUID, ...] = ()
    """Other ids under which messages about the demand have described its household."""
    orientation: UUID | None = None
    """Latest referral of the demand. An earlier referral changes the demand only if the household arrives."""
    repreneur: str | None = None
    """SIAO that was last asked to take the demand over."""
    transfert_le: datetime | None = None
    """When the open transfer was proposed. None if no transfer is open."""
    transfert_remis_le: datetime | None = None
    """Moment at which the SIAO `repreneur` received the proposal to take the demand over. None before
    that."""
    cedants: tuple[str, ...] = ()
    """SIAO that had the demand before, and handed it over."""
    evaluateur: str | None = None
    """Partner that was last asked to evaluate the household. Once it has done so, the last of the other
    partners that are still awaited, if there is one."""
    evaluateurs: tuple[str, ...] = ()
    """Partners that were asked to evaluate the household. Each of them may send an evaluation, whoever was
    asked last."""
    evaluateurs_attendus: tuple[str, ...] = ()
    """Partners in `evaluateurs` whose evaluation is still awaited. Empty once the SIAO has evaluated the
    household itself."""
    evaluation_depuis: datetime | None = None
    """Moment at which a partner was last asked for its evaluation. None if no evaluation is awaited."""
    evaluation_avant_le: date | None = None
    """Last day for all evaluations that are awaited: the day that the SIAO set last."""

    def played_by(self, partner: str, party: Party) -> bool:
        match party:
            case Party.REPRENEUR:
                return partner == self.repreneur
            case Party.EVALUATEUR:
                return partner == self.evaluateur or partner in self.evaluateurs
        return Envoi.played_by(self, partner, party)

    @property
    def evaluating(self) -> tuple[str, ...]:
        """Return the ids of the partners that were asked to evaluate the household and are still awaited."""
        last = (self.evaluateur,) if self.evaluateur and self.evaluation_depuis else ()
        return tuple(dict.fromkeys((*self.evaluateurs_attendus, *last)))

    def described_as(self, menage: UUID) -> Self:
        """Return the demand with `menage` added to the ids of its household, after a message has given the
        household this id. If the id is known already, or if the demand has as many further ids as `OTHER_IDS`
        allows, return the demand unchanged."""
        known = (self.menage, *self.autres_menages)
        if menage in known or len(known) > OTHER_IDS:
            return self
        return replace(self, autres_menages=(*self.autres_menages, menage))

    def asked_at(self, partner: str, moment: datetime) -> Self:
        """Return the demand with the moment at which `partner` received the proposal to take it over. If this
        moment is already known, or if `partner` is not asked, return the demand unchanged."""
        awaited = self.transfert_le is not None and self.transfert_remis_le is None
        return replace(self, transfert_remis_le=moment) if awaited and partner == self.repreneur else self

    def etat_for(self, recipient: str) -> str | None:
        asked = recipient == self.repreneur and recipient != self.destinataire
        return TRANSFERT_PROPOSE if asked else self.etat


@frozen(kw_only=True)
class Orientation(Envoi):
    """A referral of a household to places, or to a structure that chooses the place. A stay that was opened
    without the SIAO is stored as a referral too; its sender (`emetteur`) is then the SIAO responsible for the
    place."""

    NATURE: ClassVar[Nature] = Nature.ORIENTATION
    MACHINE: ClassVar[Machine] = orientation.MACHINE

    etat: orientation.Etat
    place: UUID | None = None
    autres_places: tuple[UUID, ...] = ()
    """Places reserved together with `place`. Either all these places are reserved, or no place is."""
    demande: UUID | None = None
    dispositif: Dispositif | None = None
    """Kind of offer. None if unknown."""
    structure: str | None = None
    """FINESS or SIRET of the structure that the referral names, or of the structure of its first place. None
    if the address is secret."""
    commune: str | None = None
    """Commune of the first place. None if the commune is secret or unknown, or if the referral names no
    place."""
    presentation_le: date | None = None
    """Day on which the household arrived. Before the arrival, the day on which it is expected."""
    entretien_le: datetime | None = None
    """Moment at which the structure interviews the household before it decides. An interview set before its
    announcement counts from the announcement; one set more than 60 days later counts from the 60th day. None
    if no interview was announced, or if an older version of the hub received the announcement."""
    admise_le: datetime | None = None
    """When the message about the admission (or, failing that, about the arrival) was accepted."""
    sans_siao_le: date | None = None
    """Day of an admission without the SIAO. None for a referral."""
    operateurs: tuple[str, ...] = ()
    """Operators that were asked to accompany the household during the stay."""
    operateurs_attendus: tuple[str, ...] = ()
    """Operators in `operateurs` that have not yet answered."""
    accompagnement_depuis: datetime | None = None
    """Moment at which an operator was last asked to accompany the household. None if no operator still has to
    answer."""

    @property
    def was_sent(self) -> bool:
        return self.sans_siao_le is None

    @property
    def a_decider_depuis(self) -> datetime | None:
        """Return the moment from which the structure has time to decide about a household that it interviews.
        This is the moment of the interview or, if that is unknown, the moment at which the structure received
        the referral. Return None if neither is known."""
        return self.entretien_le or self.remise_le

    def asking(self, partner: str, at: datetime) -> Self:
        """Return the referral after the operator `partner` was asked, at the moment `at`, to accompany the
        household. If this operator still has to answer an earlier request, return the referral unchanged: a
        second request gives no more time."""
        if partner in self.operateurs_attendus:
            return self
        asked = tuple(dict.fromkeys((*self.operateurs, partner)))
        awaited = (*self.operateurs_attendus, partner)
        return replace(self, operateurs=asked, operateurs_attendus=awaited, accompagnement_depuis=at)

    def answered_by(self, partner: str) -> Self:
        """Return the referral after the operator `partner` has said whether it accompanies the household. No
        answer of this operator is awaited any more."""
        awaited = tuple(each for each in self.operateurs_attendus if each != partner)
        since = self.accompagnement_depuis if awaited else None
        return replace(self, operateurs_attendus=awaited, accompagnement_depuis=since)

    def played_by(self, partner: str, party: Party) -> bool:
        return (
            partner in self.operateurs if party is Party.OPERATEUR else Envoi.played_by(self, partner, party)
        )

    @property
    def places(self) -> tuple[UUID, ...]:
        """Return the ids of all places that the referral names."""
        return (*(() if self.place is None else (self.place,)), *self.autres_places)

    @property
    def linked(self) -> tuple[UUID, ...]:
        return (*self.places, *(() if self.demande is None else (self.demande,)))


@frozen(kw_only=True)
class Candidature(Envoi):
    """A candidacy of a household for social housing at a landlord."""

    NATURE: ClassVar[Nature] = Nature.CANDIDATURE
    MACHINE: ClassVar[Machine] = candidature.MACHINE

    etat: candidature.Etat
    reponse_le: date | None = None
    """Last day on which the household may answer the landlord's offer. None if there is no offer yet."""
    logement: str | None = None
    """Dwelling that the SIAO or the commission named."""
    designee_par: str | None = None
    """Partner that designated the household for the prefect's reserved housing, if any."""
    designee_le: date | None = None

    @property
    def linked(self) -> tuple[UUID, ...]:
        return (self.menage,)


WITHOUT_BOOK: tuple[type[Subject], ...] = (GroupePlaces, Observation)
"""Types of subjects that have no rule book, and no states."""
