"""The machine and the versions that figures belong to."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

import asyncpg
import psutil

from deploy.local.jars import KAFKA_VERSION

PACKAGES = ("faststream", "aiokafka", "pydantic", "asyncpg", "sqlalchemy", "aiohttp", "uvicorn", "uvloop")


def description() -> dict[str, str]:
    """In French, name by name; PostgreSQL's version is added by whoever is connected to it."""
    return {
        "processeur": f"{_processor()}, {os.cpu_count()} cœurs",
        "mémoire": f"{psutil.virtual_memory().total / 2**30:.0f} Gio",
        "noyau": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "Kafka": KAFKA_VERSION,
        "paquets": ", ".join(f"{name} {version(name)}" for name in PACKAGES),
    }


async def postgres_version(dsn: str) -> str:
    """As the server says it."""
    connection = await asyncpg.connect(dsn)
    try:
        return str(await connection.fetchval("SHOW server_version"))
    finally:
        await connection.close()


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "?")
