"""What this machine sees of its safety safeguards: backups, and the certificate of the door."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import NameOID

from ops.status.safeguards import safeguards_of
from ops.status.server_safeguards import of_head
from router.domain.audit_heads import HEAD_SECONDS, Head
from router.domain.vitals import Safeguard
from router.settings import HttpSettings, Settings
from router.store.audit import Unsigned

NOW = datetime(2026, 1, 12, 3, 0, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        backups_folder=tmp_path,
        erasures_file=tmp_path / "effacements.jsonl",
        audit_heads_file=tmp_path / "tetes.jsonl",
    )


def safeguard(settings: Settings, name: str) -> Safeguard:
    (found,) = [each for each in safeguards_of(settings, NOW) if each.name.startswith(name)]
    return found


def written(file: Path, before: timedelta) -> None:
    file.touch()
    os.utime(file, times=((NOW - before).timestamp(),) * 2)


def certificate(file: Path, ends: datetime) -> Path:
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hub")]),
    )
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, NOW - timedelta(days=300), ends)
    file.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return file


def test_the_newest_backup_that_was_read_back_counts_and_it_may_be_a_day_old(
    settings: Settings, tmp_path: Path
):
    written(tmp_path / "siao_hub-2026-01-10-020000.dump", timedelta(days=2))
    written(tmp_path / "siao_hub-2026-01-12-020000.dump.part", timedelta(hours=1))
    written(tmp_path / "autre-2026-01-12-020000.dump", timedelta(hours=1))
    assert not safeguard(settings, "sauvegarde").holds
    written(tmp_path / "siao_hub-2026-01-11-020000.dump", timedelta(hours=25))
    assert safeguard(settings, "sauvegarde").holds


def test_a_folder_without_a_backup_is_no_net_and_of_one_that_nobody_named_nothing_is_known(
    settings: Settings,
):
    assert safeguard(settings, "sauvegarde").holds is False
    unnamed = settings.model_copy(update={"backups_folder": None})
    assert safeguard(unnamed, "sauvegarde").holds is None


def test_an_audit_that_nothing_outside_proves_is_not_said_to_be_proved(settings: Settings, tmp_path: Path):
    settings.audit_heads_file.touch()
    for name in ("clé publique de l'audit", "horodatage de l'audit"):
        assert safeguard(settings, name).holds is None
    pinned = settings.model_copy(update={"audit_public_key_file": tmp_path / "audit.pub"})
    assert safeguard(pinned, "clé publique de l'audit").holds is True


@pytest.mark.parametrize(("days", "holds"), [(22, True), (20, False), (-1, False)])
def test_the_certificate_of_the_door_is_told_three_weeks_before_it_ends(
    settings: Settings, tmp_path: Path, days: int, holds: bool
):
    file = certificate(tmp_path / "porte.pem", NOW + timedelta(days=days))
    served = settings.model_copy(update={"http": HttpSettings(certificate_file=file)})
    assert safeguard(served, "certificat de la porte").holds is holds


def test_a_backup_of_more_than_a_month_is_told(settings: Settings, tmp_path: Path):
    written(tmp_path / "siao_hub-2025-12-13-020000.dump", timedelta(days=30))
    assert not [each for each in safeguards_of(settings, NOW) if each.name == "vieilles sauvegardes"]
    written(tmp_path / "base-2025-12-10-020000", timedelta(days=32))
    assert not safeguard(settings, "vieilles sauvegardes").holds


def test_a_master_key_that_was_not_taken_out_after_its_change_is_told(settings: Settings, tmp_path: Path):
    settings = settings.model_copy(update={"master_key_file": tmp_path / "master.key"})
    (tmp_path / "master.key").write_text("11\n22\n")
    written(tmp_path / "master.key", timedelta(days=1))
    assert not [each for each in safeguards_of(settings, NOW) if each.name == "anciennes clés maîtresses"]
    written(tmp_path / "master.key", timedelta(days=3))
    assert not safeguard(settings, "anciennes clés maîtresses").holds


BEAT = timedelta(seconds=HEAD_SECONDS)


@pytest.mark.parametrize(("age", "holds"), [(2 * BEAT, True), (3 * BEAT, None)])
def test_a_head_older_than_twice_its_beat_is_not_known_to_be_well_without_postgresql(
    settings: Settings, age: timedelta, holds: bool | None
) -> None:
    head = Head(1, b"\0" * 32, NOW - age, restored=False).signed(Ed25519PrivateKey.generate())
    settings.audit_heads_file.write_text(head.to_json() + "\n", encoding="utf-8")
    assert safeguard(settings, "têtes de l'audit").holds is holds


@pytest.mark.parametrize(
    ("unsigned", "holds", "says"),
    [
        (Unsigned(continues=True, since=None), True, "rien à signer depuis"),
        (Unsigned(continues=True, since=NOW - 2 * BEAT), True, "la dernière du"),
        (Unsigned(continues=True, since=NOW - 3 * BEAT), False, "personne ne signe"),
        (Unsigned(continues=False, since=None), False, "n'est plus celui qu'elle signe"),
        (None, None, "PostgreSQL ne l'a pas dit"),
    ],
)
def test_an_old_head_says_whether_nothing_is_to_be_signed_or_nobody_signs(
    unsigned: Unsigned | None, holds: bool | None, says: str
) -> None:
    said = of_head(Head(1, b"\0" * 32, NOW - timedelta(hours=1), restored=False), unsigned, NOW)
    assert (said.holds, says in said.state) == (holds, True)
