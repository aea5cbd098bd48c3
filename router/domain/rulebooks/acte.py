"""Rule book of an act: an agreement or a derogation. An act is in force from the last signature until its
end."""

from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from contracts.base import Nature
from contracts.frozen import frozen
from contracts.v1.alerte import MotifAnomalie
from router.domain.parts import Party
from router.domain.rulebooks.machine import Machine, transitions
from router.domain.subjects import Subject

ONE_DAY = timedelta(days=1)


class Etat(StrEnum):
    PROPOSEE = "PROPOSEE"
    EN_VIGUEUR = "EN_VIGUEUR"
    EXPIREE = "EXPIREE"
    DENONCEE = "DENONCEE"


class Evenement(StrEnum):
    SIGNER = "signer"
    METTRE_EN_VIGUEUR = "mettre-en-vigueur"
    CONTESTER = "contester"
    PROLONGER = "prolonger"
    CONSTATER_LE_QUART = "constater-le-quart"
    EXPIRER = "expirer"
    DENONCER = "denoncer"


VIVANTS = (Etat.PROPOSEE, Etat.EN_VIGUEUR)

MACHINE = Machine(
    table=transitions(
        (Evenement.SIGNER, Etat.PROPOSEE, (None, Etat.PROPOSEE)),
        (Evenement.SIGNER, Etat.EN_VIGUEUR, (Etat.EN_VIGUEUR,)),
        (Evenement.METTRE_EN_VIGUEUR, Etat.EN_VIGUEUR, (None, *VIVANTS)),
        (Evenement.CONTESTER, Etat.PROPOSEE, VIVANTS),
        (Evenement.PROLONGER, Etat.EN_VIGUEUR, (Etat.EN_VIGUEUR,)),
        (Evenement.CONSTATER_LE_QUART, Etat.EN_VIGUEUR, (Etat.EN_VIGUEUR,)),
        (Evenement.EXPIRER, Etat.EXPIREE, VIVANTS),
        (Evenement.DENONCER, Etat.DENONCEE, VIVANTS),
    ),
    way=VIVANTS,
    early=frozenset(),
    awaited=(),
    set_aside=(),
)
"""States and transitions of an act. If a signatory contests an act, all signatories have to sign again."""


@frozen(kw_only=True)
class Acte(Subject):
    """An agreement or a derogation. Several partners sign it, and it is in force for a time."""

    MACHINE: ClassVar[Machine] = MACHINE

    etat: Etat | None = None
    emetteur: str
    """Sender of the first message about the act."""
    territoire: str
    """Territory in which the act is valid."""
    numero: str | None = None
    attendus: tuple[str, ...] = ()
    """Signatories that the act needs. An agreement names each signatory by its SIRET, a derogation by the
    capacity in which it signs (`Signataire`)."""
    signatures: Mapping[str, str] = field(default_factory=dict)
    """Ids of the partners that have signed, or have reported a signature on paper. The key is the entry of
    `attendus` in whose name the signature was given."""
    du: date | None = None
    au: date | None = None
    vaut_depuis: date | None = None
    """First day on which the act is in force: the day of the last signature, or a later one. None while a
    signature is missing."""
    denonce_le: date | None = None
    """First day on which the act is no longer in force because a signatory has ended it. None if no signatory
    has."""
    tacite_reconduction_mois: int | None = None

    @property
    def players(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.emetteur, *self.signatures.values())))

    def player(self, party: Party) -> str | None:
        return self.emetteur if party is Party.EMETTEUR else None

    def played_by(self, partner: str, party: Party) -> bool:
        return party is Party.SIGNATAIRE and partner in self.players

    def holds_on(self, day: date) -> bool:
        """Tell whether the act is in force on a day."""
        ends = [end for end in (self.au, self.denonce_le and self.denonce_le - ONE_DAY) if end]
        return self.vaut_depuis is not None and self.vaut_depuis <= day <= min(ends, default=day)

    def lacks_on(self, day: date) -> MotifAnomalie | None:
        """Return why the act is not in force on a day. Return None if it is in force."""
        if self.vaut_depuis is None:
            return MotifAnomalie.ACTE_NON_SIGNE
        return None if self.holds_on(day) else MotifAnomalie.HORS_DATES


@frozen(kw_only=True)
class Convention(Acte):
    """An agreement of a SIAO or of the State with another body, about places or dwellings."""

    NATURE: ClassVar[Nature] = Nature.CONVENTION

    objet: str | None = None
    partenaire: str | None = None
    """SIRET of the body with which the agreement is made."""
    attribution: str | None = None
    """Who chooses the households for the dwellings reserved for the State, as a value of `Attribution`. None
    if the agreement does not say it."""
    bilan_depuis: datetime | None = None
    """Start of the three months in which a collector (CIL: the employers' housing fund) has to send its next
    report."""


@frozen(kw_only=True)
class Derogation(Acte):
    """A written permission for a manager to fill places without the SIAO."""

    NATURE: ClassVar[Nature] = Nature.DEROGATION

    structure: str | None = None
    """FINESS or SIRET of the structure that may be filled. None if the address is secret."""
    gestionnaire: str | None = None
    """Manager that signed. If a signatory contests the derogation, all signatures are dropped, but this field
    stays."""
    places: tuple[UUID, ...] = ()
    """Places that may be filled. Empty if every place of the structure may be filled."""
    quota: int | None = None
    occupees: tuple[UUID, ...] = ()
    """Places occupied under the derogation at present."""

    @property
    def players(self) -> tuple[str, ...]:
        return tuple(
            dict.fromkeys(filter(None, (self.emetteur, *self.signatures.values(), self.gestionnaire)))
        )

    @property
    def places_at_once(self) -> int:
        """Return how many places may be occupied under the derogation at the same time."""
        return len(self.places) if self.quota is None else self.quota
