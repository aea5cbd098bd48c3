"""Rules for a request for aide sociale, by which a centre asks the State to pay for a household's stay. The
State acknowledges the request. Then it answers, or its silence accepts the request (article R345-4 of the
code of social action and families, CASF)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from contracts.base import Contrat
from contracts.envelope import Event
from contracts.errors import Unroutable
from contracts.frozen import replace
from contracts.partner import Famille
from contracts.reference.territoires import departement_of
from contracts.v1.aide_sociale import (
    AideSocialeCompletee,
    AideSocialeDemandee,
    AideSocialeEcheance,
    AideSocialeProlongationDemandee,
    AideSocialeRecue,
    AideSocialeRepondue,
    AideSocialeReputeeAcceptee,
)
from contracts.v1.alerte import MotifAnomalie
from contracts.v1.echeance import Echeance, Etape
from router.domain import authority
from router.domain.calendar import months_after
from router.domain.location import territoire_of_stay
from router.domain.partners import Registry
from router.domain.parts import Party
from router.domain.rulebooks import orientation
from router.domain.rulebooks.aide_sociale import (
    ACQUISES,
    SANS_REPONSE,
    AideSociale,
    Etat,
    Evenement,
    recue,
    repondue,
)
from router.domain.rulebooks.book import Book, ByContent
from router.domain.rules.admissibility import first_state, stamped
from router.domain.rules.alerts import alert_of, anomaly
from router.domain.rules.effects import Effects, World, forward, without_effect
from router.domain.rules.envois import facts_of, move_envoi
from router.domain.subjects import Orientation, Place, Subject
from router.domain.territories import Lieu

FIVE_DAYS = 5
RECEIVED = (*orientation.PROMISES, *orientation.ADMISES)
"""States of a stay from the centre's acceptance to the end of the stay, both included."""


def ask(event: Event, world: World, _now: datetime) -> Effects:
    """Create a request for aide sociale, and send it to the State. If the hub does not know whether the place
    has CHRS status, also ask the centre. If the place has no such status, or if the centre has not accepted
    the household, nothing is created (an anomaly). Raises Unroutable if the territory has no service of the
    State."""
    contrat = event.contrat
    assert isinstance(contrat, AideSocialeDemandee)
    known = first_state(event, AideSociale.MACHINE, Evenement.DEMANDER, world)
    if isinstance(known, Effects):
        return known
    stay = world.subjects.get(contrat.orientation) if contrat.orientation else None
    if not isinstance(stay, Orientation) or stay.destinataire != event.source:
        return anomaly(event, MotifAnomalie.SUJET_INCONNU, None)
    chrs = _status(contrat, stay, world)
    if chrs is False or stay.etat not in RECEIVED:
        lacks = MotifAnomalie.SANS_STATUT_CHRS if chrs is False else MotifAnomalie.SANS_ADMISSION
        return anomaly(event, lacks, None)
    request = _request(event, contrat, stay, world.registry)
    request = request if chrs is None else request.with_status(chrs)
    return _asking(forward(event, world, stamped(event, request)), event, request)


def _is_short(contrat: AideSocialeDemandee) -> bool:
    """Tell whether the stay lasts five days at most, its first and last day included (article L111-3-1
    CASF)."""
    return (contrat.jusqu_au - contrat.accueil_du).days < FIVE_DAYS


def _request(
    event: Event, contrat: AideSocialeDemandee, stay: Orientation, registry: Registry
) -> AideSociale:
    siao, state = _around(event, stay, registry)
    return AideSociale(
        id=contrat.sujet,
        etat=Etat.DEMANDEE,
        version=1,
        emetteur=event.source,
        destinataire=state,
        menage=contrat.menage.id,
        siao=siao,
        orientation=stay.id,
        commune=stay.commune,
        courte=_is_short(contrat),
        jusqu_au=contrat.jusqu_au,
        prolongation_avant_le=months_after(contrat.jusqu_au, -1),
    )


def _around(event: Event, stay: Orientation, registry: Registry) -> tuple[str | None, str]:
    territoire = territoire_of_stay(stay, event.attributes.territoire, registry)
    lieu = Lieu(territoire, departement_of(territoire), (stay.commune,) if stay.commune else ())
    state = next(iter(registry.listeners(Famille.ETAT, lieu)), None)
    if state is None:
        raise Unroutable(f"aucun service de l'État au registre pour le territoire {territoire}")
    sender = registry.get(stay.emetteur)
    referred = sender is not None and sender.famille is Famille.SIAO
    siao = sender if referred else registry.siao_of(lieu, stay.dispositif)
    return siao.id if siao else None, state.id


