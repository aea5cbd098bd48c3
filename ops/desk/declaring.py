"""Forms in which people of a partner declare a place or a demand. Pure."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from adapters.tabulaire.champs import is_written
from contracts.base import Contrat
from contracts.partner import Partner
from contracts.ports import View
from contracts.reference.communes import prefilled
from contracts.v1.demande import DemandeActualisee, DemandeRecue
from contracts.v1.place import PlaceDeclaree, PlaceDecrite, PlaceVacancePrevisible, PlaceVacante
from ops.desk.forms import Fautes, Lecture, Saisie, fields
from ops.desk.households import BESOIN, IDENT, LINES, household
from ops.desk.numbers import given
from ops.desk.referring import Said
from router.domain.subjects import Demande, Place

NUMERO, QUAND, LIBRE_LE = "numero", "quand", "libre_le"
"""Names of form fields: the partner's own number, when a place is free (a key of `LIBRE`), and from which day
it is free."""
TAKEN = "vous avez déjà donné ce numéro : ouvrez-le pour en dire davantage, ou prenez-en un autre"
DATED = "vous donnez une date : choisissez « bientôt libre », ou effacez-la"
LIBRE: Mapping[str, tuple[type[PlaceDecrite], str]] = {
    "maintenant": (PlaceVacante, "libre maintenant"),
    "bientot": (PlaceVacancePrevisible, "bientôt libre"),
    "non": (PlaceDeclaree, "pas libre : l'ajouter seulement"),
}
"""Answers to the question when a new place is free, each with the message type that says so and the French
words."""
DECRITE = tuple(
    name
    for name in PlaceDecrite.model_fields
    if name not in (PlaceDecrite.SUJET, *PlaceDecrite.OBLIGATOIRES, *Contrat.model_fields)
    and is_written(PlaceDecrite, name)
)
"""Optional fields of a place's description that people may fill in."""
CORRIGEE = (*BESOIN, Saisie("sortie_le", "sort de prison, de l'hôpital… le", "date", {}, False))
DEMANDE = (Saisie(NUMERO, "votre numéro de demande", "text", {}, False), *CORRIGEE)


class Taken(Fautes):
    """Raised for a form with a number that the partner uses for another subject."""

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
    """Return the initial values of the form for a new place: free now, with the structure, commune and kind
    of the last `place`. Without a last place, the structure is filled in only if the partner has a single
    one."""
    (*_, only) = partner.structures or ("",)
    known = {"structure": only if len(partner.structures) == 1 else None}
    if place is not None:
        known |= {"structure": place.structure, "commune": place.commune, "dispositif": place.dispositif}
    return {QUAND: "maintenant"} | {name: str(value) for name, value in known.items() if value}


def place(lecture: Lecture) -> Said:
    """Return the message that a filled-in form for a place makes. Raises Fautes for missing or wrong fields."""
    values, ours = lecture.read(of_a_place(lecture.partner)), uuid4()
    contrat, _ = LIBRE.get(values.pop(QUAND, ""), LIBRE["maintenant"])
    numero = values.pop(NUMERO, "")
    if contrat is not PlaceVacancePrevisible and values.pop(LIBRE_LE, None):
        lecture.fautes[LIBRE_LE] = DATED
    return Said(lecture.made(contrat, {contrat.SUJET: ours, **values}), View(lecture.partner, {ours: numero}))


def demand(lecture: Lecture, key: UUID) -> Said:
    """Return the new demand that a filled-in form describes, as a message.

    The household gets a number derived from its id. The demand gets the number in the form, else one derived
    from `key`. Raises Fautes for missing or wrong fields.
    """
    need, ours = lecture.read(DEMANDE), uuid4()
    numero = need.pop(NUMERO, given(lecture.partner, key))
    said = lecture.made(DemandeRecue, {"demande": ours, "menage": household(lecture), **need})
    household_name = given(lecture.partner, said.menage.id)
    return Said(said, View(lecture.partner, {ours: numero, said.menage.id: household_name}))


def corrected(lecture: Lecture, demande: Demande, view: View) -> Said:
    """Return the message that a filled-in form for a demand makes: a new description of a known demand. Raises
    Fautes for missing or wrong fields."""
    known = Lecture({**lecture.written, IDENT: str(demande.menage)}, lecture.partner)
    values = {"demande": demande.id, "menage": household(known), **known.read(CORRIGEE)}
    return Said(known.made(DemandeActualisee, values), view)


def as_known(clair: Mapping[str, Any], partner: Partner) -> dict[str, str]:
    """Return the initial values of the form for a known demand, from the unencrypted part of its newest
    description. No name or contact is in it."""
    menage = clair.get("menage") or {}
    ages = ["adulte"] * (menage.get("adultes") or 0) + ["enfant"] * (menage.get("enfants") or 0)
    said = {name: clair.get(name) or menage.get(name) for name in ("dispositif", "composition")}
    shown = {name: str(value) for name, value in said.items() if value}
    shown |= {f"age-{number}": age for number, age in enumerate(ages, 1)}
    return shown | {
        "commune": prefilled(clair.get("commune") or "", partner.territoires),
        LINES: str(len(ages)),
    }
