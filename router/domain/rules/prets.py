"""Rules for a household ready for housing (duties C5 and C6 in docs/obligations.md). The module also has the
rule book of such households, with their states and what each message changes."""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from pydantic_core import to_json

from contracts.base import Contrat
from contracts.envelope import Event
from contracts.frozen import replace
from contracts.partner import Famille
from contracts.sealed import clear_half
from contracts.v1.alerte import MotifAnomalie
from contracts.v1.echeance import Echeance
from contracts.v1.pret_logement import (
    ChampDecrit,
    ListeRepondue,
    MotifRetrait,
    PretLogementActualise,
    PretLogementDeclare,
    PretLogementDecrit,
    PretLogementDiffuse,
    PretLogementRepondu,
    PretLogementRetire,
    ReponseListe,
)
from router.domain import authority, routing
from router.domain.labels import Labels, labels_of
from router.domain.partners import Registry
from router.domain.parts import Party
from router.domain.rulebooks.book import Book, ByContent
from router.domain.rulebooks.machine import Ignored
from router.domain.rulebooks.pret_logement import (
    INFORMING,
    MACHINE,
    REPONSES,
    SUR_LA_LISTE,
    Etat,
    Evenement,
    MenagePret,
    reponse,
    retrait,
)
from router.domain.rules import declarations
from router.domain.rules.admissibility import first_state, inadmissible, not_applied, stamped
from router.domain.rules.alerts import anomaly, incomplete
from router.domain.rules.effects import Effects, ListChange, World, forward, without_effect


def declare(event: Event, world: World, _now: datetime) -> Effects:
    """Apply a declaration that a household is ready for housing. If the declaration comes from the
    household's SIAO, the household is put on the list of such households, or its description there is
    updated. If the SIAO leaves out fields that the stored description has, the stored description is kept,
    and the SIAO is alerted. A declaration by another partner is only sent on to the SIAO, which decides."""
    if declarations.is_a_partners(event, world.registry):
        return declarations.propose(event, world)
    etat = first_state(event, MACHINE, Evenement.DECLARER, world)
    if isinstance(etat, Effects):
        return etat
    known, ident = world.subject_of(event), event.contrat.sujet
    if isinstance(known, MenagePret):
        if lost := _left_out(event.contrat, known):
            return _confirmed(event, known, lost)
        return _listed(event, world, known.moved(etat)).with_news(*declarations.hub_answer(known))
    ready = MenagePret(id=ident, etat=Etat(etat), version=1, emetteur=event.source, menage=ident)
    return _listed(event, world, ready)


def _left_out(contrat: Contrat, known: MenagePret) -> tuple[ChampDecrit, ...]:
    assert isinstance(contrat, PretLogementDeclare)
    if contrat.renseigne is None or known.etat not in SUR_LA_LISTE:
        return ()
    return tuple(champ for champ in known.renseigne if champ not in contrat.renseigne)


def _confirmed(event: Event, known: MenagePret, lacking: tuple[ChampDecrit, ...]) -> Effects:
    said = _fingerprint(event.contrat)
    noted = stamped(event, replace(known, decrit_le=event.attributes.time, ecartee=said))
    effects = incomplete(event, known, lacking)
    return replace(effects, subjects=(noted,), derived=() if said == known.ecartee else effects.derived)


def _fingerprint(contrat: Contrat) -> str:
    clair = clear_half(contrat.model_copy(update={"version": None}))
    return sha256(to_json(clair)).hexdigest()


def move_ready(event: Event, move: Evenement, world: World) -> Effects:
    """Apply a message about a household that is already declared ready for housing. The household's SIAO,
    another partner or the hub may send such a message."""
    known = world.subject_of(event)
    if not isinstance(known, MenagePret):
        return anomaly(event, MotifAnomalie.SUJET_INCONNU, None)
    if event.of_the_hub:
        return OF_THE_HUB[type(event.contrat)](event, known, world)
    if refused := inadmissible(event, known, world):
        return refused
    after = known.MACHINE.move(known.etat, move)
    if not isinstance(after, StrEnum):
        return not_applied(event, after, known)
    if isinstance(event.contrat, PretLogementRetire) and event.source != known.emetteur:
        return declarations.take_back(event, known, world)
    if isinstance(event.contrat, PretLogementRetire):
        answers = declarations.hub_refusal(known, event.contrat.motif)
        left = known.moved(after)
        if known.etat is Etat.A_CONFIRMER:
            return Effects(subjects=(stamped(event, left),), derived=answers)
        return _listed(event, world, left).with_news(*answers)
    if isinstance(event.contrat, PretLogementRepondu):
        return declarations.answer(event, stamped(event, known.moved(after)), world)
    if isinstance(event.contrat, ListeRepondue):
        return respond(event, event.contrat.reponse, known, world)
    return _listed(event, world, known.moved(after)).with_news(*declarations.hub_answer(known))


