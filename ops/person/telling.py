"""Write what the hub knows about one person as French text, without data of other people or protected
addresses."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from pydantic import BaseModel

from contracts.base import Contrat
from contracts.mots import fait_of
from contracts.v1.menage import Menage, Personne
from ops.duplicates.matching import Fiche, Verdict, compare
from ops.duplicates.matching import Personne as Compared
from ops.status.quantities import day_and_hour

PLACES = ("structure", "gestionnaire", "place", "autres_places", "adresse", "commune_place")
"""The fields that tell where a household lives. They are left out if they could reveal a secret address."""
OF_THE_HUB = ("version", "protegee", "indices")
PROTECTED = "un lieu dont l'adresse est protégée"


class Said(NamedTuple):
    """A decrypted message about a household. `recipients` has the partners that received it, and when."""

    at: datetime
    source: str
    contrat: Contrat
    recipients: tuple[tuple[str, datetime | None], ...]


class Retention(NamedTuple):
    """A kind of data (`what`), and how long the hub keeps such data (`until`), both in French."""

    what: str
    until: str


def members(said: Sequence[Said]) -> tuple[Personne, ...]:
    """Return the members of a household, as the newest message that lists them describes them."""
    described = (getattr(each.contrat, "menage", None) for each in reversed(said))
    return next(
        (menage.personnes for menage in described if isinstance(menage, Menage) and menage.personnes), ()
    )


def hers(listed: Sequence[Personne], who: Personne, members: Sequence[Personne]) -> Personne | None:
    """Return the person in the list `listed` who is the household member `who`, perhaps described in other
    words. This is the person who equals `who`, else the one who resembles `who` most. The latter must
    resemble none of the other `members` of the household as much. Return None if there is no such person."""
    if who in listed:
        return who
    others = [member for member in members if member != who]
    alike = [
        (verdict.bits, number)
        for number, person in enumerate(listed)
        if (verdict := _likeness(person, who)).proposes
        and all(_likeness(person, other).bits < verdict.bits for other in others)
    ]
    return listed[max(alike)[1]] if alike else None


def _likeness(one: Personne, other: Personne) -> Verdict:
    return compare(*(Fiche((_compared(each),)) for each in (one, other)))


def _compared(person: Personne) -> Compared:
    return Compared.of(person.nom, person.prenom, person.date_naissance, None)


def lines(
    said: Sequence[Said],
    who: Personne,
    members: Sequence[Personne],
    secret: frozenset[str],
    names: Mapping[str, str],
) -> Iterator[str]:
    """Yield Markdown lines about each message in `said`: who sent it, who received it, and what it says about
    the household and about the person `who`. This person is one of the household's `members`. The lines never
    tell where a protected place is, nor name a place, structure or partner whose id is in `secret`. `names`
    has the partners' names, by id."""
    for each in said:
        yield f"### {each.at:%d/%m/%Y} : {fait_of(each.contrat.TYPE)} (`{each.contrat.NOM}`)"
        yield ""
        yield f"Dit par : {_named(each.source, secret, names)}."
        yield ""
        yield from (f"* {name} : {value}" for name, value in _fields(each.contrat, who, members, secret))
        yield from (
            f"* remis à {_named(partner, secret, names)}" + (f", le {at:%d/%m/%Y}" if at else "")
            for partner, at in each.recipients
        )
        yield ""


def _named(partner: str, secret: frozenset[str], names: Mapping[str, str]) -> str:
    return PROTECTED if partner in secret else names.get(partner, partner)


def _fields(
    contrat: Contrat, who: Personne, members: Sequence[Personne], secret: frozenset[str]
) -> Iterator[tuple[str, str]]:
    hidden = contrat.proteges() or any(getattr(contrat, name, None) in secret for name in PLACES)
    for name in type(contrat).model_fields:
        value = getattr(contrat, name)
        if name in OF_THE_HUB or value in (None, ()) or (hidden and name in PLACES):
            continue
        if isinstance(value, Menage):
            yield from _household(value, who, members)
        else:
            yield name.replace("_", " "), PROTECTED if value in secret else _text(value)
    if hidden:
        yield "lieu", PROTECTED


def _household(menage: Menage, who: Personne, members: Sequence[Personne]) -> Iterator[tuple[str, str]]:
    for name in Menage.model_fields:
        value = getattr(menage, name)
        if name not in ("id", "personnes") and value is not None:
            yield f"ménage, {name.replace('_', ' ')}", _text(value)
    person = hers(menage.personnes, who, members)
    if person is not None:
        yield from ((name.replace("_", " "), _text(value)) for name, value in _told(person))
    others = len(menage.personnes) - (person is not None)
    if others:
        yield "autres membres", f"{others}, dont les données ne sont pas ici"


def _told(model: BaseModel) -> Iterator[tuple[str, Any]]:
    return ((name, value) for name in type(model).model_fields if (value := getattr(model, name)) is not None)


def _text(value: Any) -> str:
    match value:
        case bool():
            return "oui" if value else "non"
        case datetime():
            return day_and_hour(value)
        case date():
            return f"{value:%d/%m/%Y}"
        case StrEnum():
            return value.value
        case tuple():
            return ", ".join(map(_text, value))
    return str(value)


def document(
    head: Sequence[str], history: Sequence[str], kept: Sequence[Retention], rights: Sequence[str]
) -> str:
    """Return the Markdown document in which a person reads what the hub knows about them. It has these parts,
    in order: the introduction `head`; the lines `history`, which say who said what, and to whom; how long
    data are kept (`kept`); what the person may demand (`rights`)."""
    table = [
        "| Ce qui est gardé | Jusqu'à quand |",
        "|---|---|",
        *(f"| {r.what} | {r.until} |" for r in kept),
    ]
    parts = (
        ["# Ce que le hub sait de vous", "", *head, ""],
        [
            "## Ce qui a été dit, par qui, et à qui",
            "",
            *(history or ["Rien que le hub puisse encore lire.", ""]),
        ],
        ["## Combien de temps", "", *table, ""],
        ["## Vos droits", "", *rights, ""],
    )
    return "\n".join(line for part in parts for line in part)
