"""Rules for the accompaniment of a household by an operator. The module also has the rule book of
accompaniments, with their states and what each message changes."""

from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

from contracts.envelope import Event
from contracts.errors import Unroutable
from contracts.v1.attribution import CandidatureAccompagnement
from contracts.v1.echeance import SuiteEcheance
from contracts.v1.suivi import SuiviDemande, SuiviRepondu, SuiviRetire, SuiviSansContact
from router.domain import routing
from router.domain.calendar import day_in
from router.domain.parts import Party
from router.domain.rulebooks import candidature
from router.domain.rulebooks.book import Book, ByContent
from router.domain.rulebooks.pret_logement import MenagePret
from router.domain.rulebooks.suivi import Etat, Evenement, Suivi
from router.domain.rules.admissibility import first_state, stamped
from router.domain.rules.effects import Effects, World, forward
from router.domain.rules.envois import move_envoi
from router.domain.subjects import Candidature


def ask(event: Event, world: World, _now: datetime) -> Effects:
    """Record a SIAO's request for an accompaniment, and send it to the operator that the request names. Raises
    Unroutable if this operator cannot be reached."""
    contrat = event.contrat
    assert isinstance(contrat, SuiviDemande)
    etat = first_state(event, Suivi.MACHINE, Evenement.DEMANDER, world)
    if isinstance(etat, Effects):
        return etat
    operator = world.registry.manager_of(contrat.operateur)
    if operator is None or not routing.reads(operator, SuiviDemande):
        raise Unroutable("aucun partenaire à livrer n'a le SIRET ou FINESS de l'opérateur nommé")
    suivi = Suivi(
        id=contrat.sujet,
        etat=Etat(etat),
        version=1,
        emetteur=event.source,
        destinataire=operator.id,
        menage=contrat.menage.id,
        candidature=contrat.candidature,
    )
    return forward(event, world, stamped(event, suivi))


ANSWERS = {True: Evenement.ORGANISER, False: Evenement.REFUSER}


def answer(contrat: SuiviRepondu, today: date) -> Evenement:
    """Return the transition that an operator's answer makes in a request for an accompaniment. `today` is not
    used."""
    return ANSWERS[contrat.accepte]


def move_suivi(event: Event, move: Evenement, world: World) -> Effects:
    """Apply a message about an accompaniment. The landlords to whom the household is presented are
    notified when an accompaniment begins, and when the household's last accompaniment ends."""
    known = world.subject_of(event)
    effects = move_envoi(event, move, world)
    if effects.outcome is not None or not isinstance(known, Suivi) or not _is_news(move, known):
        return effects
    since = _since(event) if move is Evenement.ORGANISER else None
    held = _household(known, world)
    if held is not None:
        held = held.accompanied(known.id, since)
        effects = effects.with_subject(held)
        if since is None and held.suivis:
            return effects
    news = (
        CandidatureAccompagnement(candidature=each, accepte=since is not None, debut_le=since)
        for each in dict.fromkeys(_candidacies(known, held, world))
    )
    return effects.with_news(*news)


def _is_news(move: Evenement, known: Suivi) -> bool:
    ends = move in (Evenement.REFUSER, Evenement.RETIRER)
    return move is Evenement.ORGANISER or (ends and known.etat is Etat.ORGANISE)


def _since(event: Event) -> date:
    assert isinstance(event.contrat, SuiviRepondu)
    return event.contrat.debut_le or day_in(event.attributes.territoire, event.attributes.time)


def _household(known: Suivi, world: World) -> MenagePret | None:
    held = world.subjects.get(known.menage)
    return held if isinstance(held, MenagePret) and held.emetteur == known.emetteur else None


def _candidacies(known: Suivi, held: MenagePret | None, world: World) -> Iterator[UUID]:
    named = world.subjects.get(known.candidature) if known.candidature else None
    if isinstance(named, Candidature) and named.etat in candidature.ATTENDUES and _is_of(named, known):
        yield named.id
    if held is not None:
        yield from held.candidatures


def _is_of(named: Candidature, known: Suivi) -> bool:
    return (named.menage, named.emetteur) == (known.menage, known.emetteur)


BOOK = Book(
    subject=Suivi,
    moves={
        SuiviDemande: Evenement.DEMANDER,
        SuiviRepondu: ByContent(answer, ANSWERS),
        SuiviSansContact: Evenement.CHERCHER,
        SuiviRetire: Evenement.RETIRER,
    },
    openers={Evenement.DEMANDER: ask},
    mover=move_suivi,
    informing=(Evenement.CHERCHER,),
    expected={Etat.SOLLICITE: (Party.DESTINATAIRE, "dire si vous accompagnez le ménage")},
    silence={SuiteEcheance.SANS_ACCOMPAGNEMENT: Evenement.CONSTATER_LE_SILENCE},
)
