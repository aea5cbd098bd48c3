"""Tell the person who erases a household which copies of its data the hub cannot erase."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from connectors.sftp.purge import folders_of
from contracts.plurals import many
from contracts.topics import ORIENTATION
from ops.copies import sql as copies
from router.domain.partners import Registry
from router.domain.vitals import TURNS_WITHIN
from router.settings import Settings
from router.store.database import Connection, Row
from router.store.log import KEPT

BY_ITSELF = "le hub n'y peut rien, demandez-lui de l'effacer"


async def remaining(
    connection: Connection, menages: Sequence[UUID], registry: Registry, settings: Settings, now: datetime
) -> list[str]:
    """Return French lines that tell where data of these households will remain once the households are
    forgotten: with partners, on servers, on Kafka, in backups. A line also tells until when, if that is
    known. Call this before the households are forgotten."""
    rows = await copies.with_whom(connection, menages)
    return [*_with_partners(rows, registry), *_of_our_own(settings, now)]


def _with_partners(rows: Sequence[Row], registry: Registry) -> Iterator[str]:
    for row in rows:
        known = f"{row.partner} : {many(row.handed_over, 'livraison remise')}"
        if row.last_at is not None:
            known += f", la dernière le {row.last_at.date().isoformat()}"
        yield f"{known} ; {BY_ITSELF}"
        if row.in_the_mailbox:
            yield f"boîte de {row.partner} : {many(row.in_the_mailbox, 'envoi')}, que plus rien ne peut lire"
        yield from _on_its_server(row.partner, registry)


def _on_its_server(ident: str, registry: Registry) -> Iterator[str]:
    partner = registry.get(ident)
    for folder in folders_of(partner) if partner else ():
        goes = (
            f"le hub les retire après {folder.days} jours"
            if folder.days
            else "à lui de les retirer, par écrit"
        )
        yield f"fichiers de {folder.path}, SFTP de {ident} : {goes}"


def _of_our_own(settings: Settings, now: datetime) -> Iterator[str]:
    bus, log = _until(now, ORIENTATION.retention), _until(now, KEPT)
    yield f"bus, jusqu'au {bus} : illisible, sauf la composition et les dates, sans nom"
    yield f"journal de la base, jusqu'au {log} : de même"
    yield (
        f"sauvegardes : illisibles sans les clés ; après une restauration des clés, {settings.erasures_file} est "
        "appliqué de nouveau (« siao-hub recover »)"
    )
    yield (
        f"copies de base et WAL, jusqu'au {_until(now, TURNS_WITHIN)} au plus : lisibles par qui garde la clé "
        "maîtresse d'aujourd'hui"
    )


def _until(now: datetime, kept: timedelta) -> str:
    return (now + kept).date().isoformat()
