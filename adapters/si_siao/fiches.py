"""Households ready for housing, as documents of SI-SIAO's own API, before and since its version 3.43.

A document holds the API's answers for one household, each under the name of its path. The API has no events and no
count of adults: a document without a `type` declares the household, again if need be, and adults are counted by
dates of birth.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from adapters.declaration import Declaration, Statut
from adapters.evenements import build, by_short_name
from adapters.json_strict import EXPECTED, WHOLE_BYTES, parse_json
from adapters.messages import holds_nir
from adapters.nir import refused_whole
from adapters.objets import RowReader, native_name
from adapters.rejets import Chemin, listed, unknown_type
from adapters.si_siao.champs_fiches import DOCUMENT, NO_INCOME, VIOLENCES
from adapters.si_siao.fiches_sortie import SORTANTS, encode
from adapters.tabulaire.champs import nested
from contracts.base import people_in
from contracts.errors import InvalidNative
from contracts.partner import Famille, Partner
from contracts.ports import Decoded, Ligne, Native, Rejet
from contracts.v1 import pret_logement

__all__ = ["DECLARATION", "decode", "encode"]

MAJORITY_YEARS = 18
ENTRANTS = by_short_name(pret_logement.PretLogementDeclare, pret_logement.PretLogementActualise)
WITHOUT_EVENT = pret_logement.PretLogementDeclare.NOM
DECLARATION = Declaration(
    nom="si_siao_fiches",
    familles=(Famille.SIAO,),
    lit=tuple(ENTRANTS.values()),
    ecrit=tuple(SORTANTS.values()),
    formats_lus=("json",),
    formats_ecrits=("json",),
    lit_plusieurs=True,
    ecrit_au_plus=1,
    statut=Statut.REEL,
)


def decode(native: Native, partner: Partner) -> Decoded:
    """Read one document or an array of them. Raises InvalidNative for anything else, and for more than 128 KiB."""
    if len(native.body) > WHOLE_BYTES:
        raise InvalidNative("plus de 128 Kio : envoyez chaque ménage à part")
    tree = parse_json(native.body)
    documents = tree if isinstance(tree, list) else [tree]
    if not documents or not all(isinstance(document, dict) for document in documents):
        raise InvalidNative(EXPECTED)
    if guilty := [numero for numero, document in enumerate(documents, 1) if holds_nir(document)]:
        return refused_whole(guilty)
    return Decoded(_lignes(documents, partner))


def _lignes(documents: Sequence[Mapping[str, Any]], partner: Partner) -> Iterator[Ligne]:
    for numero, document in enumerate(documents, 1):
        contrat = ENTRANTS.get(str(document.get("type", WITHOUT_EVENT)))
        reading = RowReader(numero, [])
        values = nested(_whole(reading.read(document, DOCUMENT), reading))
        if contrat is None:
            message = unknown_type(listed(list(ENTRANTS)))
            yield Ligne(
                numero, rejets=(Rejet("type_inconnu", message, numero, "type"),), lus=people_in(values)
            )
        else:
            yield build(contrat, values, partner, numero, _name_of, reading.rejets, reading.repairs)


def _whole(values: dict[str, Any], reading: RowReader) -> dict[str, Any]:
    """Return the values with those that the API leaves to its reader: violence, income, number of adults."""
    violences = {values.pop(name, None) for name in VIOLENCES}
    if violences & {True, False}:
        values["menage.victime_de_violences"] = True in violences
    without_income = [values.pop(name, None) for name in NO_INCOME]
    if any(without_income):
        values.setdefault("menage.ressources_mensuelles_euros", 0)
    births = [personne.get("date_naissance") for personne in values.get("menage.personnes", ())]
    seen = values.get("evaluee_le")
    if None in births:
        message = "date de naissance absente : ajoutez-la, adultes et enfants se comptent par elle"
        reading.rejets.append(Rejet("champ_absent", message, reading.ligne, "ficheSynthese.personnes"))
    elif births and seen is not None:
        adults = sum(_age(born, seen) >= MAJORITY_YEARS for born in births)
        values |= {"menage.adultes": adults, "menage.enfants": len(births) - adults}
    return values


def _age(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _name_of(chemin: Chemin) -> str | None:
    """Return the document's element for a field of the contract."""
    for length in range(len(chemin), 0, -1):
        path = ".".join(map(str, chemin[:length]))
        if (name := native_name(DOCUMENT, (path, *chemin[length:]))) is not None:
            return name
    return None
