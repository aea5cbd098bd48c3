"""Reject fields that a dialect does not know."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from adapters.rejets import MAX_REJETS, UNKNOWN_FIELD, listed
from adapters.vocabulaire import ALIKE, fold
from contracts.ports import Rejet

SLACK_CHARACTERS = 4
"""Number of characters by which a misspelt name may be longer than the longest known name."""


def unknown_fields(names: Sequence[str], known: Sequence[str], ligne: int, path: str) -> Iterator[Rejet]:
    """Yield rejections of `names`, the unknown fields of the object at `path`. A rejection never quotes an
    unknown name, because the name may be a person's. If an unknown name looks like a misspelt name in
    `known`, its rejection proposes this known name. All other unknown names share one rejection."""
    meant = {fold(name): name for name in known}
    longest = max(map(len, known), default=0) + SLACK_CHARACTERS
    expected = f"champs attendus : {listed(list(known))}"
    others = len(names)
    for name in names[:MAX_REJETS]:
        near = get_close_matches(fold(name), meant, n=1, cutoff=ALIKE) if len(name) <= longest else []
        if near:
            others -= 1
            champ = meant[near[0]]
            said = f"champ inconnu : vouliez-vous dire « {champ} » ? Corrigez son nom, sinon retirez-le ; {expected}"
            yield Rejet(UNKNOWN_FIELD, said, ligne, path + champ)
    if others:
        said = f"{others} champs inconnus : retirez-les" if others > 1 else "un champ inconnu : retirez-le"
        yield Rejet(UNKNOWN_FIELD, f"{said} ; {expected}", ligne, path.rstrip(".") or None)
