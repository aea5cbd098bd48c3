"""`make plantes [NAME…]`: apply each patch alone to a copy of the tree, and run the tests that should find it.

A patch begins with what the bug would mean, in French, and with the tests that find it. Exit status: 0 when all
are found; 1 when one survives, does not apply any more, or the tests fail without any bug.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from deploy.local import PartUnavailable, local_parts

ROOT = Path(__file__).parents[3]
FOLDER = Path(__file__).parent
FOUND_BY = "Pris par : "
LONGEST_SECONDS = 400
console = Console(width=None if sys.stdout.isatty() else 140, highlight=False)


@dataclass(frozen=True, slots=True)
class Planted:
    """One patch."""

    path: Path
    bug: str
    tests: tuple[str, ...]

    @classmethod
    def read(cls, path: Path) -> "Planted":
        """Its head, before the diff."""
        bug, tests, *_ = path.read_text(encoding="utf-8").splitlines()
        return cls(path, bug, tuple(tests.removeprefix(FOUND_BY).split()))


def main(names: Sequence[str]) -> int:
    """Plant those named, or all."""
    planted = [Planted.read(path) for path in sorted(FOLDER.glob("*.patch")) if _wanted(path, names)]
    if not planted:
        console.print(f"[red]✗[/] aucune plante de ce nom dans {FOLDER.relative_to(ROOT)}")
        return 1
    try:
        with local_parts() as parts, copied() as tree:
            return _run(planted, tree, {**os.environ, **parts.environment, "PYTHONPATH": str(tree)})
    except PartUnavailable as exc:
        console.print(f"[red]✗[/] {exc}")
        return 1


def _wanted(path: Path, names: Sequence[str]) -> bool:
    return not names or path.stem in names


def _run(planted: Sequence[Planted], tree: Path, environment: Mapping[str, str]) -> int:
    tests = sorted({test for one in planted for test in one.tests})
    console.print(f"Sans aucune plante, {len(tests)} fichiers de tests…")
    if (failed := _first_failure(tests, tree, environment)) is not None:
        console.print(f"[red]✗[/] les tests échouent d'eux-mêmes : {failed}")
        return 1
    survivors = [one for one in planted if not _is_found(one, tree, environment)]
    found = len(planted) - len(survivors)
    console.print(f"\n[{'red' if survivors else 'green'}]{found} plantes trouvées sur {len(planted)}[/]")
    return 1 if survivors else 0


def _is_found(one: Planted, tree: Path, environment: Mapping[str, str]) -> bool:
    began = time.monotonic()
    if not _apply(one, tree):
        console.print(f"[red]✗[/] {one.path.stem} : ne s'applique plus au code, à refaire")
        return False
    try:
        failed = _first_failure(one.tests, tree, environment)
    finally:
        _apply(one, tree, "--reverse")
    if failed is None:
        console.print(f"[red]✗[/] {one.path.stem} : {one.bug} [red]Aucun test ne le voit.[/]")
        return False
    console.print(
        f"[green]✓[/] {one.path.stem} [dim]{time.monotonic() - began:.0f} s[/]  {one.bug}\n    [dim]{failed}[/]"
    )
    return True


def _apply(one: Planted, tree: Path, *options: str) -> bool:
    done = subprocess.run(
        ["git", "apply", *options, str(one.path)], cwd=tree, capture_output=True, check=False
    )
    return done.returncode == 0


def _first_failure(tests: Sequence[str], tree: Path, environment: Mapping[str, str]) -> str | None:
    """The first test that fails; None when all pass."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "-p", "no:cacheprovider", *tests]
    try:
        done = subprocess.run(
            command,
            cwd=tree,
            env=dict(environment),
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"les tests ne finissent pas en {LONGEST_SECONDS} s"
    if done.returncode == 0:
        return None
    lines = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR tests"))]
    return lines[0].split(" - ")[0] if lines else (done.stdout + done.stderr).strip()[-400:]


@contextmanager
def copied() -> Iterator[Path]:
    """The tree as it is, in a folder of its own."""
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
