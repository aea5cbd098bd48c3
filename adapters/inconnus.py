"""Fields that a dialect does not have, as their sender is told of them."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from adapters.rejets import TOLD_REJETS, UNKNOWN_FIELD, listed
from adapters.vocabulaire import ALIKE, fold
from contracts.ports import Rejet

SLACK_CHARACTERS = 4
"""That a misspelt name may have beyond the longest one that it may stand for."""


def unknown_fields(names: Sequence[str], known: Sequence[str], ligne: int, path: str) -> Iterator[Rejet]:
    """The fields of an object that its dialect does not have: which one each misspelt name stands for, and how many
    the others are. None is quoted, for a name may be a person, and rejections are kept."""
    meant = {fold(name): name for name in known}
    longest = max(map(len, known), default=0) + SLACK_CHARACTERS
    expected = f"champs attendus : {listed(list(known))}"
    others = len(names)
    for name in names[:TOLD_REJETS]:
        near = get_close_matches(fold(name), meant, n=1, cutoff=ALIKE) if len(name) <= longest else []
        if near:
            others -= 1
            champ = meant[near[0]]
            said = f"champ inconnu : vouliez-vous dire « {champ} » ? Corrigez son nom, sinon retirez-le ; {expected}"
            yield Rejet(UNKNOWN_FIELD, said, ligne, path + champ)
    if others:
        said = f"{others} champs inconnus : retirez-les" if others > 1 else "un champ inconnu : retirez-le"
        yield Rejet(UNKNOWN_FIELD, f"{said} ; {expected}", ligne, path.rstrip(".") or None)
