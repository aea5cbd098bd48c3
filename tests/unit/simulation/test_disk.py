"""A disk that is full takes no byte more, has room again afterwards, and leaves nothing mounted."""

import errno

import pytest

from deploy.local.disk import MOUNTS, can_mount, mounted_disk
from deploy.local.folder import run_folder

needs_mounting = pytest.mark.skipif(not can_mount(), reason="cette machine ne permet pas de monter un disque")


@needs_mounting
def test_a_full_disk_takes_no_byte_more_until_there_is_room_again(tmp_path):
    with mounted_disk(tmp_path / "disque") as disk:
        (disk.path / "avant").write_bytes(b"x" * 100_000)
        disk.fill()
        with pytest.raises(OSError, match="No space") as full:
            (disk.path / "pendant").write_bytes(b"x" * 100_000)
        assert full.value.errno == errno.ENOSPC
        assert (disk.path / "avant").read_bytes() == b"x" * 100_000
        disk.free()
        (disk.path / "apres").write_bytes(b"x" * 100_000)
    assert str(tmp_path) not in MOUNTS.read_text()


@needs_mounting
def test_a_run_folder_goes_with_what_is_mounted_in_it():
    with run_folder("essai") as folder:
        never_left = mounted_disk(folder / "disque")
        never_left.__enter__()
        assert str(folder) in MOUNTS.read_text()
    assert str(folder) not in MOUNTS.read_text()
    assert not folder.exists()
