"""Judgement of the messages that the hub sends by itself: places that are free again, and alerts. Pure.

They are counted by their causes: a referral that ends without an arrival frees its place; an answer after a
declared silence is set aside with an alert. `chaos.deadlines` judges alerts about deadlines.

Not judged: the other fields, and the order relative to other senders' messages.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from typing import NamedTuple

from simulation import actes, alerts, collecteur, story
from simulation.observed import DERIVED, Delivery, Observed

FREE_AGAIN = "place.disponible"
WITHOUT_ARRIVAL = frozenset({"orientation.refusee", "orientation.annulee", "presentation.absence"})


class News(NamedTuple):
    """Message that the hub sends by itself, as its journal name encodes it."""

    event: str
    subject: str
    version: int | None


class Trouble(NamedTuple):
    """Fault in the hub's own messages, with the number of the place concerned, if any."""

    place: int | None
    says: str


def read(ref: str) -> News:
    """Return the message that a journal name encodes. `version` is None for one without order."""
    event, subject, version, *_ = [*ref.removeprefix(DERIVED).split(":"), "", ""]
    return News(event, subject, int(version) if version.isdecimal() else None)


def troubles(observed: Observed, undecided: Collection[Delivery] = ()) -> Iterator[Trouble]:
    """Yield the messages that the hub should have sent by itself, and those without a cause."""
    for ref in alerts.unexplained(observed):
        yield Trouble(None, f"{ref} : alerte, et rien dans l'histoire ne devait être écarté")
    yield from (Trouble(None, says) for says in (*actes.unseen(observed), *collecteur.unheard(observed)))
    told, ends, unknown = _told(observed), _ends(observed), _unknown(observed, undecided)
    for place in sorted(told.keys() | ends.keys()):
        times, applied, accepted = len(told[place]), sum(ends[place]), len(ends[place])
        if times + unknown[place] < applied:
            yield Trouble(place, f"place {place} : rendue {applied} fois, dite libre {times} fois")
        if times > accepted:
            yield Trouble(place, f"place {place} : dite libre {times} fois, rendue {accepted} fois")


def untold(observed: Observed) -> bool:
    """Return whether the hub still has to send one of its own messages."""
    told = _told(observed)
    return any((*actes.unseen(observed), *collecteur.unheard(observed))) or any(
        len(told[place]) < sum(ends) for place, ends in _ends(observed).items()
    )


def out_of_order(observed: Observed, undecided: Collection[str]) -> Iterator[str]:
    """Yield the hub's messages about a place that arrived after a later version."""
    return (ref for ref, behind in _behind(observed, undecided) if behind < 0)


def retold(observed: Observed, undecided: Collection[str]) -> Iterator[str]:
    """Yield the hub's messages that repeat an earlier one's version with other content."""
    return (ref for ref, behind in _behind(observed, undecided) if behind == 0)


def _behind(observed: Observed, undecided: Collection[str]) -> Iterator[tuple[str, int]]:
    """Yield the hub's own messages in order of arrival, each with its version minus the latest arrived."""
    arrivals = [
        (effects[0], ref)
        for ref, effects in observed.effects.items()
        if ref.startswith(DERIVED) and effects[0].name not in undecided
    ]
    latest: dict[tuple[str, str], int] = {}
    for effect, ref in sorted(arrivals, key=lambda arrival: (arrival[0].recipient, arrival[0].order)):
        news = read(ref)
        if news.version is not None:
            lane = (effect.recipient, news.subject)
            yield ref, news.version - latest.get(lane, -1)
            latest[lane] = max(news.version, latest.get(lane, -1))


def _told(observed: Observed) -> defaultdict[int, set[str]]:
    """Return, by place, the messages that it is free again, acted on or refused."""
    told: defaultdict[int, set[str]] = defaultdict(set)
    for ref in (*observed.effects, *observed.declined):
        news = read(ref)
        if ref.startswith(DERIVED) and news.event == FREE_AGAIN and observed.was_heard(ref):
            told[observed.places.get(news.subject, 0)].add(ref)
    return told


def _ends(observed: Observed) -> defaultdict[int, list[bool]]:
    """Return, by place, whether each end of a referral without an arrival was applied, or only accepted."""
    ends: defaultdict[int, list[bool]] = defaultdict(list)
    silent = alerts.silences(observed)
    said = [
        (loop, observed.was_heard(ref))
        for ref, sent in observed.sent.items()
        if ref.rpartition(":")[2] in WITHOUT_ARRIVAL and observed.accepted(sent)
        if (loop := observed.loop_of(ref)) is not None and loop not in silent
    ]
    for loop, heard in (*said, *((loop, True) for loop in silent)):
        place, slot = story.place_of(story.number_of(loop))
        if slot <= story.MAX_REFERRALS:
            ends[place].append(heard)
    return ends


def _unknown(observed: Observed, undecided: Collection[Delivery]) -> Counter[int]:
    """Return, by place, the number of messages that it is free again of unknown outcome."""
    taken = {effect.name for effects in observed.effects.values() for effect in effects}
    return Counter(
        observed.places.get(one.subject, 0)
        for one in undecided
        if one.kind == FREE_AGAIN and taken.isdisjoint(one.names)
    )
