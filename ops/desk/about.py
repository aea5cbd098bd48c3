"""Describe a subject (place, demand, referral…) in French: in one line, or by the steps of its life."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from contracts.mots import etat_of, fait_of
from contracts.partner import Famille, Partner
from contracts.plurals import many
from contracts.ports import View
from contracts.v1.numero_acte import as_read_in
from ops.acts.acts import OBJETS, Names
from ops.desk.numbers import name_of
from ops.desk.vocabulary import worded
from ops.desk.words import needs
from ops.tracing.history import Step
from router.domain.deadlines import Attendu, states_awaiting
from router.domain.partners import Registry
from router.domain.parts import Party
from router.domain.rulebooks import orientation
from router.domain.rulebooks.acte import Acte, Convention, Derogation, Etat
from router.domain.rulebooks.candidature import Evenement
from router.domain.rulebooks.demande import Etat as EtatDemande
from router.domain.rulebooks.signalement import Signalement
from router.domain.rules.acts import waits_for
from router.domain.subjects import Candidature, Demande, Envoi, Orientation, Place, Subject

AFTER_A_REFERRAL = (EtatDemande.ORIENTEE, EtatDemande.EN_ATTENTE, EtatDemande.POURVUE)
"""States that a demand takes because of its referral. Only the hub reports them: no party sends a message about
them."""
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Pas(NamedTuple):
    """A step in the life of a subject, as one party of the subject reads it, in French."""

    fait: str
    par: str
    """Who took the step: «vous» for the reader, else the partner's name, or «l'autre partie» if the reader
    must not know it. Empty for some steps that only the hub reports."""
    le: datetime
    dit: str
    """Dates and reason of the step, in French; empty if there are none, or if the reader must not see
    them."""


def has_part(subject: Subject, partner: str) -> bool:
    """Return whether a subject concerns a partner: whether the partner is one of the subject's parties. A
    demand also concerns a partner that was asked to evaluate the household or take over the demand, and has
    not answered. A subject without states, such as a group of places, concerns nobody."""
    if subject.MACHINE is None:
        return False
    if isinstance(subject, Demande):
        taking_over = subject.transfert_le is not None and subject.repreneur == partner
        evaluating = partner in subject.evaluating
        return (
            partner in subject.players
            or (taking_over and subject.etat in states_awaiting(Attendu.REPRENEUR))
            or (evaluating and subject.etat in states_awaiting(Attendu.EVALUATEUR))
        )
    others = (party for party in Party if party is not Party.DECLARANT)
    return subject.player(Party.DECLARANT) == partner or any(subject.played_by(partner, p) for p in others)


def opens(subject: Subject, partner: Partner, registry: Registry) -> bool:
    """Return whether the desk shows a subject to a partner: the subject concerns the partner, or waits for
    the partner's signature."""
    return has_part(subject, partner.id) or waits_for(subject, partner, registry)


def about(subject: Subject, said: Mapping[str, Any], view: View, registry: Registry, where: str = "") -> str:
    """Return one French line that describes a subject to the partner in `view`, without personal data. `said`
    has unencrypted fields of the newest messages about the subject, such as a household's needs or a place's
    capacity. `where`: for a referral, the names of its places and their towns, in French; empty for any other
    subject."""
    return " · ".join(_parts(subject, said, view, registry, where))


def _parts(
    subject: Subject, said: Mapping[str, Any], view: View, registry: Registry, where: str
) -> Iterator[str]:
    if isinstance(subject, Demande) and subject.repreneur == view.partner.id not in subject.players:
        yield from _between(subject, view.partner, registry, ("proposée par", subject.destinataire))
    if isinstance(subject, Acte):
        yield from _of_an_act(subject, view.partner, registry)
    if isinstance(subject, Place):
        yield from _of_a_place(subject, said)
    if not isinstance(subject, Envoi | Signalement) or view.partner.id not in subject.players:
        return
    household = [name for name in _named(view, subject.menage) if name != name_of(view, subject.id)]
    if words := ", ".join([*(f"ménage {name}" for name in household), *needs(said)]):
        yield words
    sides = (("par", subject.emetteur), ("vers", subject.destinataire))
    yield from _between(subject, view.partner, registry, *sides)
    if isinstance(subject, Orientation):
        if where:
            yield where
        if subject.presentation_le and (comes := _comes(subject.etat)):
            yield f"{comes} le {subject.presentation_le:%d/%m/%Y}"
    if isinstance(subject, Candidature) and (
        day := subject.dit.get(Evenement.INSCRIRE, {}).get("commission_le")
    ):
        yield f"commission le {date.fromisoformat(day):%d/%m/%Y}"


def _comes(etat: orientation.Etat) -> str:
    if etat in orientation.ATTENDUES:
        return "se présente"
    return "" if etat in orientation.FINIES_SANS_ENTREE else "entrée"


def _of_a_place(place: Place, said: Mapping[str, Any]) -> Iterator[str]:
    if place.libre_le:
        yield f"libre le {place.libre_le:%d/%m/%Y}"
    if motif := said.get("motif"):
        yield worded("motif", motif)
    if until := said.get("jusqu_au"):
        yield f"jusqu'au {date.fromisoformat(until):%d/%m/%Y}"
    if capacite := said.get("capacite"):
        yield f"pour {many(capacite, 'personne')}"


