"""Steps common to all dialects: name an event, build its contract, apply the rules about its sender."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from itertools import chain, islice
from typing import Any

from pydantic import ValidationError

from adapters.rejets import MAX_REJETS, Chemin, NameOf, blamed_fields, from_validation, unblamed
from contracts.base import Contrat, Numero, Reference, people_in
from contracts.envelope import Event
from contracts.errors import Unroutable
from contracts.frozen import replace
from contracts.partner import Famille, Partner, may_offer
from contracts.ports import Ligne, Naissance, Rejet
from contracts.reference.territoires import departement_of
from contracts.sealed import missing
from contracts.v1.acte import EvenementActe
from contracts.v1.attribution import Presentation
from contracts.v1.numero_acte import in_use
from contracts.v1.orientation import OrientationProposee
from contracts.v1.place import FEMMES_VICTIMES_DE_VIOLENCES, PlaceDecrite, PlacesComptees
from contracts.v1.suite import AdmissionDirecte

FIRST_PLAUSIBLE_YEAR = 2010
"""Earliest plausible year of a day: SIAO exist since 2010 (circular of 8 April 2010)."""
MAX_STRUCTURES_LISTED = 10
OFFERS = (PlaceDecrite, PlacesComptees)
"""Messages that describe or count places. Each names the structure to which its places belong."""
CITING_ACTS = (EvenementActe, AdmissionDirecte, Presentation, OrientationProposee)
"""Messages that may cite an agreement or a derogation."""
ODD_DAY = (
    f"date acceptée, mais antérieure à {FIRST_PLAUSIBLE_YEAR} : "
    "corrigez-la par un nouvel envoi si c'est une erreur"
)


def by_short_name(*contrats: type[Contrat]) -> Mapping[str, type[Contrat]]:
    """Return the message types `contrats` as a mapping, by their short names."""
    return {contrat.NOM: contrat for contrat in contrats}


def carried(event: Event, contrats: Mapping[str, type[Contrat]]) -> str:
    """Return the short name of an event that a dialect is to write for a partner. `contrats`: the message
    types that the dialect writes, by short name. Raises Unroutable if the event's type is not among them."""
    name = event.contrat.NOM
    if name not in contrats:
        raise Unroutable(f"ce dialecte ne porte pas l'événement « {name} »")
    return name


def single(events: Sequence[Event]) -> Event:
    """Return the only event in `events`. Raises ValueError if `events` has no event, or several."""
    if len(events) != 1:
        raise ValueError(f"this dialect writes one message a body, not {len(events)}")
    return events[0]


def build(
    contrat: type[Contrat],
    values: Mapping[str, Any],
    partner: Partner,
    ligne: int,
    name_of: NameOf,
    rejets: list[Rejet],
    repairs: Sequence[Rejet] = (),
) -> Ligne:
    """Make an event from the values of a row. Return the row with this event, or with its rejections.
    `ligne`: the row's number; `values`: the event's values, by field of the contract; `name_of`: function
    that returns the sender's name for a field; `rejets`: rejections of single values that were found before;
    `repairs`: warnings, kept only if the row is accepted."""
    if not may_offer(contrat.NATURE, partner.famille):
        refused = _with_reference((_no_offer(partner.famille, ligne),), contrat, values)
        return Ligne(ligne, rejets=refused, lus=people_in(values))
    births = tuple(_births(values, name_of))
    try:
        event = contrat.model_validate(values)
    except ValidationError as exc:
        found = list(from_validation(exc, ligne, name_of, blamed_fields(rejets)))
        found += _faults_of_values(contrat, values, partner, ligne, name_of, found)
    else:
        found = _sender_rules(event, partner, ligne, name_of)
        if not found and not rejets:
            warnings = (*islice(repairs, MAX_REJETS), *_implausible_days(event, ligne, name_of))
            warned = _with_reference(warnings, contrat, values)
            completed = _in_use(_reserved(_protected(event, partner), partner), partner)
            return Ligne(ligne, completed, avertissements=warned, naissances=births)
    told = tuple(islice(chain(rejets, unblamed(found, rejets)), MAX_REJETS))
    refused = _with_reference(told, contrat, values)
    return Ligne(ligne, rejets=refused, lus=people_in(values), naissances=births)


