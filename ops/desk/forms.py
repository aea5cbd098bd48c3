"""Make the fields of the desk's forms from message contracts, and read the values and faults of a posted
form."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from adapters.rejets import Chemin, Illisible, from_validation
from adapters.tabulaire.champs import Champ, champ, element
from adapters.valeurs import telephone
from contracts.errors import InvalidContract
from contracts.partner import Partner
from contracts.reference.codes import listes
from contracts.reference.communes import code_of_named, prefilled
from ops.desk.vocabulary import COMMUNE, LISTES, named, worded
from router.domain.calendar import moment

OUI_NON: Mapping[str, str] = {"oui": "oui", "non": "non"}
MISSING = "à remplir"
NOT_LISTED = "choisissez dans la liste"
PAST = "ce jour est passé : donnez aujourd'hui, ou un jour à venir"
NO_MOMENT = "donnez une date et une heure"
IN_A_FORM: Mapping[str, str] = {
    "champ_absent": MISSING,
    "date_illisible": "donnez un jour, comme 03/12/2026",
}
"""French advice for a fault, by the code of the rejection. For other codes the rejection's own text is
shown."""
SEPARATOR = ","
"""Text between several values of one field."""
KINDS: Mapping[Any, str] = {
    bool: "choix", date: "date", datetime: "datetime-local", int: "number", str: "text"
}  # fmt: skip
Names = Mapping[str, str]
M = TypeVar("M", bound=BaseModel)


class Saisie(NamedTuple):
    """A field of a form on a desk page."""

    nom: str
    libelle: str
    genre: str
    """Kind of input: date, datetime-local, number, text, commune, choix or plusieurs."""
    choix: Mapping[str, str]
    """Accepted codes with their French words; empty if any text may be typed."""
    obligatoire: bool


class Fautes(InvalidContract):
    """Raised for a form with missing or wrong fields. The error message names the fields in French, without
    values."""

    def __init__(self, champs: Mapping[str, str]) -> None:
        self.champs = champs
        """French advice for each faulty field, by the field's name in the form."""
        super().__init__(
            " ; ".join(f"{named(champ.partition('-')[0])} : {do}" for champ, do in champs.items())
        )


def kind_of(found: Champ) -> str | None:
    """Return the kind of input for a contract field; None if no kind fits."""
    if isinstance(found.type, type) and issubclass(found.type, Enum):
        return "choix"
    return KINDS.get(found.type)


def saisie_of(nom: str, found: Champ) -> Saisie:
    """Return the form field for a contract field."""
    genre, choix = kind_of(found) or "text", dict[str, str]()
    if found.type is bool:
        choix = dict(OUI_NON)
    elif isinstance(found.type, type) and issubclass(found.type, Enum):
        choix = {str(value.value): worded(nom, str(value.value)) for value in found.type}
    elif nom in LISTES:
        genre, choix = "plusieurs" if element(found) else "choix", dict(listes()[LISTES[nom]])
    elif nom == COMMUNE:
        genre = COMMUNE
    return Saisie(nom, named(nom), genre, choix, found.obligatoire)


def fields(modele: type[BaseModel], *names: str) -> tuple[Saisie, ...]:
    """Return the form fields for the fields `names` of a contract."""
    found = ((name, champ(modele, name)) for name in names)
    return tuple(saisie_of(name, each) for name, each in found if each is not None)


def written(items: Iterable[tuple[str, object]]) -> dict[str, str]:
    """Return the text of each posted field. Several values of one field are joined with `SEPARATOR`."""
    found: dict[str, str] = {}
    for nom, value in items:
        found[nom] = f"{found[nom]}{SEPARATOR}{value}" if nom in found else str(value)
    return found


