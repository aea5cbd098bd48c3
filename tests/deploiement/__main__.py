"""`make deploiement`: an installation by the commands of the pages; `ARGS=conteneurs` plays one scenario alone.

A scenario that cannot be played here says what it lacks, and «non essayé».
"""

import sys

from tests.deploiement import conteneurs, installer
from tests.deploiement.debian import missing

SCENARIOS = {"installer": installer, "conteneurs": conteneurs}


def main(asked: list[str]) -> int:
    """Play the scenarios asked for, or all. The exit status is 0 where each held, 2 where one could not be played."""
    worst = 0
    for name in asked or SCENARIOS:
        if lacks := missing(SCENARIOS[name].NEEDED):
            print(f"{name} : non essayé, il manque {', '.join(lacks)}")  # noqa: T201  for a person in a terminal
            worst = max(worst, 2)
            continue
        held = SCENARIOS[name].play()
        print(f"{name} : {'tient' if held else 'NE TIENT PAS'}", flush=True)  # noqa: T201  likewise
        worst = worst if held else 1
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
