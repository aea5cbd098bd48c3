"""Rules for messages about a demand itself; its referrals have rules of their own. The module also has the
rule book of demands, with their states and what each message changes."""

from datetime import datetime

from contracts.base import Contrat
from contracts.envelope import Event
from contracts.v1.demande import (
    DemandeActualisee,
    DemandeAnnulee,
    DemandeCompletee,
    DemandeEvaluee,
    DemandeNonPourvue,
    DemandeRecue,
    DemandeTransferee,
    EvaluationDemandee,
    EvaluationRealisee,
)
from contracts.v1.echeance import Echeance
from contracts.v1.transfert import DemandeTransfertAccepte, DemandeTransfertRefuse, DemandeTransfertRetire
from router.domain import location
from router.domain.parts import Party
from router.domain.rulebooks.book import Book
from router.domain.rulebooks.demande import OUVERTES, TRANSFERTS, Etat, Evenement
from router.domain.rulebooks.machine import Ignored
from router.domain.rules.admissibility import first_state, inadmissible, not_applied, stamped
from router.domain.rules.demand_of_referral import news
from router.domain.rules.effects import Effects, World, forward, without_effect
from router.domain.rules.envois import move_envoi
from router.domain.rules.transfers import move_transfer
from router.domain.rules.without_book import pass_on
from router.domain.subjects import Demande, Subject


def open_demand(event: Event, world: World, _now: datetime) -> Effects:
    """Create a demand, and send it to the SIAO responsible for the demand's location and kind of offer.
    Raises Unroutable if no SIAO is responsible, or if this SIAO receives no deliveries."""
    contrat, territoire = event.contrat, event.attributes.territoire
    assert isinstance(contrat, DemandeRecue)
    etat = first_state(event, Demande.MACHINE, Evenement.RECEVOIR, world)
    if isinstance(etat, Effects):
        return etat
    lieu = location.lieu_of(contrat, territoire, None, world.registry)
    siao = location.siao_that_receives(territoire, lieu, contrat.dispositif, world.registry)
    demand = Demande(
        id=contrat.sujet,
        etat=Etat(etat),
        version=1,
        emetteur=event.source,
        destinataire=siao.id,
        menage=contrat.menage.id,
        dispositif=contrat.dispositif,
        commune=contrat.commune,
    )
    return forward(event, world, stamped(event, demand))


def move_demand(event: Event, move: Evenement, world: World) -> Effects:
    """Apply a message about a demand; `move` is the transition that the message makes. If the message changes
    the demand's state, notify the partner that brought the demand, unless it sent the message itself."""
    known = world.subject_of(event)
    if event.of_the_hub:
        given = isinstance(event.contrat, EvaluationDemandee) and not _awaits_evaluation(known)
        return without_effect("ne_court_plus") if given else pass_on(event, world)
    if move in TRANSFERTS:
        return move_transfer(event, move, world)
    if isinstance(known, Demande) and _adds_nothing(event.contrat, known):
        return inadmissible(event, known, world) or not_applied(event, Ignored("deja_connu"), known)
    effects = move_envoi(event, move, world)
    moved = next((s for s in effects.subjects if isinstance(s, Demande)), None)
    if moved is None or not isinstance(known, Demande) or event.source == known.emetteur:
        return effects
    return effects.with_news(*news(known, moved))


def _adds_nothing(contrat: Contrat, known: Demande) -> bool:
    """Tell whether the message `contrat` is an evaluation that changes nothing in the demand `known`. Such
    messages come because SI-SIAO, the State's software for the SIAO, sends an evaluation again whenever the
    household's file changes."""
    if not isinstance(contrat, DemandeEvaluee):
        return False
    if known.etat is Etat.NON_POURVUE and not _awaits_evaluation(known):
        return known.dit.get(Evenement.EVALUER, {}).get("preconisation") == contrat.preconisation
    return known.etat not in OUVERTES


def _awaits_evaluation(demand: Subject | None) -> bool:
    return isinstance(demand, Demande) and demand.evaluation_depuis is not None


BOOK = Book(
    subject=Demande,
    moves={
        DemandeRecue: Evenement.RECEVOIR,
        DemandeCompletee: Evenement.COMPLETER,
        DemandeActualisee: Evenement.ACTUALISER,
        DemandeAnnulee: Evenement.ANNULER,
        EvaluationDemandee: Evenement.INFORMER,
        EvaluationRealisee: Evenement.INFORMER,
        DemandeEvaluee: Evenement.EVALUER,
        DemandeNonPourvue: Evenement.NE_PAS_POURVOIR,
        DemandeTransferee: Evenement.TRANSFERER,
        DemandeTransfertAccepte: Evenement.ACCEPTER_LE_TRANSFERT,
        DemandeTransfertRefuse: Evenement.REFUSER_LE_TRANSFERT,
        DemandeTransfertRetire: Evenement.RETIRER_LE_TRANSFERT,
    },
    openers={Evenement.RECEVOIR: open_demand},
    mover=move_demand,
    expected={
        Etat.RECUE: (Party.DESTINATAIRE, "évaluer la demande"),
        Etat.COMPLETE: (Party.DESTINATAIRE, "évaluer la demande"),
        Etat.EVALUEE: (Party.DESTINATAIRE, "orienter le ménage"),
        Etat.EN_ATTENTE: (Party.DESTINATAIRE, "orienter le ménage"),
        Etat.NON_POURVUE: (Party.DESTINATAIRE, "orienter le ménage"),
        Etat.ORIENTEE: (Party.DESTINATAIRE, "suivre l'orientation en cours"),
    },
    beside={
        Echeance.TRANSFERT: "accepter ou refuser le transfert",
        Echeance.EVALUATION: "évaluer le ménage, comme son SIAO le demande",
    },
    informing=(Evenement.INFORMER, *TRANSFERTS),
)
