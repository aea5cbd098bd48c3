"""Find households at the desk of a SIAO by search criteria, and read the form in which people enter a
household."""

from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from contracts.partner import Partner
from contracts.reference.codes import TRANCHES_MINEURES, Dispositif
from contracts.reference.communes import is_there
from contracts.reference.graphie import looked_for, words
from contracts.v1.daho import DahoDesigne
from contracts.v1.demande import DemandeDecrite
from contracts.v1.menage import Menage, Personne, compositions_of
from ops.desk.forms import MISSING, Fautes, Lecture, Saisie, fields, filled
from ops.desk.vocabulary import COMMUNE
from ops.duplicates.names import alike
from router.domain.births import BORN_AHEAD, is_ahead
from router.domain.composition import band_of
from router.domain.rules.daho import OFFERS
from router.domain.subjects import Envoi, Subject

MOST_PEOPLE = 12
LONGEST_NUMBER = 4
"""Maximum number of digits in the field `LINES`."""
AS_NAMED = 0.9
"""Minimum similarity, from 0 to 1, of two words that count as the same name."""


class Connu(NamedTuple):
    """Household that a SIAO can refer to a place or present to a landlord, with its needs."""

    menage: Menage
    dispositif: Dispositif | None
    commune: str | None = None
    demande: UUID | None = None
    daho: UUID | None = None
    """Designation of the household by the State (enforceable right to shelter)."""
    orientation: UUID | None = None
    """Earlier referral that the SIAO repeats, for a household without demand or designation."""

    @property
    def size(self) -> int:
        """Return the number of people in the household."""
        return self.menage.adultes + self.menage.enfants

    @property
    def dossier(self) -> UUID | None:
        """Return the id of the subject whose page shows the household; None for a household that the SIAO has
        just entered in a form."""
        return self.demande or self.daho or self.orientation


def brought(subject: UUID, said: DemandeDecrite | DahoDesigne) -> Connu:
    """Return the household and needs that the message `said` describes. `subject`: the demand or designation
    that the message is about."""
    if isinstance(said, DahoDesigne):
        return Connu(said.menage, OFFERS[said.accueil], daho=subject)
    return Connu(said.menage, said.dispositif, said.commune, subject)


class Criteres(NamedTuple):
    """Search criteria for households. An empty criterion matches all households."""

    nom: str = ""
    """Name of one member; similar spellings match."""
    ne_le: date | None = None
    composition: str = ""
    dispositif: str = ""
    commune: str = ""
    apporte_par: str = ""

    def may_suit(self, envoi: Subject) -> bool:
        """Return whether the household of a demand, designation, referral or candidacy may meet these
        criteria. Only unencrypted fields (kind of offer and sender) are compared: True means that the
        household itself has still to be compared. Return False for any other subject."""
        return (
            isinstance(envoi, Envoi)
            and (not self.dispositif or getattr(envoi, "dispositif", self.dispositif) == self.dispositif)
            and (not self.apporte_par or envoi.emetteur == self.apporte_par)
        )

    def among(self, said: Mapping[UUID, Connu]) -> list[UUID]:
        """Return the subjects in `said` whose household matches the criteria, in the order of `said`."""
        return [ident for ident, each in said.items() if self._suits(each)]

    def _suits(self, said: Connu) -> bool:
        menage = said.menage
        return (
            (not self.composition or menage.composition == self.composition)
            and (not self.dispositif or said.dispositif == self.dispositif)
            and (not self.commune or is_there(self.commune, said.commune))
            and any(self._is(personne) for personne in menage.personnes or (Personne(),))
        )

    @property
    def are_precise(self) -> bool:
        """Return whether the criteria have both a name and a date of birth. A search that lacks either finds
        no protected people."""
        return bool(looked_for(self.nom)) and self.ne_le is not None

    def _is(self, personne: Personne) -> bool:
        called = (*words(personne.nom or ""), *words(personne.prenom or ""))
        named = all(any(fits(each, word) for each in called) for word in looked_for(self.nom))
        return named and (self.ne_le is None or personne.date_naissance == self.ne_le)


def fits(name: str, asked: str) -> bool:
    """Return whether `name` begins with the word `asked`, for which somebody searches, or resembles it."""
    return name.startswith(asked) or alike(asked, name) >= AS_NAMED