def _status(contrat: AideSocialeDemandee, stay: Orientation, world: World) -> bool | None:
    """Tell whether the place of a stay has CHRS status. The request (`contrat`) or the place's description
    may say so, or deny it. If neither does, return True for a structure that the registry lists with this
    status. Return None for any other structure, because the list may be incomplete."""
    place = world.subjects.get(stay.place) if stay.place else None
    statuses = (contrat.chrs, place.chrs if isinstance(place, Place) else None)
    stated = next((status for status in statuses if status is not None), None)
    centre = world.registry.get(stay.destinataire)
    listed = centre is not None and stay.structure in centre.structures_chrs
    return stated if stated is not None else listed or None


def _asking(effects: Effects, event: Event, request: AideSociale) -> Effects:
    if request.chrs is not None:
        return effects
    asked = alert_of(event, MotifAnomalie.STATUT_CHRS_INCONNU, request)
    return effects.with_news(asked)


def move_request(event: Event, move: Evenement, world: World) -> Effects:
    """Apply a message about an existing request for aide sociale. The message may come from the hub itself: the
    State has not answered in time, and its silence accepts the request."""
    known = world.subject_of(event)
    if isinstance(known, AideSociale) and _said_before(event.contrat, move, known):
        return without_effect("deja_connu", known, stamped(event, known))
    if isinstance(known, AideSociale) and isinstance(event.contrat, AideSocialeReputeeAcceptee):
        return _deemed(event, event.contrat, known, world)
    effects = move_envoi(event, move, world)
    if effects.outcome is not None or not isinstance(known, AideSociale):
        return effects
    if _asked_before(event.contrat, known):
        return without_effect("deja_connu", known, stamped(event, known))
    moved = tuple(_noting(event, known, s) if isinstance(s, AideSociale) else s for s in effects.subjects)
    return _taken_back(replace(effects, subjects=moved), event, known)


def _taken_back(effects: Effects, event: Event, known: Subject | None) -> Effects:
    request = next((each for each in effects.subjects if isinstance(each, AideSociale)), None)
    if known is None or request is None or known.etat is not Etat.ACQUISE or request.chrs is not False:
        return effects
    alert = alert_of(event, MotifAnomalie.SANS_STATUT_CHRS, request)
    return effects.with_news(alert)


def _said_before(contrat: Contrat, move: Evenement, known: AideSociale) -> bool:
    """Tell whether the State has already said what this message says, so that the message changes nothing.
    This is so for three kinds of messages:

    * an acknowledgement of the complete request, with the same day of receipt: it must not reopen a request
      that was tacitly accepted since;
    * a message of the same kind, and with the same facts, as one that the State sent before the centre asked
      for a longer stay;
    * an answer that grants the shorter stay again, while the State has not answered about the longer one.
    """
    if move in known.dit_avant and facts_of(contrat).items() <= known.dit_avant[move].items():
        return True
    match contrat:
        case AideSocialeRecue(recue_le=day, chrs=chrs, pieces_manquantes=()):
            return day == known.recue_le and chrs in (None, known.chrs)
        case AideSocialeRepondue(accordee=True, jusqu_au=day) if known.etat in SANS_REPONSE:
            return day is not None and day == known.jusqu_au_avant
    return False


def _asked_before(contrat: Contrat, known: AideSociale) -> bool:
    """Tell whether a message asks for a longer stay for which the centre has already asked. Return True only
    if the State has not answered that earlier request, or has granted it, wholly or in part."""
    if not isinstance(contrat, AideSocialeProlongationDemandee):
        return False
    if known.etat in ACQUISES:
        return contrat.jusqu_au <= known.jusqu_au or facts_of(contrat) == known.prolongation_demandee
    return known.etat in SANS_REPONSE and contrat.jusqu_au in (known.jusqu_au, known.prolongation_jusqu_au)


