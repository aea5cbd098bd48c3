"""Program that runs one process of the hub and counts its SQL statements, BEGIN and COMMIT included.

`python -m bench.counted FILE run --role=…`; FILE always holds the present number.
"""

import os
import sys
from itertools import count
from pathlib import Path
from typing import Any

from ops.commands import main
from router.store import database

DIGITS = 12


def main_counted(target: Path) -> None:
    """Run the hub's command line in `sys.argv`, and write the number of SQL statements to `target` after each."""
    file = os.open(target, os.O_CREAT | os.O_WRONLY)
    numbers, prepare = count(1), database._prepare  # the only place that sees BEGIN

    def note(_: object) -> None:
        os.pwrite(file, b"%0*d" % (DIGITS, next(numbers)), 0)

    async def prepare_and_count(connection: Any) -> None:
        await prepare(connection)
        connection.add_query_logger(note)

    database._prepare = prepare_and_count
    main()


def statements(target: Path) -> int:
    """Return the number of SQL statements in this file; 0 if there is none yet."""
    return int(target.read_bytes() or b"0") if target.exists() else 0


if __name__ == "__main__":
    main_counted(Path(sys.argv.pop(1)))
