"""Prometheus' checker of alert rules: the machine's own, or else Debian's, unpacked into the cache."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from deploy.local.errors import PartUnavailable
from deploy.local.jars import cache, locked_cache

HELP = "mettre promtool (de Prometheus 2.42 ou plus récent) dans le PATH, ou apt-get update"


def promtool() -> str:
    """Return the path of promtool. Raises PartUnavailable if neither this machine nor Debian has it."""
    if (found := shutil.which("promtool")) is not None:
        return found
    kept = cache() / "promtool"
    if not kept.exists():
        with locked_cache():
            if not kept.exists():
                _unpack(kept)
    return str(kept)


def _unpack(kept: Path) -> None:
    print("Première fois : promtool est installé dans le cache…", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(dir=cache(), prefix="promtool-") as folder:
        _run(["apt-get", "download", "prometheus"], folder)
        (package,) = Path(folder).glob("prometheus_*.deb")
        _run(["dpkg-deb", "--extract", package.name, "."], folder)
        (Path(folder) / "usr/bin/promtool").rename(kept)


def _run(command: list[str], folder: str) -> None:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError as exc:
        raise PartUnavailable(f"promtool manque, et {command[0]} aussi : {HELP}") from exc
    if done.returncode != 0:
        last = (done.stdout + done.stderr).strip().splitlines()[-1:]
        raise PartUnavailable("\n".join([f"promtool n'a pu être obtenu de Debian : {HELP}", *last]))
