"""Evidence of a defect that a fault run found: journal lines about each message concerned, and the hub's
trace."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from deploy.local import Parts
from simulation.chaos.drops import JOURNAL
from simulation.chaos.reckoning import Account
from simulation.hub_process import module
from simulation.journal import read
from simulation.observed import Observed
from simulation.sftp_server import ARCHIVES, DROP, REPORTS, ROOT
from simulation.stage import Stage

TRACED = 6
TRACE_SECONDS = 60.0


def keep(target: Path, found: Account, observed: Observed, stage: Stage, parts: Parts) -> None:
    """Copy journals, logs and dropped files to `target`, without keys. `preuves.txt`: the facts about each
    message in trouble."""
    target.mkdir(parents=True, exist_ok=True)
    logs = [*stage.folder.glob("*.log"), *(node.log for node in parts.kafka.nodes)] if parts.kafka else []
    for log in logs:
        shutil.copy(log, target)
    for config in stage.configs.values():
        for journal in (config.journal, config.folder / JOURNAL):
            if journal.exists():
                shutil.copy(journal, target / f"{config.id}-{journal.name}")
        for name in (ARCHIVES, REPORTS):
            folder = config.folder / ROOT / DROP / name
            if folder.exists():
                shutil.copytree(folder, target / config.id / name, dirs_exist_ok=True)
    with (target / "preuves.txt").open("w") as proof:
        for ref in _troubled(found)[:TRACED]:
            proof.write(f"\n=== {ref}\n")
            proof.writelines(f"{line}\n" for line in _lines(ref, stage))
            for ident in _idents(ref, observed):
                proof.write(_trace(ident, stage))


def _troubled(found: Account) -> list[str]:
    t = found.verdict.total
    named = [*found.lost, *found.aside, *found.waiting, *found.verdict.surprises]
    refs = [*(name.partition(" — ")[0].partition(" : ")[0] for name in named), *t.duplicates, *t.inversions]
    return list(dict.fromkeys(refs))


def _lines(ref: str, stage: Stage) -> Iterator[str]:
    for config in stage.configs.values():
        for path in (config.journal, config.folder / JOURNAL):
            if path.exists():
                lines = (r for r in read(path)[0] if r.get("ref") == ref)
                yield from (f"{config.id}  {json.dumps(line, ensure_ascii=False)}" for line in lines)


def _idents(ref: str, observed: Observed) -> list[UUID]:
    """Return the hub's ids for a row: of its deliveries, where known, and of its message."""
    sent = observed.sent.get(ref)
    answer = observed.answer_to(sent) if sent else None
    names = [effect.key for effect in observed.effects.get(ref, [])]
    names += [answer.message] if answer and answer.message else []
    found = []
    for name in names:
        try:
            found.append(UUID(name))
        except ValueError:
            continue
    return found


def _trace(ident: UUID, stage: Stage) -> str:
    command = [*module("ops.commands", stage.environment), "trace", str(ident)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TRACE_SECONDS, check=False)
    return f"--- trace {ident}\n{done.stdout}{done.stderr}\n"
