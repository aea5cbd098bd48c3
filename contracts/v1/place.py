"""Messages about places: declared, vacant, foreseeably vacant, reserved, occupied, out of use."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import Field, model_validator

from contracts.base import Contrat, Incoherence, Nature, Nombre, Positif
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
"""Code of the SI-SIAO list `typePlaces` for places of women who are victims of violence. The hub refuses this
code for a structure whose address is not secret."""


class EvenementPlace(Contrat):
    """Base of all messages about one place."""

    DOMAINE = "offre"
    NATURE: ClassVar[Nature] = Nature.PLACE
    SUJET: ClassVar[str] = "place"

    place: Annotated[UUID, Classe.C0]


class PlaceDecrite(EvenementPlace, Protegeable):
    """Base of messages that describe a place. If the place is protected, its address and its structure have
    class C4."""

    OBLIGATOIRES: ClassVar[tuple[str, ...]] = ("structure", "commune")

    structure: Annotated[Etablissement | None, Classe.C0, PROTEGEABLE] = None
    commune: Annotated[CodeCommune | None, Classe.C0, PROTEGEABLE] = None
    adresse: Annotated[str | None, Classe.C2, PROTEGEABLE, Field(max_length=200)] = None
    """Street address. It has class C2, because such free text may contain a name."""
    dispositif: Annotated[Dispositif, Classe.C0]
    type_place: Annotated[TypePlace | None, Classe.C0] = None
    categorie: Annotated[CategoriePlace | None, Classe.C0] = None
    capacite: Annotated[Positif, Classe.C0] = 1
    compositions: Annotated[tuple[CompositionCode, ...], Classe.C0] = ()
    """Household compositions that the place can receive; empty for any."""
    accessible: Annotated[bool | None, Classe.C0] = None
    chrs: Annotated[bool | None, Classe.C0] = None
    """Whether the place has CHRS status; None if the message leaves this to the manager's registry entry."""
    reservataire: Annotated[Reservataire | None, Classe.C0] = None
    """Body for which the place is reserved; None if the message leaves this to the manager's registry
    entry."""

    def proteges(self) -> bool:
        return super().proteges() or self.type_place == FEMMES_VICTIMES_DE_VIOLENCES


class PlaceDeclaree(PlaceDecrite):
    """Message that describes a place. It creates the place, or replaces an earlier description."""

    NOM = "place.declaree"


class PlaceVacante(PlaceDecrite):
    """Message that a place is vacant now."""

    NOM = "place.vacante"

    disponible_le: Annotated[date | None, Classe.C0] = None
    valable_jusqu_a: Annotated[datetime | None, Classe.C0, DuHub.DIT] = None
    """Moment until which a partner that fills tonight's places may count on the vacancy."""


class PlaceVacancePrevisible(PlaceDecrite):
    """Message that a place will be vacant on a known day. The SIAO can already reserve it."""

    NOM = "place.vacance-previsible"

    libre_le: Annotated[date, Classe.C0]


class PlaceReservee(EvenementPlace):
    """Message that a place is reserved for the household of a referral. The hub sends it to the SIAO in charge of
    the place if another SIAO has referred the household."""

    NOM = "place.reservee"

    orientation: Annotated[UUID, Classe.C0]
    expire_le: Annotated[datetime, Classe.C0]


class PlaceRetenue(EvenementPlace):
    """Message by which the hub tells the 115 (the emergency line for homeless people) that a household has
    just been referred or admitted to a place."""

    NOM = "place.retenue"


class PlaceLiberee(EvenementPlace):
    """Message that a place is free: its occupant has left, or its reservation is given up."""

    NOM = "place.liberee"

    valable_jusqu_a: Annotated[datetime | None, Classe.C0, DuHub.DIT] = None
    """Moment until which a partner that fills tonight's places may count on the vacancy."""


class RaisonOccupation(StrEnum):
    """Reason why a place is occupied although no household was referred or admitted to it."""

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
    """Message that a place is vacant again, for example after it was out of use. The hub itself sends it when a
    referral gives up its place, or when the household of a referral has left."""

    NOM = "place.disponible"

    valable_jusqu_a: Annotated[datetime | None, Classe.C0, DuHub.DIT] = None
    """Moment until which a partner that fills tonight's places may count on the vacancy."""


class PlaceFermee(EvenementPlace):
    """Message that a place no longer exists."""

    NOM = "place.fermee"


class PlacesComptees(Protegeable):
    """Base of messages that count the places of a group: occupied, vacant and unavailable ones. The three
    numbers add up to the group's capacity."""

    NATURE: ClassVar[Nature] = Nature.GROUPE_PLACES
    SUJET: ClassVar[str] = "groupe"
    OBLIGATOIRES: ClassVar[tuple[str, ...]] = ("structure",)

    groupe: Annotated[UUID, Classe.C0]
    structure: Annotated[Etablissement | None, Classe.C0, PROTEGEABLE] = None
    dispositif: Annotated[Dispositif, Classe.C0]
    capacite: Annotated[Nombre, Classe.C0]
    occupees: Annotated[Nombre, Classe.C0]
    vacantes: Annotated[Nombre, Classe.C0]
    indisponibles: Annotated[Nombre, Classe.C0]

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
    """Message that the capacity of a group of places has changed."""

    DOMAINE = "offre"
    NOM = "groupe-places.modifie"
