"""Runs a measure as a command: gives it Kafka, PostgreSQL and a folder, describes the machine, prints failures."""

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
    """Run a measure, and return its result with the description of the machine. If it fails, print why and return
    None."""
    try:
        with local_parts() as parts, tempfile.TemporaryDirectory(prefix="siao-hub-bench-") as folder:
            about = asyncio.run(description(parts))
            return asyncio.run(measure(parts, Path(folder))), about
    except (BenchFailed, PartUnavailable) as exc:
        console.print("[red]✗[/]", Text(str(exc)))
        return None


def keep(paper: Paper, name: str, content: Mapping[str, object]) -> None:
    """Write a table of results to bench/results/, and print the file's path."""
    console.print(f"Écrit : {paper.write(name, content)} et .json", highlight=False)
