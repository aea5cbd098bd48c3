"""Forms in which people of a partner declare a place or a demand. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from adapters.tabulaire.champs import is_written
from contracts.base import Contrat, Modele
from contracts.errors import InvalidContract
from contracts.partner import Partner
from contracts.ports import View
from contracts.reference.codes import TrancheAge
from contracts.v1.demande import DemandeActualisee, DemandeDecrite, DemandeRecue
from contracts.v1.menage import Menage
from contracts.v1.place import PlaceDeclaree, PlaceDecrite, PlaceVacancePrevisible, PlaceVacante
from ops.desk.forms import SEPARATOR, Fautes, Lecture, Saisie, fields, filled
from ops.desk.households import BESOIN, IDENT, MENAGE, MOST_PEOPLE, as_written, household
from ops.desk.numbers import given
from ops.desk.reading import Decrite
from ops.desk.referring import Said
from ops.desk.vocabulary import named
from router.domain.subjects import Demande, Place

NUMERO, QUAND, LIBRE_LE = "numero", "quand", "libre_le"
"""Names of form fields: the partner's own reference number, when a place is free (a key of `LIBRE`), and the
day from which it is free."""
EFFACE = "efface"
"""Name of a hidden form field. It lists the fields that the person has emptied, after the page has asked
whether their old values may really be lost."""
SEEN = "evenement"
"""Name of a hidden form field. It says from which description of a demand the form was filled in, by the id of
the event with this description."""
UNREADABLE = (
    "cette demande ne se corrige pas ici : ce qui en a été dit ne se relit plus en entier, parce que le ménage a "
    "demandé la limitation de ses données, ou qu'il a été oublié. Corrigez-la par fichier, dans « Déposer »"
)
TOO_MANY = (
    f"cette demande compte plus de {MOST_PEOPLE} personnes, et ce formulaire n'en montre pas plus : corrigez-la par "
    "fichier, dans « Déposer »"
)
CHANGED = (
    "cette demande a changé depuis que vous avez ouvert le formulaire (un collègue, votre logiciel, ou un second "
    "clic) : voici ce qui en est dit maintenant. Refaites votre correction s'il le faut"
)
ERASED = "ce qui était écrit ici sera effacé"
IF_MEANT = "Si c'est bien ce que vous voulez, envoyez une seconde fois ; sinon, récrivez-le."
PERSON, AGE = "personne", "age"
TAKEN = "vous avez déjà donné ce numéro : ouvrez-le pour en dire davantage, ou prenez-en un autre"
DATED = "vous donnez une date : choisissez « bientôt libre », ou effacez-la"
LIBRE: Mapping[str, tuple[type[PlaceDecrite], str]] = {
    "maintenant": (PlaceVacante, "libre maintenant"),
    "bientot": (PlaceVacancePrevisible, "bientôt libre"),
    "non": (PlaceDeclaree, "pas libre : l'ajouter seulement"),
}
"""Possible answers to the question when a new place is free. The value has the message type to send, and the
French words of the answer."""
DECRITE = tuple(
    name
    for name in PlaceDecrite.model_fields
    if name not in (PlaceDecrite.SUJET, *PlaceDecrite.OBLIGATOIRES, *Contrat.model_fields)
    and is_written(PlaceDecrite, name)
)
"""Optional fields of a place's description that people may fill in."""
CORRIGEE = (*BESOIN, Saisie("sortie_le", "sort de prison, de l'hôpital… le", "date", {}, False))
ASKED = {AGE, *(each.nom for each in (*CORRIGEE, *MENAGE) if each.obligatoire)}
"""Form fields that must not be empty. If one of them is empty, the form is refused, so that its old value
cannot get lost unnoticed."""
DEMANDE = (Saisie(NUMERO, "votre numéro de demande", "text", {}, False), *CORRIGEE)


