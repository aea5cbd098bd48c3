"""Base of every message: a frozen model with a type, a subject, and a privacy class on every field."""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, ClassVar, get_args, get_origin
from uuid import NAMESPACE_OID, UUID

from pydantic import BaseModel, ConfigDict
from pydantic.fields import FieldInfo

from contracts import uuids
from contracts.privacy import LAST_CLEAR_CLASS, Classe, DuHub, ValeursSensibles


class Nature(StrEnum):
    """Kinds of subject. An id names a subject of one of these kinds, and the events of a subject are applied
    in order."""

    PLACE = "place"
    MENAGE = "menage"
    ORIENTATION = "orientation"
    CANDIDATURE = "candidature"
    AIDE_SOCIALE = "aide_sociale"
    DAHO = "daho"
    SUIVI = "suivi"
    """Accompaniment that is asked for a household, beside any referral."""
    EXAMEN = "examen"
    """Household on the agenda of a body that examines cases."""
    GROUPE_PLACES = "groupe_places"
    DEMANDE = "demande"
    SIGNALEMENT = "signalement"
    CONVENTION = "convention"
    DEROGATION = "derogation"
    OBSERVATION = "observation"
    INSCRIPTION = "inscription"
    """Household on a collector's list. No subject has this kind: the subject is its candidacy."""
    LISTE = "liste"
    """Reader's request for its whole list of households. It has no states."""
    PARTENAIRE = "partenaire"
    """Partner, as the subject of an alert about its silence. It has no states."""


FICHE_DIGITS = 10
"""Largest number of digits of the number that a household has in a partner's list. A numéro unique is longer."""


class Reference(UUID):
    """Partner's own id in a contract, before intake replaces it by one of the hub's.

    Adapters cannot translate ids, because they are pure: they put a `Reference` where a contract expects an
    id. Intake replaces it before anything is sealed or stored. Its UUID value only serves to compare
    references.
    """

    __slots__ = ("nature", "valeur")
    nature: Nature
    valeur: str

    def __init__(self, nature: Nature, valeur: str) -> None:
        super().__init__(int=uuids.named(NAMESPACE_OID, f"{nature}\n{valeur}").int)
        object.__setattr__(self, "nature", nature)
        object.__setattr__(self, "valeur", valeur)

    def __reduce__(self) -> tuple[type["Reference"], tuple[Nature, str]]:
        """Make pickle keep the partner's own id too, because contracts travel between processes."""
        return type(self), (self.nature, self.valeur)


class Numero(Reference):
    """Number by which a partner cites a candidacy or a household: the numéro unique, or the number of the
    household in the partner's list. Intake finds the subject for which it stands, or refuses the row."""

    __slots__ = ()


class Incoherence(ValueError):
    """Raised if fields of one contract contradict each other.

    `champs` names them as the contract does; to correct the first one is enough. The message is French, says
    what is expected, and quotes no value.
    """

    def __init__(self, message: str, *champs: str) -> None:
        super().__init__(message)
        self.champs = champs


class Modele(BaseModel):
    """Base of every model: frozen, and without extra fields. Its errors never show the input, which is
    personal data."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, str_strip_whitespace=True
    )

    def proteges(self) -> bool:
        """Tell whether the `Protegeable` fields of this model are C4, because the place is for victims of
        violence."""
        return False


_TYPE = re.compile(r"fr\.siao\.[^.]+\.(?P<nom>.+)\.v1")


class Contrat(Modele):
    """Base of all message types, one subclass each. `DOMAINE` and `NOM` make its name on the bus: `place.vacante`
    of « offre » is `fr.siao.offre.place.vacante.v1`.

    `router/domain/messages.py` has a row for each type, which says how the hub handles it.
    """

    DOMAINE: ClassVar[str]
    """Part of the trade (such as « offre ») to which the message belongs. It is a part of `TYPE`; it does not
    say on which topic the message travels."""
    NOM: ClassVar[str]
    """The name of the event as partners write it."""
    TYPE: ClassVar[str]
    """The CloudEvents type, made of `DOMAINE` and `NOM`."""
    NATURE: ClassVar[Nature | None]
    """Kind of the message's subject; None if each message states its own."""
    SUJET: ClassVar[str]
    """Name of the field that holds the id of the subject."""
    OBLIGATOIRES: ClassVar[tuple[str, ...]] = ()
    """Dotted paths of the sealed fields that a sender must give. They have defaults all the same, because the
    clear half of a message lacks them."""
    SAUF: ClassVar[Mapping[str, str]] = {}
    """Sealed fields that a sender must give unless another field is true: the dotted path of each, with the
    name of that other field."""
    SI_ABSENT: ClassVar[Mapping[str, str]] = {}
    """French text for the rejection of a message without this obligatory field, where « fill it in » would
    not say enough."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "NOM" in vars(cls):
            cls.TYPE = f"fr.siao.{cls.DOMAINE}.{cls.NOM}.v1"

    version: Annotated[int | None, Classe.C0] = None
    """Sender's own version of the subject. A message with a lower version is older, whatever the dates in it
    say."""

    @classmethod
    def owed(cls, values: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the dotted paths of the sealed fields without which a message with these values is incomplete."""
        return (*cls.OBLIGATOIRES, *(path for path, excuse in cls.SAUF.items() if not values.get(excuse)))

    @property
    def sujet(self) -> UUID:
        """The id by which this event is ordered: that of a place, a household, a demand, a referral or a candidacy."""
        value = getattr(self, self.SUJET)
        ident = getattr(value, "id", value)  # the field may hold a whole household instead of its id
        assert isinstance(ident, UUID)
        return ident

    @property
    def nature_du_sujet(self) -> Nature | None:
        """The kind of this message's subject; None if the message does not state it."""
        return self.NATURE

    @property
    def titulaire(self) -> UUID:
        """The id whose key seals the personal data: the household if the message names one, else the subject."""
        menage = vars(self).get("menage")
        ident = getattr(menage, "id", menage)
        return ident if isinstance(ident, UUID) else self.sujet

    @property
    def personnes_citees(self) -> tuple[UUID, ...]:
        """The ids of the households, demand, referral and candidacy that the message names."""
        return people_in(vars(self))


