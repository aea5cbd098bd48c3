"""The base of every message: a frozen model with a type, a subject and a privacy class on every field."""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, ClassVar, get_args, get_origin
from uuid import NAMESPACE_OID, UUID

from pydantic import BaseModel, ConfigDict
from pydantic.fields import FieldInfo

from contracts import uuids
from contracts.privacy import LAST_CLEAR_CLASS, Classe, ValeursSensibles


class Nature(StrEnum):
    """What an id names: the subjects of the hub, each ordered on its own."""

    PLACE = "place"
    MENAGE = "menage"
    ORIENTATION = "orientation"
    CANDIDATURE = "candidature"
    GROUPE_PLACES = "groupe_places"
    DEMANDE = "demande"
    SIGNALEMENT = "signalement"
    CONVENTION = "convention"
    DEROGATION = "derogation"
    OBSERVATION = "observation"
    PARTENAIRE = "partenaire"
    """Not a subject that anything moves: what a silence is about."""


class Reference(UUID):
    """A partner's own id, on its way to become one of ours.

    Adapters stay pure and know no crosswalk: they put a `Reference` where a contract wants an id, and intake
    swaps it for ours before anything is sealed or stored. Its UUID value only serves equality.
    """

    __slots__ = ("nature", "valeur")
    nature: Nature
    valeur: str

    def __init__(self, nature: Nature, valeur: str) -> None:
        super().__init__(int=uuids.named(NAMESPACE_OID, f"{nature}\n{valeur}").int)
        object.__setattr__(self, "nature", nature)
        object.__setattr__(self, "valeur", valeur)

    def __reduce__(self) -> tuple[type["Reference"], tuple[Nature, str]]:
        """Contracts travel from the process that read them: what a reference holds travels with it."""
        return Reference, (self.nature, self.valeur)


class Incoherence(ValueError):
    """Fields of one contract that contradict each other. `champs` names them by our names; to mend the first is enough.

    The message is French, says what is expected, and quotes no value.
    """

    def __init__(self, message: str, *champs: str) -> None:
        super().__init__(message)
        self.champs = champs


class Modele(BaseModel):
    """Frozen, closed, and silent about its input in errors (it is personal data)."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, str_strip_whitespace=True
    )

    def proteges(self) -> bool:
        """Whether the `Protegeable` fields of this model are C4 (a place for victims of violence)."""
        return False


_TYPE = re.compile(r"fr\.siao\.[^.]+\.(?P<nom>.+)\.v1")


class Contrat(Modele):
    """One message type: `place.vacante` of « offre » is `fr.siao.offre.place.vacante.v1` on the bus.

    What the hub does with it is its row in `router/domain/messages.py`.
    """

    DOMAINE: ClassVar[str]
    """The part of the trade it belongs to. It names the message, not its topic."""
    NOM: ClassVar[str]
    """The event as partners write it."""
    TYPE: ClassVar[str]
    """The CloudEvents type, made of both."""
    NATURE: ClassVar[Nature | None]
    """What its subject is; None where every message says so itself."""
    SUJET: ClassVar[str]
    """The field that names its subject."""
    OBLIGATOIRES: ClassVar[tuple[str, ...]] = ()
    """Sealed fields without which a sender's message is incomplete, as dotted paths."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "NOM" in vars(cls):
            cls.TYPE = f"fr.siao.{cls.DOMAINE}.{cls.NOM}.v1"

    version: Annotated[int | None, Classe.C0] = None
    """The sender's own version of the subject: a lower one is older, whatever the dates say."""

    @property
    def sujet(self) -> UUID:
        """The id that orders this event: of a place, a household, a demand, a referral, a candidacy."""
        value = getattr(self, self.SUJET)
        ident = getattr(value, "id", value)  # a household may be told whole
        assert isinstance(ident, UUID)
        return ident

    @property
    def nature_du_sujet(self) -> Nature | None:
        """What the subject of this message is; None where it does not say."""
        return self.NATURE

    @property
    def titulaire(self) -> UUID:
        """Whose key seals the personal data: the household where there is one, else the subject."""
        menage = vars(self).get("menage")
        ident = getattr(menage, "id", menage)
        return ident if isinstance(ident, UUID) else self.sujet

    @property
    def personnes_citees(self) -> tuple[UUID, ...]:
        """The households, demand, referral and candidacy that it names."""
        return people_in(vars(self))


def name_of(kind: str) -> str:
    """The event as partners write it, from its type: « place.vacante ». Another type stays as it is."""
    typed = _TYPE.fullmatch(kind)
    return typed["nom"] if typed else kind


PEOPLE = (Nature.MENAGE, Nature.DEMANDE, Nature.SIGNALEMENT, Nature.ORIENTATION, Nature.CANDIDATURE)
"""What an id names that stands for people; a contract's field for such an id has the same name."""
AUTRE_MENAGE = "autre"
"""The field of a second household, where a message speaks of two."""


@cache
def links_of(contrat: type[Contrat]) -> tuple[str, ...]:
    """The fields in which a message cites a demand, report, referral or candidacy that it is not about."""
    named = set(PEOPLE) - {Nature.MENAGE, contrat.SUJET}
    return tuple(name for name in contrat.model_fields if name in named)


def households_in(contrat: type[Contrat], clair: Mapping[str, Any]) -> Iterator[str]:
    """The ids of the households in the clear half of a message, whatever field they stand in."""
    said = contrat.SUJET if clair.get("nature") == Nature.MENAGE else Nature.MENAGE
    for told in (clair.get(said), clair.get(AUTRE_MENAGE)):
        ident = told.get("id") if isinstance(told, Mapping) else told
        if ident:
            yield ident


def people_in(values: Mapping[str, Any]) -> tuple[UUID, ...]:
    """The ids of households, demands, referrals and candidacies among the values of a contract, built or only read."""
    named = [values[name] for name in (*PEOPLE, AUTRE_MENAGE) if name in values]
    idents = [each.get("id") if isinstance(each, dict) else getattr(each, "id", each) for each in named]
    return tuple([ident for ident in idents if isinstance(ident, UUID)])


@cache
def classe_of(model: type[BaseModel], name: str) -> Classe | None:
    """The class that a field declares; None for a nested model, whose own fields declare theirs."""
    return next((m for m in _markers(model, name) if isinstance(m, Classe)), None)


@cache
def sensitive_values(model: type[BaseModel], name: str) -> ValeursSensibles | None:
    """The values of a code field that say more than the field does."""
    return next((m for m in _markers(model, name) if isinstance(m, ValeursSensibles)), None)


def _markers(model: type[BaseModel], name: str) -> list[object]:
    """Markers of a field, also those of a type that stands beside None in it."""
    fields: Mapping[str, FieldInfo] = model.model_fields
    info = fields[name]
    members = [part for part in get_args(info.annotation) if get_origin(part) is Annotated]
    return [*info.metadata, *(marker for member in members for marker in get_args(member)[1:])]


def is_sealed(classe: Classe) -> bool:
    """Whether a value of this class never travels in clear."""
    return classe > LAST_CLEAR_CLASS
