"""Base of every message contract: a frozen model with a type, a subject (such as a place or referral), and a
privacy class on every field."""

import re
from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, ClassVar, get_args, get_origin
from uuid import NAMESPACE_OID, UUID

from pydantic import BaseModel, ConfigDict
from pydantic.fields import FieldInfo

from contracts import uuids
from contracts.privacy import LAST_CLEAR_CLASS, Classe, DuHub, ValeursSensibles


class Nature(StrEnum):
    """Kind of the subjects that messages are about (place, household, referral…). An id stands for a subject of
    one kind only."""

    PLACE = "place"
    MENAGE = "menage"
    ORIENTATION = "orientation"
    CANDIDATURE = "candidature"
    AIDE_SOCIALE = "aide_sociale"
    DAHO = "daho"
    SUIVI = "suivi"
    """Accompaniment (social support) requested for a household. The household need not have a referral."""
    EXAMEN = "examen"
    """Household whose case is on the agenda of a committee."""
    GROUPE_PLACES = "groupe_places"
    DEMANDE = "demande"
    SIGNALEMENT = "signalement"
    CONVENTION = "convention"
    DEROGATION = "derogation"
    OBSERVATION = "observation"
    INSCRIPTION = "inscription"
    """Household on the list of a housing fund (Action Logement). This kind serves only to tell the fund's
    own ids apart from other ids. Messages about such a household have the household's candidacy as their
    subject."""
    LISTE = "liste"
    """Request of a partner for the whole list of households ready for housing. As a kind of subject, such a
    request has no states."""
    PARTENAIRE = "partenaire"
    """Partner as the subject of an alert: the partner has sent nothing for too long."""


FICHE_DIGITS = 10
"""Largest number of digits in a household's number on a partner's list."""


class Reference(UUID):
    """Id that a partner gave to a subject, such as a place. Adapters put it into a contract field that expects
    an id of the hub. Intake replaces it by the hub's id before anything is stored."""

    __slots__ = ("nature", "valeur")
    nature: Nature
    valeur: str

    def __init__(self, nature: Nature, valeur: str) -> None:
        super().__init__(int=uuids.named(NAMESPACE_OID, f"{nature}\n{valeur}").int)
        object.__setattr__(self, "nature", nature)
        object.__setattr__(self, "valeur", valeur)

    def __reduce__(self) -> tuple[type["Reference"], tuple[Nature, str]]:
        return type(self), (self.nature, self.valeur)


class Numero(Reference):
    """Number that stands for a candidacy or a household in a partner's message. It is either the numéro unique
    (number of the housing demand in the national register), or the household's number on the partner's own
    list. Intake replaces the number by the hub's id, or refuses the row."""

    __slots__ = ()


class Incoherence(ValueError):
    """Raised when fields of one contract contradict each other. `champs` names these fields. The message is
    French, says what is expected, and quotes no value."""

    def __init__(self, message: str, *champs: str) -> None:
        super().__init__(message)
        self.champs = champs


Selon = Mapping[str, tuple[str, Collection[object]]]
"""Type of a table of conditions under which optional fields become obligatory. The key is the optional field.
The value has another field, and those of its values that make the optional field obligatory."""


class Modele(BaseModel):
    """Base of every pydantic model of the contracts: frozen, without extra fields. Validation errors never show
    the input, which is personal data."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, str_strip_whitespace=True
    )

    AU_MOINS_UN: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """Groups of optional fields. A sender must give at least one field of each group."""
    SELON: ClassVar[Selon] = {}
    """Conditions: optional field → (other field, values). The optional field becomes obligatory if the other
    field has one of these values."""

    def calls_for(self, champ: str) -> bool:
        """Return whether the field `champ` is obligatory in this message. The table `SELON` names the other
        field on whose value this depends."""
        autre, valeurs = self.SELON[champ]
        return getattr(self, autre) in valeurs

    def lacks_one(self) -> bool:
        """Return whether `AU_MOINS_UN` is broken: all fields of one of its groups are empty."""
        return any(all(getattr(self, champ) in (None, ()) for champ in champs) for champs in self.AU_MOINS_UN)

    def proteges(self) -> bool:
        """Return whether this model is about a place for victims of violence. Its `Protegeable` fields then
        have privacy class C4, the most sensitive."""
        return False


_TYPE = re.compile(r"fr\.siao\.[^.]+\.(?P<nom>.+)\.v1")


class Contrat(Modele):
    """Base of all message contracts, one subclass for each type. `DOMAINE` and `NOM` make the type's name,
    such as `fr.siao.offre.place.vacante.v1`."""

    DOMAINE: ClassVar[str]
    """Domain of the message, such as « offre »: a part of `TYPE`."""
    NOM: ClassVar[str]
    """Name of the message type as partners write it, such as « place.vacante »."""
    TYPE: ClassVar[str]
    """CloudEvents type, made of `DOMAINE` and `NOM`."""
    NATURE: ClassVar[Nature | None]
    """Kind of subject, such as a place or referral, that messages of this type have; None if each message
    states the kind itself."""
    SUJET: ClassVar[str]
    """Name of the field that holds the id of the message's subject (such as a place or referral)."""
    OBLIGATOIRES: ClassVar[tuple[str, ...]] = ()
    """Dotted paths of the encrypted fields that a sender must give. The model gives these fields a default all the
    same, because the unencrypted part of a message is validated without them."""
    SAUF: ClassVar[Mapping[str, str]] = {}
    """Encrypted fields that a sender must give unless a boolean field is true. The table maps the dotted path
    of each encrypted field to the name of that boolean field."""
    SI_ABSENT: ClassVar[Mapping[str, str]] = {}
    """French text of the rejection when an obligatory field is missing, by the dotted path of the field. The
    default text is « à remplir »."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "NOM" in vars(cls):
            cls.TYPE = f"fr.siao.{cls.DOMAINE}.{cls.NOM}.v1"

    version: Annotated[int | None, Classe.C0] = None
    """Version number that the sender gives to the subject (such as a place or referral). A message with a lower
    number than an earlier message counts as the older of the two."""

    @classmethod
    def owed(cls, values: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the encrypted fields that are obligatory in a message with these field values, as dotted
        paths."""
        return (*cls.OBLIGATOIRES, *(path for path, excuse in cls.SAUF.items() if not values.get(excuse)))

    @property
    def sujet(self) -> UUID:
        """Return the id of the message's subject, such as a place or a referral. Events of one subject are applied in
        order."""
        value = getattr(self, self.SUJET)
        ident = getattr(value, "id", value)  # the field may hold a whole household instead of its id
        assert isinstance(ident, UUID)
        return ident

    @property
    def nature_du_sujet(self) -> Nature | None:
        """Return the kind of the message's subject, such as a place or referral; None if the message does not
        tell."""
        return self.NATURE

    @property
    def titulaire(self) -> UUID:
        """Return the id of the household or subject whose data key encrypts the message's personal data. It is
        the household in the field `menage` if there is one, else the message's subject."""
        menage = vars(self).get("menage")
        ident = getattr(menage, "id", menage)
        return ident if isinstance(ident, UUID) else self.sujet

    @property
    def personnes_citees(self) -> tuple[UUID, ...]:
        """Return the ids of the households, demands, reports, referrals, candidacies and other subjects about
        people that the message cites."""
        return people_in(vars(self))