@dataclass(frozen=True, slots=True)
class Lecture:
    """Reader of a posted form. It collects all faults, so that the page shows them together."""

    written: Mapping[str, str]
    partner: Partner
    fautes: dict[str, str] = field(default_factory=dict)
    """French advice for each faulty field."""

    def text(self, nom: str) -> str:
        return self.written.get(nom, "").strip()

    def read(self, saisies: Sequence[Saisie], suffix: str = "") -> dict[str, Any]:
        """Return the values of the fields `saisies`, by field name, without those that are empty or faulty. The
        faults are added to `self.fautes`; an empty field that is mandatory is a fault. In the posted form, each
        name ends with `suffix`, such as `-1` for the first member of a household."""
        values: dict[str, Any] = {}
        for saisie in saisies:
            nom = f"{saisie.nom}{suffix}"
            if text := self.text(nom):
                try:
                    values[saisie.nom] = _value(saisie, text, self.partner)
                except InvalidContract as exc:
                    self.fautes[nom] = str(exc)
            elif saisie.obligatoire:
                self.fautes[nom] = MISSING
        return values

    def must_not_be_past(self, nom: str, values: Mapping[str, Any], today: date) -> None:
        """Check that the day in the field `nom` of `values` does not lie before `today`. If it does, add a
        fault to the form's faults, and raise nothing."""
        if "" < str(values.get(nom, "")) < today.isoformat():
            self.fautes[nom] = PAST

    def judged(
        self,
        modele: type[M],
        values: Mapping[str, Any],
        suffix: str = "",
        asked: Names = MappingProxyType({}),
    ) -> M | None:
        """Return an object of the class `modele` with these values. If some are faulty, return None, and add
        their faults to `self.fautes`, under the names of the fields in the form. A field keeps a fault that
        it already has. If `values` has None under the form's name of a faulty field, no fault is added: the
        caller must have added one. `asked` gives a field's name in the form, by its name in `modele`, where
        the two differ. `suffix` is the ending of each name in the form, such as `-1` for the first member of
        a household."""
        try:
            return modele.model_validate(values)
        except ValidationError as exc:
            for nom, do in _faults(exc, suffix, asked):
                if values.get(nom, "") is not None:
                    self.fautes.setdefault(nom, do)
        return None

    def made(self, modele: type[M], values: Mapping[str, Any]) -> M:
        """Return the message of the type `modele`, made of `values`, which were read from the form. Raises
        Fautes if any fault in the form was collected, by this method or before: call it last."""
        made = self.judged(modele, values)
        if made is None or self.fautes:
            raise Fautes(self.fautes)
        return made


def filled(saisies: Sequence[Saisie], values: Mapping[str, Any], partner: Partner) -> dict[str, str]:
    """Return the texts with which a form shows the `values`, by field name. `saisies` are the fields of the
    form; those without a value are left out. `Lecture.read` reads the texts back. How a commune is written
    depends on the territories of the partner, who sees the form."""
    known = {each.nom: (each, values[each.nom]) for each in saisies if values.get(each.nom) is not None}
    return {nom: _text(saisie, value, partner) for nom, (saisie, value) in known.items()}


def _text(saisie: Saisie, value: Any, partner: Partner) -> str:
    if saisie.genre == COMMUNE:
        return prefilled(value, partner.territoires)
    if isinstance(value, bool):
        return "oui" if value else "non"
    return SEPARATOR.join(map(str, value)) if isinstance(value, tuple) else str(value)


def _value(saisie: Saisie, text: str, partner: Partner) -> Any:
    chosen = tuple(text.split(SEPARATOR)) if saisie.genre == "plusieurs" else (text,)
    if saisie.choix and not saisie.choix.keys() >= {*chosen}:
        raise InvalidContract(NOT_LISTED)
    if saisie.choix.keys() == OUI_NON.keys():
        return text == "oui"
    if saisie.nom == "telephone":
        try:
            return telephone(text)
        except Illisible as exc:
            raise InvalidContract(str(exc)) from None
    if saisie.genre == COMMUNE:
        return code_of_named(text, partner.territoires)
    if saisie.genre == "datetime-local":
        try:
            return moment(partner.territoire, datetime.fromisoformat(text))
        except ValueError:
            raise InvalidContract(NO_MOMENT) from None
    return chosen if saisie.genre == "plusieurs" else text


def _faults(wrong: ValidationError, suffix: str, asked: Names) -> Iterator[tuple[str, str]]:
    def name_of(path: Chemin) -> str:
        name = str(path[0]) if path else ""
        return f"{asked.get(name, name)}{suffix}"

    for rejet in from_validation(wrong, 1, name_of):
        yield rejet.champ or "", IN_A_FORM.get(rejet.code, rejet.message)
