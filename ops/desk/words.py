"""Tell what messages and households say in plain French words."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from typing import Any, NamedTuple
from uuid import UUID

from adapters.alertes import explication
from adapters.tabulaire.champs import champ
from contracts.base import Contrat, Nature
from contracts.explications import ATTENDUS
from contracts.mots import ACTES, NOMS, fait_of
from contracts.plurals import many
from contracts.ports import View
from contracts.reference.codes import Sexe
from contracts.reference.communes import town
from contracts.v1 import CONTRATS
from contracts.v1.alerte import AlerteEcheance, MotifAnomalie
from contracts.v1.menage import Menage, Personne
from ops.desk.vocabulary import COMMUNE, LISTES, named, worded
from router.domain.calendar import wall_clock
from router.domain.rules.acts import SIGNATURE
from router.intake.profiling import Apercu

EXPLAINED_AT_THE_DESK: Mapping[str, str] = {
    MotifAnomalie.OCCUPEE_SANS_ORIENTATION: "la place est dite occupée, et aucune orientation acceptée n'y menait. "
    "Dites pourquoi ; sans réponse de vous après un jour ouvré, le SIAO le saura."
}
"""French explanations of the alerts that people answer at the desk, by reason."""
HIDDEN = frozenset({"gestionnaire", "protegee", "demande", "id"})

PEOPLE, REACHED = "personnes", ("telephone", "numero_unique")
"""Fields of a household: its members, and what identifies it or says how to reach it. A partner sees them in
the dry run of its own file."""
NE: Mapping[Sexe | None, str] = {Sexe.F: "née", Sexe.M: "né"}
IDS = frozenset(str(nature) for nature in Nature) - {"menage"}
"""Fields with an id of the hub. A dry run leaves them out: it stores nothing, so no subject has these ids."""
_OF_THE_SUBJECT = re.compile(r"l'|l[ae] |dire qu'elle ")
"""Beginning of the infinitives, such as «l'accepter», whose pronoun stands for the message's subject. For
them, `title_of` names the subject."""


class Fait(NamedTuple):
    """A field of a message, as people read it in French: its label (`nom`) and its value (`valeur`)."""

    nom: str
    valeur: str


def title_of(kind: str) -> str:
    """Return a French title for a message type: what happened («Entrée constatée»). Where that alone is
    unclear, the title also names the subject («Orientation acceptée»). For a signature, the title is only the
    act's name («Convention»), because others may still have to sign."""
    contrat, said = CONTRATS.get(kind), fait_of(kind)
    if contrat in SIGNATURE and contrat.NATURE:
        return NOMS[contrat.NATURE].capitalize()
    acte = None if contrat is None else ACTES.get(contrat)
    if contrat and contrat.NATURE and acte and _OF_THE_SUBJECT.match(acte.faire):
        said = f"{NOMS.get(contrat.NATURE, contrat.NATURE)} {said}"
    return f"{said[:1].upper()}{said[1:]}"


def facts_of(contrat: Contrat, view: View) -> Iterator[Fait]:
    """Yield the fields of a message in French, with the partner's own names and ids, in its local time. Empty
    fields, and those that the desk never shows (`HIDDEN`), are left out. From an alert about a deadline,
    yield only what is awaited and until when. From an alert about an anomaly or a conflict, yield only a text
    that explains it."""
    if isinstance(contrat, AlerteEcheance):
        yield Fait("attendu", ATTENDUS.get(contrat.echeance, "une réponse"))
        yield Fait(named("due_le"), _value("due_le", contrat.due_le, view))
        return
    if why := explication(contrat, view.partner.famille):
        yield Fait("ce qui se passe", EXPLAINED_AT_THE_DESK.get(getattr(contrat, "motif", ""), why))
        return
    for name in type(contrat).model_fields:
        value = getattr(contrat, name)
        if name in (contrat.SUJET, *Contrat.model_fields, *HIDDEN) or value is None or value == ():
            continue
        if isinstance(value, Menage):
            yield from facts_of_household(value, view)
        else:
            yield Fait(named(name), _value(name, value, view))


def changed(before: Contrat, after: Contrat, view: View) -> Sequence[str]:
    """Return the French names of the facts that differ between two messages. A fact missing in `after` counts
    as unchanged. `view`: the partner that reads the messages, with its own ids of subjects."""
    old, new = dict(facts_of(before, view)), dict(facts_of(after, view))
    return [name for name, said in new.items() if said != old.get(name)]


def dates_and_motive(kind: str, clair: Mapping[str, Any]) -> Iterator[str]:
    """Yield in French the dates and motive in a message's unencrypted part. Yield nothing for a message type
    that this version of the hub does not know."""
    if (contrat := CONTRATS.get(kind)) is None:
        return
    days = {
        name: date.fromisoformat(clair[name])
        for name in contrat.model_fields
        if name in clair and (found := champ(contrat, name)) is not None and found.type is date
    }
    yield from (f"{named(name)} {day:%d/%m/%Y}" for name, day in days.items())
    if "motif" in clair:
        yield worded("motif", str(clair["motif"]))


