"""What a partner of a family is sent, in which dialects, and what it owes then: from the rules, for its page of the
guide. Pure."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from contracts.base import Contrat
from contracts.explications import ATTENDUS
from contracts.partner import Famille
from router.domain.audience import TOLD_WHEN_ASKED, heard_by
from router.domain.deadlines import TERMES, Attendu, Terme
from router.domain.messages import FACTS

ON_RECEIPT = "remise_le"
"""Where a term begins with the proven receipt of what is sent."""


def owed(famille: Famille, contrat: type[Contrat]) -> list[Terme]:
    """The terms that begin for a partner of a family with a message that it is sent; of one that it need not answer,
    none."""
    if TOLD_WHEN_ASKED.get(contrat) is famille:
        return [terme for terme in _of(contrat) if terme.attendu is Attendu.OPERATEUR]
    if not FACTS[contrat].owed_an_answer:
        return []
    return [t for t in _of(contrat) if t.attendu is Attendu.DESTINATAIRE and t.depuis == ON_RECEIPT]


def _of(contrat: type[Contrat]) -> Iterable[Terme]:
    return (terme for terme in TERMES if terme.nature is contrat.NATURE)


def answers() -> list[tuple[type[Contrat], Sequence[Terme]]]:
    """Every message that some family owes an answer to, with its terms."""
    each = ((contrat, owed(famille, contrat)) for famille in Famille for contrat in heard_by(famille))
    found = {contrat: terms for contrat, terms in each if terms}
    return [(contrat, found[contrat]) for contrat in FACTS if contrat in found]


def by_when(terms: Iterable[Terme]) -> list[tuple[str, str]]:
    """What is awaited and in how long without another agreement, in French: a line of `deadlines.toml` that names kinds
    of places goes before the one for all."""
    return [
        (ATTENDUS[echeance], ", sinon ".join(map(_long, several)))
        for echeance, several in groupby(terms, key=lambda terme: terme.echeance)
    ]


def _long(terme: Terme) -> str:
    kinds = f" ({', '.join(sorted(terme.dispositifs))})" if terme.dispositifs else ""
    return f"{terme.duree}{kinds}"
