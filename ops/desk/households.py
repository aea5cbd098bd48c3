"""Households at the desk of a SIAO: found by several criteria, or entered by a form. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import ValidationError

from adapters.tabulaire.champs import champ
from contracts.errors import InvalidContract
from contracts.reference.codes import Dispositif
from contracts.v1.demande import DemandeDecrite
from contracts.v1.menage import Menage, Personne
from ops.desk.acts import Saisie, saisie_of, to_mend, value_of
from ops.desk.offers import is_there
from ops.desk.words import worded
from ops.duplicates.names import alike, words
from router.domain.subjects import Demande, Orientation, Subject

MOST_PEOPLE = 12
"""Limit on the members of a household in the form."""
LONGEST_NUMBER = 4
"""Largest number of digits that are read in the field `LINES` of a form."""
AS_NAMED = 0.9
"""Likeness from which a word counts as the name that is searched."""


class Connu(NamedTuple):
    """A household that a SIAO refers or presents, and its need."""

    menage: Menage
    dispositif: Dispositif
    commune: str | None = None
    demande: UUID | None = None
    """Demand that brought it; None if the SIAO has entered it itself."""

    @property
    def size(self) -> int:
        """Return how many places it needs, if a place is one person's bed."""
        return self.menage.adultes + self.menage.enfants


def brought(demande: UUID, said: DemandeDecrite) -> Connu:
    """Return the household of a demand."""
    return Connu(said.menage, said.dispositif, said.commune, demande)


class Criteres(NamedTuple):
    """Criteria for the household of a demand. An empty criterion matches all."""

    nom: str = ""
    """Words of the name of one member, as it is written or as it sounds."""
    ne_le: date | None = None
    composition: str = ""
    dispositif: str = ""
    commune: str = ""
    apporte_par: str = ""

    def may_suit(self, demande: Subject) -> bool:
        """Return whether a demand or a referral meets the criteria that can be judged without opening it."""
        return (
            isinstance(demande, Demande | Orientation)
            and (not self.dispositif or demande.dispositif == self.dispositif)
            and (not self.apporte_par or demande.emetteur == self.apporte_par)
        )

    def among(self, said: Mapping[UUID, Connu]) -> list[UUID]:
        """Return the demands and referrals whose household meets the criteria, in their order."""
        return [ident for ident, each in said.items() if self._suits(each)]

    def _suits(self, said: Connu) -> bool:
        menage = said.menage
        return (
            (not self.composition or menage.composition == self.composition)
            and (not self.commune or is_there(self.commune, said.commune))
            and any(self._is(personne) for personne in menage.personnes or (Personne(),))
        )

    @property
    def are_precise(self) -> bool:
        """Return whether they say whom somebody looks for: with one criterion alone, a search would list
        protected people."""
        return bool(words(self.nom)) and self.ne_le is not None

    def _is(self, personne: Personne) -> bool:
        called = (*words(personne.nom or ""), *words(personne.prenom or ""))
        named = all(
            any(each.startswith(word) or alike(word, each) >= AS_NAMED for each in called)
            for word in words(self.nom)
        )
        return named and (self.ne_le is None or personne.date_naissance == self.ne_le)


def _asked(modele: type[Menage | Personne], *names: str) -> tuple[Saisie, ...]:
    found = ((name, champ(modele, name)) for name in names)
    return tuple(saisie_of(name, each) for name, each in found if each is not None)


BESOIN = (
    Saisie("dispositif", "dispositif", "choix", {str(d): worded("dispositif", d) for d in Dispositif}, True),
    Saisie("commune", "commune souhaitée (code INSEE)", "text", {}, False),
)
MENAGE = _asked(
    Menage,
    "composition", "telephone", "numero_unique", "situation", "motif", "droit_sejour",
    "ressources_mensuelles_euros", "victime_de_violences",
)  # fmt: skip
AGES = ("adulte", "enfant")
PERSONNE = (
    *_asked(Personne, "prenom", "nom", "date_naissance", "sexe"),
    Saisie("age", "adulte ou enfant", "choix", {age: age for age in AGES}, True),
)
"""Fields of the form about a household. Those of a person bear the person's number."""
IDENT, LINES = "menage", "lignes"
"""Hidden fields: the id of the household, made with the form, and the number of people for whom the form has lines."""


def lines(written: Mapping[str, str]) -> int:
    """Return the number of people for whom a form has lines."""
    asked = written.get(LINES, "")[:LONGEST_NUMBER]
    return min(int(asked), MOST_PEOPLE) if asked.isdecimal() and int(asked) else 1


def entered(written: Mapping[str, str], territoire: str) -> Connu:
    """Return the household entered in the form. Raises InvalidContract, in French, without quoting the entered text."""
    people = list(_people(written, territoire))
    if not any(values for values, _ in people):
        raise InvalidContract("nommez au moins une personne du ménage")
    values = _values(MENAGE, written, territoire)
    children = sum(age == "enfant" for _, age in people)
    values |= {"adultes": len(people) - children, "enfants": children}
    try:
        dispositif = Dispositif(written.get("dispositif", ""))
        personnes = tuple(Personne.model_validate(each) for each, _ in people)
        menage = Menage(id=UUID(written[IDENT]), personnes=personnes, **values)
    except ValidationError as exc:
        raise InvalidContract(to_mend(exc)) from None
    except (KeyError, ValueError):
        raise InvalidContract("choisissez le dispositif demandé") from None
    return Connu(menage, dispositif, written.get("commune", "").strip() or None)


def _people(written: Mapping[str, str], territoire: str) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Yield the lines that are not empty, each with the age: a newborn may have no name yet. Raises InvalidContract for
    one without an age."""
    for number in range(1, lines(written) + 1):
        line = {saisie.nom: written.get(f"{saisie.nom}-{number}", "") for saisie in PERSONNE}
        age = line.pop("age")
        values = _values(PERSONNE, line, territoire)
        if values and age not in AGES:
            raise InvalidContract(f"dites si la personne {number} est adulte ou enfant")
        if age in AGES:
            yield values, age


def _values(saisies: Sequence[Saisie], written: Mapping[str, str], territoire: str) -> dict[str, Any]:
    return {
        saisie.nom: value_of(saisie, text, territoire)
        for saisie in saisies
        if (text := written.get(saisie.nom, "").strip())
    }
