"""Command `siao-hub demo`: places, referrals and answers on real Kafka, PostgreSQL, HTTP and SFTP, judged by
the partners' journals."""

import asyncio
import json
import signal
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from types import FrameType

from rich.console import Console

from deploy.local import PartUnavailable, local_parts
from deploy.local.folder import run_folder
from deploy.local.ports import reserved_ports
from simulation import cleanup, collecteur, ends, examens, fates, screen, stage, story
from simulation.cast import WITHOUT_TASKS
from simulation.hub_process import HubProcess
from simulation.oracle import Verdict, judge
from simulation.serving import serve_until_interrupted
from simulation.troupe import Troupe
from simulation.watching import Watch

INTERRUPTED = 130


def run_demo(messages: int, serve: bool, json_file: Path | None, kill: int, seed: int) -> int:
    """Run the demo and return its exit status: 0 only if nothing went wrong.

    `messages`: places that become vacant, each with some eight more messages. `kill`: times that the whole
    hub is killed during work. `serve`: keep everything running afterwards.
    """
    console = screen.new_console()
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        return _run(console, messages, serve, json_file, kill, seed)
    except PartUnavailable as exc:
        console.print(f"[red]✗[/] {exc}")
        return 1
    except KeyboardInterrupt:
        console.print("\n  Arrêté : aucun processus ni fichier ne reste.")
        return INTERRUPTED


def _run(console: Console, places: int, serve: bool, json_file: Path | None, kills: int, seed: int) -> int:
    console.print(f"\n  [bold]Le hub du SIAO : la première boucle fermée[/]\n\n{_indented(screen.STORY)}\n")
    with ExitStack() as stack:
        with console.status("Kafka et PostgreSQL démarrent…"):
            parts = stack.enter_context(local_parts())
            folder = stack.enter_context(run_folder("demo"))
            ports = stack.enter_context(reserved_ports(stage.PORTS))
            setting = _set_up(folder, ports, parts.environment, places, seed)
        stack.enter_context(cleanup.of_borrowed(parts, setting.environment))
        troupe = stack.enter_context(Troupe(setting))
        hub = HubProcess(folder, setting.environment, setting.hub_url)
        stack.callback(hub.kill9)
        with console.status("Le hub et ses partenaires démarrent…"):
            _start(hub, troupe, setting)
        loops = sum(len(story.loops(seed, number)) for number in range(1, places + 1))
        loops += len(examens.CASES) + len(collecteur.NUMBERS)
        watch = Watch(console, setting, troupe, hub, loops, kills)
        watch.run()
        verdict, ended = _conclude(console, watch, setting)
        if json_file is not None:
            told = figures(verdict, ended, watch.killed)
            json_file.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
        if serve:
            serve_until_interrupted(console, setting)
        hub.stop()
    return 0 if verdict.sound and not ends.out_of_sight(ended) else 1


def _set_up(
    folder: Path, ports: Sequence[int], parts: Mapping[str, str], places: int, seed: int
) -> stage.Stage:
    today = date.today()  # noqa: DTZ011 - a partner's own day
    return stage.set_up(folder, ports, parts, places, seed, today, livraisons=WITHOUT_TASKS)


def _start(hub: HubProcess, troupe: Troupe, setting: stage.Stage) -> None:
    troupe.start()
    hub.prepare(setting.registry)
    hub.start()
    troupe.wait_until_ready()
    hub.wait_until_ready()
    setting.start.touch()


def _conclude(console: Console, watch: Watch, setting: stage.Stage) -> tuple[Verdict, Mapping[str, ends.End]]:
    explained = asyncio.run(fates.ask(watch.observed, setting.hub_url, setting.configs))
    verdict = judge(watch.observed, {ref: said.fate for ref, said in explained.items()}, observes=True)
    console.print(screen.result(verdict))
    console.print(screen.rejections(watch.observed))
    console.print()
    ended = ends.ends(watch.observed, _on_their_way(verdict, explained))
    for remark in (*screen.remarks(verdict, watch.events), *screen.troubles(verdict, explained)):
        console.print(remark)
    console.print()
    console.print(screen.closing(ended))
    console.print(screen.conclusion(verdict, watch.killed))
    console.print()
    return verdict, ended


def _on_their_way(verdict: Verdict, explained: Mapping[str, fates.Explained]) -> Mapping[str, str]:
    """Return the hub's state of each accepted row that has neither arrived nor been lost."""
    lost = {sent.row.ref for sent in verdict.total.lost}
    return {ref: said.etat for ref, said in explained.items() if ref not in lost}


def figures(verdict: Verdict, ended: Mapping[str, ends.End], killed: int) -> dict[str, object]:
    """Return the figures of the demo for JSON."""
    t = verdict.total
    return {
        "sent": t.sent,
        "accepted": t.accepted,
        "rejected": t.rejected,
        "delivered": t.delivered,
        "refused": t.refused,
        "open_tasks": t.open,
        "answered": t.answered,
        "unanswered": len(t.unanswered),
        "ends": Counter(ended.values()),
        "out_of_sight": ends.out_of_sight(ended),
        "lost": len(t.lost),
        "duplicates": len(t.duplicates),
        "inversions": len(t.inversions),
        "surprises": len(verdict.surprises),
        **{f"p{percent}_s": t.percentile_s(percent) for percent in (50, 95, 99)},
        "seconds": round(verdict.seconds, 3),
        "kills": killed,
        "repeated": verdict.repeated,
        "derived": verdict.derived,
        "transferred": verdict.transferred,
    }


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
