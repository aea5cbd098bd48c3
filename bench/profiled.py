"""Program that runs one process of the hub with a sampling profiler on its CPU clock, so that waiting is not
sampled.

`python -m bench.profiled FILE run --role=…`; when the process is stopped, FILE gets one line for each stack,
`outermost;…;innermost samples` (the folded form from which flame graphs are drawn).
"""

import signal
import sys
from collections import Counter
from pathlib import Path
from types import FrameType

from ops.commands import main

INTERVAL_SECONDS = 0.002


def main_sampled(target: Path) -> None:
    """Run the hub's command line in `sys.argv` under the profiler; write the stacks to `target` when it ends."""
    stacks: Counter[str] = Counter()

    def sample(_: int, frame: FrameType | None) -> None:
        names = []
        while frame is not None:
            names.append(_name(frame))
            frame = frame.f_back
        stacks[";".join(reversed(names))] += 1

    signal.signal(signal.SIGPROF, sample)
    signal.setitimer(signal.ITIMER_PROF, INTERVAL_SECONDS, INTERVAL_SECONDS)
    try:
        main()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        target.write_text("".join(f"{stack} {count}\n" for stack, count in stacks.most_common()))


def _name(frame: FrameType) -> str:
    code = frame.f_code
    file = code.co_filename.partition("site-packages/")[2] or "/".join(code.co_filename.split("/")[-2:])
    return f"{file}:{frame.f_lineno}:{code.co_name}".replace(" ", "_")


if __name__ == "__main__":
    main_sampled(Path(sys.argv.pop(1)))
