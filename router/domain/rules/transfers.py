"""Rules for the transfer of a demand from one SIAO to another (duty C11 in docs/obligations.md).

The first SIAO stays responsible until the second accepts. The acceptance hands over the demand, and decides
about each open referral, candidacy, accompaniment and list entry of the household.
"""

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple

from contracts.base import Contrat, Nature
from contracts.envelope import Event
from contracts.frozen import replace
from contracts.partner import Partner
from contracts.reference.codes import Dispositif
from contracts.v1.alerte import MotifAnomalie
from contracts.v1.demande import DemandeSuite, DemandeTransferee, Suite
from contracts.v1.orientation import OrientationAnnulee
from contracts.v1.transfert import DemandeTransfertRetire
from router.domain import routing
from router.domain.partners import Registry
from router.domain.rulebooks import candidature, orientation, pret_logement, suivi
from router.domain.rulebooks.demande import OUVERTES, Evenement
from router.domain.rulebooks.pret_logement import HouseholdSubject, MenagePret
from router.domain.rules.admissibility import inadmissible, not_applied, stamped
from router.domain.rules.alerts import anomaly
from router.domain.rules.effects import Effects, World, forward, without_effect
from router.domain.sandbox import named_from
from router.domain.subjects import Demande, Orientation, Subject
from router.domain.territories import Lieu


class Sort(StrEnum):
    """Fate of a household's open subject when the household's demand is transferred to another SIAO."""

    EMPORTER = "emporter"
    """The accepting SIAO takes the subject over. Deadlines run on, and answers go to that SIAO."""
    CLORE = "clore"
    """The referral is withdrawn. Places that were only reserved for this referral become free."""
    RENDRE = "rendre"
    """The subject stays with the SIAO that gives the demand away, because this SIAO has another open demand of
    the household."""


class Rule(NamedTuple):
    """A row of `TRANSFER_RULES`. It says what happens (`sort`) to a subject of the type `nature` in one of
    the states `etats` when the household's demand is transferred."""

    nature: Nature
    etats: tuple[StrEnum, ...]
    sort: Sort
    dispositifs: tuple[Dispositif, ...] = tuple(Dispositif)
    """Kinds of offer to which the rule is limited. They only matter for referrals."""


TRANSFER_RULES: tuple[Rule, ...] = (
    Rule(Nature.ORIENTATION, orientation.ATTENDUES, Sort.EMPORTER, (Dispositif.URGENCE,)),
    Rule(Nature.ORIENTATION, (orientation.Etat.EN_ATTENTE, *orientation.PROMISES), Sort.EMPORTER),
    Rule(Nature.ORIENTATION, orientation.OUVERTES, Sort.CLORE),
    Rule(Nature.CANDIDATURE, candidature.ATTENDUES, Sort.EMPORTER),
    Rule(Nature.MENAGE, pret_logement.SUIVIS, Sort.EMPORTER),
    Rule(Nature.SUIVI, tuple(suivi.Etat), Sort.EMPORTER),
)
"""Rules for a household's open subjects when its demand is transferred. The first rule that fits a subject is
applied.

A shelter for tonight, a promised place and a rank on a waiting list are never withdrawn.
"""


def move_transfer(event: Event, move: Evenement, world: World) -> Effects:
    """Apply a message that proposes, accepts, refuses or withdraws the transfer of a demand to another
    SIAO."""
    known = world.subject_of(event)
    if not isinstance(known, Demande):
        return anomaly(event, MotifAnomalie.SUJET_INCONNU, None)
    if _is_there_already(event, known, world.registry):
        return without_effect("deja_connu")
    if refused := inadmissible(event, known, world):
        return refused
    after = known.MACHINE.move(known.etat, move)
    if not isinstance(after, StrEnum):
        over = move is Evenement.RETIRER_LE_TRANSFERT and known.repreneur is not None
        return without_effect("deja_connu", known) if over else not_applied(event, after, known)
    return MOVES[move](event, known, world)


def _is_there_already(event: Event, known: Demande, registry: Registry) -> bool:
    if not isinstance(event.contrat, DemandeTransferee) or event.source not in known.cedants:
        return False
    there = named_from(event.attributes.territoire, event.contrat.territoire)
    return any(siao.id == known.destinataire for siao in registry.siaos_in(there))


def _propose(event: Event, known: Demande, world: World) -> Effects:
    assert isinstance(event.contrat, DemandeTransferee)
    there = named_from(event.attributes.territoire, event.contrat.territoire)
    asked = _asked(event.contrat, there, known, world.registry)
    if asked is None:
        return anomaly(event, MotifAnomalie.TERRITOIRE_SANS_SIAO, known)
    if known.transfert_le is not None and routing.is_reached(known.repreneur, world.registry):
        again = asked.id == known.repreneur
        known_already = without_effect("deja_connu", known, stamped(event, known))
        return known_already if again else anomaly(event, MotifAnomalie.TRANSFERT_EN_COURS, known)
    assert known.etat is not None
    moved = replace(
        known.moved(known.etat),
        repreneur=asked.id,
        transfert_le=event.attributes.time,
        transfert_remis_le=None,
    )
    return forward(event, world, stamped(event, moved))


def _asked(contrat: DemandeTransferee, territoire: str, known: Demande, registry: Registry) -> Partner | None:
    there = registry.siaos_in(territoire)
    dispositif = contrat.dispositif or known.dispositif
    communes = (contrat.commune,) if contrat.commune else ()
    usual = registry.siao_of(Lieu(territoire, communes=communes), dispositif)
    named = contrat.siao and registry.present(contrat.siao)
    candidates = [s for s in there if named in (None, s.id)]
    others = [s for s in candidates if s.id != known.destinataire and s.sortie is not None]
    return usual if usual in others else next(iter(others), None)


