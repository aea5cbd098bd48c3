"""Rules for a household that has split, or has joined another household. The partners that deal with the
household are alerted (duty C11 in `docs/obligations.md`)."""

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from contracts.base import Contrat, Nature
from contracts.envelope import Event, derived_id
from contracts.v1.alerte import AlerteAnomalie, MotifAnomalie
from contracts.v1.pret_logement import EvenementDoublon, MenageReuni, MenageSepare
from router.domain.rulebooks import candidature, demande, orientation, pret_logement, suivi
from router.domain.rulebooks.pret_logement import HouseholdSubject, MenagePret
from router.domain.rules.effects import Effects, World
from router.domain.rules.without_book import tell
from router.domain.subjects import Demande, Orientation


class Holder(NamedTuple):
    """A row of `HOLDERS`, the table of the partners to alert when a household splits or joins another
    household. It has a type of subject about the household, the states of the subject that count, and a
    function that returns the partners to alert."""

    nature: Nature
    etats: tuple[StrEnum, ...]
    partners: Callable[[HouseholdSubject], tuple[str, ...]]


def _addressee(subject: HouseholdSubject) -> tuple[str, ...]:
    assert not isinstance(subject, MenagePret)
    return (subject.destinataire,)


def _operators(subject: HouseholdSubject) -> tuple[str, ...]:
    assert isinstance(subject, Orientation)
    return subject.operateurs


def _readers(subject: HouseholdSubject) -> tuple[str, ...]:
    assert isinstance(subject, MenagePret)
    return subject.lecteurs


def _evaluators(subject: HouseholdSubject) -> tuple[str, ...]:
    assert isinstance(subject, Demande)
    return subject.evaluating


HERE = (*orientation.ATTENDUES, orientation.Etat.ENTREE)
"""States in which the household is expected at the structure, or lives there."""
HOLDERS = (
    Holder(Nature.ORIENTATION, HERE, _addressee),
    Holder(Nature.ORIENTATION, HERE, _operators),
    Holder(Nature.CANDIDATURE, candidature.ATTENDUES, _addressee),
    Holder(Nature.MENAGE, pret_logement.SUR_LA_LISTE, _readers),
    Holder(Nature.SUIVI, (suivi.Etat.SOLLICITE, suivi.Etat.ORGANISE), _addressee),
    Holder(Nature.DEMANDE, demande.OUVERTES, _evaluators),
)
"""Rules that say which partners are alerted. Each partner is alerted only about its own subject. It must not
learn of the other household, to which a person may have fled."""
SPLIT_OR_JOINED: Mapping[type[Contrat], tuple[MotifAnomalie, tuple[str, ...]]] = {
    MenageSepare: (MotifAnomalie.MENAGE_SEPARE, ("menage",)),
    MenageReuni: (MotifAnomalie.MENAGE_REUNI, ("menage", "autre")),
}
"""Reason of the alert, and the fields with the households whose partners are alerted, by message type. After
a split, only the partners of the first household are alerted: nobody may learn where the persons who left
(`autre`) are."""


def recomposed(contrat: Contrat) -> frozenset[UUID]:
    """Return the ids of the households that a message reports as split or joined. Return no ids for any other
    message. Before the message is applied, the caller must load the open subjects of these households,
    because the partners of these subjects are alerted."""
    _, fields = SPLIT_OR_JOINED.get(type(contrat), (None, ()))
    return frozenset(getattr(contrat, name) for name in fields)


def split_or_join(event: Event, world: World) -> Effects:
    """Apply a SIAO's message that a household has split, or has joined another household. Alert the partners
    that deal with the household for this SIAO, such as the recipient of the SIAO's referral. Partners that deal
    with the household only for another SIAO are not alerted."""
    effects = tell(event, world, MenagePret)
    return effects if effects.outcome else effects.with_news(*_alerts(event, world))


def _alerts(event: Event, world: World) -> Iterator[AlerteAnomalie]:
    assert isinstance(event.contrat, EvenementDoublon)
    motif, _ = SPLIT_OR_JOINED[type(event.contrat)]
    for subject in _subjects_of(recomposed(event.contrat), event.source, world):
        for partner in _holding(subject):
            yield AlerteAnomalie(
                objet=subject.id,
                nature=subject.NATURE,
                evenement=derived_id(event.attributes.id, "boucle", f"{subject.id} {partner}"),
                type_evenement=event.contrat.TYPE,
                emetteur=partner,
                motif=motif,
            )


def _subjects_of(menages: frozenset[UUID], siao: str, world: World) -> Iterator[HouseholdSubject]:
    every = [each for each in world.subjects.values() if isinstance(each, HouseholdSubject)]
    referrals = (each for each in every if isinstance(each, Orientation) and each.menage in menages)
    answered = {each.demande for each in referrals}
    held = (each for each in every if each.menage in menages or each.id in answered)
    for each in sorted(held, key=lambda subject: subject.id):
        responsible = each.destinataire if isinstance(each, Demande) else each.emetteur
        if responsible == siao:
            yield each


def _holding(subject: HouseholdSubject) -> Iterator[str]:
    rows = (row for row in HOLDERS if row.nature is subject.NATURE and subject.etat in row.etats)
    yield from dict.fromkeys(partner for row in rows for partner in row.partners(subject))
