"""A secret key is in a file that nobody else can read, and is never written over."""

import os
import stat
from pathlib import Path

import pytest
from pydantic import SecretStr

from connectors.secrets import is_exposed
from contracts.errors import Misconfigured
from router.privacy.key_files import create_key, read_key, read_keys, replace_keys
from tests.rows import each_row


def read(file: Path, given: SecretStr | None = None) -> bytes:
    return read_key(given, file, "clé", "SIAO_HUB_CLE")


def test_a_key_that_was_created_is_read_and_nobody_else_may(tmp_path: Path):
    create_key(tmp_path / "cle")
    assert len(read(tmp_path / "cle")) == 32
    assert (tmp_path / "cle").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o777])
def test_a_file_that_others_can_reach_is_refused_with_what_to_do(tmp_path: Path, mode: int):
    create_key(tmp_path / "cle")
    (tmp_path / "cle").chmod(mode)
    with pytest.raises(Misconfigured, match="chmod 600"):
        read(tmp_path / "cle")


HUB, ROOT = 10001, 0


@each_row(
    ("owner", "mode", "exposed"),
    [
        (ROOT, 0o440, False),
        (ROOT, 0o640, False),
        (ROOT, 0o444, True),
        (ROOT, 0o660, True),
        (HUB, 0o400, False),
        (HUB, 0o440, True),
        (HUB + 1, 0o600, True),
    ],
)
def test_root_may_give_a_key_to_the_group_of_the_hub_and_nobody_to_more(owner: int, mode: int, exposed: bool):
    found = os.stat_result((stat.S_IFREG | mode, 0, 0, 1, owner, HUB, 65, 0, 0, 0))
    assert is_exposed(found, HUB) is exposed


def test_a_key_is_never_written_over(tmp_path: Path):
    create_key(tmp_path / "cle")
    before = read(tmp_path / "cle")
    with pytest.raises(Misconfigured, match="existe déjà"):
        create_key(tmp_path / "cle")
    assert read(tmp_path / "cle") == before


@pytest.mark.parametrize("content", [b"", b"11", b"z" * 64, b"11" * 31, b"11" * 33, b"\xff" * 64])
def test_what_is_no_key_is_told_without_being_quoted(tmp_path: Path, content: bytes):
    (tmp_path / "cle").touch(mode=0o600)
    (tmp_path / "cle").write_bytes(content)
    with pytest.raises(Misconfigured, match=r"^clé : 64 caractères hexadécimaux attendus$"):
        read(tmp_path / "cle")


def test_a_key_that_is_not_there_is_told_and_one_of_the_settings_needs_no_file(tmp_path: Path):
    with pytest.raises(Misconfigured, match="cle creer"):
        read(tmp_path / "absente")
    with pytest.raises(Misconfigured, match="ne peut être écrit"):
        create_key(tmp_path / "absent" / "cle")
    assert read(tmp_path / "absente", SecretStr("11" * 32)) == b"\x11" * 32


def test_several_keys_are_read_in_their_order_and_replaced_all_at_once(tmp_path: Path):
    create_key(tmp_path / "cle", b"a" * 32)
    (tmp_path / "cle.nouveau").write_text("d'un arrêt en plein travail")
    replace_keys(tmp_path / "cle", [b"a" * 32, b"b" * 32])
    assert read_keys(None, tmp_path / "cle", "clé", "") == [b"a" * 32, b"b" * 32]
    assert (tmp_path / "cle").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["cle"]


def test_where_one_key_is_wanted_two_are_none(tmp_path: Path):
    create_key(tmp_path / "cle")
    replace_keys(tmp_path / "cle", [b"a" * 32, b"b" * 32])
    with pytest.raises(Misconfigured, match="64 caractères"):
        read(tmp_path / "cle")
