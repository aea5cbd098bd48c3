"""Messages about places: declared, vacant, foreseeably vacant, reserved, occupied, out of use."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from contracts.base import Contrat, Incoherence, Nature
from contracts.privacy import PROTEGEABLE, Classe, DuHub
from contracts.reference.codes import (
    CategoriePlace,
    CompositionCode,
    Dispositif,
    MotifIndisponibilite,
    Reservataire,
    TypePlace,
)
from contracts.reference.identifiants import CodeCommune, Etablissement
from contracts.v1.protection import Protegeable

FEMMES_VICTIMES_DE_VIOLENCES = "60"
"""Code of SI-SIAO's list `typePlaces` for women who are victims of violence. Intake refuses a place with this
code if the registry does not say that the address of its structure is secret."""


class EvenementPlace(Contrat):
    """Base of all messages about one place."""

    DOMAINE = "offre"
    NATURE: ClassVar[Nature] = Nature.PLACE
    SUJET: ClassVar[str] = "place"

    place: Annotated[UUID, Classe.C0]


class PlaceDecrite(EvenementPlace, Protegeable):
    """Base of messages that describe a place. The address and the structure of a protected place have privacy
    class C4, the most sensitive."""

    OBLIGATOIRES: ClassVar[tuple[str, ...]] = ("structure", "commune")

    structure: Annotated[Etablissement | None, Classe.C0, PROTEGEABLE] = None
    commune: Annotated[CodeCommune | None, Classe.C0, PROTEGEABLE] = None
    adresse: Annotated[str | None, Classe.C2, PROTEGEABLE, Field(max_length=200)] = None
    """Street address. It has privacy class C2 (identity and contact), because free text may contain a
    name."""
    dispositif: Annotated[Dispositif, Classe.C0]
    type_place: Annotated[TypePlace | None, Classe.C0] = None
    categorie: Annotated[CategoriePlace | None, Classe.C0] = None
    capacite: Annotated[PositiveInt, Classe.C0] = 1
    compositions: Annotated[tuple[CompositionCode, ...], Classe.C0] = ()
    """Household compositions that the place can receive. If the list is empty, the place can receive any
    composition."""
    accessible: Annotated[bool | None, Classe.C0] = None
    chrs: Annotated[bool | None, Classe.C0] = None
    """Whether the place has CHRS status. If None, the registry entry of the place's manager tells."""
    reservataire: Annotated[Reservataire | None, Classe.C0] = None
    """Body for which the place is reserved. If None, the registry entry of the place's manager names the body."""

    def proteges(self) -> bool:
        return super().proteges() or self.type_place == FEMMES_VICTIMES_DE_VIOLENCES


class PlaceDeclaree(PlaceDecrite):
    """Description of a place that exists, or a new description after a change."""

    NOM = "place.declaree"


class PlaceVacante(PlaceDecrite):
    """Message that a place is vacant now. The SIAO designates the household that the place receives."""

    NOM = "place.vacante"

    disponible_le: Annotated[date | None, Classe.C0] = None
    valable_jusqu_a: Annotated[datetime | None, Classe.C0, DuHub.DIT] = None
    """Moment until which a partner that fills tonight's places may count on this vacancy. The hub fills in the
    field when it sends the message to such a partner."""


class PlaceVacancePrevisible(PlaceDecrite):
    """Message that a place will be vacant from a known day on. The SIAO can already reserve it."""

    NOM = "place.vacance-previsible"

    libre_le: Annotated[date, Classe.C0]


class PlaceReservee(EvenementPlace):
    """Message to a place's own SIAO that the place is held for a referral of another SIAO."""

    NOM = "place.reservee"

    orientation: Annotated[UUID, Classe.C0]
    expire_le: Annotated[datetime, Classe.C0]


class PlaceRetenue(EvenementPlace):
    """Message of the hub to partners that fill tonight's places: a household has just been referred to a place."""

    NOM = "place.retenue"


class PlaceLiberee(EvenementPlace):
    """Message that the occupant of a place has left, or that the reservation of a place is given up."""

    NOM = "place.liberee"

    valable_jusqu_a: Annotated[datetime | None, Classe.C0, DuHub.DIT] = None
    """Moment until which a partner that fills tonight's places may count on this vacancy. The hub fills in the
    field when it sends the message to such a partner."""


class RaisonOccupation(StrEnum):
    """Reason why a place is occupied although nobody was referred or admitted to it."""

    MOUVEMENT_INTERNE = "MOUVEMENT_INTERNE"
    NAISSANCE = "NAISSANCE"


class PlaceOccupee(EvenementPlace):
    """Message that somebody lives in a place now."""

    NOM = "place.occupee"

    orientation: Annotated[UUID | None, Classe.C0] = None
    raison: Annotated[RaisonOccupation | None, Classe.C1] = None


class PlaceIndisponible(EvenementPlace):
    """Message that a place is out of use for a while."""

    NOM = "place.indisponible"

    motif: Annotated[MotifIndisponibilite, Classe.C0]
    jusqu_au: Annotated[date | None, Classe.C0] = None


class PlaceDisponible(EvenementPlace):
    """Message that a place is usable and vacant again. The hub itself also sends this message when a
    reservation ends."""

    NOM = "place.disponible"

    valable_jusqu_a: Annotated[datetime | None, Classe.C0, DuHub.DIT] = None
    """Moment until which a partner that fills tonight's places may count on this vacancy. The hub fills in the
    field when it sends the message to such a partner."""


class PlaceFermee(EvenementPlace):
    """Message that a place no longer exists."""

    NOM = "place.fermee"


class PlacesComptees(Protegeable):
    """Base of messages with the figures of a group of places. Occupied, vacant and unavailable places add up
    to the capacity."""

    NATURE: ClassVar[Nature] = Nature.GROUPE_PLACES
    SUJET: ClassVar[str] = "groupe"
    OBLIGATOIRES: ClassVar[tuple[str, ...]] = ("structure",)

    groupe: Annotated[UUID, Classe.C0]
    structure: Annotated[Etablissement | None, Classe.C0, PROTEGEABLE] = None
    dispositif: Annotated[Dispositif, Classe.C0]
    capacite: Annotated[NonNegativeInt, Classe.C0]
    occupees: Annotated[NonNegativeInt, Classe.C0]
    vacantes: Annotated[NonNegativeInt, Classe.C0]
    indisponibles: Annotated[NonNegativeInt, Classe.C0]

    @model_validator(mode="after")
    def _sum_is_capacity(self) -> Self:
        if self.occupees + self.vacantes + self.indisponibles != self.capacite:
            raise Incoherence(
                "occupées + vacantes + indisponibles doit faire la capacité : corrigez l'un de ces nombres",
                "capacite",
                "occupees",
                "vacantes",
                "indisponibles",
            )
        return self


class GroupePlacesModifie(PlacesComptees):
    """Message that the capacity of a group of places has changed. Occupied, vacant and unavailable places add
    up to the capacity."""

    DOMAINE = "offre"
    NOM = "groupe-places.modifie"
