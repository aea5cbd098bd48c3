"""`make hostile`: run a real hub under hostile requests, and judge it by the messages of a quiet partner.

Exit status: 0 if the hub made no mistake and the noise slows the quiet partner by less than the bound; 1 otherwise.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial

from pydantic_core import to_json
from rich.markup import escape

from bench.command import console, taken
from bench.paper import RESULTS
from tests.hostile.attacks import Plan
from tests.hostile.siege import SETTLE_SECONDS, siege
from tests.hostile.verdict import P99_BOUND, Observed, faults, held_faults, p99_ratio

PAIRS = 5
QUIET_SHARE = 0.2
"""Share of the time without noise. The quiet partner's messages in it suffice for a 99th percentile."""


def main(arguments: Sequence[str]) -> int:
    """Run the trial and return the exit status."""
    parser = argparse.ArgumentParser(
        prog="make hostile", description="Des requêtes hostiles contre un vrai hub."
    )
    parser.add_argument("--minutes", type=float, default=10.0, help="durée de l'essai (10)")
    parser.add_argument("--seed", type=int, default=1, help="graine des requêtes (1)")
    parser.add_argument("--attackers", type=int, default=3, help="attaquants à la fois (3)")
    told = parser.parse_args(arguments)
    plan = _plan(told.minutes, told.attackers, told.seed)
    with console.status(f"{PAIRS} fois le calme, puis le bruit…"):
        result = taken(partial(siege, plan=plan))
    if result is None:
        return 1
    observed, about = result
    wrong = [*faults(observed), *held_faults(observed.pairs)]
    ratio = p99_ratio(observed.pairs)
    _show(observed, wrong, ratio)
    _keep(told.minutes, {"machine": about, "plan": asdict(plan), **_content(observed, wrong, ratio)})
    return 1 if wrong or ratio >= P99_BOUND else 0


def _plan(minutes: float, attackers: int, seed: int) -> Plan:
    each = 60 * minutes / PAIRS
    quiet = max(10, round(each * QUIET_SHARE))
    return Plan(PAIRS, quiet, max(10, round(each - quiet - SETTLE_SECONDS)), attackers, seed)


def _show(observed: Observed, wrong: Sequence[str], ratio: float) -> None:
    answers = ", ".join(
        f"{count} × {status or 'coupée'}" for status, count in sorted(observed.answers.items())
    )
    console.print(f"{sum(observed.answers.values())} requêtes hostiles : {answers}", highlight=False)
    given = ", ".join(
        f"{number} {kind.removeprefix('hostile-')}" for kind, number in observed.answered.items()
    )
    console.print(f"réponses hostiles : {given}", highlight=False)
    for pair in observed.pairs:
        console.print(
            f"  p99 du partenaire tranquille : {pair.quiet_p99_ms:.0f} ms, {pair.noisy_p99_ms:.0f} sous le bruit ; "
            f"boucles tenues au plus {_seconds(pair.quiet_held_s)}, {_seconds(pair.noisy_held_s)} sous le bruit",
            highlight=False,
        )
    mark = "[green]✓[/]" if ratio < P99_BOUND else "[red]✗[/]"
    console.print(
        f"{mark} rapport des p99, médiane : {ratio:.2f} (moins de {P99_BOUND:.0f})", highlight=False
    )
    for line in wrong:
        console.print("[red]✗[/]", escape(line), highlight=False)
    if not wrong:
        console.print(
            "[green]✓[/] ni erreur, ni mort, ni boucle figée, ni mémoire de trop ; tout arrivé une fois et en ordre"
        )


def _seconds(held: Mapping[str, float]) -> str:
    return "/".join(f"{bound:g}" for bound in held.values()) + " s"


def _content(observed: Observed, wrong: Sequence[str], ratio: float) -> dict[str, object]:
    return {
        "fautes": wrong,
        "reponses": dict(observed.answers),
        "reponses_hostiles": observed.answered,
        "memoire_mio": observed.seen.peaks_mib,
        "messages_du_partenaire_tranquille": len(observed.sent),
        "rapport_des_p99": ratio,
        "paires": [asdict(pair) for pair in observed.pairs],
    }


def _keep(minutes: float, content: dict[str, object]) -> None:
    path = RESULTS / f"{datetime.now(UTC):%Y-%m-%d}-hostile-{minutes:g}-min.json"
    path.write_bytes(to_json(content, indent=1) + b"\n")
    console.print(f"Écrit : {path}", highlight=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
