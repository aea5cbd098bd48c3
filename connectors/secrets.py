"""Secrets: read from an environment variable or a file, never from the registry; and files that are nobody else's."""

import os
import stat
from pathlib import Path

from contracts.entry import Secret
from contracts.errors import Misconfigured


def read_secret(secret: Secret) -> str:
    """The secret behind `env:NAME` or `file:/absolute/path`, without the white space around it.

    Reads anew at every call, so that a rotated secret is taken up. Raises Misconfigured, which names the
    place and never the content, when it is missing, unreadable or empty.
    """
    scheme, _, place = secret.partition(":")
    value = _from_environment(place) if scheme == "env" else _from_file(place)
    if not value:
        raise Misconfigured(f"Secret vide : {secret}")
    return value


def refuse_readable(file: Path, name: str) -> None:
    """Raises Misconfigured where others than its owner can read a file; OSError where there is none."""
    if file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise Misconfigured(f"{name} : d'autres que vous peuvent lire {file} ; « chmod 600 {file} »")


def _from_environment(name: str) -> str:
    value = os.environ.get(name)
    if value is None:
        raise Misconfigured(f"Secret introuvable : la variable d'environnement {name} n'est pas définie")
    return value.strip()


def _from_file(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as exc:
        raise Misconfigured(f"Secret illisible : {path} ({exc.strerror})") from exc
    except UnicodeDecodeError:
        raise Misconfigured(f"Secret illisible : {path} n'est pas un texte UTF-8") from None
