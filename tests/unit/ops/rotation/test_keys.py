"""`siao-hub cle creer` writes what is missing, and what an older installation has hashed is found again."""

from pathlib import Path

import pytest

from ops.rotation import printed as keys
from router.privacy.audit_keys import pinned_keys, public_file, receipt_key, signing_key
from router.privacy.key_files import read_key
from router.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        master_key_file=tmp_path / "master.key",
        hmac_key_file=tmp_path / "empreintes.key",
        audit_key_file=tmp_path / "audit.key",
        receipt_key_file=tmp_path / "recus.key",
    )


def key_in(file: Path) -> bytes:
    return read_key(None, file, "clé", "")


def test_a_new_installation_gets_three_keys_that_have_nothing_to_do_with_each_other(settings: Settings):
    keys.create(settings)
    master, hmacs, audit = map(
        key_in, (settings.master_key_file, settings.hmac_key_file, settings.audit_key_file)
    )
    assert len({master, hmacs, audit}) == 3


def test_the_public_halves_of_the_keys_that_sign_are_written_for_somebody_to_carry_away(settings: Settings):
    keys.create(settings)
    for file, key in ((settings.audit_key_file, signing_key), (settings.receipt_key_file, receipt_key)):
        assert list(pinned_keys(public_file(file))) == [key(settings).public_key()]


def test_what_is_there_is_left_alone(settings: Settings):
    keys.create(settings)
    before = settings.hmac_key_file.read_bytes()
    keys.create(settings)
    assert settings.hmac_key_file.read_bytes() == before