class Efface(Fautes):
    """Raised for a form that empties fields which had a value. The person may send the form again: its field
    `EFFACE` then confirms that these values may be lost, and the form is accepted."""

    def __init__(self, emptied: Mapping[str, str]) -> None:
        super().__init__(emptied)
        self.efface = SEPARATOR.join(emptied)
        said = (
            f"{PERSON} {n}" if nom == AGE else f"{named(nom)} ({PERSON} {n})" if n else named(nom)
            for nom, _, n in map(_parted, emptied)
        )
        self.args = (f"cette correction efface : {', '.join(said)}. {IF_MEANT}",)


def _parted(nom: str) -> tuple[str, str, str]:
    return nom.partition("-")


class Change(InvalidContract):
    """Raised for an outdated form about a demand: the demand was described again after the form had been filled
    in from an older description."""


class Taken(Fautes):
    """Raised for a form with a reference number that the partner uses for another subject (place, referral…)."""

    def __init__(self, sujet: UUID) -> None:
        self.sujet = sujet
        super().__init__({NUMERO: TAKEN})


def of_a_place(partner: Partner) -> list[Saisie]:
    """Return the form fields for a new place in one of the partner's structures, obligatory fields first."""
    structures = {structure: structure for structure in partner.structures}
    where = (each._replace(obligatoire=True) for each in fields(PlaceDecrite, *PlaceDecrite.OBLIGATOIRES))
    asked = [
        Saisie(NUMERO, "votre numéro de place", "text", {}, True),
        Saisie(QUAND, "elle est", "choix", {answer: said for answer, (_, said) in LIBRE.items()}, True),
        *fields(PlaceVacancePrevisible, LIBRE_LE),
        *(
            each._replace(genre="choix", choix=structures) if each.nom == "structure" else each
            for each in where
        ),
        *fields(PlaceDecrite, *DECRITE),
    ]
    asked.sort(key=lambda each: not each.obligatoire)
    return [
        each._replace(libelle="libre le, si c'est bientôt", obligatoire=False)
        if each.nom == LIBRE_LE
        else each
        for each in asked
    ]


def as_before(place: Place | None, partner: Partner) -> dict[str, str]:
    """Return the initial values of the form for a new place: free now, with the structure, commune and kind of
    the partner's last place (`place`). If there is none, the structure is filled in only for a partner with a
    single structure."""
    (*_, only) = partner.structures or ("",)
    known = {"structure": only if len(partner.structures) == 1 else None}
    if place is not None:
        known |= {"structure": place.structure, "commune": place.commune, "dispositif": place.dispositif}
    return {QUAND: "maintenant"} | {name: str(value) for name, value in known.items() if value}


def place(lecture: Lecture, today: date) -> Said:
    """Return the message made by a filled-in form for a place. Raises Fautes for missing or wrong fields, and
    for a place that becomes free on a day before `today`."""
    values, ours = lecture.read(of_a_place(lecture.partner)), uuid4()
    contrat, _ = LIBRE.get(values.pop(QUAND, ""), LIBRE["maintenant"])
    numero = values.pop(NUMERO, "")
    if contrat is not PlaceVacancePrevisible and values.pop(LIBRE_LE, None):
        lecture.fautes[LIBRE_LE] = DATED
    lecture.must_not_be_past(LIBRE_LE, values, today)
    return Said(lecture.made(contrat, {contrat.SUJET: ours, **values}), View(lecture.partner, {ours: numero}))


def demand(lecture: Lecture, key: UUID, today: date) -> Said:
    """Return the new demand that a filled-in form describes, as a message.

    The household gets a reference number derived from its id. The demand gets the reference number in the form,
    else a number derived from `key`. Raises Fautes for missing or wrong fields, such as a birth after `today`.
    """
    need, ours = lecture.read(DEMANDE), uuid4()
    numero = need.pop(NUMERO, given(lecture.partner, key))
    said = lecture.made(DemandeRecue, {"demande": ours, "menage": household(lecture, today), **need})
    household_name = given(lecture.partner, said.menage.id)
    return Said(said, View(lecture.partner, {ours: numero, said.menage.id: household_name}))


