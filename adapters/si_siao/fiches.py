"""Dialect of the documents that SI-SIAO's own API gives about households, demands and referrals, before
version 3.43 and since.

A document holds what the API answered about one household; each answer stands under its path in the API.
`fiches_parties` derives messages from the document.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import count
from typing import Any

from adapters.declaration import Declaration, Statut
from adapters.evenements import build, with_event_id
from adapters.json_strict import EXPECTED, WHOLE_BYTES, parse_json
from adapters.messages import holds_nir
from adapters.nir import refused_whole
from adapters.objets import Objet, RowReader, native_name
from adapters.rejets import Chemin, unknown_type
from adapters.si_siao.champs_fiches import MODIFIEE, NO_INCOME, VIOLENCES
from adapters.si_siao.fiches_parties import PRETS, SUIVIS, Partie, parties_of
from adapters.si_siao.fiches_sortie import SORTANTS, encode
from adapters.tabulaire.champs import nested
from contracts.base import Contrat, people_in
from contracts.errors import InvalidNative
from contracts.partner import Famille, Partner
from contracts.ports import Decoded, Ligne, Native, Rejet
from contracts.v1.demande import DemandeTransferee

__all__ = ["DECLARATION", "decode", "encode"]

MAJORITY_YEARS = 18
DECLARATION = Declaration(
    nom="si_siao_fiches",
    familles=(Famille.SIAO,),
    lit=(*PRETS.values(), *SUIVIS.values()),
    ecrit=tuple(SORTANTS.values()),
    formats_lus=("json",),
    formats_ecrits=("json",),
    lit_plusieurs=True,
    ecrit_au_plus=1,
    statut=Statut.EN_PARTIE,
)
NOTHING = (
    "rien que le hub puisse lire ici : ni orientation, ni demande qui porte l'UUID du hub ; dans « liste », ne donnez "
    "que les fiches qui en ont"
)


def decode(native: Native, partner: Partner) -> Decoded:
    """Read one document of SI-SIAO's API about a household, or an array of documents. Raises InvalidNative
    for anything else, and for a message beyond 128 KiB."""
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
    numeros = count(1)
    for document in documents:
        parties = list(parties_of(document))
        for partie in parties:
            yield _ligne(partie, next(numeros), partner)
        if not parties:
            numero = next(numeros)
            yield Ligne(numero, rejets=(Rejet("rien_a_lire", NOTHING, numero),))


def _ligne(partie: Partie, numero: int, partner: Partner) -> Ligne:
    reading, contrat = RowReader(numero, []), partie.contrat
    values = nested(_completed(reading.read(partie.arbre, partie.table), reading))
    if contrat is None:
        unknown = Rejet("type_inconnu", unknown_type(PRETS, partie.arbre.get("type")), numero, "type")
        return Ligne(numero, rejets=(unknown,), lus=people_in(values))
    told = {name: value for name, value in values.items() if name in contrat.model_fields}
    name_of = partial(_name_of, partie.table)
    ligne = build(contrat, told, partner, numero, name_of, reading.rejets, reading.repairs)
    return with_event_id(ligne, _id_of(ligne.contrat, partie.arbre))


def _id_of(contrat: Contrat | None, document: Mapping[str, Any]) -> str | None:
    """Make an event id from the values of `contrat`, because SI-SIAO gives events no ids. For a transfer, the
    id also contains the moment of the demand's last change, which stands in the SI-SIAO document `document`.
    Return None if `contrat` is None, or describes a household: each description takes effect, even a repeated
    one."""
    if contrat is None or "menage" in type(contrat).model_fields:
        return None  # each description has an effect, even if it equals the last
    moment = RowReader(0, []).read(document, MODIFIEE) if isinstance(contrat, DemandeTransferee) else {}
    said = [value for _, value in contrat if value is not None]
    return ":".join(map(str, [contrat.NOM, *said, *moment.values()]))


def _completed(values: dict[str, Any], reading: RowReader) -> dict[str, Any]:
    violences = {values.pop(name, None) for name in VIOLENCES}
    if violences & {True, False}:
        values["menage.victime_de_violences"] = True in violences
    without_income = [values.pop(name, None) for name in NO_INCOME]
    if any(without_income):
        values.setdefault("menage.ressources_mensuelles_euros", 0)
    preconised = [each["dispositif"] for each in values.pop("preconisations", ()) if each]
    if preconised:
        values.setdefault("dispositif", preconised[0])
        values["preconisation"] = preconised[0]
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


def _name_of(table: Objet, chemin: Chemin) -> str | None:
    for length in range(len(chemin), 0, -1):
        path = ".".join(map(str, chemin[:length]))
        if (name := native_name(table, (path, *chemin[length:]))) is not None:
            return name
    return None
