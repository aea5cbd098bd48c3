"""Compute a place as it is after a transition: its state, and the households that live there or are
expected."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from contracts.frozen import replace
from contracts.v1.place import RaisonOccupation
from router.domain.rulebooks.machine import Anomalie, Ignored
from router.domain.rulebooks.place import SORTIES, Etat, Evenement
from router.domain.subjects import Place


def place_after(
    held: Place,
    event: Evenement,
    *,
    orientation: UUID | None = None,
    libre_le: date | None = None,
    until: datetime | None = None,
) -> Place | Ignored | Anomalie:
    """Return the place after the transition `event`, or the reason why nothing changes. `orientation` is
    the referral that the message names, `libre_le` the announced day of departure, and `until` the end of
    the reservation. If a household leaves, the reservation for another household is kept. If the message
    only describes a known place anew, the place is returned with the same version: with a new version, a
    message that the hub has written about the place would become outdated."""
    after = held.MACHINE.move(held.etat, event)
    if not isinstance(after, StrEnum):
        return after
    if event is Evenement.DECLARER and held.etat is not None:
        return held
    if after is Etat.RESERVEE and event in SORTIES:
        return _leaving(held, libre_le if event is Evenement.VACANCE_PREVISIBLE else None)
    moved = held.moved(after)
    if moved.expire_le != until:
        moved = replace(moved, expire_le=until)
    return _remembering(moved, event, orientation, libre_le)


def given_up(held: Place) -> Evenement:
    """Return the transition that ends the reservation of a place. The place is then free, or occupied if a
    household still lives there."""
    return Evenement.RENDRE_OCCUPEE if held.departure_announced else Evenement.RENDRE


def referral_of(held: Place, event: Evenement) -> UUID | None:
    """Return the referral of the household that a transition (`event`) of the place `held` concerns:

    * for a departure from a place that is reserved for the next household: `occupant`, the referral of the
      household that still lives there
    * for any other transition: `orientation`

    Return None if the place notes no such referral.
    """
    return held.occupant if held.etat is Etat.RESERVEE and event in SORTIES else held.orientation


def _remembering(moved: Place, event: Evenement, orientation: UUID | None, libre_le: date | None) -> Place:
    match event:
        case Evenement.RESERVER:
            return replace(moved, orientation=orientation, occupant=moved.orientation)
        case Evenement.PROMETTRE:
            return moved
        case Evenement.RENDRE_OCCUPEE:
            return replace(moved, orientation=moved.occupant, occupant=None)
        case Evenement.VACANCE_PREVISIBLE:
            return replace(moved, libre_le=libre_le)
        case Evenement.OCCUPER | Evenement.ADMETTRE:
            return replace(_emptied(moved), orientation=orientation, reservataire=None)
    return _emptied(moved)


def _emptied(moved: Place) -> Place:
    if (moved.orientation, moved.occupant, moved.libre_le) != (None, None, None):
        moved = replace(moved, orientation=None, occupant=None, libre_le=None)
    return _without_title(moved)


def is_explained_by(held: Place, orientation: UUID | None, why: RaisonOccupation | None = None) -> bool:
    """Tell whether a manager's message answers the hub's question who occupies the place `held`:

    * A message with a referral or stay (`orientation`) answers if the hub has asked. It does not answer if
      the place is only reserved for this referral: the referral's household does not live there yet.
    * A message with only a reason (`why`) answers if the hub has asked. In a reserved place, it answers if
      another household still lives there, even if the hub has not asked.
    """
    if orientation is None:
        asked = (
            held.departure_announced if held.etat is Etat.RESERVEE else held.a_expliquer_depuis is not None
        )
        return why is not None and asked
    kept_for_it = held.etat is Etat.RESERVEE and held.orientation == orientation
    return held.a_expliquer_depuis is not None and not kept_for_it


def explained(held: Place, orientation: UUID | None) -> Place:
    """Return the place `held` after its manager has answered the hub's question who occupies it. The question
    is closed; a reservation for the next household is kept. `orientation` is the referral or stay of the
    household that lives there, and is noted in the place. It is None if the manager named none, and only gave
    a reason, such as a birth in the household."""
    told = replace(held, version=held.version + 1, a_expliquer_depuis=None)
    if held.etat is Etat.RESERVEE:
        return replace(told, occupant=orientation or held.occupant)
    return replace(told, orientation=orientation or held.orientation)


def _without_title(held: Place) -> Place:
    if held.acte is None and not held.admission and held.a_expliquer_depuis is None:
        return held
    return replace(held, acte=None, admission={}, a_justifier_depuis=None, a_expliquer_depuis=None)


def _leaving(held: Place, libre_le: date | None) -> Place:
    """Return a reserved place after a message about the departure of the household that still lives there.
    The reservation for the next household is kept.

    * If no departure was announced before, return the place unchanged.
    * If `libre_le` is given, the message only announces a new day of departure: note this day.
    * In any other case, the household has left.
    """
    if not held.departure_announced:
        return held
    kept = held if libre_le else _without_title(held)
    return replace(kept, libre_le=libre_le, occupant=held.occupant if libre_le else None)
