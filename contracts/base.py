"""Base of every message contract: a model with a type, a subject, and a privacy class on every field. Its
values cannot be changed."""

import re
from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, ClassVar, get_args, get_origin
from uuid import NAMESPACE_OID, UUID

from annotated_types import Ge
from pydantic import BaseModel, ConfigDict
from pydantic.fields import FieldInfo

from contracts import uuids
from contracts.privacy import LAST_CLEAR_CLASS, Classe, DuHub, ValeursSensibles
from contracts.reference.regle import Plafond


class Nature(StrEnum):
    """Kind of subject. Each id stands for a subject of one kind only."""

    PLACE = "place"
    MENAGE = "menage"
    ORIENTATION = "orientation"
    CANDIDATURE = "candidature"
    AIDE_SOCIALE = "aide_sociale"
    DAHO = "daho"
    SUIVI = "suivi"
    """Accompaniment (social support) requested for a household, with or without a referral."""
    EXAMEN = "examen"
    """Household whose case is on the agenda of a committee."""
    GROUPE_PLACES = "groupe_places"
    DEMANDE = "demande"
    SIGNALEMENT = "signalement"
    CONVENTION = "convention"
    DEROGATION = "derogation"
    OBSERVATION = "observation"
    INSCRIPTION = "inscription"
    """Kind that no subject has. It stays because the v1 schemas list it: a value may not disappear from
    them."""
    LISTE = "liste"
    """A partner's request for the whole list of households ready for housing. Such a request has no
    states."""
    PARTENAIRE = "partenaire"
    """Partner, as the subject of an alert which says that this partner has sent nothing for too long."""


Personnes = Annotated[int, Ge(0), Plafond(200, coupe=True)]
"""Number of adults, or of children, in a household: at most 200. A household's list of members has the same
limit."""
Nombre = Annotated[int, Ge(0), Plafond(1_000_000)]
"""Number of places, dwellings, decisions, euros, or people seen in the street: at most a million. A larger
number is a mistake, such as a SIRET or a date in the wrong column."""
Positif = Annotated[int, Ge(1), Plafond(1_000_000)]
"""Number as in `Nombre`, but at least 1, such as a rank."""
FICHE_DIGITS = 10
"""Largest number of digits in the number that a household has on a partner's list of households ready for
housing."""


class Reference(UUID):
    """Partner's own id of a subject, in a field that needs the hub's id. The hub's id replaces it before the
    message is stored."""

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
    """Number by which a partner cites a candidacy or household: its numéro unique, or its number on the
    partner's list of households ready for housing. The hub's id replaces it before the message is stored. The
    row is rejected unless the number means exactly one subject."""

    __slots__ = ()


class Incoherence(ValueError):
    """Raised when fields of one contract contradict each other, or when one has a value that the contract
    excludes. `champs`: names of these fields. The error's text is French, and quotes no value of a sender."""

    def __init__(self, message: str, *champs: str) -> None:
        super().__init__(message)
        self.champs = champs


Selon = Mapping[str, tuple[str, Collection[object]]]
"""Conditions that make optional fields obligatory. Each key is the name of an optional field. Its value is a
pair: the name of another field, and the values of that other field with which the optional field is
obligatory."""


class Modele(BaseModel):
    """Base of every model in the contracts. Its values cannot be changed. Unknown fields are refused.
    Validation errors never show the input."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, str_strip_whitespace=True
    )

    AU_MOINS_UN: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """Groups of optional fields. A sender must fill in at least one field of each group."""
    SELON: ClassVar[Selon] = {}

    def calls_for(self, champ: str) -> bool:
        """Return whether this message must fill in the field `champ` because of the value of another field.
        `SELON` names this other field, and the values that require `champ`."""
        autre, valeurs = self.SELON[champ]
        return getattr(self, autre) in valeurs

    def lacks_one(self) -> bool:
        """Return whether the message leaves all fields of some group in `AU_MOINS_UN` empty. It has to fill
        in at least one field of each group."""
        return any(all(getattr(self, champ) in (None, ()) for champ in champs) for champs in self.AU_MOINS_UN)

    def proteges(self) -> bool:
        """Return whether this message, or part of a message, is about a place for victims of violence. If so,
        its fields with the annotation `PROTEGEABLE` have class C4, the most sensitive class."""
        return False


_TYPE = re.compile(r"fr\.siao\.[^.]+\.(?P<nom>.+)\.v1")


class Contrat(Modele):
    """Base of all message contracts, one subclass for each type."""

    DOMAINE: ClassVar[str]
    """Domain of the message, such as « offre »: a part of `TYPE`."""
    NOM: ClassVar[str]
    """Name of the type as partners write it, such as « place.vacante »."""
    TYPE: ClassVar[str]
    """CloudEvents type, such as `fr.siao.offre.place.vacante.v1`, made of `DOMAINE` and `NOM`."""
    NATURE: ClassVar[Nature | None]
    """Kind of the subject; None if each message states it."""
    SUJET: ClassVar[str]
    """Name of the field that holds the subject's id."""
    OBLIGATOIRES: ClassVar[tuple[str, ...]] = ()
    """Dotted paths of fields that a sender must fill in although the model gives them a default.

    They have a default because the hub also validates messages without them: the unencrypted part of a message
    alone, for example.
    """
    SAUF: ClassVar[Mapping[str, str]] = {}
    """Fields like those in `OBLIGATOIRES`, except that in one case they may stay empty. Each key is the dotted
    path of such a field. Its value is the name of a boolean field: if this is true, the first field may stay
    empty."""
    SI_ABSENT: ClassVar[Mapping[str, str]] = {}
    """French texts of rejections for a missing obligatory field, by the dotted path of this field. For any
    other field, the text is « champ obligatoire absent : renseignez-le »."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "NOM" in vars(cls):
            cls.TYPE = f"fr.siao.{cls.DOMAINE}.{cls.NOM}.v1"

    version: Annotated[int | None, Classe.C0] = None
    """Version number that the sender gives to the subject. A message that comes after a higher version has no
    effect."""

    @classmethod
    def owed(cls, values: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the dotted paths of the fields that the sender must fill in, among those with a default. These
        are the paths in `OBLIGATOIRES`, and those in `SAUF`. A path in `SAUF` is left out if the message says
        true in the boolean field that `SAUF` names for it.

        `values`: the message's values, by field name.
        """
        if not cls.SAUF:
            return cls.OBLIGATOIRES
        return (*cls.OBLIGATOIRES, *(path for path, excuse in cls.SAUF.items() if not values.get(excuse)))

    @property
    def sujet(self) -> UUID:
        """Return the hub's id of the message's subject. The hub applies the events of one subject in order."""
        value = getattr(self, self.SUJET)
        ident = getattr(value, "id", value)  # the field may hold a whole household instead of its id
        assert isinstance(ident, UUID)
        return ident

    @property
    def nature_du_sujet(self) -> Nature | None:
        """Return the kind of the message's subject. Return None if messages of this type are about several
        kinds, and this message does not say which."""
        return self.NATURE

    @property
    def titulaire(self) -> UUID:
        """Return the id of the key holder, whose data key seals the message's personal data: the household in
        the field `menage`, else the subject."""
        menage = vars(self).get("menage")
        ident = getattr(menage, "id", menage)
        return ident if isinstance(ident, UUID) else self.sujet

    @property
    def personnes_citees(self) -> tuple[UUID, ...]:
        """Return those ids in this message that stand for households, demands, referrals and other subjects
        about people."""
        return people_in(vars(self))


