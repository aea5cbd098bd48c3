"""`make deploiement`: install the hub by the commands of the documentation. `ARGS=conteneurs` runs one scenario
alone.

If a scenario cannot run here, it prints «non essayé» and what is missing.
"""

import sys

from tests.deploiement import conteneurs, installer
from tests.deploiement.debian import missing

SCENARIOS = {"installer": installer, "conteneurs": conteneurs}


def main(asked: list[str]) -> int:
    """Run the given scenarios, or all. The exit status is 0 if all succeed, 1 if one fails, 2 if one could not run."""
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
