"""Faults of the readers of a list: a lost copy, or another perimeter for a while."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from deploy.local.process import Child
from simulation.cast import READERS
from simulation.chaos.ground import Ground
from simulation.chaos.patience import run_until_done
from simulation.hub_process import module

ELSEWHERE = '{ communes = ["80561"] }'
"""Perimeter, in TOML, in which no simulated household wants to live."""


@contextmanager
def lost(ground: Ground, chance: Random) -> Iterator[None]:
    """Make a reader lose its copy of the list."""
    ground.stage.configs[chance.choice(READERS).id].lost.touch()
    yield


@contextmanager
def away(ground: Ground, chance: Random) -> Iterator[None]:
    """Give a reader a perimeter where nobody wants to live, then its former one again."""
    reader = chance.choice(READERS[1:])
    changed = ground.stage.folder / f"partenaires-sans-{reader.id}.toml"
    changed.write_text(moved(ground.stage.registry.read_text(encoding="utf-8"), reader.id), encoding="utf-8")
    _apply(ground, changed)
    yield
    _apply(ground, ground.stage.registry)


def moved(registry: str, reader: str) -> str:
    """Return the registry's TOML, with `ELSEWHERE` as the perimeter of this reader."""
    before, entry, after = registry.partition(f'id = "{reader}"\n')
    lines = after.split("\n")
    (at,) = [n for n, line in enumerate(lines) if line.startswith("perimetre = ")][:1]
    return before + entry + "\n".join((*lines[:at], f"perimetre = {ELSEWHERE}", *lines[at + 1 :]))


def _apply(ground: Ground, registry: Path) -> None:
    """Apply a registry file to the hub, repeatedly while PostgreSQL is down. Raises PartUnavailable."""
    command = [*module("ops.commands", ground.stage.environment), "partners", "apply", str(registry), "--oui"]
    run_until_done(Child(ground.stage.folder, ground.stage.folder / "registre.log"), command)
