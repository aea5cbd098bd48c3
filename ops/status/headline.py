"""Sum up the hub's state in one French sentence."""

from collections.abc import Iterator, Sequence

from contracts.plurals import many
from ops.status.verdict import Verdict
from router.domain.roles import Role


def headline(verdict: Verdict) -> str:
    """Return one French sentence that says whether the hub works, and what does not work."""
    return " ; ".join([_way(verdict), *_beside(verdict)])


def _way(verdict: Verdict) -> str:
    if verdict.accepts is None:
        return "Inconnu : la base ne dit pas si le hub accepte et livre"
    if not verdict.accepts:
        if not verdict.applies:
            return "Le hub n'accepte plus rien, et rien n'avance"
        return "Le hub n'accepte plus rien" + (
            f", et ne livre pas à {_whom(verdict)}" if _whom(verdict) else " ; ce qu'il a accepté avance"
        )
    if not verdict.applies:
        return "Le hub accepte, mais rien n'avance"
    return (
        f"Le hub accepte, mais ne livre pas à {_whom(verdict)}"
        if _whom(verdict)
        else "Le hub accepte et livre"
    )


def _whom(verdict: Verdict) -> str:
    if not verdict.delivers:
        return "qui que ce soit"
    return _named(verdict.away, "ni à")


def _named(partners: Sequence[str], joined: str) -> str:
    first, *others = partners or ("",)
    return first + (f" {joined} {many(len(others), 'autre')}" if others else "")


def _beside(verdict: Verdict) -> Iterator[str]:
    if Role.SOURCES in verdict.down:
        yield "il ne lit plus rien de ce que les partenaires déposent"
    elif verdict.unreadable:
        yield f"il ne lit pas ce que dépose {_named(verdict.unreadable, 'ni')}"
    if verdict.shut_out:
        yield f"il refuse à la porte {_named(verdict.shut_out, 'et')}, dont la clé n'est plus la bonne"
    if Role.SCHEDULER in verdict.down:
        yield "il n'avertit plus personne"
    if verdict.overdue is None:
        yield "on ne sait pas qui attend une réponse"
    elif verdict.overdue:
        yield f"{many(verdict.overdue, 'ménage attend', 'ménages attendent')} au-delà du délai"
