"""Program that runs before the faults of `make chaos`: ten thousand histories of the pure core, and the SQL
statements of processes in hundreds of orders.

The tests are those of `make test` with more seeds. A seed that fails is printed, and can be repeated by the test's
environment variable.
"""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

WORKERS = os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Drive:
    """Tests to run with many seeds, some seeds in each process, so that none of them keeps all in memory."""

    tests: str
    variable: str
    seeds: int
    at_a_time: int
    driven: str

    def run(self) -> bool:
        """Run all seeds, print the result or the failures, and return whether all passed."""
        started = time.monotonic()
        lots = [range(first, first + self.at_a_time) for first in range(0, self.seeds, self.at_a_time)]
        with ThreadPoolExecutor(WORKERS) as pool:
            failures = [output for output in pool.map(self._failure, lots) if output]
        verdict = "une promesse est rompue" if failures else "aucune promesse rompue"
        number = f"{self.seeds:,}".replace(",", "\u202f")
        lines = [*failures, f"  {number} {self.driven} : {verdict} ({time.monotonic() - started:.0f} s)\n"]
        sys.stdout.write("\n".join(lines))
        sys.stdout.flush()
        return not failures

    def _failure(self, lot: Sequence[int]) -> str:
        """Run pytest with these seeds; return its output if one fails, else an empty text."""
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", self.tests]
        environment = {**os.environ, self.variable: f"{lot[0]}:{lot[-1] + 1}"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        return done.stdout + done.stderr if done.returncode else ""


DRIVES = (
    Drive(
        tests="tests/unit/router/domain/test_histories.py",
        variable="SIAO_HISTOIRES",
        seeds=10_000,
        at_a_time=500,
        driven="histoires au hasard racontées au noyau pur",
    ),
    Drive(
        tests="tests/integration/test_interleavings.py",
        variable="SIAO_ENTRELACEMENTS",
        seeds=200,
        at_a_time=50,
        driven="entrelacements des étapes SQL, avec morts et gels, sur un vrai PostgreSQL",
    ),
)


if __name__ == "__main__":
    results = [drive.run() for drive in DRIVES]
    sys.exit(not all(results))
