"""Which version `make mise-a-jour` takes out of the history."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.chaos.version_avant import MIGRATIONS, NotInHistory, newest_migration, unpack, version_before

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git")


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=Essai", "-c", "user.email=essai@exemple.fr")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def add(folder: Path, file: str, subject: str) -> None:
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(subject)
    git(folder, "add", file)
    git(folder, "commit", "-m", subject)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Two migrations, and a commit after each."""
    folder = tmp_path / "depot"
    folder.mkdir()
    git(folder, "init")
    for number in ("0001", "0002"):
        add(folder, f"{MIGRATIONS}/{number}_tables.py", f"tables {number}")
        add(folder, f"ensuite-{number}", f"ensuite {number}")
    return folder


def test_the_version_before_is_the_one_before_the_newest_migration(checkout: Path) -> None:
    assert version_before(root=checkout).subject == "ensuite 0001"


def test_before_a_migration_that_is_not_committed_yet_comes_the_last_commit(checkout: Path) -> None:
    (checkout / MIGRATIONS / "0003_tables.py").touch()
    assert version_before(root=checkout).subject == "ensuite 0002"


def test_its_tree_is_unpacked_beside_the_checkout_which_stays_as_it_is(
    checkout: Path, tmp_path: Path
) -> None:
    unpack(version_before(root=checkout), tmp_path / "avant", checkout)
    assert newest_migration(tmp_path / "avant").name == "0001_tables.py"
    assert newest_migration(checkout).name == "0002_tables.py"


@pytest.mark.parametrize("case", ["no checkout", "a folder of another checkout", "shallow", "unknown name"])
def test_where_the_history_has_no_version_before_it_is_said(
    checkout: Path, tmp_path: Path, case: str
) -> None:
    root, ref = checkout, None
    if case == "no checkout":
        shutil.rmtree(checkout / ".git")
    elif case == "a folder of another checkout":
        root = checkout / "router"
    elif case == "shallow":
        root = tmp_path / "superficiel"
        git(tmp_path, "clone", "--depth=1", checkout.as_uri(), str(root))
    else:
        ref = "v9.9.9"
    with pytest.raises(NotInHistory):
        version_before(ref, root)
