"""The former version of the hub: the tree of an older commit, extracted from the git history."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
MIGRATIONS = "router/store/migrations/versions"

NO_CHECKOUT = (
    "La version d'avant se prend dans l'historique : il faut un clone git de ce dépôt (« git clone »), pas une copie "
    "de ses fichiers."
)
NO_SUCH_COMMIT = (
    "L'historique de ce clone ne contient pas « {ref} ». S'il est superficiel : « git fetch --unshallow »."
)


class NotInHistory(Exception):
    """This checkout has no former version. The text says in French what is missing."""


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit of the history, by its id and subject."""

    ident: str
    subject: str


def version_before(ref: str | None = None, root: Path = ROOT) -> Commit:
    """Return the named commit, or the one before the newest migration was added. Raises NotInHistory."""
    if _git(root, "rev-parse", "--show-prefix") != "":  # also where a copy lies inside another checkout
        raise NotInHistory(NO_CHECKOUT)
    ref = ref or _before_newest_migration(root)
    said = _git(root, "log", "-1", "--format=%H %s", ref, "--")
    if not said:
        raise NotInHistory(NO_SUCH_COMMIT.format(ref=ref))
    ident, _, subject = said.partition(" ")
    return Commit(ident, subject)


def unpack(commit: Commit, folder: Path, root: Path = ROOT) -> None:
    """Extract the tree of a commit into a new folder. The checkout itself stays untouched."""
    archive = folder.with_suffix(".zip")
    subprocess.run(["git", "archive", "--output", archive, commit.ident], cwd=root, check=True)
    shutil.unpack_archive(archive, folder)
    archive.unlink()


def newest_migration(tree: Path) -> Path:
    """Return the file of the newest migration in a tree."""
    return max((tree / MIGRATIONS).glob("[0-9]*.py"))


def _before_newest_migration(root: Path) -> str:
    """Return the commit before the newest migration was added; HEAD if that migration is not committed yet."""
    newest = newest_migration(root).relative_to(root)
    added = _git(root, "log", "-1", "--diff-filter=A", "--format=%H", "--", str(newest))
    return f"{added}^" if added else "HEAD"


def _git(root: Path, *arguments: str) -> str | None:
    """Return the output of a git command; None if it fails or git is missing."""
    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None
