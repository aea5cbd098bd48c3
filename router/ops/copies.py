"""Where copies of a household's data remain that the hub cannot destroy: for whoever answers for its erasure."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from contracts.partner import EntreeSftp, SortieSftp
from contracts.topics import ORIENTATION
from router.domain.partners import Registry
from router.settings import Settings
from router.store import copies
from router.store.database import Connection, Row
from router.store.retention import LOG

BY_ITSELF = "le hub n'y peut rien, demandez-lui de l'effacer"


async def remaining(
    connection: Connection, menage: UUID, registry: Registry, settings: Settings, now: datetime
) -> list[str]:
    """One line, in French, for each place; to be asked before the household is forgotten."""
    rows = await copies.with_whom(connection, menage)
    return [*_with_partners(rows, registry), *_of_our_own(settings, now)]


def _with_partners(rows: Sequence[Row], registry: Registry) -> Iterator[str]:
    for row in rows:
        known = f"{row.partner} : {row.handed_over} livraison(s) remise(s)"
        if row.last_at is not None:
            known += f", la dernière le {row.last_at.date().isoformat()}"
        yield f"{known} ; {BY_ITSELF}"
        if row.in_the_mailbox:
            yield f"boîte de {row.partner} : {row.in_the_mailbox} envoi(s), que plus rien ne peut lire"
        yield from _on_its_server(row.partner, registry)


def _on_its_server(ident: str, registry: Registry) -> Iterator[str]:
    partner = registry.get(ident)
    entree = partner.entree if partner else None
    sortie = partner.sortie if partner else None
    if isinstance(sortie, SortieSftp):
        yield f"SFTP de {ident}, livraisons ({sortie.dossier}) : {_gone_after(sortie.purge_jours)}"
    if isinstance(entree, EntreeSftp):
        yield f"SFTP de {ident}, archives et rapports ({entree.dossier}) : {_gone_after(entree.purge_jours)}"


def _gone_after(days: int) -> str:
    return f"le hub les retire après {days} jours" if days else "à lui de les retirer, il s'y est engagé"


def _of_our_own(settings: Settings, now: datetime) -> Iterator[str]:
    bus, log = _until(now, ORIENTATION.retention), _until(now, LOG)
    yield f"bus, jusqu'au {bus} : illisible, sauf la composition et les dates, sans nom"
    yield f"journal de la base, jusqu'au {log} : de même"
    yield (
        f"sauvegardes : illisibles sans les clés ; après une restauration des clés, {settings.erasures_file} est "
        "appliqué de nouveau (« siao-hub recover »)"
    )


def _until(now: datetime, kept: timedelta) -> str:
    return (now + kept).date().isoformat()
