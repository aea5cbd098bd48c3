"""A process whose clock is off sees another hour, and the same pace."""

import subprocess
import sys
import time

from simulation.chaos import shifted

LOOK = """
import sys, time
from simulation.chaos.shifted import shift
shift(float(sys.argv[1]))
from datetime import UTC, datetime
begun = time.monotonic()
print(time.time(), time.time_ns() / 1e9, datetime.now(UTC).timestamp(), datetime.now().timestamp())
assert isinstance(datetime.now(UTC), datetime)
assert time.monotonic() - begun < 5
"""


def seen_with_a_clock_off_by(seconds: float) -> list[float]:
    done = subprocess.run(
        [sys.executable, "-c", LOOK, str(seconds)], capture_output=True, text=True, check=True
    )
    return [float(word) for word in done.stdout.split()]


def test_every_look_at_the_wall_clock_is_off_and_ours_is_not():
    for seconds in (-300.0, 300.0):
        before = time.time()
        seen = seen_with_a_clock_off_by(seconds)
        after = time.time()
        assert len(seen) == 4
        assert all(before - 1 < clock - seconds < after + 1 for clock in seen)


def test_a_right_clock_needs_no_word():
    assert shifted.environment(0.0) == {}
    assert shifted.environment(-300.0) == {shifted.CLOCK_VARIABLE: "-300.0"}
