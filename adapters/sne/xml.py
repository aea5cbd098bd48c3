"""Dialect of the SNE, the national register of demands for social housing (its format `interfaceNuu`, version
02.00 or 02.01). It carries events of a demand, and radiations (removals of a demand).

Decodes `<listeEvenements>`, and files of type RAD. Ignores people, incomes and dwellings. Encodes
candidacies, their withdrawal and accompaniment, opinions and alerts (`sortie`).
"""

import re
from collections.abc import Mapping
from functools import partial

from adapters.declaration import Declaration, Statut
from adapters.evenements import build, with_event_id
from adapters.nir import any_nir, refused_whole
from adapters.objets import Objet, RowReader, native_name
from adapters.rejets import unknown_type
from adapters.sne.codes import (
    CANDIDATURE,
    DATE_RADIATION,
    DERADIATION,
    EVENEMENTS,
    FUSION,
    MOTIF_RADIATION,
    NOUVEAU_NUMERO,
    NUMERO,
    PRECISION,
    RADIATION,
    RADIATIONS,
    REFERENCE,
    SURVENANCE,
    TABLES,
)
from adapters.sne.sortie import NAMESPACE, SORTANTS, VERSION, encode
from adapters.xml import Element, parse_xml
from contracts.base import people_in
from contracts.errors import InvalidNative
from contracts.partner import Famille, Partner
from contracts.ports import Decoded, Ligne, Native, Rejet
from contracts.xml import all_text

__all__ = ["DECLARATION", "decode", "encode"]

NS = f"{{{NAMESPACE}}}"
VERSIONS = (VERSION, "02.01")
FILE_TYPE = "RAD"
"""Kind of file (`typeFichier`) for a demand that leaves the register, or comes back."""
ID_EVENEMENT = re.compile(r"[0-9]{1,19}(?::[0-9T:.+Z-]{10,40})?")
HEALTH = f"{NS}listeHandicap"
DECLARATION = Declaration(
    nom="sne_xml",
    familles=(Famille.BAILLEUR, Famille.CONTINGENT),
    lit=tuple(dict.fromkeys(contrat for contrat, _ in EVENEMENTS.values())),
    ecrit=tuple(SORTANTS.values()),
    formats_lus=("xml",),
    formats_ecrits=("xml",),
    lit_plusieurs=True,
    ecrit_au_plus=1,
    statut=Statut.EN_PARTIE,
)


def decode(native: Native, partner: Partner) -> Decoded:
    """Decode a document `<interfaceNuu>` with events, or a file about the removal of a demand. Raises
    InvalidNative for any other document, and for one with data about health."""
    root = parse_xml(native.body)
    if any_nir(all_text(root)):
        return refused_whole([1])
    if root.tag != f"{NS}interfaceNuu" or root.get("versionInterface") not in VERSIONS:
        raise InvalidNative(
            f'racine inconnue : écrivez <interfaceNuu xmlns="{NAMESPACE}" versionInterface="{VERSION}">, '
            f"ou {VERSIONS[1]}"
        )
    if next(root.iter(HEALTH), None) is not None:
        raise InvalidNative(
            "<listeHandicap> concerne la santé : le hub n'accepte aucune donnée de santé, retirez cet élément"
        )
    if (demande := root.find(f"{NS}demande/{NS}demandeLogement")) is not None:
        return Decoded(iter((_radiation(root, demande, partner),)))
    events = root.findall(f"{NS}listeEvenements/{NS}evenement")
    if not events:
        raise InvalidNative(
            "ni <listeEvenements> avec un <evenement>, ni <demande> : ajoutez l'un ou l'autre"
        )
    number = (root.findtext(f"{NS}operation/{NS}numUnique") or "").strip()
    rows = (_evenement(event, number, numero, partner) for numero, event in enumerate(events, 1))
    return Decoded(rows, _event_id(events[0]) if len(events) == 1 else None)


def _radiation(root: Element, demande: Element, partner: Partner) -> Ligne:
    """Return the row that a file about one demand gives. If the file gives a reason, the demand was removed
    from the SNE; if it gives none, an earlier removal was cancelled. Raises InvalidNative for a file that is
    not of the type RAD, or has no `<radiation>`."""
    radiation = demande.find(f"{NS}radiation")
    if root.findtext(f"{NS}entete/{NS}typeFichier") != FILE_TYPE or radiation is None:
        raise InvalidNative(
            f"demande sans <radiation>, ou fichier d'un autre type : envoyez un fichier {FILE_TYPE} avec <radiation>"
        )
    codes = (_code(radiation, MOTIF_RADIATION), _code(radiation, "sousMotifIrrecevabilite"))
    leaves = {
        PRECISION: _text(demande, PRECISION) or _text(demande, NUMERO),
        DATE_RADIATION: _text(radiation, DATE_RADIATION),
    }
    if not any(codes):
        return _ligne(DERADIATION, leaves, RADIATIONS[DERADIATION], 1, partner)
    leaves[MOTIF_RADIATION] = "/".join(filter(None, codes))
    if leaves[MOTIF_RADIATION] == FUSION:
        leaves[NOUVEAU_NUMERO] = _text(demande, NOUVEAU_NUMERO)
    return _ligne(RADIATION, leaves, RADIATIONS[RADIATION], 1, partner)


def _evenement(event: Element, number: str, numero: int, partner: Partner) -> Ligne:
    name = _text(event, "codeTypeEvenement")
    leaves = {SURVENANCE: _text(event, SURVENANCE)} | {
        _text(each, "code"): _text(each, "valeurCaracteristiqueSpecifique")
        for each in event.iter(f"{NS}caracteristiqueSpecifique")
    }
    if number and not leaves.get(REFERENCE):
        leaves[REFERENCE] = number
    if name not in EVENEMENTS:
        message = unknown_type(EVENEMENTS, name)
        cited = people_in(RowReader(0, []).read(leaves, Objet({REFERENCE: CANDIDATURE}, ferme=False)))
        unknown = Rejet("type_inconnu", message, numero, "codeTypeEvenement", _event_id(event))
        return Ligne(numero, rejets=(unknown,), lus=cited)
    ligne = _ligne(name, leaves, TABLES[EVENEMENTS[name][0]], numero, partner)
    return with_event_id(ligne, _event_id(event))


def _event_id(event: Element) -> str | None:
    written = ":".join(filter(None, (_text(event, "idEvenement"), _text(event, "dateModification"))))
    return written if ID_EVENEMENT.fullmatch(written) else None


def _ligne(name: str, leaves: Mapping[str, str], table: Objet, numero: int, partner: Partner) -> Ligne:
    contrat, extra = EVENEMENTS[name]
    reading = RowReader(numero, [])
    values = {**reading.read(leaves, table), **extra}
    return build(
        contrat, values, partner, numero, partial(native_name, table), reading.rejets, reading.repairs
    )


def _text(element: Element, name: str) -> str:
    return (element.findtext(f"{NS}{name}") or "").strip()


def _code(element: Element, name: str) -> str:
    found = element.find(f"{NS}{name}")
    return "" if found is None else found.get("code", "").strip()
