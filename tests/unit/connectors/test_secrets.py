import pytest

from connectors.secrets import read_secret
from contracts.errors import Misconfigured


def test_a_secret_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("SECRET_ESSAI", " valeur\n")
    assert read_secret("env:SECRET_ESSAI") == "valeur"


def test_a_secret_comes_from_a_file_without_its_last_line_break(tmp_path):
    (tmp_path / "secret").write_text("première\nseconde\n")
    assert read_secret(f"file:{tmp_path / 'secret'}") == "première\nseconde"


def test_a_changed_file_is_read_anew(tmp_path):
    place = tmp_path / "secret"
    place.write_text("un")
    assert read_secret(f"file:{place}") == "un"
    place.write_text("deux")
    assert read_secret(f"file:{place}") == "deux"


@pytest.mark.parametrize("place", ["env:SECRET_ABSENT", "file:/nulle/part"])
def test_a_missing_secret_names_its_place_in_french(place):
    with pytest.raises(Misconfigured, match="Secret") as raised:
        read_secret(place)
    assert place.partition(":")[2] in str(raised.value)


def test_an_empty_secret_is_a_missing_one(monkeypatch):
    monkeypatch.setenv("SECRET_ESSAI", " ")
    with pytest.raises(Misconfigured, match="vide"):
        read_secret("env:SECRET_ESSAI")


def test_an_unreadable_secret_is_never_echoed(tmp_path):
    (tmp_path / "secret").write_bytes(b"tresor\xff")
    with pytest.raises(Misconfigured) as raised:
        read_secret(f"file:{tmp_path / 'secret'}")
    assert "tresor" not in f"{raised.value!r} {raised.value.__cause__!r}"
