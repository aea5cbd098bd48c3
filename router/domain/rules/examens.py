"""Rules for a household on the agenda of a body in which the SIAO sits."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from contracts.errors import Unroutable
from contracts.reference.codes import Dispositif
from contracts.reference.territoires import departement_of
from contracts.v1.echeance import SuiteEcheance
from contracts.v1.examen import ExamenAvis, ExamenEcheance, ExamenInscrit
from router.domain import routing
from router.domain.parts import Party
from router.domain.rulebooks.book import Book
from router.domain.rulebooks.examen import Etat, Evenement, Examen
from router.domain.rulebooks.pret_logement import SUR_LA_LISTE, MenagePret
from router.domain.rules.admissibility import first_state, stamped
from router.domain.rules.effects import Effects, Event, World, forward
from router.domain.rules.envois import move_envoi
from router.domain.subjects import Candidature
from router.domain.territories import Lieu


def enter(event: Event, world: World, _now: datetime) -> Effects:
    """Send a household of an agenda to the SIAO of the territory. Raises Unroutable if there is none."""
    contrat, territoire = event.contrat, event.attributes.territoire
    assert isinstance(contrat, ExamenInscrit)
    etat = first_state(event, Examen.MACHINE, Evenement.INSCRIRE, world)
    if isinstance(etat, Effects):
        return etat
    siao = world.registry.siao_of(Lieu(territoire, departement_of(territoire)), Dispositif.LOGEMENT)
    if siao is None:
        raise Unroutable(routing.no_siao(territoire, Dispositif.LOGEMENT))
    examen = Examen(
        id=contrat.sujet,
        etat=Etat(etat),
        version=1,
        emetteur=event.source,
        destinataire=siao.id,
        menage=contrat.menage.id,
        seance_le=contrat.seance_le,
    )
    return forward(event, world, stamped(event, examen))


def move_examen(event: Event, move: Evenement, world: World) -> Effects:
    """Send the SIAO's opinion to the State, to the landlord of the household and to the readers of the list."""
    effects = move_envoi(event, move, world)
    if effects.outcome is not None:
        return effects
    partners = {name: world.registry.get(name) for name in _others(event, world)}
    told = (name for name, partner in partners.items() if partner and routing.reads(partner, ExamenAvis))
    return replace(effects, recipients=tuple(dict.fromkeys((*effects.recipients, *told))))


def _others(event: Event, world: World) -> Iterator[str]:
    """Yield the landlord of the candidacy that the SIAO names, and the readers of the list that holds the household. A
    subject of another SIAO does not count."""
    contrat = event.contrat
    assert isinstance(contrat, ExamenAvis)
    presented = world.subjects.get(contrat.candidature) if contrat.candidature else None
    if isinstance(presented, Candidature) and presented.emetteur == event.source:
        yield presented.destinataire
    listed = world.subjects.get(contrat.menage) if contrat.menage else None
    if isinstance(listed, MenagePret) and listed.emetteur == event.source and listed.etat in SUR_LA_LISTE:
        yield from routing.readers(listed, event.attributes.territoire, world.registry)


BOOK = Book(
    subject=Examen,
    moves={ExamenInscrit: Evenement.INSCRIRE, ExamenAvis: Evenement.RENDRE},
    openers={Evenement.INSCRIRE: enter},
    mover=move_examen,
    expected={Etat.A_EXAMINER: (Party.DESTINATAIRE, "donner son avis avant la séance")},
    reached=lambda examen, stage: ExamenEcheance(examen=examen.id, **stage),
    silence={SuiteEcheance.SANS_AVIS: Evenement.CONSTATER_LE_SILENCE},
)
