"""Check a referral to a place or structure of another SIAO. An agreement between the two SIAO allows the
referral, and so does a transfer of the demand (duties C1 and C11 in `docs/obligations.md`)."""

from collections.abc import Iterator, Sequence

from contracts.envelope import Event
from contracts.v1.alerte import AlerteAnomalie, MotifAnomalie
from contracts.v1.convention import Objet
from contracts.v1.orientation import OrientationProposee
from contracts.v1.place import PlaceReservee
from router.domain import location
from router.domain.calendar import day_in
from router.domain.rulebooks.acte import Convention
from router.domain.rules.alerts import alert_of
from router.domain.rules.effects import World
from router.domain.subjects import Demande, Orientation, Place


def is_forbidden(event: Event, other: str | None, world: World) -> bool:
    """Tell whether the referral `event` is forbidden because its place or structure belongs to another SIAO
    (`other`). The referral is allowed if it names an agreement between the two SIAO that is in force. It is
    also allowed if it names a demand that the sender has now, and that `other` had before and transferred.
    Return False if `other` is None."""
    contrat = event.contrat
    assert isinstance(contrat, OrientationProposee)
    return other is not None and not (
        _agreed(event, contrat, other, world) or _transferred(event, contrat, other, world)
    )


def reservation_notices(event: Event, held: Sequence[Place], world: World) -> Iterator[PlaceReservee]:
    """Yield a message for each place in `held` for which another SIAO is responsible. The message tells that
    SIAO that the referral (`event`) has reserved the place. A place in a département of the referral's sender
    needs no message."""
    for each in held:
        if each.expire_le and location.other_siao(event.source, each, world.registry):
            yield PlaceReservee(place=each.id, orientation=event.contrat.sujet, expire_le=each.expire_le)


def referral_notice(event: Event, referral: Orientation, other: str | None) -> tuple[AlerteAnomalie, ...]:
    """Return the alert that notifies the SIAO `other` of a referral to one of its structures. Return no alert
    if `other` is None."""
    if other is None:
        return ()
    news = alert_of(event, MotifAnomalie.ORIENTE_PAR_UN_AUTRE_SIAO, referral)
    return (news.model_copy(update={"emetteur": other, "gestionnaire": referral.destinataire}),)


def _agreed(event: Event, contrat: OrientationProposee, other: str, world: World) -> bool:
    act = world.subjects.get(contrat.acte) if contrat.acte else None
    if not isinstance(act, Convention) or act.objet != Objet.SIAO:
        return False
    parties = {partner.id for siret in act.attendus if (partner := world.registry.manager_of(siret))}
    day = day_in(event.attributes.territoire, event.attributes.time)
    return {event.source, other} <= parties and act.holds_on(day)


def _transferred(event: Event, contrat: OrientationProposee, other: str, world: World) -> bool:
    named = world.subjects.get(contrat.demande) if contrat.demande else None
    if not isinstance(named, Demande) or named.destinataire != event.source:
        return False
    return other in map(world.registry.present, named.cedants)
