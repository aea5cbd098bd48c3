"""What careless partners do with files: halves under a name that says so, and one that is never finished."""

from datetime import date
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from simulation.chaos import files
from simulation.chaos.drops import STABLE_SECONDS, Drops
from simulation.chaos.ground import Missed
from simulation.config import Config
from simulation.journal import read
from simulation.places import Place, Structure
from simulation.sftp_server import ARCHIVES, DROP, REPORTS, ROOT


@pytest.fixture
def drops(tmp_path: Path) -> Drops:
    for name in (ARCHIVES, REPORTS):
        (tmp_path / ROOT / DROP / name).mkdir(parents=True)
    place = Place(
        "TIL-00001", 1, Structure("590000000", "0" * 14, "59350"), "1 rue", "URGENCE", ("10",), 0.0, False
    )
    return Drops(Config("chrs-tilleuls", tmp_path, Path(), "", "", 1, date(2026, 3, 2), places=(place,)))


def lying(tmp_path: Path) -> dict[str, bytes]:
    """What lies in the drop, by the beginning of its name and its suffix."""
    found = (path for path in (tmp_path / ROOT / DROP).iterdir() if path.is_file())
    return {path.name.partition("-")[0] + path.suffix: path.read_bytes() for path in found}


def test_halves_outlast_the_hubs_patience_only_under_a_name_that_says_so_and_one_is_never_finished(
    tmp_path: Path, drops: Drops
) -> None:
    waited: list[float] = []
    ground: Any = SimpleNamespace(drops=drops, wait=waited.append)
    with files.half(ground, Random(1)):
        begun = lying(tmp_path)
        assert begun.keys() == {"moitie.csv", "longue.part", "jamais.part"}
    ended = lying(tmp_path)
    assert ended.keys() == {"moitie.csv", "longue.csv", "jamais.part"}
    assert min(waited) > STABLE_SECONDS
    assert ended["jamais.part"] == begun["jamais.part"]
    for name in ("moitie", "longue"):
        assert ended[f"{name}.csv"].count(b"TIL-") == 2 * files.HALF_PLACES
    sent = {record["subject"] for record in read(drops.journal)[0]}
    assert len(sent) == 2 * files.HALF_PLACES
    assert not any(code.encode() in ended["jamais.part"] for code in sent)  # an arrival would be nobody's


def test_a_file_that_nobody_finished_and_that_is_gone_is_named(tmp_path: Path, drops: Drops) -> None:
    drops.abandon("jamais-1.csv.part", places=1)
    assert list(drops.troubles()) == []
    (tmp_path / ROOT / DROP / "jamais-1.csv.part").unlink()
    assert list(drops.troubles()) == ["fichier jamais achevé, et pris : jamais-1.csv.part"]


@pytest.mark.parametrize("act", [files.again, files.renewed])
def test_without_a_file_that_the_hub_has_taken_in_there_is_nothing_to_drop_again(
    drops: Drops, act: Any
) -> None:
    ground: Any = SimpleNamespace(drops=drops)
    with pytest.raises(Missed), act(ground, Random(1)):
        pass