def _births(values: Mapping[str, Any], name_of: NameOf) -> Iterator[Naissance]:
    menage = values.get("menage")
    for n, personne in enumerate(menage.get("personnes", ()) if isinstance(menage, Mapping) else ()):
        if isinstance(personne, Mapping) and isinstance(day := personne.get("date_naissance"), date):
            yield Naissance(day, name_of(("menage", "personnes", n, "date_naissance")))


def _with_reference(
    told: tuple[Rejet, ...], contrat: type[Contrat], values: Mapping[str, Any]
) -> tuple[Rejet, ...]:
    called = called_by_sender(values.get(contrat.SUJET)) if told else None
    return tuple(replace(rejet, reference=called) for rejet in told) if called else told


def with_event_id(ligne: Ligne, cle: str | None) -> Ligne:
    """Return the row `ligne` with the event id `cle`, which the row's rejections and warnings then cite. If
    `cle` is None, return the row unchanged."""
    if cle is None:
        return ligne
    rejets, warnings = (
        tuple(replace(each, reference=cle) for each in told) for told in (ligne.rejets, ligne.avertissements)
    )
    return replace(ligne, cle=cle, rejets=rejets, avertissements=warnings)


def called_by_sender(subject: object) -> str | None:
    """Return, as text, the id by which the sender names a subject. Return None if the sender gives no id, or
    if the id is a number that identifies a person (numéro unique, number on a list)."""
    if isinstance(subject, Mapping):
        subject = subject.get("id")
    if isinstance(subject, Numero):
        return None
    return subject.valeur if isinstance(subject, Reference) else str(subject) if subject else None


def _implausible_days(event: Contrat, ligne: int, name_of: NameOf) -> tuple[Rejet, ...]:
    return tuple(
        Rejet("date_peu_plausible", ODD_DAY, ligne, name_of((name,)))
        for name in _days(type(event))
        if (day := getattr(event, name)) is not None and day.year < FIRST_PLAUSIBLE_YEAR
    )


@cache
def _days(contrat: type[Contrat]) -> tuple[str, ...]:
    return tuple(
        name for name, field in contrat.model_fields.items() if field.annotation in (date, date | None)
    )


def _protected(event: Contrat, partner: Partner) -> Contrat:
    if isinstance(event, OFFERS) and partner.protects(event.structure):
        return event.model_copy(update={"protegee": True})
    return event


def _reserved(event: Contrat, partner: Partner) -> Contrat:
    if not isinstance(event, PlaceDecrite) or event.reservataire is not None:
        return event
    fixed = partner.reservataire_of(event.structure)
    return event if fixed is None else event.model_copy(update={"reservataire": fixed})


def _in_use(event: Contrat, partner: Partner) -> Contrat:
    if not isinstance(event, CITING_ACTS):
        return event
    if partner.bac_a_sable:
        return in_use(event, partner.id, ailleurs=False)
    return in_use(event, departement_of(partner.territoire) or partner.territoire, ailleurs=True)


def _faults_of_values(
    contrat: type[Contrat],
    values: Mapping[str, Any],
    partner: Partner,
    ligne: int,
    name_of: NameOf,
    found: Sequence[Rejet],
) -> list[Rejet]:
    """Return the rejections of an invalid row that pydantic cannot find:

    * one for each obligatory field that is stored encrypted and has no value;
    * one for the structure, if the sender may not name it, or if the hub would not keep its address secret as
      it should. This rejection is left out if pydantic has rejected the structure already.

    `found`: the rejections that pydantic found; `name_of`: function that returns the sender's name for a
    field.
    """
    champ, structure = name_of(("structure",)), values.get("structure")
    judged = structure is not None and champ not in {rejet.champ for rejet in found}
    foreign = judged and "structure" in contrat.model_fields and is_foreign(str(structure), partner)
    absent = (path for path in contrat.owed(values) if _lacks(values, path))
    told = [_absent(contrat, path, ligne, name_of) for path in absent]
    if foreign:
        told.append(foreign_structure(ligne, champ, partner))
    elif judged and is_unsealed(contrat, str(structure), values.get("type_place"), partner):
        told.append(unsealed_structure(ligne, name_of(("type_place",))))
    return told


