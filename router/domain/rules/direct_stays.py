"""Create the stay of a household that a centre has admitted without the SIAO. The centre itself chooses the
id of the stay."""

from enum import StrEnum

from contracts.envelope import Event
from contracts.frozen import replace
from contracts.v1.alerte import MotifAnomalie
from contracts.v1.suite import AdmissionDirecte
from router.domain import location
from router.domain.rulebooks.orientation import Etat, Evenement
from router.domain.rulebooks.place import Etat as EtatPlace
from router.domain.rules.alerts import alert_of
from router.domain.rules.effects import Effects, World
from router.domain.subjects import Orientation, Place, Subject

LIVED_IN = (EtatPlace.OCCUPEE, EtatPlace.A_LIBERER)


def with_stay(effects: Effects, event: Event, world: World) -> Effects:
    """Complete an admission's effects with the stay that the admission opens or corrects. If the admission
    names no stay, return the effects unchanged. If the stay's id belongs to another subject, or if the
    stay is over, add an alert to the centre and the SIAO in place of the stay."""
    contrat = event.contrat
    assert isinstance(contrat, AdmissionDirecte)
    if contrat.orientation is None:
        return effects
    (admitted,) = effects.subjects
    assert isinstance(admitted, Place)
    stay = _stay(event, contrat, admitted, world)
    if stay is None:
        taken = alert_of(event, MotifAnomalie.NUMERO_DE_SEJOUR_PRIS, world.subject_of(event))
        return effects.with_news(taken)
    lived_in = admitted.etat in LIVED_IN
    place = replace(admitted, orientation=admitted.orientation or stay.id) if lived_in else admitted
    return replace(effects, subjects=(place, stay))


def _stay(event: Event, contrat: AdmissionDirecte, admitted: Place, world: World) -> Orientation | None:
    known = world.subjects.get(contrat.orientation) if contrat.orientation else None
    if known is not None and not _is_its_own(known, admitted):
        return None
    after = Orientation.MACHINE.move(known.etat if known else None, Evenement.ADMETTRE_SANS_SIAO)
    if not isinstance(after, StrEnum):
        return None
    opened = known if isinstance(known, Orientation) else _opened(event, contrat, admitted, world)
    day = contrat.admission_le
    return replace(opened, menage=contrat.menage.id, presentation_le=day, sans_siao_le=day)


def _is_its_own(known: Subject, admitted: Place) -> bool:
    if not isinstance(known, Orientation) or known.was_sent:
        return False
    return (known.destinataire, known.place) == (admitted.gestionnaire, admitted.id)


def _opened(event: Event, contrat: AdmissionDirecte, admitted: Place, world: World) -> Orientation:
    """Return the new stay that an admission without the SIAO opens. The stay's sender is the SIAO responsible
    for the place, so that this SIAO receives all later messages about the stay."""
    siao = location.siao_of(admitted, world.registry)
    assert siao is not None, "the admission was addressed to it"
    assert contrat.orientation is not None
    return Orientation(
        id=contrat.orientation,
        etat=Etat.ENTREE,
        version=1,
        emetteur=siao.id,
        destinataire=event.source,
        menage=contrat.menage.id,
        place=admitted.id,
        dispositif=admitted.dispositif,
        structure=world.registry.open_structure(admitted.structure),
        commune=admitted.commune,
        admise_le=event.attributes.time,
    )
