"""Measures the memory of the sources while they fetch the largest files of several partners at once."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from bench.bodies import csv_file
from bench.ground import Ground, until
from bench.memory import peak_mib
from bench.territories import Territory
from connectors.byte_budget import FILE_MAX_BYTES
from contracts.sftp import EntreeSftp
from router.domain.partners import Registry
from router.store import registry as registry_store
from router.store.database import Database
from simulation.sftp_server import CLIENT_KEY, DROP, ROOT, USER, host_key, prepare, sftp_server

FILES, ROWS = 3, 20_000
"""Number of files of each partner, and rows of each file. A file has the largest size that the hub accepts."""


async def largest_files(ground: Ground, folders: dict[Territory, tuple[Path, int]]) -> float:
    """Return the peak memory of the sources, in MiB, for fetching all files. `folders`: each partner's folder, with
    the port of its SFTP server."""
    async with AsyncExitStack() as stack:
        for folder, port in folders.values():
            await asyncio.to_thread(prepare, folder)
            await asyncio.to_thread(_fill, folder / ROOT / DROP)
            await stack.enter_async_context(sftp_server(folder, port))
        await _announce(ground, folders)
        with ground.hub("sources") as sources:
            await until(lambda: _all_taken(folders), "les plus grands fichiers sont relevés")
            assert sources.pid
            return peak_mib(sources.pid)


def _fill(drop: Path) -> None:
    """Write the files. Rows are padded, so that few rows make a large file; the files differ at their ends."""
    lines = csv_file(ROWS).split(b"\r\n")
    padding = b" " * ((FILE_MAX_BYTES - len(b"\r\n".join(lines))) // len(lines) - 1)
    body = (padding + b"\r\n").join(lines)
    for number in range(FILES):
        (drop / f"places-{number}.csv").write_bytes(body + b" " * number)


async def _announce(ground: Ground, folders: dict[Territory, tuple[Path, int]]) -> None:
    """Add the SFTP folders to the shelters' registry entries."""
    database = Database(ground.database)
    try:
        async with database.transaction() as connection:
            known = await registry_store.read(connection)
        entries = {t.shelter: _entry(folder, port) for t, (folder, port) in folders.items()}
        partners = [
            p.model_copy(update={"entree": entries[p.id]}) if p.id in entries else p
            for p in known.partners.values()
        ]
        await registry_store.apply(database, Registry.of(partners), "banc")
    finally:
        await database.close()


def _entry(folder: Path, port: int) -> EntreeSftp:
    return EntreeSftp(
        hote="127.0.0.1",
        port=port,
        utilisateur=USER,
        cle_privee=f"file:{folder / CLIENT_KEY}",
        cle_hote=host_key(folder),
        dossier=f"/{DROP}",
        dialecte="hebergement_csv",
        intervalle_s=1.0,
        stable_s=0.5,
    )


async def _all_taken(folders: dict[Territory, tuple[Path, int]]) -> bool:
    return not any(any((folder / ROOT / DROP).glob("*.csv")) for folder, _ in folders.values())
