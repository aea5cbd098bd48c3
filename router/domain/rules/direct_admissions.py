"""Determine whether a derogation or an emergency justifies an admission without the SIAO. The admission is
recorded in any case, because it has taken place (duty C2 of `docs/obligations.md`)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from contracts.base import Contrat
from contracts.envelope import Event
from contracts.frozen import replace
from contracts.partner import Famille
from contracts.reference.regle import RELU
from contracts.v1.alerte import MotifAnomalie
from contracts.v1.suite import AdmissionDirecte, AdmissionHorsSiao, MotifAdmission, SortieDeclaree, Titre
from router.domain import location
from router.domain.rulebooks.acte import Derogation
from router.domain.rules.effects import Effects, World
from router.domain.subjects import Place, Subject

MISTAKE = timedelta(days=1)
"""Longest time after an admission without the SIAO in which the admission may prove to be a mistake: the
place is freed, or another household is admitted there."""


class Title(NamedTuple):
    """Justification of an admission without the SIAO: a derogation or an emergency. If nothing justifies the
    admission, `manque` is the reason why no derogation covers it."""

    titre: Titre
    manque: MotifAnomalie | None = None


def title_of(event: Event, held: Place, world: World) -> Title:
    """Return what justifies an admission without the SIAO: a derogation, an emergency, or nothing. `held` is
    the place before the admission."""
    contrat = event.contrat
    assert isinstance(contrat, AdmissionDirecte)
    lacks = _lacks(contrat, held, world) if contrat.derogation else MotifAnomalie.SANS_DEROGATION
    if lacks is None:
        return Title(Titre.DEROGATION)
    if contrat.motif_admission is MotifAdmission.URGENCE:
        return Title(Titre.URGENCE)
    return Title(Titre.AUCUN, lacks)


def _lacks(contrat: AdmissionDirecte, held: Place, world: World) -> MotifAnomalie | None:
    act = world.subjects.get(contrat.acte) if contrat.acte else None
    if not isinstance(act, Derogation):
        return MotifAnomalie.ACTE_INCONNU
    if lacks := act.lacks_on(contrat.admission_le):
        return lacks
    elsewhere = None not in (act.structure, held.structure) and act.structure != held.structure
    if elsewhere or (act.places and held.id not in act.places):
        return MotifAnomalie.HORS_ACTE
    others = [place for place in act.occupees if place != held.id]
    return MotifAnomalie.QUOTA_EPUISE if len(others) >= act.places_at_once else None


def titled(admitted: Place, held: Place, event: Event, title: Title) -> Place:
    """Return the place `admitted` with the facts of an admission without the SIAO, and with what justifies it
    (`title`). If a derogation justifies the admission, the place names this derogation. If nothing does, the
    place records since when the manager has to give a justification. `held` is the place before the
    admission: if the admission repeats or corrects the one noted there, the manager gets no more time."""
    contrat = event.contrat
    assert isinstance(contrat, AdmissionDirecte)
    facts = _elementary(contrat, title)
    without = title.titre is Titre.AUCUN
    return replace(
        admitted,
        acte=contrat.acte if title.titre is Titre.DEROGATION else None,
        admission=facts,
        a_justifier_depuis=_asked_since(event, contrat, facts, held) if without else None,
        a_expliquer_depuis=None,
    )


def _asked_since(
    event: Event, contrat: AdmissionDirecte, facts: Mapping[str, str], held: Place
) -> datetime | None:
    if not is_known(contrat, held):
        return event.attributes.time
    if facts == held.admission:  # None if the State has been notified of them
        return held.a_justifier_depuis
    return held.a_justifier_depuis or event.attributes.time


def is_known(contrat: AdmissionDirecte, held: Place) -> bool:
    """Tell whether an admission repeats or corrects the admission that the place `held` notes, and does not
    admit another household. If both name a stay, the stays must be the same. Otherwise, the days of admission
    must be the same."""
    if contrat.orientation and held.orientation:
        return contrat.orientation == held.orientation
    return held.admission.get("admission_le") == contrat.admission_le.isoformat()


def _elementary(contrat: AdmissionDirecte, title: Title) -> Mapping[str, str]:
    facts = {
        "admission_le": contrat.admission_le.isoformat(),
        "composition": contrat.menage.composition,
        "adultes": str(contrat.menage.adultes),
        "enfants": str(contrat.menage.enfants),
        "titre": title.titre,
        "numero": contrat.derogation,
        "manque": title.manque,
    }
    return {name: str(value) for name, value in facts.items() if value is not None}


def notices_to_the_state(held: Place, event: Event, title: Title, world: World) -> tuple[Contrat, ...]:
    """Return the message that notifies the State of an admission without the SIAO. Return an empty tuple in
    two cases:

    * Neither a derogation nor an emergency (`title`) justifies the admission. The State is then notified
      later, if the manager gives no justification in time.
    * The territory has no service of the State.
    """
    contrat = event.contrat
    assert isinstance(contrat, AdmissionDirecte)
    return () if title.titre is Titre.AUCUN else _notices(held, _elementary(contrat, title), event, world)


def unjustified(held: Place, event: Event, world: World) -> Effects:
    """Return the effects if a manager has not justified an admission without the SIAO in time: the State is
    notified of the admission, and the deadline for the justification ends."""
    notices = _notices(held, held.admission, event, world) if held.admission else ()
    return Effects(subjects=(replace(held, a_justifier_depuis=None),), derived=notices)


def _notices(held: Place, facts: Mapping[str, str], event: Event, world: World) -> tuple[Contrat, ...]:
    lieu = location.lieu_of(None, event.attributes.territoire, held, world.registry)
    if not world.registry.listeners(Famille.ETAT, lieu):
        return ()
    structure = world.registry.open_structure(held.structure)
    where = {"place": held.id, "structure": structure, "dispositif": held.dispositif}
    return (AdmissionHorsSiao.model_validate({**where, **facts}, context=RELU),)


def counted(effects: Effects, event: Event, world: World) -> Effects:
    """Add to the effects what follows from changes of occupied places:

    * each derogation's new list of the places that are occupied under it
    * a message to the State about each household that leaves now, or that another household replaces, if its
      admission without the SIAO was never justified. An admission that proves to be a mistake (`MISTAKE`) is
      not reported.
    """
    places = [place for place in effects.subjects if isinstance(place, Place)]
    left = [notice for place in places for notice in _left_without_title(place, event, world)]
    moved = [(place, _act_before(place, world)) for place in places]
    effects = effects.with_news(*left) if left else effects
    if all(place.acte == before for place, before in moved):
        return effects
    acts: dict[UUID, Derogation] = {}
    for place, before in moved:
        for ident, now in ((before, False), (place.acte, True)):
            known = acts.get(ident) or world.subjects.get(ident) if ident and place.acte != before else None
            if isinstance(known, Derogation):
                others = tuple(each for each in known.occupees if each != place.id)
                acts[known.id] = replace(known, occupees=(*others, place.id) if now else others)
    subjects: tuple[Subject, ...] = (*effects.subjects, *acts.values())
    return replace(effects, subjects=subjects)


def _left_without_title(place: Place, event: Event, world: World) -> tuple[Contrat, ...]:
    before, contrat = world.subjects.get(place.id), event.contrat
    if not isinstance(before, Place) or before.a_justifier_depuis is None:
        return ()
    stays = is_known(contrat, before) if isinstance(contrat, AdmissionDirecte) else place.admission
    taken_back = event.attributes.time - before.a_justifier_depuis <= MISTAKE
    if stays or (taken_back and not isinstance(contrat, SortieDeclaree)):
        return ()
    return _notices(before, before.admission, event, world)


def _act_before(place: Place, world: World) -> UUID | None:
    before = world.subjects.get(place.id)
    return before.acte if isinstance(before, Place) else None
