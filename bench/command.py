"""What every command of the bench does around its measure: parts, a folder, the machine, what went wrong."""

import asyncio
import sys
import tempfile
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console
from rich.text import Text

from bench.errors import BenchFailed
from bench.machine import description
from bench.paper import Paper
from deploy.local import Parts, PartUnavailable, local_parts

T = TypeVar("T")

console = Console(width=None if sys.stdout.isatty() else 160)


def taken(measure: Callable[[Parts, Path], Coroutine[Any, Any, T]]) -> tuple[T, Mapping[str, str]] | None:
    """What a measure gave, and the machine it was taken on; None, once it is said why, when it counts for nothing."""
    try:
        with local_parts() as parts, tempfile.TemporaryDirectory(prefix="siao-hub-bench-") as folder:
            about = asyncio.run(description(parts))
            return asyncio.run(measure(parts, Path(folder))), about
    except (BenchFailed, PartUnavailable) as exc:
        console.print("[red]✗[/]", Text(str(exc)))
        return None


def keep(paper: Paper, name: str, content: Mapping[str, object]) -> None:
    """Write a paper to bench/results/, and say where."""
    console.print(f"Écrit : {paper.write(name, content)} et .json", highlight=False)
