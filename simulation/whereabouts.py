"""Judgement of transfers between SIAO by the journals: a demand must always be with exactly one. Pure.

`unsettled`: accepted rows that have not arrived and may still change the result.
"""

from collections.abc import Collection, Iterator

from simulation.cast import ends
from simulation.observed import Observed, Sent

BROUGHT = "demande.recue"
PROPOSED, ACCEPTED, REFUSED, WITHDRAWN = (
    f"demande.{name}" for name in ("transferee", "transfert-accepte", "transfert-refuse", "transfert-retire")
)


def troubles(observed: Observed, unsettled: Collection[str] = ()) -> Iterator[str]:
    """Yield, in French, the faults of the transfers that the hub accepted."""
    for ref, sent in observed.sent.items():
        if ref.endswith(f":{PROPOSED}") and observed.accepted(sent):
            yield from (f"demande {sent.row.subject} : {says}" for says in _of(sent, observed, unsettled))


def under_way(observed: Observed) -> bool:
    """Return whether an offered demand is neither accepted, refused nor withdrawn so far."""
    asked = {s.row.subject for ref, s in list(observed.sent.items()) if ref.endswith(f":{PROPOSED}")}
    answers = (f"{demande}:{event}" for demande in asked for event in (ACCEPTED, REFUSED))
    settled = {ref.partition(":")[0] for ref in answers if observed.was_heard(ref)}
    settled |= {demande for demande in asked if _was_accepted(f"{demande}:{WITHDRAWN}", observed)}
    return bool(asked - settled)


def transferred(observed: Observed) -> int:
    """Return the number of demands that another SIAO took over."""
    return sum(ref.endswith(f":{ACCEPTED}") and observed.was_heard(ref) for ref in observed.sent)


def _of(proposal: Sent, observed: Observed, unsettled: Collection[str]) -> Iterator[str]:
    first, second, demande = proposal.sender, ends(proposal.row.flow)[1].id, proposal.row.subject
    said = {event: f"{demande}:{event}" for event in (PROPOSED, ACCEPTED, REFUSED, WITHDRAWN)}
    happened = [event for event in (ACCEPTED, REFUSED) if observed.was_heard(said[event])]
    happened += [WITHDRAWN] if _was_accepted(said[WITHDRAWN], observed) else []
    if len(happened) > 1:
        yield f"transfert fini de plusieurs façons ({', '.join(happened)})"
    loop = observed.loops.get(demande, "")
    brought = f"{loop}:{BROUGHT}"
    read = [effect.at for effect in observed.effects.get(brought, ()) if effect.recipient == second]
    if read and not (_was_accepted(said[ACCEPTED], observed) and observed.sent[said[ACCEPTED]].at < read[0]):
        yield f"lue à {second} avant d'y être acceptée"
    if {*said.values(), brought}.intersection(unsettled):
        return
    if not happened and not observed.was_refused(said[PROPOSED]):
        yield "transfert perdu de vue"
    if ACCEPTED in happened and not read and not observed.was_refused(brought):
        yield "n'est plus nulle part"
    for effect in observed.effects.get(said[ACCEPTED], ()):
        yield from _still_at(first, loop, effect.order, observed)


def _still_at(desk: str, loop: str, since: int, observed: Observed) -> Iterator[str]:
    """Yield a French sentence for each delivery about a demand that `desk` got after losing it. `since`:
    when, in its journal."""
    for ref, effects in observed.effects.items():
        if ref.startswith(f"{loop}:") and any(e.recipient == desk and e.order > since for e in effects):
            yield f"encore à {desk} : {ref}"


def _was_accepted(ref: str, observed: Observed) -> bool:
    return ref in observed.sent and observed.accepted(observed.sent[ref])
