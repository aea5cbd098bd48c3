"""Rules for messages about a place. The partner that sends the first message about a place is its manager."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.base import Contrat, Nature
from contracts.envelope import Event
from contracts.frozen import replace
from contracts.v1.alerte import AlerteEcheance, MotifAnomalie
from contracts.v1.echeance import Echeance, PlaceEcheance, SuiteEcheance
from contracts.v1.place import (
    PlaceDeclaree,
    PlaceDecrite,
    PlaceDisponible,
    PlaceFermee,
    PlaceIndisponible,
    PlaceLiberee,
    PlaceOccupee,
    PlaceVacancePrevisible,
    PlaceVacante,
)
from contracts.v1.suite import AdmissionDirecte
from router.domain import location
from router.domain.calendar import day_in
from router.domain.partners import Registry
from router.domain.parts import Party
from router.domain.rulebooks.book import Book
from router.domain.rulebooks.machine import Anomalie, Ignored
from router.domain.rulebooks.orientation import Etat as Sejour
from router.domain.rulebooks.place import Etat, Evenement
from router.domain.rules.admissibility import inadmissible, not_applied, stamped
from router.domain.rules.alerts import alert_of, anomaly, conflict_of, why_unavailable
from router.domain.rules.direct_admissions import Title, is_known, notices_to_the_state, title_of, titled
from router.domain.rules.direct_stays import with_stay
from router.domain.rules.effects import Effects, World, forward, without_effect
from router.domain.rules.place_memory import explained, given_up, is_explained_by, place_after, referral_of
from router.domain.subjects import Orientation, Place
from router.domain.tonight import taken


def move_place(event: Event, move: Evenement, world: World) -> Effects:
    """Apply a message about a place. Such messages come from the place's manager. The hub itself sends one
    when a reservation ends, or when the end of a referral or stay makes the place free."""
    held = _held(event, world)
    if isinstance(held, Effects):
        return held
    referral = _referral_named(event, world)
    moved = _moved(event, move, held, referral)
    if not isinstance(moved, Place):
        return not_applied(event, moved, world.subject_of(event))
    suspected = _suspected(event, held) if referral is None else ()
    noted = stamped(event, replace(moved, a_expliquer_depuis=event.attributes.time) if suspected else moved)
    if moved.version == held.version and move is not Evenement.DECLARER:
        return without_effect("place_reservee", held, noted)
    if event.of_the_hub and noted.etat is not Etat.DISPONIBLE:
        return Effects(subjects=(noted,), derived=(_not_held_any_more(event, held),))
    described = _described(event.contrat, noted, world.registry)
    effects = _sent_to_both_siao(event, world, held, described)
    if described == held:
        return replace(effects, subjects=())  # stored again, a free place would count as declared free today
    return replace(effects, derived=suspected) if suspected else effects


def _not_held_any_more(event: Event, held: Place) -> AlerteEcheance:
    """Return the alert which tells the SIAO that the reservation of a place has run out, while the present
    household still lives there. The SIAO may refer another household for the day on which the present one
    leaves, but the place is not free tonight."""
    return AlerteEcheance(
        objet=held.id,
        nature=Nature.PLACE,
        evenement=event.attributes.id,
        type_evenement=event.contrat.TYPE,
        echeance=Echeance.RESERVATION,
        due_le=held.expire_le or event.attributes.time,
        suite=SuiteEcheance.LIBERATION,
    )


def _sent_to_both_siao(event: Event, world: World, held: Place, described: Place) -> Effects:
    effects = forward(event, world, described)
    if (described.dispositif, described.commune) == (held.dispositif, held.commune) or not held.version:
        return effects
    before = location.siao_of(held, world.registry)
    if before is None or before.sortie is None:
        return effects
    return replace(effects, recipients=tuple(dict.fromkeys((*effects.recipients, before.id))))


def _described(contrat: Contrat, held: Place, registry: Registry) -> Place:
    if not isinstance(contrat, PlaceDecrite):
        return held
    return replace(
        held,
        dispositif=contrat.dispositif,
        structure=location.open_structure(contrat, registry),
        commune=location.open_commune(contrat),
        chrs=held.chrs if contrat.chrs is None else contrat.chrs,
        reservataire=contrat.reservataire or held.reservataire,
    )


def admit_directly(event: Event, world: World, _now: datetime) -> Effects:
    """Apply an admission without the SIAO. It is applied even if it breaks a rule, because it has taken place
    (duty C2 in docs/obligations.md). An admission that changes nothing is still forwarded to the SIAO: it may
    correct a name, which the rules cannot read."""
    held = _held(event, world)
    if isinstance(held, Effects):
        return held
    assert isinstance(event.contrat, AdmissionDirecte)
    held = stamped(event, held)
    stays = held.etat is Etat.OCCUPEE and not _takes_over(event, event.contrat, held, world)
    moved = held if stays else place_after(held, Evenement.ADMETTRE)
    title = title_of(event, held, world)
    place = titled(moved if isinstance(moved, Place) else held, held, event, title)
    effects = with_stay(forward(event, world, place), event, world)
    known = {**world.subjects, held.id: held}
    if all(known.get(subject.id) == subject for subject in effects.subjects):
        return replace(effects, derived=())
    notices = notices_to_the_state(place, event, title, world)
    told = taken(event, place, world.registry) if held.etat is Etat.DISPONIBLE else ()
    derived = (*_broken_by(event, held, title, world), *notices, *told, *effects.derived)
    return replace(effects, derived=(*derived, *_still_open(event, held, effects)))


def _takes_over(event: Event, contrat: AdmissionDirecte, held: Place, world: World) -> bool:
    """Tell whether an admission reports that another household now lives in the occupied place `held`, after
    the household that lived there so far. Return False if the admission is already known, if its stay is
    over, or if it is older than the admission of the household that lives there."""
    named = world.subjects.get(contrat.orientation) if contrat.orientation else None
    if is_known(contrat, held) or (named is not None and named.etat is Sejour.SORTIE):
        return False
    if noted := held.admission.get("admission_le"):
        return contrat.admission_le.isoformat() >= noted
    since = held.etat_depuis
    return since is None or contrat.admission_le >= day_in(event.attributes.territoire, since)


def _still_open(event: Event, held: Place, effects: Effects) -> tuple[Contrat, ...]:
    left, admitted = referral_of(held, Evenement.LIBERER), effects.subjects[0]
    if left is None or not isinstance(admitted, Place) or admitted.orientation == left:
        return ()
    alert = alert_of(event, MotifAnomalie.SEJOUR_PRECEDENT_OUVERT, None)
    return (alert.model_copy(update={"objet": left, "nature": Nature.ORIENTATION}),)


def _held(event: Event, world: World) -> Place | Effects:
    known = world.subject_of(event)
    if refused := inadmissible(event, known, world):
        return refused
    if known is None:
        return Place(id=event.contrat.sujet, gestionnaire=event.source)
    return known if isinstance(known, Place) else anomaly(event, MotifAnomalie.SUJET_INCONNU, None)


def _referral_named(event: Event, world: World) -> UUID | None:
    named = event.contrat.orientation if isinstance(event.contrat, PlaceOccupee) else None
    known = world.subjects.get(named) if named else None
    return named if isinstance(known, Orientation) and known.destinataire == event.source else None


def _moved(event: Event, move: Evenement, held: Place, referral: UUID | None) -> Place | Ignored | Anomalie:
    match event.contrat:
        case PlaceOccupee(raison=why) if is_explained_by(held, referral, why):
            return explained(held, referral)
        case PlaceOccupee():  # without a referral in the message, the place's own counts
            return place_after(held, move, orientation=referral or held.orientation)
        case PlaceVacancePrevisible(libre_le=day):
            return place_after(held, move, libre_le=day)
    return place_after(held, _freed(event, held) if move is Evenement.LIBERER else move)


def _freed(event: Event, held: Place) -> Evenement:
    """Return the transition that the message `place.liberee` makes. If the hub sent the message about a
    reserved place, it ends the reservation. In any other case, it reports that the present household has
    left. A manager cannot end a reservation by this message, but only by its answer to the referral."""
    return given_up(held) if held.etat is Etat.RESERVEE and event.of_the_hub else Evenement.LIBERER


def _suspected(event: Event, held: Place) -> tuple[Contrat, ...]:
    """Return an alert to the manager if a place has become occupied without an accepted referral, and the
    manager has given no reason (duty C2 in `docs/obligations.md`). Return an empty tuple in any other
    case."""
    if not isinstance(event.contrat, PlaceOccupee) or event.contrat.raison:
        return ()
    unanswered = held.etat is Etat.RESERVEE and held.expire_le is not None and not held.departure_announced
    if not (unanswered or held.etat is Etat.DISPONIBLE):
        return ()
    return (alert_of(event, MotifAnomalie.OCCUPEE_SANS_ORIENTATION, held),)


def _broken_by(event: Event, held: Place, title: Title, world: World) -> tuple[Contrat, ...]:
    alerts: list[Contrat] = []
    if title.manque is not None:
        alerts.append(alert_of(event, title.manque, world.subject_of(event)))
    if held.etat is Etat.RESERVEE and held.orientation:
        alerts.append(conflict_of(event, held.orientation, held, why_unavailable(held)))
    return tuple(alerts)


def _reached(held: Place, stage: Mapping[str, Any]) -> Contrat:
    if stage["echeance"] is Echeance.RESERVATION:
        return PlaceLiberee(place=held.id, version=held.version)
    return PlaceEcheance(place=held.id, **stage)


BOOK = Book(
    subject=Place,
    moves={
        PlaceDeclaree: Evenement.DECLARER,
        PlaceVacante: Evenement.VACANTE,
        PlaceVacancePrevisible: Evenement.VACANCE_PREVISIBLE,
        PlaceLiberee: Evenement.LIBERER,
        PlaceOccupee: Evenement.OCCUPER,
        PlaceIndisponible: Evenement.INDISPONIBLE,
        PlaceDisponible: Evenement.DISPONIBLE,
        PlaceFermee: Evenement.FERMER,
        AdmissionDirecte: Evenement.ADMETTRE,
    },
    openers={Evenement.ADMETTRE: admit_directly},
    mover=move_place,
    expected={
        Etat.DECLAREE: (Party.GESTIONNAIRE, "dire quand elle est vacante"),
        Etat.DISPONIBLE: (Party.SIAO, "y orienter un ménage"),
        Etat.RESERVEE: (Party.GESTIONNAIRE, "répondre à l'orientation qui la réserve"),
        Etat.OCCUPEE: (Party.GESTIONNAIRE, "dire quand elle se libère"),
        Etat.A_LIBERER: (Party.SIAO, "y orienter un ménage"),
        Etat.INDISPONIBLE: (Party.GESTIONNAIRE, "dire quand elle est de nouveau disponible"),
    },
    beside={
        Echeance.JUSTIFICATION: "donner le titre de l'admission sans le SIAO : une dérogation, ou l'urgence",
        Echeance.EXPLICATION: "dire qui occupe la place, et à quel titre",
    },
    reached=_reached,
)