SOUHAITEE = Saisie(COMMUNE, "commune souhaitée", COMMUNE, {}, False)
BESOIN = (*fields(DemandeDecrite, "dispositif"), SOUHAITEE)
COMPOSITION, SITUATION = fields(Menage, "composition", "situation")
MENAGE = (
    COMPOSITION._replace(libelle="composition, s'il y a plusieurs adultes", obligatoire=False),
    *fields(Menage, "telephone", "numero_unique"),
    SITUATION._replace(libelle="situation (sans domicile fixe : à la rue, ou errance résidentielle)"),
    *fields(Menage, "motif", "droit_sejour", "ressources_mensuelles_euros", "victime_de_violences"),
)
AGES = ("adulte", "enfant")
PERSONNE = (
    *fields(Personne, "prenom", "nom", "date_naissance", "sexe"),
    Saisie("age", "adulte ou enfant", "choix", {age: age for age in AGES}, False),
)
"""Form fields for one member; each name ends with a dash and the member's rank, such as `nom-1`."""
COUNTED = {"adultes": "composition", "enfants": "composition"}
"""Contract fields with a number that is counted from the members in the form. Each comes with the form field
to correct if this number contradicts the household's composition."""
BAND = "tranche_age"
"""Age band of a member; no form asks for it."""
IDENT, LINES = "menage", "lignes"
"""Hidden fields: the household's id, and the number of people in the form."""


def lines(written: Mapping[str, str]) -> int:
    """Return the number of people for whom a posted form (`written`) has fields, at most `MOST_PEOPLE`. The
    form's hidden field `lignes` gives this number. If that field is missing or unreadable, return 1."""
    asked = written.get(LINES, "")[:LONGEST_NUMBER]
    return min(int(asked), MOST_PEOPLE) if asked.isdecimal() and int(asked) else 1


def entered(lecture: Lecture, today: date) -> Connu:
    """Return the household and needs in a form. Raises Fautes for missing or wrong fields, such as a birth
    after `today`."""
    need, menage = lecture.read(BESOIN), household(lecture, today)
    if menage is None or lecture.fautes:
        raise Fautes(lecture.fautes)
    return Connu(menage, Dispositif(need["dispositif"]), need.get("commune"))


def household(
    lecture: Lecture,
    today: date,
    kept: Mapping[str, Any] = MappingProxyType({}),
    bands: Mapping[str, Any] = MappingProxyType({}),
) -> Menage | None:
    """Return the household that a form describes. If faults prevent this, return None; `lecture` collects the
    faults. `kept` has the household's former values for fields that the form does not show. `bands` has the
    former age bands of members whose age the form leaves as it was: the form itself says only adult or child.
    The key of a band is the ending of the member's form fields: `-1` for the member with the fields `nom-1`
    and `age-1`."""
    values, people = {**kept, **lecture.read(MENAGE)}, list(_people(lecture))
    if not any(said.keys() - {"age"} for _, said in people):
        lecture.fautes.setdefault("prenom-1", "nommez au moins une personne du ménage")
    children = sum(said.get("age") == AGES[1] for _, said in people)
    values |= {"id": lecture.text(IDENT), "adultes": len(people) - children, "enfants": children}
    adults = [said.get("sexe") for _, said in people if said.get("age") == AGES[0]]
    possible = compositions_of(len(adults), children, next(iter(adults), None))
    values.setdefault(COMPOSITION.nom, possible[0] if len(possible) == 1 else None)
    if values[COMPOSITION.nom] is None:
        lecture.fautes.setdefault(COMPOSITION.nom, MISSING)
    menage = lecture.judged(Menage, values, asked=COUNTED)
    personnes = [
        lecture.judged(
            Personne,
            {BAND: bands.get(suffix), **{name: said[name] for name in said if name != "age"}},
            suffix,
        )
        for suffix, said in people
    ]
    for (suffix, _), personne in zip(people, personnes, strict=True):
        if personne and personne.date_naissance and is_ahead(personne.date_naissance, today):
            lecture.fautes[f"date_naissance{suffix}"] = BORN_AHEAD
    return menage and menage.model_copy(update={"personnes": tuple(filter(None, personnes))})


def as_written(menage: Menage, partner: Partner, today: date) -> dict[str, str]:
    """Return the texts with which the form shows a household to the partner, by name of the form's field.
    Members of whom only the number is known come last, without name. As many members as `menage.enfants` says
    are marked as children: first those who are minors on `today`, then those of unknown age. All other members
    are marked as adults."""
    undescribed = menage.adultes + menage.enfants - len(menage.personnes)
    people = (*menage.personnes, *(Personne(),) * undescribed)
    bands = [band_of(each, today) for each in people]
    youngest_last = sorted(
        range(len(people)), key=lambda n: 1 if bands[n] is None else 2 * (bands[n] in TRANCHES_MINEURES)
    )
    children = youngest_last[len(people) - menage.enfants :]
    written = {LINES: str(len(people)), **filled(MENAGE, vars(menage), partner)}
    for n, personne in enumerate(people):
        values = {**vars(personne), "age": AGES[n in children]}
        said = filled(PERSONNE, values, partner)
        written |= {f"{nom}-{n + 1}": text for nom, text in said.items()}
    return written


def _people(lecture: Lecture) -> Iterator[tuple[str, dict[str, Any]]]:
    for number in range(1, lines(lecture.written) + 1):
        suffix = f"-{number}"
        if said := lecture.read(PERSONNE, suffix):
            if said.get("age") not in AGES:
                lecture.fautes[f"age{suffix}"] = "dites si cette personne est adulte ou enfant"
            yield suffix, said