def _of_an_act(act: Acte, reader: Partner, registry: Registry) -> Iterator[str]:
    if act.numero:
        yield f"n° {as_read_in(act.numero, act.territoire, reader.territoire)}"
    names = Names(registry)
    if isinstance(act, Convention):
        if act.objet:
            yield OBJETS[act.objet]
        if act.partenaire and act.partenaire not in registry.structures_of(reader):
            yield f"avec {names.of(act.partenaire)}"
    if isinstance(act, Derogation):
        structure = registry.open_structure(act.structure)
        manager = names.of(structure) if structure else "le gestionnaire"
        yield f"{manager} attribue des places sans désignation du SIAO : {act.places_at_once} à la fois au plus"
    yield from _between(act, reader, registry, ("par", act.emetteur))
    if act.du and act.au:
        yield f"du {act.du:%d/%m/%Y} au {act.au:%d/%m/%Y}"
    elif act.du:
        yield f"à partir du {act.du:%d/%m/%Y}"
    missing = unsigned(act, registry)
    if missing and act.etat is Etat.PROPOSEE:
        yield f"reste à signer : {', '.join(missing)}"


def unsigned(act: Acte, registry: Registry) -> list[str]:
    """Return the French names of the parties that still have to sign an act."""
    return [Names(registry).of(quality) for quality in act.attendus if quality not in act.signatures]


def _between(
    subject: Subject, reader: Partner, registry: Registry, *sides: tuple[str, str | None]
) -> Iterator[str]:
    for word, ident in sides:
        other = registry.get(ident) if ident is not None and ident != reader.id else None
        if other is not None and not hides_the_siao(subject, reader):
            yield f"{word} {'le ' if other.nom.startswith('SIAO') else ''}{other.nom}"


def to_call(subject: Subject, reader: Partner, registry: Registry) -> Partner | None:
    """Return the partner that the reader may telephone about a subject: the sender or, for the sender, the
    recipient; None if there is no such partner, or if the reader must not know it."""
    if reader.id not in subject.players or hides_the_siao(subject, reader):
        return None
    sides = (getattr(subject, "emetteur", None), getattr(subject, "destinataire", None))
    return next((registry.get(each) for each in sides if each and each != reader.id), None)


def next_to_act(who: str | None, subject: Subject, reader: Partner, registry: Registry) -> Partner | None:
    """Return the partner that has to act next; `who` is its id. Return None if nobody or the hub has to act,
    or if the reader must not know this partner."""
    may_know = reader.famille is Famille.SIAO or (
        who in subject.players and not hides_the_siao(subject, reader)
    )
    return registry.get(who) if who is not None and may_know else None


def hides_the_siao(subject: Subject | None, reader: Partner) -> bool:
    """Return whether `reader` must not learn which SIAO has the subject now. This is so if the subject is a
    transferred demand and the reader is no SIAO."""
    return isinstance(subject, Demande) and bool(subject.cedants) and reader.famille is not Famille.SIAO


def _named(view: View, ident: UUID) -> list[str]:
    """Return a list with the number that the partner itself gave to a subject; empty if it gave none."""
    name = name_of(view, ident)
    return [] if _UUID.fullmatch(name) else [name]


def steps(
    told: Sequence[Step],
    subject: Subject,
    partner: Partner,
    said: Mapping[UUID, str],
    suites: Mapping[UUID, str],
    registry: Registry,
) -> list[Pas]:
    """Return the steps of a subject, newest first; an empty list if `partner` is no party of the subject, or
    for a kind of subject without steps. These are steps:

    * each event of `told` that a party of the subject sent, and that had an effect;
    * for a demand, each message of the hub in `told` by which the sender learnt that the demand was referred,
      waits again or was met. `suites` has the demand's state in this message, by event id.

    `said` has the dates and reason in each event, in French, by event id.
    """
    sides = set(subject.players) if isinstance(subject, Envoi | Acte | Place) else set[str]()
    if partner.id not in sides:
        return []
    found = [
        Pas(
            fait_of(step.type),
            _called(step.source, subject, partner, registry),
            step.at,
            said.get(step.id, ""),
        )
        for step in told
        if step.counts and step.source in sides
    ]
    if isinstance(subject, Demande):
        siao = "" if subject.cedants else _called(subject.destinataire, subject, partner, registry)
        found += [
            Pas(etat_of(subject.NATURE, etat), siao if etat == EtatDemande.ORIENTEE else "", step.at, "")
            for step in told
            if (etat := suites.get(step.id)) in AFTER_A_REFERRAL
        ]
    return sorted(found, key=lambda pas: pas.le, reverse=True)


def _called(ident: str, subject: Subject, reader: Partner, registry: Registry) -> str:
    if ident == reader.id:
        return "vous"
    other = None if hides_the_siao(subject, reader) else registry.get(ident)
    return other.nom if other else "l'autre partie"