def _deemed(event: Event, contrat: AideSocialeReputeeAcceptee, known: AideSociale, world: World) -> Effects:
    if not authority.may_say(contrat, event.source, known, world.registry):
        return anomaly(event, MotifAnomalie.EMETTEUR_INATTENDU, known)
    runs = known.etat is Etat.A_L_ETUDE and known.court_depuis is not None
    if not runs or known.accuse != contrat.accuse:
        return without_effect("ne_court_plus")
    deemed = known.moved(Etat.REPUTEE_ACCEPTEE)
    return forward(event, world, deemed.with_the_next(event.attributes.time))


def left(known: AideSociale, world: World) -> bool:
    """Tell whether the household's stay is over. This is so if the household does not live in the centre, and
    is not expected there."""
    stay = world.subjects.get(known.orientation)
    return isinstance(stay, Orientation) and stay.etat not in (*orientation.PROMISES, orientation.Etat.ENTREE)


def _noting(event: Event, known: AideSociale, moved: AideSociale) -> AideSociale:
    """Return the request with all changes that an event makes. `known` is the request before the event, and
    `moved` the request with only its new state. If the centre asks for a longer stay before the State has
    answered, the longer stay is only noted. It is requested once the shorter stay is granted, and the State's
    month to answer begins only after that."""
    match event.contrat:
        case AideSocialeProlongationDemandee(jusqu_au=day):
            moved = replace(moved, prolongation_demandee=facts_of(event.contrat))
            waits = known.etat in SANS_REPONSE
            return replace(moved, prolongation_jusqu_au=day) if waits else moved.prolonged(day)
        case AideSocialeCompletee():
            moved = replace(moved, remise_le=None if moved.etat is Etat.DEMANDEE else moved.remise_le)
        case AideSocialeRecue(recue_le=day, pieces_manquantes=()):
            moved = replace(moved, recue_le=day, accuse=str(event.attributes.id))
        case AideSocialeRecue():
            moved = replace(moved, recue_le=None, accuse=None)
        case AideSocialeRepondue(jusqu_au=day) if day is not None:
            moved = moved.until(day)
    status = getattr(event.contrat, "chrs", None)
    moved = moved if status is None else moved.with_status(status)
    return moved.counting(event.attributes.territoire).with_the_next(event.attributes.time)


def _reached(known: AideSociale, stage: Mapping[str, Any]) -> Contrat:
    month_over = stage["echeance"] is Echeance.AIDE_SOCIALE and stage["etape"] is Etape.ECHUE
    if not month_over or known.court_depuis is None:
        return AideSocialeEcheance(aide_sociale=known.id, **stage)
    assert known.recue_le is not None
    assert known.accuse is not None, "the month begins with a receipt"
    return AideSocialeReputeeAcceptee(
        aide_sociale=known.id,
        recue_le=known.recue_le,
        accuse=known.accuse,
        jusqu_au=known.jusqu_au,
    )


BEFORE_THE_END = "demander une prolongation un mois avant la fin, ou dire la sortie"
BOOK = Book(
    subject=AideSociale,
    moves={
        AideSocialeDemandee: Evenement.DEMANDER,
        AideSocialeProlongationDemandee: Evenement.PROLONGER,
        AideSocialeCompletee: Evenement.COMPLETER,
        AideSocialeRecue: ByContent(recue, {"": Evenement.RECEVOIR}),
        AideSocialeRepondue: ByContent(repondue, {True: Evenement.ACCORDER, False: Evenement.REFUSER}),
        AideSocialeReputeeAcceptee: Evenement.REPUTER,
    },
    openers={Evenement.DEMANDER: ask},
    mover=move_request,
    expected={
        Etat.DEMANDEE: (Party.DESTINATAIRE, "dire quand la demande est reçue, et ce qui manque"),
        Etat.INCOMPLETE: (Party.EMETTEUR, "envoyer les pièces qui manquent"),
        Etat.A_L_ETUDE: (Party.DESTINATAIRE, "accorder ou refuser l'aide sociale"),
        Etat.ACQUISE: (Party.EMETTEUR, "dire la sortie, ou demander une prolongation"),
        Etat.ACCORDEE: (Party.EMETTEUR, BEFORE_THE_END),
        Etat.REPUTEE_ACCEPTEE: (Party.EMETTEUR, BEFORE_THE_END),
    },
    beside={Echeance.PROLONGATION: BEFORE_THE_END},
    reached=_reached,
)