def name_of(kind: str) -> str:
    """Return the name of an event as partners write it (« place.vacante »), from its type.

    Any other type is returned unchanged.
    """
    typed = _TYPE.fullmatch(kind)
    return typed["nom"] if typed else kind


PEOPLE = (
    *(Nature.MENAGE, Nature.DEMANDE, Nature.SIGNALEMENT, Nature.ORIENTATION, Nature.CANDIDATURE),
    *(Nature.AIDE_SOCIALE, Nature.DAHO, Nature.SUIVI, Nature.EXAMEN),
)
"""Kinds of subject that stand for people. In a contract, the field with the id of such a subject has the name
of its kind."""
AUTRE_MENAGE = "autre"
"""Name of the field for the second household, in a message about two."""


@cache
def links_of(contrat: type[Contrat]) -> tuple[str, ...]:
    """Return the fields in which a message cites a demand, report, referral or candidacy other than its subject."""
    named = set(PEOPLE) - {Nature.MENAGE, contrat.SUJET}
    return tuple(name for name in contrat.model_fields if name in named)


def households_in(contrat: type[Contrat], clair: Mapping[str, Any]) -> Iterator[str]:
    """Yield the ids of the households in the clear half of a message, whichever field holds them."""
    said = contrat.SUJET if clair.get("nature") == Nature.MENAGE else Nature.MENAGE
    for told in (clair.get(said), clair.get(AUTRE_MENAGE)):
        ident = told.get("id") if isinstance(told, Mapping) else told
        if ident:
            yield ident


def people_in(values: Mapping[str, Any]) -> tuple[UUID, ...]:
    """Return the ids of the households, demands, reports, referrals and candidacies that the values of a
    contract name.

    The values may be those of a model, or JSON that is not validated yet.
    """
    named = [values[name] for name in (*PEOPLE, AUTRE_MENAGE) if name in values]
    idents = [each.get("id") if isinstance(each, dict) else getattr(each, "id", each) for each in named]
    return tuple([ident for ident in idents if isinstance(ident, UUID)])


@cache
def classe_of(model: type[BaseModel], name: str) -> Classe | None:
    """Return the class that a field declares; None for a nested model, whose own fields declare theirs."""
    return next((m for m in _markers(model, name) if isinstance(m, Classe)), None)


@cache
def sensitive_values(model: type[BaseModel], name: str) -> ValeursSensibles | None:
    """Return which values of a code field are more sensitive than the field itself; None if none is."""
    return next((m for m in _markers(model, name) if isinstance(m, ValeursSensibles)), None)


@cache
def filled_in(model: type[BaseModel], name: str) -> DuHub | None:
    """Return how the hub fills a field in; None for a field that its sender writes."""
    return next((m for m in _markers(model, name) if isinstance(m, DuHub)), None)


def _markers(model: type[BaseModel], name: str) -> list[object]:
    """Return the markers of a field, including those of `T` in a field of type `T | None`."""
    fields: Mapping[str, FieldInfo] = model.model_fields
    info = fields[name]
    members = [part for part in get_args(info.annotation) if get_origin(part) is Annotated]
    return [*info.metadata, *(marker for member in members for marker in get_args(member)[1:])]


def is_sealed(classe: Classe) -> bool:
    """Tell whether values of this class always travel sealed."""
    return classe > LAST_CLEAR_CLASS
