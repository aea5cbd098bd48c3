"""Secrets of partners come from places of their own, and from no other."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.mail import secret_in
from connectors.secrets import FOLDER_VARIABLE, read_secret, refuse_foreign
from contracts.errors import Misconfigured


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "secrets"
    place.mkdir()
    monkeypatch.setenv(FOLDER_VARIABLE, str(place))
    return place


def written(file: Path, content: bytes = b"valeur", mode: int = 0o600) -> str:
    file.write_bytes(content)
    file.chmod(mode)
    return f"file:{file}"


def test_a_secret_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIAO_SECRET_ESSAI", " valeur\n")
    assert read_secret("env:SIAO_SECRET_ESSAI") == "valeur"


def test_a_secret_comes_from_a_file_without_its_last_line_break(folder: Path) -> None:
    place = written(folder / "secret", "première\nseconde\n".encode())
    assert read_secret(place) == "première\nseconde"


def test_a_changed_file_is_read_anew(folder: Path) -> None:
    assert read_secret(written(folder / "secret", b"un")) == "un"
    assert read_secret(written(folder / "secret", b"deux")) == "deux"


@pytest.mark.parametrize("name", ["SIAO_HUB_DATABASE__URL", "SIAO_HUB_MASTER_KEY", "PATH", "SECRET"])
def test_no_other_variable_is_ever_a_partners_secret(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "tresor")
    for use in (read_secret, refuse_foreign):
        with pytest.raises(Misconfigured, match="SIAO_SECRET_…") as raised:
            use(f"env:{name}")
        assert "tresor" not in str(raised.value)


OUTSIDE: dict[str, Callable[[Path, Path], Path]] = {
    "beside": lambda _, key: key,
    "above": lambda folder, key: folder / ".." / key.name,
    "link": lambda folder, key: linked(folder / "lien", key),
    "folder that is a link": lambda folder, key: linked(folder / "dossier", key.parent) / key.name,
    "the folder's own name and more": lambda folder, _: Path(f"{folder}-autres") / "secret",
}


def linked(link: Path, to: Path) -> Path:
    link.symlink_to(to)
    return link


@pytest.mark.parametrize("way", OUTSIDE)
def test_no_file_outside_the_folder_is_ever_a_partners_secret(way: str, folder: Path) -> None:
    key = folder.parent / "master.key"
    written(key, b"tresor")
    place = OUTSIDE[way](folder, key)
    for use in (read_secret, refuse_foreign):
        with pytest.raises(Misconfigured, match="dossier des secrets des partenaires"):
            use(f"file:{place}")


def test_a_key_of_the_hub_is_no_partners_secret_even_where_it_lies_in_the_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = written(folder / "master.key")
    monkeypatch.setenv("SIAO_HUB_MASTER_KEY_FILE", str(folder / "." / "master.key"))
    with pytest.raises(Misconfigured, match="refusé"):
        read_secret(place)


@pytest.mark.parametrize("mode", [0o400, 0o440, 0o600, 0o640])
def test_a_file_that_its_account_and_group_alone_read_is_taken(mode: int, folder: Path) -> None:
    assert read_secret(written(folder / "secret", mode=mode)) == "valeur"


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o604, 0o602, 0o700, 0o4600])
def test_a_file_that_others_read_or_change_is_refused_with_what_to_do(mode: int, folder: Path) -> None:
    with pytest.raises(Misconfigured, match=r"exposé.*chmod 600"):
        read_secret(written(folder / "secret", mode=mode))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a file to somebody else")
def test_a_file_of_another_account_is_refused(folder: Path) -> None:
    place = written(folder / "secret")
    os.chown(folder / "secret", 12345, 0)
    with pytest.raises(Misconfigured, match="chown root"):
        read_secret(place)


def test_what_is_no_file_is_refused_without_waiting(folder: Path) -> None:
    os.mkfifo(folder / "tube", 0o600)
    (folder / "dossier").mkdir(0o600)
    for name in ("tube", "dossier"):
        with pytest.raises(Misconfigured, match="illisible"):
            read_secret(f"file:{folder / name}")


def test_a_missing_secret_names_its_place_in_french(folder: Path) -> None:
    for place in ("env:SIAO_SECRET_ABSENT", f"file:{folder / 'rien'}"):
        with pytest.raises(Misconfigured, match="Secret") as raised:
            read_secret(place)
        assert place.partition(":")[2] in str(raised.value)


def test_an_empty_secret_is_a_missing_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIAO_SECRET_ESSAI", " ")
    with pytest.raises(Misconfigured, match="vide"):
        read_secret("env:SIAO_SECRET_ESSAI")


def test_an_unreadable_secret_is_never_echoed(folder: Path) -> None:
    with pytest.raises(Misconfigured) as raised:
        read_secret(written(folder / "secret", b"tresor\xff"))
    assert "tresor" not in f"{raised.value!r} {raised.value.__cause__!r}"


def test_the_secret_of_an_alarm_that_is_no_text_is_named_and_not_echoed(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_bytes("mot de passe é".encode("latin-1"))
    with pytest.raises(Misconfigured, match="UTF-8") as raised:
        secret_in(file)
    assert "passe" not in repr(raised.value)
