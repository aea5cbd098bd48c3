"""Diagrams of the rule books and a table of the deadlines for the documentation, made from the code."""

from collections.abc import Iterable, Mapping

from ops.doubts.declared import FRAICHEURS
from router.domain.books import BOOKS
from router.domain.deadlines import TERMES, Terme
from router.domain.rulebooks.machine import Machine

MACHINES: Mapping[str, Machine] = {str(nature): book.machine for nature, book in BOOKS.items()}
"""State machine of each rule book, by the kind of its subject."""


def diagram(name: str) -> str:
    """Return a Mermaid diagram of a rule book. Moves that leave the state unchanged are left out."""
    moves: dict[tuple[str, str], list[str]] = {}
    for (source, event), target in MACHINES[name].table.items():
        if source != target:
            moves.setdefault((source or "[*]", target), []).append(event)
    left = {source for source, _ in moves}
    ends = [target for target in dict.fromkeys(target for _, target in moves) if target not in left]
    lines = [f"    {source} --> {target} : {', '.join(events)}" for (source, target), events in moves.items()]
    return "\n".join(
        ["```mermaid", "stateDiagram-v2", *lines, *(f"    {end} --> [*]" for end in ends), "```", ""]
    )


def deadlines() -> Iterable[tuple[str, ...]]:
    """Yield the header and the rows of the table of deadlines."""
    yield (
        "Échéance",
        "Sujet",
        "États",
        "Attendu",
        "Court depuis",
        "Durée",
        "Rappels",
        "Ensuite",
        "Le silence devient",
    )
    for terme in TERMES:
        etats = ", ".join(f"`{etat}`" for etat in sorted(terme.etats))
        where = f" ({', '.join(sorted(terme.dispositifs))})" if terme.dispositifs else ""
        yield (
            f"`{terme.echeance}`",
            terme.nature + where,
            etats,
            terme.attendu,
            f"`{terme.depuis}`",
            _until(terme),
            _reminders(terme),
            f"{terme.apres} plus tard" if terme.apres else "",
            f"`{terme.suite}`" if terme.suite else "",
        )
    for each in FRAICHEURS.values():
        told = "la fin du jour où c'est dit"
        yield f"`{each.echeance}`", "ce qui se redit", "", "gestionnaire", told, str(each.duree), "", "", ""


def _reminders(terme: Terme) -> str:
    if terme.avant is not None:
        return f"{' et '.join(map(str, terme.avant))} avant la fin"
    return "oui" if terme.rappels else ""


def _until(terme: Terme) -> str:
    evening = f" à {terme.heure:%H h}" if terme.heure.hour else ""
    ends = [f"`{terme.le}`{evening}"] if terme.le else []
    return ", sinon ".join([*ends, *([str(terme.duree)] if terme.duree else [])])
