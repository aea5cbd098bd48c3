"""Report of a fault run, in French: a table of the faults, what went wrong, a conclusion."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from simulation.chaos.faults import FAULTS
from simulation.chaos.kills import Kills
from simulation.chaos.outcome import Outcome
from simulation.chaos.reckoning import Account
from simulation.chaos.recovery import Recoveries, percentile
from simulation.observed import Observed
from simulation.oracle import judge
from simulation.screen import count, duration, listed, seconds

LISTED = 15
RULE_OF_THREE = 3
DID = {
    "poison": "Poisons versés sur le bus, chacun cherché en quarantaine",
    "replay": "Enregistrements du bus écrits une seconde fois",
    "disque-postgresql": "Fois que le disque de PostgreSQL était plein",
    "disque-kafka": "Fois que celui de Kafka l'était",
    "disque-partenaire": "Fois que celui d'un partenaire l'était",
    "incertaine": "Livraisons dont personne ne sait si elles sont arrivées, chacune une tâche",
    "echeance": "Étapes d'échéances dites, chacune jugée à son heure",
    "transfert": "Demandes données à un autre SIAO, chacune à un seul à la fois",
    "etape": "Étapes de parcours que l'observation a prises, jugées une à une",
    "liste": "Changements de la liste des ménages livrés à ses lecteurs, leurs copies comparées à ce qui fut accepté",
    "horodatage": "Têtes de l'audit datées par une autorité morte la moitié du temps",
    "retention": "Enregistrements que le bus a effacés avant que personne ne les lise",
}
"""French words for the counts of `Ground.did`, with the trace that each must leave."""


def progress(
    observed: Observed, elapsed_s: float, total_s: float, kills: int, under_way: Sequence[str]
) -> Text:
    """Return the line that the screen shows during the run."""
    faults = ", ".join(sorted(set(under_way))) or "aucune"
    return Text(
        f"  {elapsed_s:5.0f} s sur {total_s:.0f}   {count(len(observed.sent))} lignes parties, "
        f"{count(len(observed.effects))} arrivées, {count(len(observed.closed))} boucles closes   "
        f"{kills} kill -9   pannes en cours : {faults}"
    )


def table(faults: Counter[str], recoveries: Recoveries) -> RenderableType:
    """Return a table of the faults, with occurrences and recovery times."""
    shown = Table(box=box.SIMPLE_HEAD, padding=(0, 2, 0, 0), show_edge=False, header_style="bold")
    shown.add_column("  Panne")
    for name in ("Fois", "Retours au calme", "p50 s", "p99 s"):
        shown.add_column(name, justify="right")
    for name, times in sorted(faults.items(), key=lambda item: (_rank(item[0]), item[0])):
        seen = recoveries.seconds.get(name, [])
        shown.add_row(f"  {_says(name)}", count(times), *_recovered(seen))
    every = recoveries.all()
    shown.add_section()
    shown.add_row(
        "  Ensemble",
        count(faults.total()),
        *_recovered(every),
        style="bold",
    )
    return shown


def _recovered(seen: Sequence[float]) -> tuple[str, ...]:
    return (count(len(seen)), *(seconds(percentile(seen, p)) for p in (50, 99)))


TITLES = {
    "lost": ("Perdus", "red"),
    "duplicates": ("Doublés", "red"),
    "inversions": ("Inversés", "red"),
    "orphans": ("Boucles orphelines", "red"),
    "set_aside": ("Écartés par une règle du hub, sans panne qui l'explique", "red"),
    "waiting": ("Encore en route à la fin", "red"),
    "surprises": ("Imprévus", "red"),
    "deadlines": ("Échéances mal dites, ou jamais", "red"),
    "misplaced": ("Reçus par le mauvais SIAO, à la fusion", "red"),
    "own_accounts": ("Comptes du hub qui ne sont pas ceux des journaux", "red"),
    "permitted": ("Perdus avec la base restaurée, comme il est dit", "yellow"),
    "refused": ("Refusés par un partenaire", "yellow"),
    "open_tasks": ("Tâches ouvertes", "yellow"),
    "ended_by_themselves": ("Processus du hub qui se sont arrêtés d'eux-mêmes", "red"),
}
"""Title and colour of each list: red for a defect, yellow for something to look at."""


def by_name(account: Account, unforeseen: Sequence[str]) -> dict[str, Sequence[str]]:
    """Return every row or loop that did not end as it should, by figure."""
    t = account.verdict.total
    return {
        "lost": account.lost,
        "duplicates": t.duplicates,
        "inversions": t.inversions,
        "orphans": account.orphans,
        "set_aside": account.aside,
        "waiting": account.waiting,
        "surprises": account.verdict.surprises,
        "deadlines": account.deadlines,
        "misplaced": account.misplaced,
        "own_accounts": account.own,
        "permitted": account.permitted,
        "refused": account.refused,
        "open_tasks": account.tasks,
        "ended_by_themselves": unforeseen,
    }


def counted(account: Account, unforeseen: Sequence[str]) -> dict[str, object]:
    """Return the length of each list of `by_name`, and under `by_name` the non-empty lists."""
    found = by_name(account, unforeseen)
    names = {kind: list(each) for kind, each in found.items() if each}
    return {**{kind: len(each) for kind, each in found.items()}, "by_name": names}


def troubles(account: Account, unforeseen: Sequence[str]) -> Iterator[RenderableType]:
    """Yield each list of troubles for the screen, with its first names."""
    for kind, names in by_name(account, unforeseen).items():
        title, style = TITLES[kind]
        yield from listed(title, names, style, LISTED)


def summary(account: Account, quiet_s: float | None, did: Mapping[str, int]) -> Iterator[Text]:
    """Yield the lines with the figures behind the conclusion."""
    t = account.verdict.total
    times = ", ".join(f"p{percent} {duration(t.percentile_s(percent))}" for percent in (50, 95, 99))
    yield Text(
        f"  De l'acceptation à l'arrivée : {times}. Revenues sous une clé connue, sans effet : "
        f"{count(account.verdict.repeated)}. Refusés : {count(len(account.refused))}. "
        f"Tâches ouvertes : {count(len(account.tasks))}."
    )
    for name, says in DID.items():
        if did.get(name):
            yield Text(f"  {says} : {count(did[name])}.")
    calm = f"calme {duration(quiet_s)} après la dernière panne" if quiet_s is not None else "jamais calme"
    yield Text(f"  Le flot : {calm}.")


def proof(kills: Kills) -> Text:
    """Return, in French, the number of kills, and the rate of losses that zero losses exclude with 95 %
    confidence (rule of three)."""
    hit = f"  kill -9 d'un processus vivant : {count(kills.total)}, dont {count(kills.on_unfinished)}"
    hit += " pendant que du travail accepté attendait."
    if kills.on_unfinished > RULE_OF_THREE:
        rate = f"{100 * RULE_OF_THREE / kills.on_unfinished:.1f}".replace(".", ",")
        hit += f" Un zéro prouve alors, à 95 %, un taux inférieur à {rate} % de ces kills."
    return Text(hit)


def conclusion(outcome: Outcome) -> Text:
    """Return the last line, which says in French whether the run was sound."""
    account = outcome.account
    t = account.verdict.total
    messages = (
        f"{count(t.accepted)} messages acceptés, {count(t.delivered)} arrivés, {outcome.kills.total} kill -9"
    )
    if outcome.sound:
        return Text(f"  ✓ {messages} : rien de perdu, doublé, inversé ni oublié.", style="bold green")
    if account.sound:
        return Text(f"  ✗ {messages} : {', '.join(outcome.complaints)}.", style="bold red")
    found = (
        f"{len(t.lost)} perdu(s), {len(t.duplicates)} doublé(s), {len(t.inversions)} inversé(s), "
        f"{len(account.orphans)} orpheline(s), {len(account.aside)} écarté(s), {len(account.waiting)} en route, "
        f"{len(account.verdict.surprises)} imprévu(s), {len(account.own)} écart(s) de compte, "
        f"{len(account.deadlines)} échéance(s) mal dite(s), {len(account.misplaced)} mal placé(s)"
    )
    return Text(f"  ✗ {messages} : {', '.join((found, *outcome.complaints))}.", style="bold red")


def so_far(observed: Observed, faults: Counter[str], kills: Kills) -> dict[str, object]:
    """Return the figures of an aborted run, without losses: missing rows may still arrive."""
    t = judge(observed).total
    return {
        "accepted": t.accepted,
        **_hits(faults, kills),
        "duplicates": len(t.duplicates),
        "inversions": len(t.inversions),
    }


def _hits(faults: Counter[str], kills: Kills) -> dict[str, object]:
    return {
        "faults": dict(sorted(faults.items())),
        "kills": kills.total,
        "kills_by_role": dict(sorted(kills.by_role.items())),
        "kills_on_unfinished": kills.on_unfinished,
    }


def figures(outcome: Outcome, recoveries: Recoveries) -> dict[str, object]:
    """Return all figures of a completed run for JSON, with the names behind them."""
    account = outcome.account
    t, every = account.verdict.total, recoveries.all()
    return {
        "sound": outcome.sound,
        "sent": t.sent,
        "accepted": t.accepted,
        "rejected": t.rejected,
        "delivered": t.delivered,
        **_hits(outcome.faults, outcome.kills),
        "quiet_s": outcome.quiet_s,
        "repeated": account.verdict.repeated,
        "loops": t.loops,
        "answered": t.answered,
        "ends": Counter(account.ends.values()),
        **{f"p{percent}_s": t.percentile_s(percent) for percent in (50, 95, 99)},
        "recovery_n": len(every),
        "recovery_p50_s": percentile(every, 50),
        "recovery_p99_s": percentile(every, 99),
        "recovery": {
            name: {"n": len(found), **{f"p{p}_s": percentile(found, p) for p in (50, 99)}}
            for name, found in sorted(recoveries.seconds.items())
        },
        **counted(account, outcome.unforeseen),
    }


def _rank(name: str) -> int:
    known = list(FAULTS)
    return known.index(name) if name in known else len(known)


def _says(name: str) -> str:
    if name.startswith("point."):
        return f"    kill -9 {name.removeprefix('point.').replace('-', ' ', 1)}"
    return FAULTS[name].says
