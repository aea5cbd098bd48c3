"""What every dialect does with an event: name it, build its contract, apply the sender's rules."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import chain, islice
from typing import Any

from pydantic import ValidationError

from adapters.rejets import TOLD_REJETS, Chemin, NameOf, blamed_fields, from_validation, unblamed
from contracts.base import Contrat, Reference, people_in
from contracts.envelope import Envelope
from contracts.errors import Unroutable
from contracts.partner import Famille, Partner
from contracts.ports import Ligne, Rejet
from contracts.sealed import missing
from contracts.v1.place import FEMMES_VICTIMES_DE_VIOLENCES, PlaceDecrite, PlacesComptees

FIRST_PLAUSIBLE_YEAR = 2010
"""The SIAO began in that year (circular of 8 April 2010)."""
TOLD_STRUCTURES = 10
"""Of the sender's own, in a rejection: who has more knows its own list."""
ODD_DAY = f"date acceptée, mais d'avant {FIRST_PLAUSIBLE_YEAR} : corrigez-la par un nouvel envoi si c'est une erreur"


def by_short_name(*contrats: type[Contrat]) -> Mapping[str, type[Contrat]]:
    """The events of a dialect, by the names that partners write."""
    return {contrat.NOM: contrat for contrat in contrats}


def carried(envelope: Envelope, events: Mapping[str, type[Contrat]]) -> str:
    """The short name of an event that the dialect carries. Raises Unroutable for any other."""
    name = envelope.data.NOM
    if name not in events:
        raise Unroutable(f"ce dialecte ne porte pas l'événement « {name} »")
    return name


def single(envelopes: Sequence[Envelope]) -> Envelope:
    """The one event of a dialect that writes one message a body. Raises ValueError for none or many: its declaration
    says so, and who asks all the same is mistaken."""
    if len(envelopes) != 1:
        raise ValueError(f"this dialect writes one message a body, not {len(envelopes)}")
    return envelopes[0]


def build(
    contrat: type[Contrat],
    values: Mapping[str, Any],
    partner: Partner,
    ligne: int,
    name_of: NameOf,
    rejets: list[Rejet],
    repairs: Sequence[Rejet] = (),
) -> Ligne:
    """The row: its contract, or everything that is wrong with it.

    `rejets` holds what the reading of single values already found; a field named there is not blamed twice. `repairs`
    says what that reading repaired; a refused row keeps silent about it.
    """
    try:
        event = contrat.model_validate(values)
    except ValidationError as exc:
        found = list(from_validation(exc, ligne, name_of, blamed_fields(rejets)))
        found += _beside(contrat, values, partner, ligne, name_of, found)
    else:
        found = _sender_rules(event, partner, ligne, name_of)
        if not found and not rejets:
            warnings = (*islice(repairs, TOLD_REJETS), *_odd(event, ligne, name_of))
            warned = _named(warnings, contrat, values)
            return Ligne(ligne, _protected(event, partner), avertissements=warned)
    told = tuple(islice(chain(rejets, unblamed(found, rejets)), TOLD_REJETS))
    return Ligne(ligne, rejets=_named(told, contrat, values), lus=people_in(values))


def _named(told: tuple[Rejet, ...], contrat: type[Contrat], values: Mapping[str, Any]) -> tuple[Rejet, ...]:
    """What is told of a row, under what the sender calls its subject."""
    called = called_by_sender(values.get(contrat.SUJET)) if told else None
    return tuple(replace(rejet, reference=called) for rejet in told) if called else told


def under(ligne: Ligne, cle: str | None) -> Ligne:
    """The same row under the sender's own id of the event, where it has one: whatever is told of it names that."""
    if cle is None:
        return ligne
    rejets, warnings = (
        tuple(replace(each, reference=cle) for each in told) for told in (ligne.rejets, ligne.avertissements)
    )
    return replace(ligne, cle=cle, rejets=rejets, avertissements=warnings)


def called_by_sender(subject: object) -> str | None:
    """What the sender calls what a row is about: its own id, or ours where it has none."""
    return subject.valeur if isinstance(subject, Reference) else str(subject) if subject else None


def _odd(event: Contrat, ligne: int, name_of: NameOf) -> tuple[Rejet, ...]:
    """Days that can hardly be meant."""
    return tuple(
        Rejet("date_peu_plausible", ODD_DAY, ligne, name_of((name,)))
        for name in _days(type(event))
        if (day := getattr(event, name)) is not None and day.year < FIRST_PLAUSIBLE_YEAR
    )


