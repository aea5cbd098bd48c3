"""Describes the machine and the software versions with which figures were measured."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

import asyncpg

from deploy.local import Parts
from deploy.local.jars import KAFKA_VERSION

PACKAGES = ("faststream", "aiokafka", "pydantic", "asyncpg", "sqlalchemy", "aiohttp", "uvicorn", "uvloop")


async def description(parts: Parts) -> dict[str, str]:
    """Return the description of the machine, in French, by name."""
    return {
        "Processeur": f"{_processor()}, {os.cpu_count()} cœurs",
        "Mémoire": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} Gio",
        "Noyau": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "PostgreSQL": await _postgres_version(parts.dsn),
        "Kafka": KAFKA_VERSION if parts.kafka else f"celui de {parts.bootstrap}",
        "Paquets": ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        "Charge de la machine au départ": f"{os.getloadavg()[0]:.1f}".replace(".", ","),
    }


async def _postgres_version(dsn: str) -> str:
    connection = await asyncpg.connect(dsn)
    try:
        return str(await connection.fetchval("SHOW server_version"))
    finally:
        await connection.close()


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "?")
