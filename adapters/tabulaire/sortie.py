"""Write events as rows of one file, for a partner that reads tables."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from adapters.alertes import EXPLICATION, explication, told_motif
from adapters.evenements import carried
from adapters.tabulaire.ecriture import Cellule, csv_file, xlsx_file
from adapters.tabulaire.lecteurs import COMMUNE
from adapters.tabulaire.profil import EVENEMENTS, Profil, Sortie
from contracts.envelope import Event
from contracts.errors import Unroutable
from contracts.ports import ListeEntiere, Native, View
from contracts.reference.communes import unmistakable
from contracts.v1.convention import DerogationAccordee
from contracts.v1.menage import Personne

MAX_ROWS = 10_000
CHARSETS = {"utf-8": "utf-8", "utf-8-sig": "utf-8", "cp1252": "windows-1252"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def write(page: Profil, events: Sequence[Event], view: View) -> Native:
    """Write one file with a row for each event, in order; equal events give equal bytes. Raises Unroutable
    for an event that the profile does not write. Raises ValueError for no event, or for more than 10,000
    (`MAX_ROWS`). Only a file of the whole list of households ready for housing (`view.liste` is set) may have
    no event."""
    sortie = page.sortie
    if sortie is None:
        raise Unroutable("le profil de colonnes de ce partenaire n'écrit aucun fichier")
    if (not events and view.liste is None) or len(events) > MAX_ROWS:
        raise ValueError(f"from 1 to {MAX_ROWS} events make a file")
    known = {name: EVENEMENTS[name] for name in sortie.evenements}
    rows = [_row(carried(event, known), event, view, page, sortie) for event in events]
    name = _of_the_list(view.liste) if view.liste else view.lot or events[0].attributes.id
    filename = f"{sortie.fichier}_{name}.{sortie.format}"
    if sortie.format == "xlsx":
        body = xlsx_file(sortie.fichier, list(sortie.colonnes), rows, page.date)
        return Native(body, XLSX, filename)
    body = csv_file(list(sortie.colonnes), rows, page.separateur, page.encodage, page.format_date)
    return Native(body, f"text/csv; charset={CHARSETS[page.encodage]}", filename)


def _of_the_list(liste: ListeEntiere) -> str:
    return f"liste-entiere-au-{liste.point}_{liste.partie}-sur-{liste.parties}_{liste.demande}"


def _row(name: str, event: Event, view: View, page: Profil, sortie: Sortie) -> list[Cellule]:
    return [_cell(path, name, event, view, page, sortie) for path in sortie.colonnes.values()]


def _cell(path: str, name: str, event: Event, view: View, page: Profil, sortie: Sortie) -> Cellule:
    if path in PSEUDO_CHEMINS:
        return PSEUDO_CHEMINS[path](name, event, view, page, sortie)
    value = _at(event.contrat, path)
    if path == PLACE and (others := _at(event.contrat, AUTRES_PLACES)):
        value = (value, *others)
    if path == QUOTA and isinstance(event.contrat, DerogationAccordee):
        value = event.contrat.places_at_once
    if path == COMMUNE and value is not None and page.ecrit_a_la_main:
        value = unmistakable(value)
    if path == MOTIF:
        value = told_motif(value, view)
    return _shown(value, sortie.valeurs.get(path, {}), view)


def _at(node: Any, path: str) -> Any:
    for step in path.split("."):
        if step == "id" and isinstance(node, UUID):
            continue  # the message has only the household's id
        if isinstance(node, tuple):
            node = node[int(step)] if int(step) < len(node) else None
        else:
            node = getattr(node, step, None)
    return node


def _shown(value: Any, words: Mapping[str, str], view: View) -> Cellule:
    if isinstance(value, UUID):
        return view.id_of(value)
    if isinstance(value, bool):
        return "OUI" if value else "NON"
    if isinstance(value, tuple):
        return ", ".join(
            str(_shown(item, words, view)) for item in value
        )  # « 1,2 » is a number for a spreadsheet
    if value is None or isinstance(value, date):
        return value
    written = words.get(str(value), str(value))
    return value if isinstance(value, int) and written == str(value) else written


def _ident_of(name: str, event: Event, view: View, page: Profil, sortie: Sortie) -> str:
    return str(event.attributes.id)


def _event_name(name: str, event: Event, view: View, page: Profil, sortie: Sortie) -> str:
    return sortie.evenements[name]


def _others(name: str, event: Event, view: View, page: Profil, sortie: Sortie) -> str:
    prefix = "menage.personnes."
    shown = {path.split(".")[2] for path in sortie.colonnes.values() if path.startswith(prefix)}
    personnes: tuple[Personne, ...] = _at(event.contrat, "menage.personnes") or ()
    return " / ".join(_summary(p, page) for n, p in enumerate(personnes) if str(n) not in shown)


def _summary(personne: Personne, page: Profil) -> str:
    born = personne.date_naissance
    facts = (
        personne.prenom,
        personne.nom,
        born.strftime(page.format_date) if born else None,
        personne.sexe,
        personne.tranche_age,
    )
    return " ".join(str(fact) for fact in facts if fact is not None)


def _why(name: str, event: Event, view: View, page: Profil, sortie: Sortie) -> str | None:
    return explication(event.contrat, view.partner.famille)


PSEUDO_CHEMINS = {
    "id_evenement": _ident_of,
    "evenement": _event_name,
    "menage.autres_personnes": _others,
    EXPLICATION: _why,
}
"""Functions that fill the output columns without a field of the contract, by the column's path in the
profile."""
PLACE, AUTRES_PLACES = "place", "autres_places"
"""Fields of a referral's places. A column for `place` shows both."""
QUOTA = "quota"
"""Field with the number of places of a derogation. Its column shows the number even for a derogation that
names its places."""
MOTIF = "motif"
"""Field with the reason of a message. In an alert, its column never shows a reason that would reveal another
partner's subject."""
SUJET = "sujet"
"""Path that stands for the subject's id, because each contract has another name for this field."""
