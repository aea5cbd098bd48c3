"""Rules for a household that a committee is going to examine. The SIAO sits in this committee, and gives its
opinion before the meeting."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from contracts.envelope import Event
from contracts.frozen import replace
from contracts.reference.codes import Dispositif
from contracts.reference.territoires import departement_of
from contracts.v1.alerte import MotifAnomalie
from contracts.v1.echeance import SuiteEcheance
from contracts.v1.examen import ExamenAvis, ExamenInscrit
from router.domain import location, routing
from router.domain.parts import Party
from router.domain.rulebooks.book import Book
from router.domain.rulebooks.examen import Etat, Evenement, Examen
from router.domain.rulebooks.pret_logement import SUR_LA_LISTE, MenagePret
from router.domain.rules.admissibility import first_state, stamped
from router.domain.rules.alerts import anomaly
from router.domain.rules.effects import Effects, World, forward
from router.domain.rules.envois import move_envoi
from router.domain.subjects import Candidature
from router.domain.territories import Lieu


def enter(event: Event, world: World, _now: datetime) -> Effects:
    """Record that a household is on the agenda of a committee in which the SIAO sits, and notify the SIAO of
    the territory. Raises Unroutable if no SIAO is responsible in this territory, or if this SIAO receives no
    deliveries."""
    contrat, territoire = event.contrat, event.attributes.territoire
    assert isinstance(contrat, ExamenInscrit)
    etat = first_state(event, Examen.MACHINE, Evenement.INSCRIRE, world)
    if isinstance(etat, Effects):
        return etat
    lieu = Lieu(territoire, departement_of(territoire))
    siao = location.siao_that_receives(territoire, lieu, Dispositif.LOGEMENT, world.registry)
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
    """Apply the SIAO's opinion about a household on the agenda of a committee in which the SIAO sits. The
    opinion is sent to the service of the State that asked for it. If it names a candidacy, the landlord
    receives it too. If it names a household on the list of households ready for housing, the readers of the
    list receive it too. If it leaves in doubt which household it is about (`MENAGE_INCERTAIN`), it is not
    applied, and the SIAO is alerted."""
    known = world.subject_of(event)
    effects = move_envoi(event, move, world)
    if effects.outcome is not None or not isinstance(known, Examen):
        return effects
    if _is_uncertain(event, known.dit.get(move, {}), world):
        return anomaly(event, MotifAnomalie.MENAGE_INCERTAIN, known)
    partners = {name: world.registry.get(name) for name in _others(event, world)}
    told = (name for name, partner in partners.items() if partner and routing.reads(partner, ExamenAvis))
    return replace(effects, recipients=tuple(dict.fromkeys((*effects.recipients, *told))))


def _others(event: Event, world: World) -> Iterator[str]:
    contrat = event.contrat
    assert isinstance(contrat, ExamenAvis)
    presented = _presented(event, world)
    if presented is not None:
        yield presented.destinataire
    listed = world.subjects.get(contrat.menage) if contrat.menage else None
    if isinstance(listed, MenagePret) and listed.emetteur == event.source and listed.etat in SUR_LA_LISTE:
        yield from listed.lecteurs


def _is_uncertain(event: Event, before: Mapping[str, str], world: World) -> bool:
    contrat = event.contrat
    assert isinstance(contrat, ExamenAvis)
    presented = _presented(event, world)
    if presented is not None and contrat.menage != presented.menage:
        return True
    return any(name in before and getattr(contrat, name) is None for name in ("menage", "candidature"))


def _presented(event: Event, world: World) -> Candidature | None:
    assert isinstance(event.contrat, ExamenAvis)
    named = world.subjects.get(event.contrat.candidature) if event.contrat.candidature else None
    return named if isinstance(named, Candidature) and named.emetteur == event.source else None


BOOK = Book(
    subject=Examen,
    moves={ExamenInscrit: Evenement.INSCRIRE, ExamenAvis: Evenement.RENDRE},
    openers={Evenement.INSCRIRE: enter},
    mover=move_examen,
    expected={Etat.A_EXAMINER: (Party.DESTINATAIRE, "donner son avis avant la séance")},
    silence={SuiteEcheance.SANS_AVIS: Evenement.CONSTATER_LE_SILENCE},
)