def _lacks(values: Mapping[str, Any], path: str) -> bool:
    *around, last = path.split(".")
    node: Any = values
    for name in around:
        node = node.get(name) if isinstance(node, Mapping) else None
    return isinstance(node, Mapping) and node.get(last) in (None, "", ())


def _absent(contrat: type[Contrat], path: str, ligne: int, name_of: NameOf) -> Rejet:
    message = contrat.SI_ABSENT.get(path, "champ obligatoire absent : renseignez-le")
    return Rejet("champ_absent", message, ligne, name_of(_chemin(path)))


def _sender_rules(event: Contrat, partner: Partner, ligne: int, name_of: NameOf) -> list[Rejet]:
    absent = missing(event) if event.OBLIGATOIRES else ()
    rejets = [_absent(type(event), path, ligne, name_of) for path in absent]
    structure = getattr(event, "structure", None)
    if structure is not None and is_foreign(structure, partner):
        rejets.append(foreign_structure(ligne, name_of(("structure",)), partner))
    elif structure is not None:
        kind = getattr(event, "type_place", None)
        if is_unsealed(type(event), structure, kind, partner):
            rejets.append(unsealed_structure(ligne, name_of(("type_place",))))
    return rejets


def _no_offer(famille: Famille, ligne: int) -> Rejet:
    if famille is Famille.ASILE:
        message = (
            "les places de CADA, CPH, HUDA, CAES et PRAHDA sont attribuées par l'OFII, jamais par le SIAO : ne les "
            "envoyez pas ; envoyez seulement les ménages que vous orientez vers le SIAO"
        )
        return Rejet("place_de_l_ofii", message, ligne)
    message = (
        f"une place est dite par qui la gère, et la famille « {famille} » de votre fiche n'en gère pas : ne l'envoyez "
        "pas ; si vous gérez cette place, demandez au SIAO une fiche d'hébergement ou de logement accompagné"
    )
    return Rejet("place_sans_gestionnaire", message, ligne)


def is_foreign(structure: str, partner: Partner) -> bool:
    """Return whether a partner is forbidden to name a structure. The SIAO and the State may name any
    structure; other partners may name only those in their registry entry."""
    return structure not in partner.structures and partner.famille not in (Famille.SIAO, Famille.ETAT)


def foreign_structure(ligne: int, champ: str | None, partner: Partner) -> Rejet:
    """Return the rejection of a structure that is not in the sender's registry entry. The rejection lists the
    entry's structures, except protected ones, because rejections are stored unencrypted."""
    known = [own for own in partner.structures if not partner.protects(own)]
    more = ", …" if len(known) > MAX_STRUCTURES_LISTED else ""
    own = f" ({', '.join(known[:MAX_STRUCTURES_LISTED])}{more})" if known else ""
    message = (
        f"ce FINESS ou SIRET n'est pas l'un des vôtres{own} : corrigez-le, ou demandez au SIAO de l'ajouter"
    )
    return Rejet("structure_etrangere", message, ligne, champ)


def is_unsealed(contrat: type[Contrat], structure: str, kind: object, partner: Partner) -> bool:
    """Return whether a row describes a place for victims of violence in a structure that the sender's registry
    entry does not mark as protected. Such a row must be refused: the hub would not keep the structure's
    address secret. `contrat`: the row's message type; `kind`: the row's kind of place."""
    secret = issubclass(contrat, PlaceDecrite) and kind == FEMMES_VICTIMES_DE_VIOLENCES
    return secret and not partner.protects(structure)


def unsealed_structure(ligne: int, champ: str | None) -> Rejet:
    """Return the rejection of a place for victims of violence in an unprotected structure."""
    message = (
        "ce type de place est celui d'une structure protégée, et votre entrée ne la protège pas encore : gardez ce "
        "type, demandez au SIAO de la sceller d'abord dans votre entrée (« siao-hub partners sceller »), puis renvoyez"
    )
    return Rejet("structure_a_sceller", message, ligne, champ)


def _chemin(path: str) -> Chemin:
    return tuple(path.split("."))
