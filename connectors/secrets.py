"""Read partners' secrets, each from an environment variable or from a file.

A registry entry may never name one of the hub's own secrets. The file of a secret must belong to root or to
the hub's account, and be closed to everybody outside its group.
"""

import os
import stat
from pathlib import Path

from contracts.entry import Secret
from contracts.errors import HubsOwnFault

PREFIX = "SIAO_SECRET_"
"""Prefix of the environment variables with partners' secrets."""
FOLDER_VARIABLE = "SIAO_SECRETS_FOLDER"
"""Environment variable that names the folder of partners' secrets. A registry entry may name no file outside
this folder."""
FOLDER = "/etc/siao-hub/secrets"
OWN_FILES = ("SIAO_HUB_", "_FILE")
"""Prefix and suffix of the environment variables that name the files with the hub's secrets."""
MODES = "0400, 0440, 0600 ou 0640"
LONGEST_BYTES = 64 * 1024


def read_secret(secret: Secret) -> str:
    """Return a partner's secret, read anew at each call, without spaces around it. `secret` says where it is:
    `env:SIAO_SECRET_NAME` or `file:/absolute/path`.

    Raises HubsOwnFault if the secret is missing, unreadable or empty, or if its file is open to other users.
    Also raises it for a variable not named `SIAO_SECRET_…`, a file outside the folder of partners' secrets, or
    one of the hub's own files. The error never shows the content.
    """
    refuse_foreign(secret)
    scheme, _, place = secret.partition(":")
    value = _from_environment(place) if scheme == "env" else _from_file(place)
    if not value:
        raise HubsOwnFault(f"Secret vide : {secret}")
    return value


def refuse_foreign(secret: Secret) -> None:
    """Raise HubsOwnFault unless `secret` names a variable `SIAO_SECRET_…`, or a file in the folder of
    partners' secrets. A file of this folder that is also one of the hub's own is refused: the hub would send
    its own secret to a partner."""
    scheme, _, place = secret.partition(":")
    if scheme == "env":
        if not place.startswith(PREFIX):
            raise HubsOwnFault(
                f"Secret refusé : la variable {place} n'est pas celle d'un partenaire ; mettez le sien dans une "
                f"variable {PREFIX}…, et nommez-la dans le registre"
            )
        return
    folder, file = Path(os.environ.get(FOLDER_VARIABLE, FOLDER)).resolve(), Path(place).resolve()
    if not file.is_relative_to(folder) or file in _own_files():
        raise HubsOwnFault(
            f"Secret refusé : {place} n'est pas dans le dossier des secrets des partenaires ({folder}) ; posez-le là, "
            "et dites-le dans le registre"
        )


def refuse_readable(file: Path, name: str) -> None:
    """Raise HubsOwnFault if a file is exposed to other users (`is_exposed`), OSError if the file is missing.
    `name`: what the French error calls the file."""
    if is_exposed(file.stat(), os.geteuid()):
        raise HubsOwnFault(
            f"{name} : d'autres que vous peuvent lire {file} ; « chmod 600 {file} » ; ou 0440, à root et à votre "
            "seul groupe"
        )


def is_exposed(found: os.stat_result, reader: int) -> bool:
    """Tell whether anyone but root and the user id `reader` can read or change a file. If root owns the file
    and `reader` is not root, reading by the file's group does not count. `found`: the file's status."""
    given_by_root = found.st_uid == 0 != reader
    of_another = found.st_uid not in (0, reader)
    return of_another or bool(stat.S_IMODE(found.st_mode) & ~(0o740 if given_by_root else 0o700))


def _own_files() -> set[Path]:
    start, end = OWN_FILES
    return {
        Path(place).resolve()
        for name, place in os.environ.items()
        if name.startswith(start) and name.endswith(end)
    }


def _from_environment(name: str) -> str:
    value = os.environ.get(name)
    if value is None:
        raise HubsOwnFault(f"Secret introuvable : la variable d'environnement {name} n'est pas définie")
    return value.strip()


def _from_file(path: str) -> str:
    try:
        with open(Path(path).resolve(), "rb", opener=_without_waiting) as file:
            _refuse_exposed(os.fstat(file.fileno()), path)
            return file.read(LONGEST_BYTES).decode("utf-8").strip()
    except OSError as exc:
        raise HubsOwnFault(f"Secret illisible : {path} ({exc.strerror})") from exc
    except UnicodeDecodeError:
        raise HubsOwnFault(f"Secret illisible : {path} n'est pas un texte UTF-8") from None


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def _refuse_exposed(found: os.stat_result, path: str) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise HubsOwnFault(f"Secret illisible : {path} n'est pas un fichier")
    if found.st_uid not in (0, os.geteuid()):
        raise HubsOwnFault(
            f"Secret exposé : {path} n'est ni à root ni au compte du hub ; « chown root {path} »"
        )
    if stat.S_IMODE(found.st_mode) & ~0o640:
        raise HubsOwnFault(
            f"Secret exposé : d'autres peuvent lire ou changer {path} (droits attendus : {MODES}) ; "
            f"« chmod 600 {path} »"
        )
