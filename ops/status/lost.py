"""Tell in French whether messages are lost, as the last regular count found."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import NamedTuple

from contracts.plurals import many
from ops.status.quantities import at, next_at
from ops.status.verdict import live
from router.domain.roles import Role
from router.domain.vitals import COUNTED_EVERY, LastCount, Safeguard, Vitals

ASK = "« siao-hub compte »"


class Loss(NamedTuple):
    """A French sentence that says whether messages are lost. Its tone is `green` if none are, `red` if some
    are, `inconnu` if this is unknown."""

    sentence: str
    tone: str


def loss_of(
    last: LastCount | None,
    now: datetime,
    broke_at: datetime | None = None,
    down: Collection[str] = (),
) -> Loss:
    """Return a French sentence that says whether messages are lost, and when they are next counted. `last` is
    the last count. The sentence says that it is unknown whether messages are lost in three cases:

    * there was no count: `last` is None;
    * the last count found no loss, but is too old;
    * the last count found no loss, but the hub's newest breakdown began after it, at `broke_at`.

    `down` has the parts of the hub that are broken down now. If the scheduler is one of them, and the last
    count is not too old, the sentence says that the next count waits for the scheduler.
    """
    if last is None:
        return Loss(f"Messages perdus de vue : inconnu, aucun compte ; {ASK} le dit", "inconnu")
    due = f"prochain {next_at(Role.SCHEDULER if Role.SCHEDULER in down else last.next_at, now)}"
    if last.is_old(now):
        due = f"attendu depuis {at(last.next_at, now)}"
    counted = f"compté à {at(last.at, now)}, {due}"
    if last.lost:
        return Loss(f"{_to_find(last)} ({counted})", "red")
    if last.is_old(now):
        return Loss(f"Messages perdus de vue : inconnu ({counted}) ; {ASK} le dit", "inconnu")
    if broke_at is not None and broke_at > last.at:
        counted = f"compté à {at(last.at, now)}, avant la panne ; {due}"
        return Loss(f"Messages perdus de vue depuis la panne : inconnu ({counted}) ; {ASK} le dit", "inconnu")
    return Loss(
        f"Rien de perdu parmi ce que le hub a accepté depuis {at(last.since, now)} ({counted})", "green"
    )


def of_last_count(facts: Vitals, now: datetime) -> Iterator[Safeguard]:
    """Yield a broken safeguard if the last count of lost messages found any. If a scheduler has run for long
    enough to make a count, yield one too if the last count is too old, or if there was none."""
    last = facts.last_count
    begun = [beat.started_at for beat in live(facts.beats, Role.SCHEDULER, now)]
    if last is not None and last.lost:
        yield Safeguard("compte", _to_find(last), holds=False)
    elif (last is None or last.is_old(now)) and begun and now - min(begun) > 2 * COUNTED_EVERY:
        said = f"le dernier à {at(last.at, now)}" if last else "aucun"
        yield Safeguard("compte", f"{said}, et chaque essai échoue depuis : {ASK}", holds=False)


def _to_find(last: LastCount) -> str:
    return f"{many(last.lost, 'message ou livraison', 'messages ou livraisons')} à retrouver : {ASK}"
