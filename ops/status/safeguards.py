"""Check the safeguards that this machine can see: disk space, certificates, backups, former master keys, and
the files of the audit's heads and of their time stamps."""

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from contracts.errors import Misconfigured
from ops.audit.kept import last_head, last_stamped
from ops.status.quantities import local
from ops.status.server_safeguards import of_head
from router.domain.audit_heads import LATE_STAMP
from router.domain.vitals import Safeguard
from router.settings import Settings

LEAST_FREE = 0.10
"""The share of a disk that must be free."""
EXPIRES_SOON = timedelta(days=21)
BACKED_UP_WITHIN = timedelta(hours=26)
"""The maximum age of the newest backup."""
BACKUP_KEPT = timedelta(days=30)
"""How long backups may be kept. An older backup could bring a forgotten household back."""
OLD_KEY_LEAVES = timedelta(days=2)
"""How long the key file may contain a former master key beside the new one."""


def safeguards_of(settings: Settings, now: datetime) -> tuple[Safeguard, ...]:
    """Return the state of all safeguards that this machine can check by its own files and settings. A
    certificate, head or time stamp that cannot be read counts as broken. So does a backups folder in which no
    backup is found."""
    return (
        *_disks(settings),
        *_certificates(settings, now),
        *_backups(settings, now),
        *_old_backups(settings, now),
        *_old_keys(settings, now),
        *_heads(settings, now),
        *_stamps(settings, now),
    )


def _disks(settings: Settings) -> Iterator[Safeguard]:
    seen: set[int] = set()
    for file in (settings.erasures_file, settings.audit_heads_file):
        folder = file.absolute().parent
        if not folder.exists():
            yield Safeguard(f"dossier {folder}", "absent", False)
        elif (disk := folder.stat().st_dev) not in seen:
            seen.add(disk)
            usage = shutil.disk_usage(folder)
            free = usage.free / usage.total
            yield Safeguard(f"disque de {folder}", f"{free * 100:.0f} % libres", free >= LEAST_FREE)


def _certificates(settings: Settings, now: datetime) -> Iterator[Safeguard]:
    for name, tls in (("PostgreSQL", settings.database.tls), ("Kafka", settings.kafka.tls)):
        for file in (tls.ca_file, tls.cert_file):
            if file is not None:
                yield _certificate(f"certificat de {name} ({file.name})", file, now)
    if (file := settings.http.certificate_file) is not None:
        yield _certificate(f"certificat de la porte ({file.name})", file, now)


def _certificate(name: str, file: Path, now: datetime) -> Safeguard:
    from cryptography.x509 import (
        load_pem_x509_certificates,  # importing it takes a third of a second, and most machines do not need it
    )

    try:
        ends = min(each.not_valid_after_utc for each in load_pem_x509_certificates(file.read_bytes()))
    except (OSError, ValueError):
        return Safeguard(name, "illisible", False)
    return Safeguard(name, f"jusqu'au {local(ends):%d/%m/%Y}", ends - now > EXPIRES_SOON)


def _backups(settings: Settings, now: datetime) -> Iterator[Safeguard]:
    """Yield the safeguard of the backups. A file counts as a good backup by its name alone, because
    `deploy/sauvegarder.sh` gives this name only to a backup that it has read back."""
    folder = settings.backups_folder
    if folder is None:
        yield Safeguard("sauvegarde", "inconnue : SIAO_HUB_BACKUPS_FOLDER ne dit pas où elle est", None)
        return
    try:
        made = [file.stat().st_mtime for file in folder.glob(f"{settings.database.schema_name}-*.dump")]
    except OSError:
        made = []
    if not made:
        yield Safeguard("sauvegarde", f"aucune dans {folder}", False)
        return
    newest = datetime.fromtimestamp(max(made), now.tzinfo)
    said = f"la dernière, relue, du {local(newest):%d/%m %H:%M}"
    yield Safeguard("sauvegarde", said, now - newest <= BACKED_UP_WITHIN)


def _old_backups(settings: Settings, now: datetime) -> Iterator[Safeguard]:
    folder = settings.backups_folder
    latest = (now - BACKUP_KEPT - BACKED_UP_WITHIN).timestamp()
    try:
        old = sum(entry.stat().st_mtime < latest for entry in folder.iterdir()) if folder else 0
    except OSError:
        return
    if old:
        yield Safeguard(
            "vieilles sauvegardes", f"{old} de plus de {BACKUP_KEPT.days} jours : les détruire", False
        )


def _old_keys(settings: Settings, now: datetime) -> Iterator[Safeguard]:
    file = settings.master_key_file
    try:
        keys, changed = (
            len(file.read_text().split()),
            datetime.fromtimestamp(file.stat().st_mtime, now.tzinfo),
        )
    except (OSError, UnicodeDecodeError):
        return
    if keys > 1 and now - changed > OLD_KEY_LEAVES:
        said = f"{keys} dans {file} depuis le {local(changed):%d/%m} : « siao-hub cle tourner », puis « retirer »"
        yield Safeguard("anciennes clés maîtresses", said, False)


def _heads(settings: Settings, now: datetime) -> Iterator[Safeguard]:
    if not settings.audit_heads_file.exists():
        return
    try:
        head = last_head(settings.audit_heads_file)
    except Misconfigured as exc:
        yield Safeguard("têtes de l'audit", str(exc), False)
        return
    if head is not None:
        yield of_head(head, None, now)
    pinned = settings.audit_public_key_file is not None
    said = "épinglée" if pinned else "non épinglée : la machine qui signe se croit elle-même"
    yield Safeguard("clé publique de l'audit", said, pinned or None)


def _stamps(settings: Settings, now: datetime) -> Iterator[Safeguard]:
    if not settings.audit_heads_file.exists():
        return
    if settings.time_stamps.url is None:
        said = "aucun (non configuré) : rien d'extérieur ne date l'audit"
        yield Safeguard("horodatage de l'audit", said, None)
        return
    try:
        head, stamped = last_head(settings.audit_heads_file), last_stamped(settings.audit_stamps_file)
    except Misconfigured as exc:
        yield Safeguard("horodatage de l'audit", str(exc), False)
        return
    if head is not None:
        said = f"le dernier, d'une tête du {local(stamped.at):%d/%m %H:%M}" if stamped else "aucun encore"
        due = head.at if stamped is None else stamped.at
        yield Safeguard("horodatage de l'audit", said, head == stamped or now - due <= LATE_STAMP)