def read(row: Apercu) -> Iterator[Fait]:
    """Yield in French what a dry run has read in a row of a file, for the sender to check. Where a field must
    not be shown, yield only that it was read."""
    shown: tuple[str, ...] = ()
    if row.menage is not None:
        shown = (PEOPLE, *REACHED)
        yield from _members(row.menage)
        reached = ((name, getattr(row.menage, name)) for name in REACHED)
        yield from (Fait(named(name), str(value)) for name, value in reached if value is not None)
    for path, value in row.dit.items():
        champ = path.rpartition(".")[2]
        if champ not in {*HIDDEN, *IDS, *shown} and path not in row.tait and value not in ((), [], "", None):
            values = value if isinstance(value, list | tuple) else [value]
            told = ", ".join(_plain(champ, each) for each in values)
            yield Fait(named(champ), f"{told} (déduite)" if path in row.deduits else told)
    for path, number in row.tait.items():
        champ = path.rpartition(".")[2]
        kept = f"lues, et protégées ({number})" if champ == PEOPLE else "lu, et protégé"
        if champ not in shown:
            yield Fait(named(champ), kept)


def needs(said: Mapping[str, Any]) -> Iterator[str]:
    """Yield a household's needs in French: composition, size, kind of offer, commune. `said` has the
    unencrypted fields of a message."""
    menage = said.get("menage") or {}
    if composition := menage.get("composition"):
        yield worded("composition", composition).lower()
    if adultes := menage.get("adultes"):
        enfants = menage.get("enfants") or 0
        yield many(adultes + enfants, "personne") + (f" dont {many(enfants, 'enfant')}" if enfants else "")
    if dispositif := said.get("dispositif"):
        yield worded("dispositif", dispositif)
    if commune := said.get("commune"):
        yield town(commune)


def _plain(champ: str, value: object) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, Mapping):
        return (
            " ".join(_plain(name, each) for name, each in value.items() if each not in (None, ""))
            or "sans nom"
        )
    return (
        worded(champ, str(value))
        if (isinstance(value, str) and not value[:1].isdigit()) or champ in (*LISTES, COMMUNE)
        else str(value)
    )


def names_of(menage: Menage) -> str:
    """Return the names of a household's members, and how many have no name; an empty text if no member has
    one."""
    names = [" ".join(filter(None, (each.prenom, each.nom))) for each in menage.personnes]
    shown = [name for name in names if name]
    unnamed = menage.adultes + menage.enfants - len(shown)
    return ", ".join(shown) + (f" et {many(unnamed, 'autre')}" if shown and unnamed > 0 else "")


def called(menage: Menage) -> str:
    """Return the names of a household's members. If no member has a name, return the household's size in
    French."""
    return names_of(menage) or f"ménage sans nom, {many(menage.adultes + menage.enfants, 'personne')}"


def births(menage: Menage) -> str:
    """Return the known dates of birth of a household's members, in French form; empty without them."""
    return ", ".join(f"{each.date_naissance:%d/%m/%Y}" for each in menage.personnes if each.date_naissance)


def facts_of_household(menage: Menage, view: View) -> Iterator[Fait]:
    """Yield the facts about a household in French: its members, then its situation."""
    yield from _members(menage)
    for name in Menage.model_fields:
        value = getattr(menage, name)
        if name not in ("id", PEOPLE) and value is not None:
            yield Fait(named(name), _value(name, value, view))


def _members(menage: Menage) -> Iterator[Fait]:
    for number, personne in enumerate(menage.personnes, 1):
        if said := _person(personne):
            yield Fait(f"personne {number}", said)


def _person(personne: Personne) -> str:
    name = " ".join(filter(None, (personne.prenom, personne.nom)))
    ne = NE.get(personne.sexe, "né(e)")
    born = f"{ne} le {personne.date_naissance:%d/%m/%Y}" if personne.date_naissance else None
    sexe = personne.sexe and worded("sexe", personne.sexe)
    band = personne.tranche_age and worded("tranche_age", personne.tranche_age)
    return ", ".join(filter(None, (name, born, sexe, band)))


def _value(champ: str, value: Any, view: View) -> str:
    match value:
        case bool():
            return "oui" if value else "non"
        case UUID():
            return view.id_of(value)
        case tuple():
            return ", ".join(_value(champ, each, view) for each in value)
        case datetime():
            return f"{wall_clock(view.partner.territoire, value):%d/%m/%Y à %H h %M}"
        case date():
            return f"{value:%d/%m/%Y}"
        case Enum():
            return worded("", str(value))
    if champ == "structure" and view.partner.structures == (value,):
        return f"{view.partner.nom} ({value})"
    return worded(champ, value) if champ in (*LISTES, COMMUNE) else str(value)