@cache
def _days(contrat: type[Contrat]) -> tuple[str, ...]:
    """Fields of an event that are days; none of a household's own."""
    return tuple(
        name for name, field in contrat.model_fields.items() if field.annotation in (date, date | None)
    )


def _protected(event: Contrat, partner: Partner) -> Contrat:
    if isinstance(event, PlaceDecrite | PlacesComptees) and partner.protects(event.structure):
        return event.model_copy(update={"protegee": True})
    return event


def _beside(
    contrat: type[Contrat],
    values: Mapping[str, Any],
    partner: Partner,
    ligne: int,
    name_of: NameOf,
    found: Sequence[Rejet],
) -> list[Rejet]:
    """What the sender's rules say of values that are no contract yet, so that all faults of a row are told at once."""
    champ, structure = name_of(("structure",)), values.get("structure")
    judged = structure is not None and champ not in {rejet.champ for rejet in found}
    foreign = judged and "structure" in contrat.model_fields and is_foreign(str(structure), partner)
    absent = (path for path in contrat.OBLIGATOIRES if _lacks(values, path))
    told = [_absent(path, ligne, name_of) for path in absent]
    if foreign:
        told.append(foreign_structure(ligne, champ, partner))
    elif judged and is_unsealed(contrat, str(structure), values.get("type_place"), partner):
        told.append(unsealed_structure(ligne, name_of(("type_place",))))
    return told


def _lacks(values: Mapping[str, Any], path: str) -> bool:
    """Whether the object around a field is there and the field is not."""
    *around, last = path.split(".")
    node: Any = values
    for name in around:
        node = node.get(name) if isinstance(node, Mapping) else None
    return isinstance(node, Mapping) and node.get(last) in (None, "", ())


def _absent(path: str, ligne: int, name_of: NameOf) -> Rejet:
    return Rejet("champ_absent", "champ obligatoire absent : renseignez-le", ligne, name_of(_chemin(path)))


def _sender_rules(event: Contrat, partner: Partner, ligne: int, name_of: NameOf) -> list[Rejet]:
    rejets = [_absent(path, ligne, name_of) for path in (missing(event) if event.OBLIGATOIRES else ())]
    structure = getattr(event, "structure", None)
    if structure is not None and is_foreign(structure, partner):
        rejets.append(foreign_structure(ligne, name_of(("structure",)), partner))
    elif structure is not None:
        kind = getattr(event, "type_place", None)
        if is_unsealed(type(event), structure, kind, partner):
            rejets.append(unsealed_structure(ligne, name_of(("type_place",))))
    return rejets


def is_foreign(structure: str, partner: Partner) -> bool:
    """Whether a partner speaks of a structure that is not its own; the SIAO speaks of everybody's."""
    return structure not in partner.structures and partner.famille is not Famille.SIAO


def foreign_structure(ligne: int, champ: str | None, partner: Partner) -> Rejet:
    """The sender cites a structure that its entry in the registry does not hold; told are those that it holds, but for
    those whose address is secret: rejections are kept in clear."""
    known = [own for own in partner.structures if not partner.protects(own)]
    more = ", …" if len(known) > TOLD_STRUCTURES else ""
    own = f" ({', '.join(known[:TOLD_STRUCTURES])}{more})" if known else ""
    message = (
        f"ce FINESS ou SIRET n'est pas l'un des vôtres{own} : corrigez-le, ou demandez au SIAO de l'ajouter"
    )
    return Rejet("structure_etrangere", message, ligne, champ)


def is_unsealed(contrat: type[Contrat], structure: str, kind: object, partner: Partner) -> bool:
    """Whether a place says that its address is secret, and the registry does not say so of its structure: the next
    message of the place, or the figures of the structure, need not say the kind, and would tell where it is."""
    secret = issubclass(contrat, PlaceDecrite) and kind == FEMMES_VICTIMES_DE_VIOLENCES
    return secret and not partner.protects(structure)


def unsealed_structure(ligne: int, champ: str | None) -> Rejet:
    """A place of a protected kind in a structure that its sender's entry does not protect yet."""
    message = (
        "ce type de place est celui d'une structure protégée, et votre entrée ne la protège pas encore : gardez ce "
        "type, demandez au SIAO de la sceller d'abord dans votre entrée (« siao-hub partners sceller »), puis renvoyez"
    )
    return Rejet("structure_a_sceller", message, ligne, champ)


def _chemin(path: str) -> Chemin:
    return tuple(path.split("."))
