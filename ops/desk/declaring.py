"""Make and read the forms in which people declare a place or a demand, or correct a demand."""

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
"""Form fields: the partner's own number, when a place is free (a key of `LIBRE`), and from which day."""
EFFACE = "efface"
"""Hidden field with the names of the fields that the person emptied. The page fills it in when it asks
whether the values of these fields may be erased."""
SEEN = "evenement"
"""Hidden field with the id of the event that described the demand when the form was opened."""
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
"""Choices that say when a new place is free. Each has the message type to send, and the French words for the
choice."""
NEEDED = (*PlaceDecrite.OBLIGATOIRES, "capacite")
"""Fields that are mandatory in the form for a new place. The contract does not demand a capacity; without
one, a place would count as a place for one person."""
DECRITE = tuple(
    name
    for name in PlaceDecrite.model_fields
    if name not in (PlaceDecrite.SUJET, *NEEDED, *Contrat.model_fields) and is_written(PlaceDecrite, name)
)
"""Fields of a place's description that are not in `NEEDED`."""
CORRIGEE = (*BESOIN, Saisie("sortie_le", "sort de prison, de l'hôpital… le", "date", {}, False))
ASKED = {AGE, *(each.nom for each in (*CORRIGEE, *MENAGE) if each.obligatoire)}
"""Mandatory fields. A form in which one is empty is refused, so that no old value gets lost unnoticed."""
DEMANDE = (Saisie(NUMERO, "votre numéro de demande", "text", {}, False), *CORRIGEE)


class Efface(Fautes):
    """Raised for a form that corrects a demand and would erase values: the person has emptied fields that the
    form showed filled in. The person confirms by sending the form again, with the names of these fields in the
    form's hidden field `efface`."""

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
    """Raised for a form that corrects a demand, if the demand was described anew since the person opened the
    form."""


class Taken(Fautes):
    """Raised for a number that the partner has already given to another subject."""

    def __init__(self, sujet: UUID) -> None:
        self.sujet = sujet
        super().__init__({NUMERO: TAKEN})


def of_a_place(partner: Partner) -> list[Saisie]:
    """Return the form fields for a new place in one of the partner's structures, obligatory fields first."""
    structures = {each: f"{'FINESS' if len(each) == 9 else 'SIRET'} {each}" for each in partner.structures}
    needed = (each._replace(obligatoire=True) for each in fields(PlaceDecrite, *NEEDED))
    asked = [
        Saisie(NUMERO, "votre numéro de place", "text", {}, True),
        Saisie(QUAND, "elle est", "choix", {answer: said for answer, (_, said) in LIBRE.items()}, True),
        *fields(PlaceVacancePrevisible, LIBRE_LE),
        *(
            each._replace(genre="choix", choix=structures) if each.nom == "structure" else each
            for each in needed
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
    """Return the initial values of the form for a new place. Structure, commune and kind of offer are those
    of `place`, the partner's last place. If `place` is None, only the structure is filled in, and only for a
    partner with just one structure."""
    (*_, only) = partner.structures or ("",)
    known = {"structure": only if len(partner.structures) == 1 else None}
    if place is not None:
        known |= {"structure": place.structure, "commune": place.commune, "dispositif": place.dispositif}
    return {name: str(value) for name, value in known.items() if value}


def place(lecture: Lecture, today: date) -> Said:
    """Return the message of a form that declares a new place. Raises Fautes for missing or wrong fields, such
    as a day before `today`."""
    values, ours = lecture.read(of_a_place(lecture.partner)), uuid4()
    contrat, _ = LIBRE.get(values.pop(QUAND, ""), LIBRE["maintenant"])
    numero = values.pop(NUMERO, "")
    if contrat is not PlaceVacancePrevisible and values.pop(LIBRE_LE, None):
        lecture.fautes[LIBRE_LE] = DATED
    lecture.must_not_be_past(LIBRE_LE, values, today)
    return Said(lecture.made(contrat, {contrat.SUJET: ours, **values}), View(lecture.partner, {ours: numero}))


def demand(lecture: Lecture, key: UUID, today: date) -> Said:
    """Return the message of a form for a new demand; a form sent twice (same `key`) makes one demand. Raises
    Fautes for missing or wrong fields, such as a birth after `today`."""
    need, ours = lecture.read(DEMANDE), uuid4()
    numero = need.pop(NUMERO, given(lecture.partner, key))
    said = lecture.made(DemandeRecue, {"demande": ours, "menage": household(lecture, today), **need})
    household_name = given(lecture.partner, said.menage.id)
    return Said(said, View(lecture.partner, {ours: numero, said.menage.id: household_name}))


def corrected(lecture: Lecture, demande: Demande, before: Decrite, today: date, view: View) -> Said:
    """Return the message by which the partner corrects its demand `demande` with the posted form in `lecture`.
    Fields that the form does not show keep the values in `before`, the demand's newest description. `view`: the
    partner, with its own ids for the demand and the household. Raises Change if the form was opened with an
    older description, Fautes for faulty fields (such as a birth after `today`), Efface for fields emptied
    without confirmation."""
    known = Lecture({**lecture.written, IDENT: str(demande.menage)}, lecture.partner)
    said = as_known(before, lecture.partner, today)
    if known.text(SEEN) != said.pop(SEEN):
        raise Change(CHANGED)
    emptied = {nom: ERASED for nom in said if not known.text(nom) and _needs_confirmation(nom, said)}
    if emptied and known.text(EFFACE) != SEPARATOR.join(emptied):
        raise Efface(emptied)
    kept = _hidden(before.entier, before.montre, DemandeDecrite, CORRIGEE)
    people = _hidden(before.entier.menage, before.montre.menage, Menage, MENAGE)
    menage = household(known, today, people, _bands(known, before.entier.menage, said))
    values = {**kept, **known.read(CORRIGEE), "demande": demande.id, "menage": menage}
    return Said(known.made(DemandeActualisee, values), view)


def _needs_confirmation(nom: str, said: Mapping[str, str]) -> bool:
    champ, _, n = _parted(nom)
    if champ == AGE:
        return not any(each != nom and each.endswith(f"-{n}") for each in said)
    return champ not in ASKED


def _bands(lecture: Lecture, before: Menage, said: Mapping[str, str]) -> dict[str, TrancheAge | None]:
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
    asked = {each.nom for each in saisies if getattr(montre, each.nom) is not None}
    values = {name: getattr(entier, name) for name in modele.model_fields if name not in asked}
    return {name: value for name, value in values.items() if value is not None and name != "personnes"}


def as_known(before: Decrite, partner: Partner, today: date) -> dict[str, str]:
    """Return the initial values of the form that corrects a demand: as much of the demand's newest description
    as the partner may read."""
    shown = before.montre
    read = {**filled(CORRIGEE, vars(shown), partner), **as_written(shown.menage, partner, today)}
    return {SEEN: str(before.evenement), **read}


def why_by_file(before: Decrite | None) -> str:
    """Return in French why the partner can correct its demand by file only; an empty text if a form can correct
    it. `before`: the partner's newest description of this demand; None if there is none, or if it cannot be
    read any more."""
    if before is None:
        return UNREADABLE
    menage = before.entier.menage
    people = max(len(menage.personnes), menage.adultes + menage.enfants)
    return TOO_MANY if people > MOST_PEOPLE else ""