def corrected(lecture: Lecture, demande: Demande, before: Decrite, today: date, view: View) -> Said:
    """Return the message made by a filled-in form: a new description of the demand `demande`. Fields of the
    description `before` that the form does not contain stay as they were.

    Raises Change if the form was filled in from an older description, Fautes for missing or wrong fields,
    Efface for a form that empties a field without confirming the loss.
    """
    known = Lecture({**lecture.written, IDENT: str(demande.menage)}, lecture.partner)
    said = as_known(before, lecture.partner, today)
    if known.text(SEEN) != said.pop(SEEN):
        raise Change(CHANGED)
    emptied = {nom: ERASED for nom in said if not known.text(nom) and _would_be_lost(nom, said)}
    if emptied and known.text(EFFACE) != SEPARATOR.join(emptied):
        raise Efface(emptied)
    kept = _hidden(before.entier, before.montre, DemandeDecrite, CORRIGEE)
    people = _hidden(before.entier.menage, before.montre.menage, Menage, MENAGE)
    menage = household(known, today, people, _bands(known, before.entier.menage, said))
    values = {**kept, **known.read(CORRIGEE), "demande": demande.id, "menage": menage}
    return Said(known.made(DemandeActualisee, values), view)


def _would_be_lost(nom: str, said: Mapping[str, str]) -> bool:
    """Return whether a person who empties the form field `nom` loses its old value without noticing. This is
    not so for a field in `ASKED`: leaving it empty is a fault. Exception: if only the age of a person is
    known, emptying the age removes the person."""
    champ, _, n = _parted(nom)
    if champ == AGE:
        return not any(each != nom and each.endswith(f"-{n}") for each in said)
    return champ not in ASKED


def _bands(lecture: Lecture, before: Menage, said: Mapping[str, str]) -> dict[str, TrancheAge | None]:
    """Return the age bands that people keep when a form corrects their household, by the suffix of each
    person's form fields (such as `-1`). A person keeps the old band if birth date and age (adult or child) are
    unchanged. The form itself never asks for the band."""
    suffixes = ((f"-{n}", each.tranche_age) for n, each in enumerate(before.personnes, 1))
    return {
        suffix: band
        for suffix, band in suffixes
        if all(
            lecture.text(f"{nom}{suffix}") == said.get(f"{nom}{suffix}", "")
            for nom in (AGE, "date_naissance")
        )
    }


def _hidden(
    entier: Modele, montre: Modele, modele: type[Modele], saisies: Sequence[Saisie]
) -> dict[str, Any]:
    """Return the fields of a description that its form does not show, so that a correction by the form keeps
    them. The form does not ask for them, or the partner may not read them.

    `entier` is the whole description, `montre` the part that the partner may read. Empty fields and the
    household's members are left out.
    """
    asked = {each.nom for each in saisies if getattr(montre, each.nom) is not None}
    values = {name: getattr(entier, name) for name in modele.model_fields if name not in asked}
    return {name: value for name, value in values.items() if value is not None and name != "personnes"}


def as_known(before: Decrite, partner: Partner, today: date) -> dict[str, str]:
    """Return the initial values of the form for a demand: all that `partner` may read of the newest
    description, `before`."""
    shown = before.montre
    read = {**filled(CORRIGEE, vars(shown), partner), **as_written(shown.menage, partner, today)}
    return {SEEN: str(before.evenement), **read}


def why_by_file(before: Decrite | None) -> str:
    """Return, in French, why a demand with this description has to be corrected by a file; an empty text if
    it can be corrected in a form."""
    if before is None:
        return UNREADABLE
    menage = before.entier.menage
    people = max(len(menage.personnes), menage.adultes + menage.enfants)
    return TOO_MANY if people > MOST_PEOPLE else ""
