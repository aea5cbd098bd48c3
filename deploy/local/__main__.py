"""The command `python -m deploy.local`: run Kafka and PostgreSQL for a developer's shell, until Ctrl-C."""

import signal
import sys
from types import FrameType

from deploy.local import PartUnavailable, local_parts


def main() -> int:
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with local_parts() as parts:
            for name, value in parts.environment.items():
                print(f"export {name}={value}", flush=True)
            print("Kafka et PostgreSQL tournent. Ctrl-C les arrête et efface leurs données.", file=sys.stderr)
            signal.pause()
    except PartUnavailable as exc:
        print(exc, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


sys.exit(main())