def name_of(kind: str) -> str:
    """Return the name of a message type as partners write it, such as « place.vacante ». Other text is
    returned unchanged."""
    typed = _TYPE.fullmatch(kind)
    return typed["nom"] if typed else kind


PEOPLE = (
    *(Nature.MENAGE, Nature.DEMANDE, Nature.SIGNALEMENT, Nature.ORIENTATION, Nature.CANDIDATURE),
    *(Nature.AIDE_SOCIALE, Nature.DAHO, Nature.SUIVI, Nature.EXAMEN),
)
"""Kinds of subject that are about people, such as a demand. A contract field that holds the id of such a
subject has the name of the kind (`demande`)."""
AUTRE_MENAGE = "autre"
"""Name of the field for the second household in a message about two households."""


@cache
def links_of(contrat: type[Contrat]) -> tuple[str, ...]:
    """Return the names of those fields of a message that hold ids of further subjects about people (demand,
    report, referral, candidacy…). The field of the message's own subject and fields with households are left
    out."""
    named = set(PEOPLE) - {Nature.MENAGE, contrat.SUJET}
    return tuple(name for name in contrat.model_fields if name in named)


def households_in(contrat: type[Contrat], clair: Mapping[str, Any]) -> Iterator[str]:
    """Yield the ids of the households in `clair`, the unencrypted part of a message of the type `contrat`."""
    said = contrat.SUJET if clair.get("nature") == Nature.MENAGE else Nature.MENAGE
    for told in (clair.get(said), clair.get(AUTRE_MENAGE)):
        ident = told.get("id") if isinstance(told, Mapping) else told
        if ident:
            yield ident


def people_in(values: Mapping[str, Any]) -> tuple[UUID, ...]:
    """Return the ids of the households, demands, reports, referrals, candidacies and other subjects about
    people in `values` (contract field → value). The values need not be validated: anything but a UUID is
    ignored."""
    named = [values[name] for name in (*PEOPLE, AUTRE_MENAGE) if name in values]
    idents = [each.get("id") if isinstance(each, dict) else getattr(each, "id", each) for each in named]
    return tuple([ident for ident in idents if isinstance(ident, UUID)])


@cache
def classe_of(model: type[BaseModel], name: str) -> Classe | None:
    """Return the privacy class that the field `name` declares. Return None for a nested model: its own fields
    declare their classes."""
    return next((m for m in _markers(model, name) if isinstance(m, Classe)), None)


@cache
def sensitive_values(model: type[BaseModel], name: str) -> ValeursSensibles | None:
    """Return the annotation that lists the sensitive values of the code field `name`: those with a higher
    privacy class than the field. None if the field has no such annotation."""
    return next((m for m in _markers(model, name) if isinstance(m, ValeursSensibles)), None)


@cache
def filled_in(model: type[BaseModel], name: str) -> DuHub | None:
    """Return the annotation (`DuHub`) of the field `name` if the hub fills in this field; None for a field that
    senders write."""
    return next((m for m in _markers(model, name) if isinstance(m, DuHub)), None)


def _markers(model: type[BaseModel], name: str) -> list[object]:
    """Return the annotations of the field `name`. For `T | None`, include the annotations of `T`."""
    fields: Mapping[str, FieldInfo] = model.model_fields
    info = fields[name]
    members = [part for part in get_args(info.annotation) if get_origin(part) is Annotated]
    return [*info.metadata, *(marker for member in members for marker in get_args(member)[1:])]


def is_sealed(classe: Classe) -> bool:
    """Return whether values of a privacy class always travel encrypted."""
    return classe > LAST_CLEAR_CLASS