def respond(event: Event, reponse: ReponseListe, known: MenagePret, world: World) -> Effects:
    """Note the answer of a reader, or of the household's own SIAO, about a household on the list. The
    answer replaces an earlier answer of the same partner. A reader's answer is sent to the SIAO. The
    SIAO's answer is sent to the readers if it gives, changes or takes back the label."""
    before = known.inscriptions.get(event.source)
    if before == reponse and reponse is not ReponseListe.INCOMPLETE:
        return not_applied(event, Ignored("deja_connu"), known)
    answered = replace(known, inscriptions={**known.inscriptions, event.source: str(reponse)})
    answered = stamped(event, answered.awaiting(known.attendus, event.attributes.time))
    if event.source == known.emetteur:
        return _labelled(event, known.label, answered, world)
    to = routing.recipient(event.contrat, event.source, event.attributes.territoire, known, world.registry)
    return Effects(subjects=(answered,), recipients=() if to is None else (to,))


def _labelled(event: Event, before: str | None, household: MenagePret, world: World) -> Effects:
    if household.label == before or household.decrit_par is None:
        return Effects(subjects=(household,))
    readers = filter(None, map(world.registry.get, household.lecteurs))
    reached = tuple(reader.id for reader in readers if routing.reads(reader, ListeRepondue))
    change = _shown(household, household.lecteurs, household.decrit_par)
    notified = replace(change, notice=event.attributes.id)
    return Effects(subjects=(household,), recipients=reached, change=notified)


def _shown(household: MenagePret, readers: tuple[str, ...], event: UUID) -> ListChange:
    return ListChange(household.id, (household.emetteur, *readers), event, gone=False, label=household.label)


def withdraw(event: Event, known: MenagePret, world: World) -> Effects:
    """Apply the hub's own message that takes a household off lists. If the household is forgotten or housed,
    it is taken off all lists. If it has moved, it is taken off the lists of the partners whose perimeter it
    has left (`quittes`). In any other case, nothing changes."""
    assert isinstance(event.contrat, PretLogementRetire)
    if not authority.may_say(event.contrat, event.source, known, world.registry):
        return anomaly(event, MotifAnomalie.EMETTEUR_INATTENDU, known)
    match event.contrat.motif:
        case MotifRetrait.DEPART_DU_TERRITOIRE if known.quittes:
            return _gone(event, replace(known, quittes=()), known.quittes, world)
        case MotifRetrait.OUBLIE if known.etat is Etat.A_CONFIRMER:
            return Effects(subjects=(replace(known.moved(Etat.RETIRE), declarant=None, declare_par=None),))
        case MotifRetrait.OUBLIE if known.etat in SUR_LA_LISTE:
            forgotten = replace(known.moved(Etat.RETIRE), declarant=None, declare_par=None)
            return _off_all(event, forgotten, world)
        case MotifRetrait.RELOGE if known.etat not in SUR_LA_LISTE:  # otherwise it is listed again
            return _off_all(event, known, world)
    return without_effect("deja_connu")


def spread(event: Event, known: MenagePret, world: World) -> Effects:
    """Determine a household's readers anew, from the present perimeters. New readers receive the
    household's last description. A former reader is notified if its perimeter no longer contains the
    household."""
    if not authority.may_say(event.contrat, event.source, known, world.registry):
        return anomaly(event, MotifAnomalie.EMETTEUR_INATTENDU, known)
    if known.etat not in SUR_LA_LISTE or known.decrit_par is None:
        return without_effect("deja_connu")
    readers = routing.readers(known, event.attributes.territoire, world.registry)
    new = tuple(reader for reader in readers if reader not in known.lecteurs)
    moved, news = _read_by(known.moved(known.etat), readers, world.registry)
    moved = moved.awaiting(known.attendus, event.attributes.time)
    change = _shown(moved, readers, known.decrit_par)
    return Effects(subjects=(moved,), derived=news, recipients=new, change=change)


