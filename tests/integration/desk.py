"""The desk of whoever is on duty: `siao-hub` as a program, in a terminal of eighty columns."""

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from router.settings import Settings

ROOT = Path(__file__).parents[2]
COLUMNS = 80


@dataclass(frozen=True)
class Output:
    """What a command printed."""

    status: int
    text: str
    errors: str

    @property
    def content(self) -> Any:
        """Of a command that was asked for JSON."""
        return json.loads(self.text)

    @property
    def widest(self) -> int:
        return max(len(line.rstrip()) for line in self.text.splitlines())

    def __contains__(self, words: str) -> bool:
        """Whether these words were printed, wherever lines were broken."""
        return " ".join(words.split()) in " ".join(self.text.split())


async def siao_hub(settings: Settings, *arguments: str, stdin: str = "") -> Output:
    """Run one command, as the user of these settings."""
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "router.cli",
        *arguments,
        cwd=ROOT,
        env={**os.environ, **environment_of(settings), "COLUMNS": str(COLUMNS), "TERM": "dumb"},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await running.communicate(stdin.encode())
    assert running.returncode is not None
    return Output(running.returncode, out.decode(), err.decode())


def environment_of(settings: Settings) -> dict[str, str]:
    """The settings of these tests as a machine's environment says them."""
    assert settings.hmac_key is not None
    assert settings.audit_key is not None
    if settings.master_key is None:
        master = {"SIAO_HUB_MASTER_KEY_FILE": str(settings.master_key_file)}
    else:
        master = {"SIAO_HUB_MASTER_KEY": settings.master_key.get_secret_value()}
    return master | {
        "SIAO_HUB_HMAC_KEY": settings.hmac_key.get_secret_value(),
        "SIAO_HUB_AUDIT_KEY": settings.audit_key.get_secret_value(),
        "SIAO_HUB_ERASURES_FILE": str(settings.erasures_file),
        "SIAO_HUB_AUDIT_HEADS_FILE": str(settings.audit_heads_file),
        "SIAO_HUB_DATABASE__URL": settings.database.url,
        "SIAO_HUB_DATABASE__SCHEMA_NAME": settings.database.schema_name,
        "SIAO_HUB_KAFKA__BOOTSTRAP": settings.kafka.bootstrap,
        "SIAO_HUB_KAFKA__PREFIX": settings.kafka.prefix,
        "SIAO_HUB_HTTP__PORT": str(settings.http.port),
        "SIAO_HUB_LEASE_S": str(settings.lease_s),
        "SIAO_HUB_OPERATOR": "astreinte",
    }