def _accept(event: Event, known: Demande, world: World) -> Effects:
    if known.transfert_le is None:
        return _without_proposal(event, known)
    former = dict.fromkeys((*known.cedants, known.destinataire))
    assert known.etat is not None
    moved = replace(
        known.moved(known.etat),
        destinataire=event.source,
        transfert_le=None,
        transfert_remis_le=None,
        cedants=tuple(siao for siao in former if siao != event.source),
    )
    subjects = list(_open_subjects(known, world))
    carried = [_carried(subject, event.source) for subject, sort in subjects if sort is not Sort.RENDRE]
    closing = {subject.id for subject, sort in subjects if sort is Sort.CLORE}
    withdrawn = [OrientationAnnulee(orientation=t.id, version=t.version) for t in carried if t.id in closing]
    return Effects(
        subjects=(stamped(event, moved), *carried),
        derived=(*_told(known), *withdrawn),
        recipients=forward(event, world, known).recipients,
        handed_over=tuple((ident, event.source) for ident in (known.id, *(each.id for each in carried))),
    )


def _told(known: Demande) -> Iterator[DemandeSuite]:
    if known.emetteur != known.destinataire:
        yield DemandeSuite(demande=known.id, suite=Suite.TRANSFEREE)


def _open_subjects(known: Demande, world: World) -> Iterator[tuple[HouseholdSubject, Sort]]:
    theirs = sorted(_of_the_household(known, world), key=lambda subject: subject.id)
    others = (each for each in theirs if isinstance(each, Demande) and each.id != known.id)
    remains = any(d.destinataire == known.destinataire and d.etat in OUVERTES for d in others)
    for each in theirs:
        if isinstance(each, Demande) or each.emetteur != known.destinataire:
            continue
        if isinstance(each, Orientation) and each.demande != known.id:
            continue
        sort = _sort(each)
        if sort is not None:
            yield each, Sort.RENDRE if remains and not isinstance(each, Orientation) else sort


def _of_the_household(known: Demande, world: World) -> Iterator[HouseholdSubject]:
    """Yield all subjects about the household of the demand `known`. The household may have one id in the
    demand, and other ids in the referrals of the demand. Subjects with any of these ids are included."""
    subjects = [each for each in world.subjects.values() if isinstance(each, HouseholdSubject)]
    referrals = (each for each in subjects if isinstance(each, Orientation) and each.demande == known.id)
    households = {known.menage, *(each.menage for each in referrals)}
    return (each for each in subjects if each.menage in households)


def _sort(subject: HouseholdSubject) -> Sort | None:
    dispositif = subject.dispositif if isinstance(subject, Orientation) else None
    fitting = (
        rule.sort
        for rule in TRANSFER_RULES
        if rule.nature is subject.NATURE
        and subject.etat in rule.etats
        and (dispositif is None or dispositif in rule.dispositifs)
    )
    return next(fitting, None)


def _carried(subject: HouseholdSubject, siao: str) -> HouseholdSubject:
    assert subject.etat is not None
    carried = replace(subject.moved(subject.etat), emetteur=siao)
    if isinstance(carried, MenagePret) and carried.etat in pret_logement.SUR_LA_LISTE:
        # the former SIAO still has the household on its list
        return replace(carried, lecteurs=(*carried.lecteurs, subject.emetteur))
    return carried


def _end(event: Event, known: Demande, world: World) -> Effects:
    if known.transfert_le is None:
        return _without_proposal(event, known)
    return replace(forward(event, world, known), subjects=(stamped(event, ended(known)),))


def ended(known: Demande) -> Demande:
    """Return the demand without its proposed transfer, which was refused, withdrawn, or not answered in
    time."""
    assert known.etat is not None
    return replace(known.moved(known.etat), transfert_le=None, transfert_remis_le=None)


def _without_proposal(event: Event, known: Demande) -> Effects:
    if event.source == known.destinataire and event.source == known.repreneur:
        return without_effect("deja_connu", known, stamped(event, known))
    return anomaly(event, MotifAnomalie.TRANSFERT_SANS_OBJET, known)


MOVES: Mapping[Evenement, Callable[[Event, Demande, World], Effects]] = {
    Evenement.TRANSFERER: _propose,
    Evenement.ACCEPTER_LE_TRANSFERT: _accept,
    Evenement.REFUSER_LE_TRANSFERT: _end,
    Evenement.RETIRER_LE_TRANSFERT: _end,
}
"""Rule of each transition of a transfer."""


def withdrawal(known: Demande) -> DemandeTransfertRetire:
    """Return the hub's message that the proposed transfer of a demand is withdrawn. The message is for the SIAO
    that was asked to take over the demand."""
    return DemandeTransfertRetire(demande=known.id, siao=known.repreneur)


def without_idle_proposals(effects: Effects) -> Effects:
    """Return the effects, with the end of idle proposals added. A proposed transfer is idle if the effects
    close its demand. The proposal then ends, and the SIAO that was asked to take the demand over is
    notified."""
    idle = [
        each
        for each in effects.subjects
        if isinstance(each, Demande) and each.transfert_le is not None and each.etat not in OUVERTES
    ]
    if not idle:
        return effects
    over = {each.id: replace(each, transfert_le=None, transfert_remis_le=None) for each in idle}
    subjects: tuple[Subject, ...] = tuple(over.get(each.id, each) for each in effects.subjects)
    news: tuple[Contrat, ...] = tuple(withdrawal(each) for each in idle)
    return replace(effects, subjects=subjects, derived=(*effects.derived, *news))
