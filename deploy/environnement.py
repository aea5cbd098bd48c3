"""Create or update .venv from the hashes in requirements.txt: `python3 deploy/environnement.py`.

This script needs the standard library only. Its syntax lets even an old Python 3 start it and report that it is too
old. An up-to-date environment costs no time. An interrupted run is completed by the next one. Runs at the same time
wait for each other.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
STAMP = VENV / "siao-hub.stamp"
LOCK = VENV / "siao-hub.lock"
REQUIREMENTS = ROOT / "requirements.txt"
OLDEST_PYTHON = (3, 11)
ENVIRONMENT = dict(
    os.environ,
    VIRTUAL_ENV=str(VENV),
    UV_LINK_MODE="copy",
    UV_NO_PROGRESS="1",
    UV_HTTP_TIMEOUT="180",
    PIP_DISABLE_PIP_VERSION_CHECK="1",
)


def main() -> None:
    if sys.version_info[:2] < OLDEST_PYTHON:
        found = sys.version.split()[0]
        sys.exit(f"Il faut Python 3.11 ou plus récent ({found} trouvé) : make PYTHON=python3.12 …")
    VENV.mkdir(exist_ok=True)
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not STAMP.exists() or STAMP.read_text() != fingerprint():
            install()


def fingerprint() -> str:
    """Return a hash of everything that the environment depends on: requirements, packaging, this script, its
    Python, and the path of the checkout."""
    parts = [path.read_bytes() for path in (REQUIREMENTS, ROOT / "pyproject.toml", Path(__file__))]
    parts += [sys.version.encode(), str(ROOT).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def install() -> None:
    print("Préparation de l'environnement Python (.venv)…", flush=True)
    STAMP.unlink(missing_ok=True)
    if not is_sound():
        make_venv()
    python = str(VENV / "bin" / "python")
    pip = [python, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
    run(*pip, "--requirement", str(uv_requirement()))
    uv = [str(VENV / "bin" / "uv"), "pip"]
    sync = [*uv, "sync", "--quiet", "--compile-bytecode", "--require-hashes", "--python", python]
    run(*sync, str(REQUIREMENTS))
    run(*uv, "install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    STAMP.write_text(fingerprint())


def is_sound() -> bool:
    """Return whether .venv has the same Python as this process, and pip."""
    code = "import sys, pip; print(sys.version)"
    try:
        told = subprocess.run(
            [str(VENV / "bin" / "python"), "-c", code], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    return told.stdout.strip() == sys.version


def make_venv() -> None:
    """Empty .venv and create it anew, so that no file of another Python remains."""
    for left in VENV.iterdir():
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left)
        elif left != LOCK:
            left.unlink()
    try:
        venv.create(VENV, clear=False, symlinks=True, with_pip=True, upgrade_deps=False)
    except subprocess.CalledProcessError:
        sys.exit("Il manque le module venv de Python. Sous Debian : apt-get install python3-venv")


def uv_requirement() -> Path:
    """Write the lines of requirements.txt for uv, with their hashes, to a file for pip; return its path."""
    lines = REQUIREMENTS.read_text().splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith("uv=="))
    end = next(i for i in range(start, len(lines)) if not lines[i].endswith("\\"))
    target = VENV / "siao-hub-uv.txt"
    target.write_text("\n".join([*lines[start : end + 1], ""]))
    return target


def run(*command: str) -> None:
    done = subprocess.run(
        command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode != 0:
        sys.exit(f"{done.stdout}\nL'installation a échoué : {' '.join(command[:5])} …")


if __name__ == "__main__":
    main()
