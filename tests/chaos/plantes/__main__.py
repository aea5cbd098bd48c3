"""`make plantes [NAME…]`: plant each bug alone in a copy of the tree, and run the tests that must find it.

Several bugs are tried at once, each in its own copy. Only a failing test finds a bug. A test that cannot run proves
nothing, and neither does a run that does not end, unless the bug's entry says so. Exit status: 0 when all bugs are
found; 1 when one survives, is not proved or no longer applies, or when the tests fail without any bug.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from enum import Enum
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

from rich.console import Console

from deploy.local import PartUnavailable, local_parts
from tests.chaos.plantes.planted import Misplanted, Planted, growing, read_planted

ROOT = Path(__file__).parents[3]
AT_ONCE = 2 * (os.cpu_count() or 1)
"""Number of bugs tried at once. It exceeds the number of processors, because many a bug is found by a test that
waits until its deadline."""
FOLDER = Path(__file__).parent
SUMMARY = "short test summary info"
LONGEST_SECONDS = 400
"""Time limit for each test, or file of tests, that a bug names."""
console = Console(width=None if sys.stdout.isatty() else 140, highlight=False)


class Sign(Enum):
    """Result of a run of tests."""

    PASSED, FAILED, ENDLESS, BROKEN = range(4)


class Run(NamedTuple):
    """A run of tests: its result, with the test that failed or the end of the output."""

    sign: Sign
    says: str = ""

    def proves(self, one: Planted) -> bool:
        """Return whether the run shows that this bug was found."""
        return self.sign is Sign.FAILED or (one.hangs and self.sign is Sign.ENDLESS)


def main(names: Sequence[str]) -> int:
    """Plant the named bugs, or all of them; return the exit status."""
    planted = [one for one in read_planted(FOLDER) if not names or one.name in names]
    if not planted:
        console.print(f"[red]✗[/] aucune plante de ce nom dans {FOLDER.relative_to(ROOT)}")
        return 1
    try:
        with local_parts() as parts, ExitStack() as copies:
            trees = [copies.enter_context(copied()) for _ in range(AT_ONCE)]
            return _run(planted, trees, {**os.environ, **parts.environment})
    except PartUnavailable as exc:
        console.print(f"[red]✗[/] {exc}")
        return 1


def _run(planted: Sequence[Planted], trees: Sequence[Path], environment: Mapping[str, str]) -> int:
    tests = sorted({test for one in planted for test in one.tests})
    console.print(f"Sans aucune plante, {len(tests)} fichiers de tests…")
    if (run := _tried(tests, trees[0], environment)).sign is not Sign.PASSED:
        console.print(f"[red]✗[/] les tests échouent d'eux-mêmes : {run.says}")
        return 1
    found = sum(_found(planted, trees, environment))
    survived = found < len(planted)
    console.print(f"\n[{'red' if survived else 'green'}]{found} plantes trouvées sur {len(planted)}[/]")
    return int(survived)


def _found(
    planted: Sequence[Planted], trees: Sequence[Path], environment: Mapping[str, str]
) -> Iterator[bool]:
    """Yield, for each bug, whether it is found."""
    idle: SimpleQueue[Path] = SimpleQueue()
    for tree in trees:
        idle.put(tree)

    def planted_alone(one: Planted) -> bool:
        tree = idle.get()
        try:
            return _is_found(one, tree, environment)
        finally:
            idle.put(tree)

    with ThreadPoolExecutor(len(trees)) as pool:
        yield from pool.map(planted_alone, planted)


def _is_found(one: Planted, tree: Path, environment: Mapping[str, str]) -> bool:
    began = time.monotonic()
    try:
        with growing(one, tree):
            run = _tried(one.tests, tree, environment)
    except Misplanted:
        console.print(f"[red]✗[/] {one.name} : ne s'applique plus au code, à refaire")
        return False
    if not run.proves(one):
        why = "Aucun test ne le voit." if run.sign is Sign.PASSED else f"Pas prouvé : {run.says}"
        console.print(f"[red]✗[/] {one.name} : {one.bug} [red]{why}[/]")
        return False
    console.print(
        f"[green]✓[/] {one.name} [dim]{time.monotonic() - began:.0f} s[/]  {one.bug}\n    [dim]{run.says}[/]"
    )
    return True


def _tried(tests: Sequence[str], tree: Path, environment: Mapping[str, str]) -> Run:
    """Run these tests in a tree, up to the first one that does not pass."""
    longest_s = LONGEST_SECONDS * len(tests)
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "-p", "no:cacheprovider", *tests]
    try:
        done = subprocess.run(
            command,
            cwd=tree,
            env={**environment, "PYTHONPATH": str(tree)},
            capture_output=True,
            text=True,
            timeout=longest_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Run(Sign.ENDLESS, f"les tests ne finissent pas en {longest_s} s")
    return read(done.returncode, done.stdout + done.stderr)


def read(status: int, output: str) -> Run:
    """Return the result of a run from pytest's exit status and output. An ERROR is no failure of a test: collection
    or setup failed."""
    if status == 0:
        return Run(Sign.PASSED)
    summary = output.rpartition(SUMMARY)[2]  # the hub's logs come before it, with errors of their own
    lines = [line for line in summary.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    first = lines[0].split(" - ")[0] if lines else output.strip()[-400:]
    only_failures = bool(lines) and all(line.startswith("FAILED ") for line in lines)
    return Run(Sign.FAILED if status == 1 and only_failures else Sign.BROKEN, first)


@contextmanager
def copied() -> Iterator[Path]:
    """Give a copy of the tree, with uncommitted changes, in a temporary folder."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    with tempfile.TemporaryDirectory(prefix="siao-hub-plantes-") as folder:
        tree = Path(folder)
        for name in listed.stdout.splitlines():
            if (ROOT / name).is_file():
                (tree / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, tree / name)
        if (ROOT / ".cache").is_dir():
            (tree / ".cache").symlink_to(ROOT / ".cache")
        yield tree


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