def name_of(kind: str) -> str:
    """Return the short name of a message type, given its CloudEvents type. Return any other text
    unchanged."""
    typed = _TYPE.fullmatch(kind)
    return typed["nom"] if typed else kind


PEOPLE = (
    *(Nature.MENAGE, Nature.DEMANDE, Nature.SIGNALEMENT, Nature.ORIENTATION, Nature.CANDIDATURE),
    *(Nature.AIDE_SOCIALE, Nature.DAHO, Nature.SUIVI, Nature.EXAMEN),
)
"""Kinds of subject that are about people. A field that holds the id of such a subject is named after its
kind, for example `demande`."""
AUTRE_MENAGE = "autre"
"""Name of the field that holds the second household, in a message about two households."""


@cache
def links_of(contrat: type[Contrat]) -> tuple[str, ...]:
    """Return the names of the fields that hold the id of a demand, a referral, a candidacy or another subject
    about people. The fields of the message's own subject and of its household are left out."""
    named = set(PEOPLE) - {Nature.MENAGE, contrat.SUJET}
    return tuple(name for name in contrat.model_fields if name in named)


def households_in(contrat: type[Contrat], clair: Mapping[str, Any]) -> Iterator[str]:
    """Yield the ids of the households that `clair`, the unencrypted part of a message, cites."""
    said = contrat.SUJET if clair.get("nature") == Nature.MENAGE else Nature.MENAGE
    for told in (clair.get(said), clair.get(AUTRE_MENAGE)):
        ident = told.get("id") if isinstance(told, Mapping) else told
        if ident:
            yield ident


def people_in(values: Mapping[str, Any]) -> tuple[UUID, ...]:
    """Return those ids in `values` that stand for households, demands, referrals and other subjects about
    people. `values`: field of a contract → value, not validated yet."""
    named = [values[name] for name in (*PEOPLE, AUTRE_MENAGE) if name in values]
    idents = [each.get("id") if isinstance(each, dict) else getattr(each, "id", each) for each in named]
    return tuple([ident for ident in idents if isinstance(ident, UUID)])


@cache
def classe_of(model: type[BaseModel], name: str) -> Classe | None:
    """Return the privacy class of a field. Return None for a nested model, because each of its fields has a
    class of its own."""
    return next((m for m in _markers(model, name) if isinstance(m, Classe)), None)


@cache
def sensitive_values(model: type[BaseModel], name: str) -> ValeursSensibles | None:
    """Return the annotation that lists those values (codes) of the field `name` that have a higher privacy
    class than the field itself. Return None if there are none."""
    return next((m for m in _markers(model, name) if isinstance(m, ValeursSensibles)), None)


@cache
def filled_in(model: type[BaseModel], name: str) -> DuHub | None:
    """Return the annotation of a field that the hub fills in; None for a field that senders fill in."""
    return next((m for m in _markers(model, name) if isinstance(m, DuHub)), None)


def _markers(model: type[BaseModel], name: str) -> list[object]:
    fields: Mapping[str, FieldInfo] = model.model_fields
    info = fields[name]
    members = [part for part in get_args(info.annotation) if get_origin(part) is Annotated]
    return [*info.metadata, *(marker for member in members for marker in get_args(member)[1:])]


def is_sealed(classe: Classe) -> bool:
    """Return whether the hub keeps values of this privacy class encrypted, in its database and on Kafka."""
    return classe > LAST_CLEAR_CLASS
