"""Warn a sender whose event is about a place that nobody has described. The event is accepted all the same."""

from collections.abc import Sequence

from contracts.base import Contrat, Nature, Reference
from contracts.ports import Rejet
from contracts.v1.place import PlaceDecrite
from router.intake.draft import Draft
from router.privacy.crosswalk import Crosswalk
from router.store.crosswalk import Foreign
from router.store.database import Database

PLACE_UNKNOWN = Rejet(
    "place_non_declaree",
    "événement accepté, mais le hub ne connaît pas cette place : vérifiez son identifiant, ou décrivez-la par "
    "place.vacante ou place.declaree",
)


async def with_warnings(database: Database, crosswalk: Crosswalk, drafts: Sequence[Draft]) -> Sequence[Draft]:
    """Return the messages with a warning for each row about a place that nobody has described. Call this before the
    hub's ids are created for the messages: a place that has an id of the hub counts as described. Raises
    BusUnavailable if the database cannot be reached."""
    cited = {_place(d, c) for d in drafts for _, c in d.contrats if _cites(c)}
    if cited <= crosswalk.remembered(cited).keys():
        return drafts
    async with database.statement() as connection:
        known = set(await crosswalk.found(connection, cited))
    return [_with_warnings(draft, known) for draft in drafts]


def _with_warnings(draft: Draft, known: set[Foreign]) -> Draft:
    """Return the draft with a warning for each row about an undescribed place: the place is not in `known`, and no
    earlier row of the draft describes it. Add to `known` the places that the draft's rows describe, for example by
    `place.declaree`."""
    odd: list[int] = []
    for number, contrat in draft.contrats:
        if isinstance(contrat, PlaceDecrite) and isinstance(contrat.sujet, Reference):
            known.add(_place(draft, contrat))
        elif _cites(contrat) and _place(draft, contrat) not in known:
            odd.append(number)
    return draft.with_warning(PLACE_UNKNOWN, odd)


def _cites(contrat: Contrat) -> bool:
    named = contrat.NATURE is Nature.PLACE and isinstance(contrat.sujet, Reference)
    return named and not isinstance(contrat, PlaceDecrite)


def _place(draft: Draft, contrat: Contrat) -> Foreign:
    assert isinstance(contrat.sujet, Reference)
    return draft.partner.id, contrat.sujet