def _listed(event: Event, world: World, household: MenagePret) -> Effects:
    """Store a household, and update the lists. If the event describes the household, the readers receive
    the description; a reader whose perimeter the household has left is only told so. Any other event takes
    the household off all lists."""
    contrat, ident = event.contrat, event.attributes.id
    if not isinstance(contrat, PretLogementDecrit):
        return _off_all(event, stamped(event, household), world)
    awaited = household.attendus
    household = household.described(contrat, ident, event.attributes.time)
    effects = forward(event, world, household)
    household, news = _read_by(household, effects.recipients, world.registry)
    household = household.awaiting(awaited, event.attributes.time)
    change = _shown(household, effects.recipients, ident)
    return replace(
        effects, subjects=(stamped(event, household),), derived=(*effects.derived, *news), change=change
    )


def _off_all(event: Event, household: MenagePret, world: World) -> Effects:
    nobodys = replace(household, lecteurs=(), inscriptions={}, attendus_depuis=None, **Labels()._asdict())
    return _gone(event, nobodys, (household.emetteur, *household.lecteurs), world)


def _gone(event: Event, left: MenagePret, readers: tuple[str, ...], world: World) -> Effects:
    known = filter(None, map(world.registry.get, readers))
    reached = tuple(p.id for p in known if p.sortie is not None and p.famille is not Famille.SIAO)
    change = ListChange(left.id, readers, event.attributes.id, gone=True)
    return Effects(subjects=(left,), recipients=reached, change=change)


def _read_by(
    household: MenagePret, readers: tuple[str, ...], registry: Registry
) -> tuple[MenagePret, tuple[PretLogementRetire, ...]]:
    held = dict.fromkeys((*household.quittes, *household.lecteurs))
    left = tuple(reader for reader in held if reader not in readers)
    gone = PretLogementRetire(menage=household.id, motif=MotifRetrait.DEPART_DU_TERRITOIRE)
    news = (gone,) if set(left) - set(household.quittes) else ()
    answering = (household.emetteur, *readers)
    kept = {who: answer for who, answer in household.inscriptions.items() if who in answering}
    labels = labels_of(household.emetteur, readers, registry)._asdict()
    return replace(household, lecteurs=readers, quittes=left, inscriptions=kept, **labels), news


OF_THE_HUB: Mapping[type[Contrat], Callable[[Event, MenagePret, World], Effects]] = {
    PretLogementRetire: withdraw,
    PretLogementDiffuse: spread,
    PretLogementRepondu: declarations.send_answer,
}
"""Rule of each message type that the hub itself sends about a household ready for housing."""

BOOK = Book(
    subject=MenagePret,
    moves={
        PretLogementDeclare: Evenement.DECLARER,
        PretLogementActualise: Evenement.ACTUALISER,
        PretLogementRetire: ByContent(retrait, {"": Evenement.RETIRER}),
        PretLogementDiffuse: Evenement.DIFFUSER,
        PretLogementRepondu: ByContent(reponse, REPONSES),
        ListeRepondue: Evenement.REPONDRE,
    },
    openers={Evenement.DECLARER: declare},
    mover=move_ready,
    informing=INFORMING,
    expected={
        Etat.A_CONFIRMER: (Party.EMETTEUR, "confirmer que le ménage est prêt, ou le refuser"),
        Etat.DECLARE: (Party.EMETTEUR, "présenter le ménage à un bailleur"),
        Etat.ACTUALISE: (Party.EMETTEUR, "présenter le ménage à un bailleur"),
        Etat.PRESENTE: (Party.EMETTEUR, "suivre la candidature en cours"),
    },
    beside={
        Echeance.REPONSE_LISTE: "labelliser le ménage, le refuser, ou dire ce qui manque",
        Echeance.CONFIRMATION: "confirmer que le ménage est encore prêt, ou le retirer de la liste",
        Echeance.VALIDITE_EVALUATION: "demander une nouvelle évaluation du ménage",
    },
)
