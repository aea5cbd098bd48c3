"""A referral as a CSV file of one row, for the shelter's software."""

import csv
from collections.abc import Mapping
from datetime import date
from io import StringIO
from typing import Any
from uuid import UUID

from adapters.encodage import encodable
from adapters.evenements import by_short_name, carried
from adapters.profil import Profil, profil
from contracts.envelope import Envelope
from contracts.ports import Native, View
from contracts.v1 import orientation
from contracts.v1.menage import Personne

EVENEMENTS = by_short_name(orientation.OrientationProposee, orientation.OrientationAnnulee)
CHARSETS = {"utf-8": "utf-8", "utf-8-sig": "utf-8", "cp1252": "windows-1252"}
FORMULA_STARTS = ("=", "@", "\t", "\r")
OTHERS = "menage.autres_personnes"
"""Path of a column that holds, in one text, everybody of the household who has no columns of their own."""


def encode(envelope: Envelope, view: View) -> Native:
    """One file of header and row. Raises Unroutable for anything but a referral or its cancellation."""
    event = carried(envelope, EVENEMENTS)
    page = profil(view.partner.profil)
    cells = [_cell(path, event, envelope, view, page) for path in page.orientations.colonnes.values()]
    buffer = StringIO(newline="")
    writer = csv.writer(buffer, delimiter=page.separateur, lineterminator="\r\n")
    writer.writerows(
        (page.orientations.colonnes, [_harmless(encodable(cell, page.encodage)) for cell in cells])
    )
    return Native(
        body=buffer.getvalue().encode(page.encodage),
        media_type=f"text/csv; charset={CHARSETS[page.encodage]}",
        filename=f"orientation_{envelope.attributes.id}.csv",
    )


def _cell(path: str, event: str, envelope: Envelope, view: View, page: Profil) -> str:
    if path == "id_evenement":
        return str(envelope.attributes.id)
    if path == "evenement":
        return page.orientations.evenements[event]
    if path == OTHERS:
        return _others(envelope, page)
    value = _at(envelope.data, path)
    words = page.orientations.valeurs.get(path, {})
    return _written(value, words, view, page)


def _at(node: Any, path: str) -> Any:
    """The value at a dotted path; None where the way ends early."""
    for step in path.split("."):
        if isinstance(node, tuple):
            node = node[int(step)] if int(step) < len(node) else None
        else:
            node = getattr(node, step, None)
    return node


def _written(value: Any, words: Mapping[str, str], view: View, page: Profil) -> str:
    if value is None:
        return ""
    if isinstance(value, UUID):
        return view.id_of(value)
    if isinstance(value, date):
        return value.strftime(page.format_date)
    if isinstance(value, bool):
        return "OUI" if value else "NON"
    return words.get(str(value), str(value))


def _others(envelope: Envelope, page: Profil) -> str:
    """Those who have no columns of their own, one after the other, so that nobody is lost."""
    shown = {
        path.split(".")[2]
        for path in page.orientations.colonnes.values()
        if path.startswith("menage.personnes.")
    }
    personnes: tuple[Personne, ...] = _at(envelope.data, "menage.personnes") or ()
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


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet would run as a formula is shown as text; "+33…" and "-4" are none."""
    looks_signed = cell[:1] in ("+", "-") and not cell[1:2].isdigit()
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) or looks_signed else cell
