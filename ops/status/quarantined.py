"""Make the findings about the quarantine.

Senders correct their refused messages themselves, so a few refused messages raise no alarm.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from contracts.plurals import counted, many
from ops.status.findings import Code, Finding, Level
from ops.status.quantities import at
from ops.status.wording import many_or_more, refused_of, spelled
from router.domain.correspondents import Correspondent
from router.domain.vitals import Held, Vitals
from router.store.quarantine import KEY_TAKEN
from router.triage import BUG, FORGED

REFUSED_IN_NUMBER = 20
REFUSED_AGAIN, OVER = 3, timedelta(hours=1)
"""Number of refusals for the same cause from which a sender's software seems faulty. The first and last of
these refusals must be at least `OVER` apart."""
SILENT_AFTER = timedelta(hours=1)
"""A sender that sends nothing for this long after a refusal seems not to correct the refused message."""
NOBODY = "sans expéditeur"
"""The words that stand for a missing sender."""
NAMED = 2
"""The number of causes that one finding names, the most frequent first. If there is just one more, it is
named too."""


def quarantined(vitals: Vitals, now: datetime) -> Iterator[Finding]:
    """Yield the findings about the quarantine:

    * one about all forged records;
    * one about each sender whose messages were refused, whole or in part;
    * one for each cause and sender of everything else.
    """
    refused: defaultdict[str | None, list[Held]] = defaultdict(list)
    partners = {partner.id: partner for partner in vitals.partners}
    for held in vitals.quarantine:
        match condition_of(held):
            case Code.FALSIFIE:
                number = many_or_more(
                    held.number, "enregistrement de Kafka n'est", "enregistrements de Kafka ne sont"
                )
                sentence = f"{number} pas du hub, ou changé depuis"
                yield Finding(Code.FALSIFIE, Level.A_VOIR, "kafka", sentence, held.since, number=held.number)
            case Code.QUARANTAINE:
                number = many_or_more(held.number, "entrée")
                sentence = f"quarantaine : {number}, {spelled(held.cause)}, {_sender(held.partner, partners)}"
                about = f"{held.cause} {held.partner or ''}".strip()
                yield Finding(Code.QUARANTAINE, Level.A_VOIR, about, sentence, held.since, number=held.number)
            case _:
                refused[held.partner].append(held)
    for partner in vitals.partners:
        if partner.partials_24_h:
            refused.setdefault(
                partner.id, []
            )  # files that lost rows are shown even if no message was refused whole
    for sender, group in refused.items():
        yield _refused(sender or NOBODY, group, partners.get(sender or ""), now)


def _sender(partner: str | None, partners: Mapping[str, Correspondent]) -> str:
    known = partners.get(partner or "")
    return f"de {known.nom if known else partner}" if partner else NOBODY


def _refused(sender: str, group: Sequence[Held], partner: Correspondent | None, now: datetime) -> Finding:
    number = sum(held.number for held in group)
    numbers: Counter[str] = Counter()
    for held in group:
        numbers.update({held.cause: held.number, **held.also})
    numbers.update(dict(partner.partial_causes) if partner else {})
    causes = [
        f"{spelled(cause)} ({counted(times)} fois)" if times > 1 else spelled(cause)
        for cause, times in numbers.most_common()
    ]
    shown = len(causes) if len(causes) <= NAMED + 1 else NAMED
    named = ", ".join((*causes[:shown], *_rest(len(causes) - shown, partner)))
    said, last_in = refused_of(number, partner), partner.last_in if partner else None
    code, why = Code.LIGNES_REFUSEES, ""
    if number >= REFUSED_IN_NUMBER:
        code, why = Code.ENVOIS_REFUSES, " : ils sont nombreux"
    elif any(held.number >= REFUSED_AGAIN and held.lasts >= OVER for held in group):
        code, why = Code.ENVOIS_REFUSES, " : la même faute revient"
    elif group and last_in is not None and last_in <= max(h.latest for h in group) <= now - SILENT_AFTER:
        code, why = Code.ENVOIS_REFUSES, ", et rien depuis"
    called = f"{partner.nom if partner else sender} doit corriger" if sender != NOBODY else f"{NOBODY} :"
    number += partner.partials_24_h if partner else 0
    last = max((held.latest for held in group), default=now)
    if last - min((held.since for held in group), default=last) >= timedelta(minutes=1):
        said += f", le dernier à {at(last, now)}"
    run = [held.run_since for held in group if held.run_since] or [held.since for held in group]
    run += [partner.partials_since] if partner and partner.partials_since else []
    since = min(run, default=None)
    return Finding(code, Level.A_VOIR, sender, f"{called} {said}{why}", since, named, number=number)


def _rest(causes: int, partner: Correspondent | None) -> Iterator[str]:
    are_read = partner is None or partner.rows_refused_24_h <= partner.partial_rows_read
    if causes:
        yield ("" if are_read else "au moins ") + many(causes, "autre cause")
    elif not are_read:
        yield "d'autres causes peut-être"


def condition_of(held: Held) -> Code:
    """Return the code of the finding that reports a group of quarantine rows: forged records, messages
    refused as a whole, or anything else. The rows of the group `held` have one cause and one sender."""
    if held.cause == FORGED:
        return Code.FALSIFIE
    return Code.LIGNES_REFUSEES if held.refused and held.cause not in (BUG, KEY_TAKEN) else Code.QUARANTAINE
