"""French line that says whether messages are lost, from the last regular count. Pure."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from contracts.plurals import many
from ops.status.quantities import at
from router.domain.vitals import LastCount, Safeguard

ASK = "« siao-hub compte »"


class Loss(NamedTuple):
    """French sentence about lost messages, with its tone: `green`, `red`, or `inconnu`."""

    sentence: str
    tone: str


def loss_of(last: LastCount | None, now: datetime) -> Loss:
    """Return the sentence about lost messages, from the last count; « inconnu » if there is no recent count."""
    if last is None:
        return Loss(f"Messages perdus de vue : inconnu, aucun compte ; {ASK} le dit", "inconnu")
    due = "attendu depuis" if last.is_old(now) else "prochain à"
    counted = f"compté à {at(last.at, now)}, {due} {at(last.next_at, now)}"
    if last.lost:
        return Loss(f"{_to_find(last)} ({counted})", "red")
    if last.is_old(now):
        return Loss(f"Messages perdus de vue : inconnu ({counted}) ; {ASK} le dit", "inconnu")
    return Loss(f"Aucun message perdu de vue depuis {at(last.since, now)} ({counted})", "green")


def of_last_count(last: LastCount | None) -> Iterator[Safeguard]:
    """Yield a broken safeguard if the last count found a loss."""
    if last is not None and last.lost:
        yield Safeguard("compte", _to_find(last), holds=False)


def _to_find(last: LastCount) -> str:
    return f"{many(last.lost, 'message ou livraison', 'messages ou livraisons')} à retrouver : {ASK}"
