"""The jars of Apache Kafka, which Maven resolves once into a cache."""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.errors import PartUnavailable

KAFKA_VERSION = "4.3.1"
POM = Path(__file__).with_name("pom.xml")


def java() -> str:
    """Return the path of the Java program. Raises PartUnavailable if there is none."""
    return _program("java")


def classpath() -> str:
    """Return the class path of a Kafka node. Resolves its jars on first use, which takes some seconds. Raises
    PartUnavailable.

    A run that crashes half-way leaves no incomplete cache. A second run at the same time waits for the first.
    """
    home = cache() / f"kafka-{KAFKA_VERSION}"
    if not home.exists():
        with locked_cache():
            if not home.exists():
                _resolve(home)
    return f"{home / 'lib'}/*"


def class_archive() -> Path:
    """Return the path of the archive of Kafka's parsed classes for this JVM."""
    installed = Path(java()).resolve().stat().st_mtime_ns
    return cache() / f"kafka-{KAFKA_VERSION}" / f"classes-{installed:x}.jsa"


def features() -> Path:
    """Return the path of the cached file of features with which this version of Kafka formats a data folder."""
    return cache() / f"kafka-{KAFKA_VERSION}" / "bootstrap.checkpoint"


def cache() -> Path:
    """Return the folder of the cache: `.cache` in a checkout, or the user's cache if the project is installed as a
    package."""
    root = Path(__file__).parents[2]
    if (root / "pyproject.toml").exists():
        return root / ".cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "siao-hub"


def keep(unfinished: Path, archive: Path) -> None:
    """Move a finished class archive to its place in one step, and remove those of other JVMs. Does nothing if it
    does not exist."""
    if not unfinished.exists():
        return
    for former in archive.parent.glob("*.jsa"):
        former.unlink()
    staged = archive.with_suffix(".unfinished")
    shutil.move(unfinished, staged)
    staged.rename(archive)


def keep_features(written: Path) -> None:
    """Copy the features file that Kafka's tool has written to the cache, in one step.

    Takes no lock, because its caller may run while its process holds the cache's lock.
    """
    staged = features().with_suffix(f".{os.getpid()}")
    shutil.copy(written, staged)
    staged.rename(features())


@contextmanager
def locked_cache() -> Iterator[None]:
    """Hold the cache's lock until the block ends, so that there is one writer at a time. The kernel releases the
    lock however the process ends."""
    cache().mkdir(parents=True, exist_ok=True)
    with (cache() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _resolve(home: Path) -> None:
    maven = _program("mvn")
    print("Première fois : Apache Kafka est installé dans le cache…", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(dir=cache(), prefix="kafka-", ignore_cleanup_errors=True) as unfinished:
        lib = Path(unfinished) / "home" / "lib"
        goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={lib}"]
        command = [maven, "--quiet", "--batch-mode", "--strict-checksums", "--file", str(POM), *goal]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            lines = (done.stdout + done.stderr).strip().splitlines()[:5]
            raise PartUnavailable("\n".join(["Maven n'a pas pu obtenir Apache Kafka :", *lines]))
        lib.parent.rename(home)


def _program(name: str) -> str:
    if (path := shutil.which(name)) is None:
        raise PartUnavailable(f"le programme « {name} » est introuvable")
    return path
